"""What a backbone is, and the table of all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from manifests.registry import Registry

if TYPE_CHECKING:
    from torch import Tensor, nn

    Normalise = Callable[[int], nn.Module]
    """Makes the normalisation layer of so many channels."""
    Build = Callable[[Normalise], nn.Module]


@dataclass(frozen=True)
class Backbone:
    """Convolutions that turn (B, 3, H, W) normalised colours into (B, ``features``) float.

    ``build`` makes them with the normalisation it is given, drawing their first weights from
    torch's generator; ``imagenet`` fetches pre-trained weights by the same names.
    """

    name: str
    features: int
    build: Build
    imagenet: Callable[[], dict[str, Tensor]] | None = None


BACKBONES: Registry[Backbone] = Registry("backbone", room="training.backbones")


def backbone(
    name: str, features: int, imagenet: Callable[[], dict[str, Tensor]] | None = None
) -> Callable[[Build], Build]:
    """Register the function that builds the backbone ``name``; fields as in ``Backbone``."""

    def register(build: Build) -> Build:
        BACKBONES.add(Backbone(name, features, build, imagenet))
        return build

    return register
