"""UnrealPerson: a data factory for person re-identification.

>>> import unrealperson as up
>>> dataset = up.build("tiny")
>>> model = up.train(dataset, "tiny")
>>> print(up.evaluate(model, dataset).means())

The public names. Each is loaded when it is first used, so that ``import unrealperson`` is quick
and works on a render node without torch and on a trainer without OpenGL.
"""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from importlib.metadata import version
from typing import TYPE_CHECKING

from unrealperson._rooms import require_own_rooms

require_own_rooms()

if TYPE_CHECKING:
    from manifests import errors
    from manifests.errors import FactoryError
    from manifests.recipe import Recipe
    from synth_workers.people.looks.sampling import people_of
    from synth_workers.people_gallery import turntable
    from synth_workers.stills import Scene, Still
    from training.logs.run_log import LoggedRun, RunLog
    from training.saved_model import Model
    from unrealperson._dataset import Dataset
    from unrealperson._features import embed, search
    from unrealperson._stages import add_scenes, build, evaluate, load_recipe, train

__version__ = version("unrealperson")

_HOMES = {
    "Dataset": "unrealperson._dataset",
    "Model": "training.saved_model",
    "Recipe": "manifests.recipe",
    **dict.fromkeys(("LoggedRun", "RunLog"), "training.logs.run_log"),
    **dict.fromkeys(("FactoryError", "errors"), "manifests.errors"),
    **dict.fromkeys(("Scene", "Still"), "synth_workers.stills"),
    **dict.fromkeys(
        ("add_scenes", "build", "evaluate", "load_recipe", "train"), "unrealperson._stages"
    ),
    **dict.fromkeys(("embed", "search"), "unrealperson._features"),
    "people_of": "synth_workers.people.looks.sampling",
    "turntable": "synth_workers.people_gallery",
}

_DRAWING = ("Scene", "turntable")

__all__ = [
    "Dataset",
    "FactoryError",
    "LoggedRun",
    "Model",
    "Recipe",
    "RunLog",
    "Scene",
    "Still",
    "__version__",
    "add_scenes",
    "build",
    "embed",
    "errors",
    "evaluate",
    "load_recipe",
    "people_of",
    "search",
    "train",
    "turntable",
]


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name in _DRAWING:
        # Triton, which comes with torch, and Mesa's software OpenGL each bring an LLVM. Loaded
        # after Mesa's, Triton's ends the process; the other way round they live side by side.
        with suppress(ImportError):
            import_module("triton")
    home = import_module(_HOMES[name])
    found = home if name == "errors" else getattr(home, name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return __all__
