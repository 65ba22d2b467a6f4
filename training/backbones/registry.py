"""What a backbone is, and the table of all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from manifests.registry import Registry

if TYPE_CHECKING:
    from torch import Tensor, nn

    PlainLayer = nn.BatchNorm1d | nn.BatchNorm2d

    class Normalise(Protocol):
        """Makes normalisation layers."""

        def __call__(self, channels: int) -> nn.Module:
            """A layer of so many channels."""
            ...

        def instead_of(self, layer: PlainLayer) -> nn.Module:
            """A layer to put in the place of ``layer``: its epsilon, its momentum, its first
            values, and what its children do afterwards, by their names."""
            ...

    Build = Callable[[Normalise], nn.Module]

Colour = tuple[float, float, float]

IMAGENET_MEAN: Colour = (0.485, 0.456, 0.406)
IMAGENET_STD: Colour = (0.229, 0.224, 0.225)


@dataclass(frozen=True)
class Backbone:
    """Convolutions that turn (B, 3, H, W) normalised colours into (B, ``features``) float.

    ``build`` makes them with the normalisation it is given, drawing their first weights from
    torch's generator; ``imagenet`` fetches pre-trained weights, ``OSError`` if it cannot.
    Tensors of a file whose names begin like one of ``classifier`` are of no use here. ``mean`` and
    ``std``: of the colours, from 0 to 1, that the network is given. ``several_sources``: whether
    different ImageNet weights may go by this name, here and elsewhere. ``maps``: what a matching
    head looks at, the finest first: names of modules whose outputs are (B, C, h, w), and C.
    """

    name: str
    features: int
    build: Build
    imagenet: Callable[[], dict[str, Tensor]] | None = None
    classifier: tuple[str, ...] = ("fc.",)
    mean: Colour = IMAGENET_MEAN
    std: Colour = IMAGENET_STD
    several_sources: bool = False
    maps: tuple[tuple[str, int], ...] = ()


class Backbones(Registry[Backbone]):
    """Those that are registered one by one, and whole libraries, whose names begin with theirs."""

    def __init__(self) -> None:
        super().__init__("backbone", room="training.backbones")
        self._libraries: dict[str, Callable[[str], Backbone]] = {}

    def add_library(self, prefix: str, find: Callable[[str], Backbone]) -> None:
        """``find`` is asked for every name that begins with ``prefix``; it raises ``BadRecipe``
        or ``NotFound``."""
        self._libraries[prefix] = find

    def find(self, name: str) -> Backbone:
        """The backbone called ``name``; ``BadRecipe`` if there is none."""
        self._known()
        for prefix, find in self._libraries.items():
            if name.startswith(prefix):
                return find(name)
        return super().find(name)

    @property
    def forms(self) -> tuple[str, ...]:
        """How names in libraries look; whether there is such a network is found out later."""
        self._known()
        return tuple(f"{prefix}[a-z0-9][a-z0-9_.]*" for prefix in self._libraries)


BACKBONES = Backbones()


def backbone(
    name: str,
    features: int,
    imagenet: Callable[[], dict[str, Tensor]] | None = None,
    maps: tuple[tuple[str, int], ...] = (),
) -> Callable[[Build], Build]:
    """Register the function that builds the backbone ``name``; fields as in ``Backbone``."""

    def register(build: Build) -> Build:
        BACKBONES.add(Backbone(name, features, build, imagenet, maps=maps))
        return build

    return register
