"""What tensors of a file are called, and what the same tensors are called in a network here."""

from __future__ import annotations

import re
from collections.abc import Collection

from torch import Tensor

_OURS = "backbone."
_WRAPPERS = ("module.", "model.")
_EFFICIENTNET = re.compile(r"_blocks\.(\d+)\.(.+)")
_IN_BLOCK = {
    "_expand_conv": "conv_pw",
    "_depthwise_conv": "conv_dw",
    "_project_conv": "conv_pwl",
    "_se_reduce": "se.conv_reduce",
    "_se_expand": "se.conv_expand",
    "_bn0": "bn1",
    "_bn1": "bn2",
    "_bn2": "bn3",
}
_IN_FIRST_BLOCK = {**_IN_BLOCK, "_project_conv": "conv_pw", "_bn1": "bn1", "_bn2": "bn2"}
"""Blocks without an expanding convolution."""
_OUTSIDE = {
    "_conv_stem": "conv_stem",
    "_bn0": "bn1",
    "_conv_head": "conv_head",
    "_bn1": "bn2",
    "_fc": "classifier",
}


def named_alike(weights: dict[str, Tensor], own: Collection[str]) -> dict[str, Tensor]:
    """``weights`` by the names that a network with tensors called ``own`` has for them.

    Known are the backbone of a whole network of ours, what wrappers put in front of all names,
    and EfficientNets as the packages ``efficientnet_pytorch`` and ``efficientnet_lite_pytorch``
    name them. Other names stay.
    """
    if any(name.startswith(_OURS) for name in weights):
        weights = {name: value for name, value in weights.items() if name.startswith(_OURS)}
    for prefix in (*_WRAPPERS, _OURS):
        if all(name.startswith(prefix) for name in weights):
            weights = {name.removeprefix(prefix): value for name, value in weights.items()}
    if any(_EFFICIENTNET.match(name) for name in weights):
        # Blocks are counted through there, and stage by stage here.
        blocks = list(dict.fromkeys(re.findall(r"^blocks\.\d+\.\d+", "\n".join(own), re.M)))
        return {_efficientnet(name, blocks, own): value for name, value in weights.items()}
    return weights


def _efficientnet(name: str, blocks: list[str], own: Collection[str]) -> str:
    found = _EFFICIENTNET.match(name)
    if found is None:
        layer, _, rest = name.partition(".")
        return f"{_OUTSIDE.get(layer, layer)}.{rest}"
    number, (layer, _, rest) = int(found[1]), found[2].partition(".")
    if number >= len(blocks):
        return name
    expands = f"{blocks[number]}.conv_pwl.weight" in own
    known = _IN_BLOCK if expands else _IN_FIRST_BLOCK
    return f"{blocks[number]}.{known.get(layer, layer)}.{rest}"
