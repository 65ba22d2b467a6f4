"""Errors that cross processes: written down, read back, pickled, said in other words."""

from __future__ import annotations

import json
import pickle

import pytest

from manifests import errors
from manifests.errors import EngineLost, FactoryError, FrameRefused, NotFound

KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, FactoryError)
]


def made(kind: type[FactoryError]) -> FactoryError:
    return kind("what was wrong", **{field: f"its {field}" for field in kind.fields})


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_survives_json_and_pickle_whole(kind: type[FactoryError]):
    error = made(kind)
    read = FactoryError.from_dict(json.loads(json.dumps(error.to_dict())))
    for again in (read, pickle.loads(pickle.dumps(error))):
        assert type(again) is kind and str(again) == "what was wrong"
        assert vars(again) == vars(error)


def test_a_reason_is_a_field_of_its_own():
    error = FrameRefused("lit frame is black", reason="black")
    assert error.to_dict() == {
        "error": "FrameRefused",
        "message": "lit frame is black",
        "reason": "black",
    }
    other = error.saying("2 shards failed")
    assert isinstance(other, FrameRefused)
    assert (str(other), other.reason) == ("2 shards failed", "black")


def test_a_class_from_elsewhere_goes_as_the_nearest_of_the_tree():
    class PortTaken(EngineLost):
        pass

    assert FactoryError.from_dict(PortTaken("9000").to_dict()).to_dict() == {
        "error": "EngineLost",
        "message": "9000",
    }


@pytest.mark.parametrize("name", ["OutOfLuck", "Any", "annotations", "", None])
def test_an_unknown_name_is_told_and_trusted_with_nothing(name: str | None):
    error = FactoryError.from_dict({"error": name, "message": "no more luck"})
    assert type(error) is FactoryError and not error.retryable
    assert str(error) == f"{name}: no more luck"


def test_words_alone_make_an_error_whose_fields_are_unknown():
    error = FactoryError.from_dict({"error": "FrameRefused", "message": "black", "event": "error"})
    assert isinstance(error, FrameRefused) and error.reason == "unknown"
    assert isinstance(FactoryError.from_dict({"error": "NotFound"}), NotFound)
