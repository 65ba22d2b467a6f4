"""The training part of a data set as a test: for copies whose test part is not there.

This is nobody's published protocol, so the split says what it is.
"""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from manifests.errors import NotFound
from training.targets.images import GALLERY, QUERY, TRAIN, Official, Target


class TestOn(StrEnum):
    """Which part of a data set models are tested on."""

    __test__ = False  # for pytest, which takes every class called so for a test

    test = "test"
    train = "train"


SPLIT = "tested on train"


def tested_on_training(target: Target) -> Target:
    """The training images as a test of their own; everything else is left out.

    The first image, by path, of each person and camera is a query, all others are the gallery.
    ``NotFound`` if there are no training images.
    """
    training = sorted(
        (image for image in target.images if image.role == TRAIN), key=lambda image: image.path
    )
    if not training:
        raise NotFound(f"{target.name} in {target.root}: no training images to test on")
    seen: set[tuple[str, str]] = set()
    images = []
    for image in training:
        who = (image.person, image.camera)
        images.append(replace(image, role=GALLERY if who in seen else QUERY))
        seen.add(who)
    return replace(target, images=tuple(images), split=f"{target.split} {SPLIT}".strip())


def official_of_training(official: tuple[Official, ...]) -> tuple[Official, ...]:
    """The published counts that are of training images alone."""
    return tuple(one for one in official if set(one.roles) == {TRAIN})
