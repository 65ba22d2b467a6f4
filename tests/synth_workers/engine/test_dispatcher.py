from __future__ import annotations

import pytest

from synth_workers.engine.dispatcher import CommandError, Dispatcher, compile_template


@pytest.fixture
def dispatcher() -> Dispatcher:
    table = Dispatcher("Can not find a handler for URI '{}'")
    table.register("vget /camera/[uint]/lit [str]", lambda i, form: f"lit {i} {form}", "")
    table.register(
        "vset /object/[str]/location [float] [float] [float]", lambda *a: " ".join(a), ""
    )
    table.register("vget /names", lambda: "", "")
    return table


@pytest.mark.parametrize("numbers", ["1 2 3", "-1.5 .25 +3", "0.0000 -0.0000 12.3400", "1 2 3   "])
def test_floats_in_the_forms_unreal_accepts(dispatcher: Dispatcher, numbers: str):
    reply = dispatcher.dispatch(f"vset /object/P/location {numbers}")
    assert reply == "P " + numbers.strip()


@pytest.mark.parametrize("numbers", ["1e-05 2 3", "1. 2 3", "nan 2 3", "1  2 3", "1 2", "a b c"])
def test_floats_in_forms_that_unreal_has_no_handler_for(dispatcher: Dispatcher, numbers: str):
    command = f"vset /object/P/location {numbers}"
    assert dispatcher.dispatch(command) == f"error Can not find a handler for URI '{command}'"


def test_an_empty_camera_number_matches_and_so_does_a_prefix(dispatcher: Dispatcher):
    assert dispatcher.dispatch("vget /camera//lit png") == "lit  png"
    assert dispatcher.dispatch("please vget /camera/3/lit png") == "lit 3 png"


def test_an_empty_reply_is_ok(dispatcher: Dispatcher):
    assert dispatcher.dispatch("vget /names") == "ok"


def test_the_command_registered_last_wins(dispatcher: Dispatcher):
    dispatcher.register("vget /camera/[uint]/lit [str]", lambda i, form: "newer", "")
    assert dispatcher.dispatch("vget /camera/3/lit png") == "newer"


def test_handlers_errors_become_replies(dispatcher: Dispatcher):
    def refuse() -> None:
        raise CommandError("Can not find object")

    def fail() -> None:
        raise ZeroDivisionError

    dispatcher.register("vget /refuse", refuse, "")
    dispatcher.register("vget /fail", fail, "")
    assert dispatcher.dispatch("vget /refuse") == "error Can not find object"
    assert str(dispatcher.dispatch("vget /fail")).startswith("error Internal error")


def test_the_rest_of_a_line_after_a_newline_is_not_matched():
    assert compile_template("vget /names").search("vget /names\nmore") is None


@pytest.mark.parametrize("number", ["0", "-1.5", ".5", "+00.25", "1.", "1.2.3", "", "-", "1e5"])
def test_what_is_a_number(number: str) -> None:
    found = compile_template("vset /x [float]").search(f"vset /x {number}  ")
    assert (found is not None) == (number in {"0", "-1.5", ".5", "+00.25"})
    assert found is None or found.groups() == (number,)


def test_numbers_without_end_are_not_tried_in_every_way() -> None:
    """Otherwise this would take hours."""
    assert compile_template("vset /x [float] [float]").search(f"vset /x 1 {'1' * 900_000}x") is None
