"""Data sets of people who are asked for by one camera and found by another, with draws of whom to
train on.

Where the authors of a data set publish no draws, or their file is not there, we draw: the people
with the smallest digests are tested, so that a draw is the same on every machine, for every layout
and for ever. The names of such splits begin with ``ours``.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from manifests.errors import CorruptData
from manifests.identity import digest
from training.targets.images import DISTRACTOR, GALLERY, QUERY, TRAIN, LabelledImage, Target

DRAWS = 10


def pairs(target: Target) -> list[str]:
    """Everybody who is asked for and can be found, sorted; ``CorruptData`` if nobody is."""
    asked = {image.person: image.camera for image in target.images if image.role == QUERY}
    found = target.people_in(GALLERY) & set(asked)
    if not found:
        cameras = ", ".join(sorted({image.camera for image in target.images}))
        raise CorruptData(
            f"{target.name} in {target.root}: nobody has pictures by both sides (cameras: "
            f"{cameras}); unpack it again"
        )
    return sorted(found)


def everybody(target: Target, name: str) -> Target:
    """All pairs are tested, as a data set of another name. Who is only asked for is left out, who
    could only be found is a distractor."""
    return replace(divided(target, pairs(target), ""), name=name)


def divided(target: Target, tested: Collection[str], split: str) -> Target:
    """The pairs of ``tested`` people are tested, all other pairs are trained on, as are images
    that were for training already; people without a pair as in ``everybody``."""
    paired = set(pairs(target))
    chosen = set(tested)
    images: list[LabelledImage] = []
    for image in target.images:
        if image.person in paired and image.person not in chosen:
            images.append(replace(image, role=TRAIN))
        elif image.role == GALLERY and image.person not in paired:
            images.append(replace(image, role=DISTRACTOR))
        elif image.role != QUERY or image.person in paired:
            images.append(image)
    return replace(target, images=tuple(images), split=split)


def drawn_halves(target: Target) -> list[Target]:
    """Ten splits of ours: a random half of the pairs is tested, the other trained on."""
    people = pairs(target)
    return [
        divided(target, in_drawn_order(target.name, draw, people)[: len(people) // 2], ours(draw))
        for draw in range(DRAWS)
    ]


def ours(draw: int) -> str:
    """What a split is called that its data set's authors did not draw."""
    return f"ours-{draw}"


def in_drawn_order(seed: str, draw: int, people: Collection[str]) -> list[str]:
    """``people`` in an order that depends on the seed and the number of the draw alone."""
    return sorted(people, key=lambda person: digest([seed, draw, person]))
