"""The front door: what is public, and what it costs to come in."""

from __future__ import annotations

import ast
import inspect
import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import unrealperson as up


@pytest.mark.parametrize("name", [name for name in up.__all__ if name != "__version__"])
def test_every_public_name_is_there_and_documented(name: str):
    found = getattr(up, name)
    assert inspect.getdoc(found)
    assert name in dir(up)


def test_the_version_is_that_of_the_installed_package():
    assert up.__version__ == version("unrealperson")


def test_a_name_that_is_not_public_is_refused():
    with pytest.raises(AttributeError, match="no attribute 'renderer'"):
        up.renderer  # noqa: B018  # pyright: ignore[reportAttributeAccessIssue]


def test_type_checkers_are_told_of_the_same_names_as_programs():
    tree = ast.parse(Path(inspect.getfile(up)).read_text())
    (block,) = [node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test)]
    told = {
        alias.name: statement.module
        for statement in block.body
        if isinstance(statement, ast.ImportFrom)
        for alias in statement.names
    }
    assert sorted([*told, "__version__"]) == sorted(up.__all__)
    for name, module in told.items():
        found = getattr(up, name)
        assert found is getattr(sys.modules[str(module)], name)


def test_coming_in_loads_neither_torch_nor_an_engine_nor_prefect():
    script = (
        "import json, sys, unrealperson as up; up.Dataset; up.build; "
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, text=True
    )
    loaded = set(json.loads(done.stdout))
    assert "manifests" in loaded
    assert not loaded & {"torch", "moderngl", "prefect", "unrealcv", "cv2"}


def test_who_has_drawn_can_train_in_the_same_process():
    """Two copies of LLVM, Mesa's and Triton's, come in the order in which both can live."""
    script = (
        "import unrealperson as up\n"
        "with up.Scene('plaza', width=64, height=48, supersampling=1) as scene: scene.render()\n"
        "import torchvision, torch\n"
        "print(torch.ones(2).sum().item())"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "2.0\n"), done.stderr
