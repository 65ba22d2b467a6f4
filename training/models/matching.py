"""A head that compares two pictures place by place, after QAConv (Liao and Shao, ECCV 2020).

The backbone's maps become a grid of R places, each described by d numbers of length 1. Of two
pictures every place takes its best match among the places of the other, in both directions. So
what is seen at one height of one picture is found at another in the next. How far away a match is
costs what is learnt for that distance. The R correlations are brought to mean 0 and variance 1 and
averaged, with learnt weights that say how much a place matters. Features of whole pictures, as a
plain head compares them, have a fixed share in the score of a pair.

QAConv's convolution with a kernel for each place of each picture is a product of two matrices here,
for any number of pairs at once, and in place of its memory of all training people there is the rest
of the batch.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

import torch
from torch import Tensor, nn
from torch.nn import functional

from manifests.errors import BadRecipe
from training.backbones.registry import Backbone
from training.config import ModelSettings

Side = tuple[Tensor, Tensor]
"""Of pictures: features (N, D) and places (N, R, d), of length 1."""

_MOMENTUM = 0.1
_EPSILON = 1e-5
_SCALE = 2.0


class MatchingHead(nn.Module):
    """Places of pictures, and the scores of pairs; larger is nearer.

    ``maps``: which modules of the backbone it looks at, by name; ``grid``: (h, w) of the finest
    map, whose places count in rows: R = h × w.
    """

    mean: Tensor
    spread: Tensor
    steps: Tensor

    def __init__(
        self,
        settings: ModelSettings,
        maps: Sequence[tuple[str, int]],
        grid: tuple[int, int],
        normalise: Callable[[int], nn.Module],
    ) -> None:
        super().__init__()
        self.maps, self.grid = [name for name, _ in maps], grid
        self.channels, self.whole = settings.matching.channels, settings.matching.whole
        self.reduce = nn.ModuleList(
            nn.Conv2d(count, self.channels, 1, bias=False) for _, count in maps
        )
        self.normalise = normalise(self.channels)
        height, width = grid
        places = height * width
        self.weight = nn.Parameter(torch.zeros(places))
        self.far = nn.Parameter(torch.zeros(2 * height - 1, 2 * width - 1))
        self.scale = nn.Parameter(torch.tensor(_SCALE))
        # Of correlations of places and, last, of whole pictures. Not called as those of other
        # layers are, which are taken anew for every test camera.
        self.register_buffer("mean", torch.zeros(places + 1))
        self.register_buffer("spread", torch.ones(places + 1))
        self.register_buffer("steps", _steps(grid), persistent=False)

    @property
    def shape(self) -> tuple[int, int]:
        """(R, d) of a picture's places."""
        return self.grid[0] * self.grid[1], self.channels

    def places(self, maps: Sequence[Tensor]) -> Tensor:
        """(B, R, d) float of length 1 at every place, from maps (B, C, h, w), the finest first."""
        total, *coarser = [layer(one) for layer, one in zip(self.reduce, maps, strict=True)]
        for one in coarser:
            total = total + functional.interpolate(one, size=self.grid)
        total = self.normalise(total).flatten(2).transpose(1, 2)
        exact = total if total.dtype is torch.float64 else total.float()
        return functional.normalize(exact, dim=2)

    def mirrored(self, places: Tensor) -> Tensor:
        """Places (B, R, d) of pictures from those of their mirror images."""
        return places.unflatten(1, self.grid).flip(2).flatten(1, 2)

    def taught(self, side: Side) -> Tensor:
        """Scores (B, B) of all pairs of a training batch by places alone, whose correlations are
        normalised by those of these very pairs, as they will be by a mean over batches."""
        whole, places = side
        there, back = best_matches(places, places, self._toll())
        spread, mean = torch.var_mean(torch.stack([there, back]), dim=(0, 2, 3), correction=0)
        with torch.no_grad():
            own = torch.var_mean((whole @ whole.T).flatten(), dim=0, correction=0)[::-1]
            for kept, found, last in zip(
                (self.mean, self.spread), (mean, spread), own, strict=True
            ):
                kept.lerp_(torch.cat([found, last[None]]), _MOMENTUM)
        return self._by_places(there, back, mean, spread)

    def forward(self, query: Side, gallery: Side) -> Tensor:
        """Scores (Q, G) of pairs of pictures, which compare across queries."""
        there, back = best_matches(query[1], gallery[1], self._toll())
        score = (1 - self.whole) * self._by_places(there, back, self.mean[:-1], self.spread[:-1])
        if self.whole:
            own = query[0] @ gallery[0].T - self.mean[-1]
            score += self.whole * self.scale * torch.rsqrt(self.spread[-1] + _EPSILON) * own
        return score

    def _toll(self) -> Tensor:
        """(R, R): what is added to correlations of a place with each of the other picture."""
        return self.far.flatten()[self.steps]

    def _by_places(self, there: Tensor, back: Tensor, mean: Tensor, spread: Tensor) -> Tensor:
        weight = self.weight.softmax(dim=0) * torch.rsqrt(spread + _EPSILON)
        both = torch.einsum("r,rqg->qg", weight, there) + torch.einsum("r,rqg->qg", weight, back)
        return self.scale * (both / 2 - mean @ weight)


def best_matches(places: Tensor, theirs: Tensor, toll: Tensor) -> tuple[Tensor, Tensor]:
    """Correlations (R, Q, G) of places (Q, R, d) with their best matches in (G, R, d), and of the
    latter with their best matches in the former.

    ``toll`` (R, R) is added to what is correlated before the best is chosen.
    """
    queries, count, _ = places.shape
    rows = places.transpose(0, 1).flatten(0, 1)
    columns = theirs.transpose(0, 1).flatten(0, 1)
    every = (rows @ columns.T).view(count, queries, count, len(theirs))
    every = every + toll[:, None, :, None]
    return every.amax(dim=2), every.amax(dim=0).transpose(0, 1)


def build_matching_head(
    backbone: nn.Module,
    kind: Backbone,
    settings: ModelSettings,
    normalise: Callable[[int], nn.Module],
) -> MatchingHead:
    """A head for maps of ``backbone``; ``BadRecipe`` for one whose maps are not known."""
    if not kind.maps:
        raise BadRecipe(
            f"model.head matching: it is not known which maps of a {kind.name} it could match; "
            "take resnet50 or timm/tf_efficientnet_lite0, or the head `plain`"
        )
    training = backbone.training
    backbone.eval()
    with torch.no_grad(), taken(backbone, [name for name, _ in kind.maps]) as maps:
        backbone(torch.zeros(1, 3, settings.height, settings.width))
    backbone.train(training)
    height, width = maps()[0].shape[2:]
    return MatchingHead(settings, kind.maps, (height, width), normalise)


@contextmanager
def taken(backbone: nn.Module, names: Sequence[str]) -> Generator[Callable[[], list[Tensor]]]:
    """What modules return in the pass that is made within the block, by a call afterwards."""
    found: dict[str, Tensor] = {}

    def keep(name: str) -> Callable[[nn.Module, object, Tensor], None]:
        return lambda module, given, out: found.__setitem__(name, out)

    handles = [backbone.get_submodule(name).register_forward_hook(keep(name)) for name in names]
    try:
        yield lambda: [found[name] for name in names]
    finally:
        for handle in handles:
            handle.remove()


def _steps(grid: tuple[int, int]) -> Tensor:
    """(R, R) int64: which of all differences in rows and columns there is between two places."""
    height, width = grid
    row = torch.arange(height).repeat_interleave(width)
    column = torch.arange(width).repeat(height)
    down = row[None] - row[:, None] + height - 1
    right = column[None] - column[:, None] + width - 1
    return down * (2 * width - 1) + right
