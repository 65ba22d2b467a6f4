"""Nobody who is tested may be matched: pictures are known by their bytes, whatever lists call
them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from manifests.errors import BadRecipe, NotFound
from tasks.match.photographs import Photographs
from training.targets.images import GALLERY, QUERY, Target
from training.targets.registry import open_target
from training.targets.tables import is_table


def refuse_tested(photographs: Photographs, lists: Iterable[Path]) -> None:
    """``BadRecipe`` if a picture of the photographs is among the query or gallery of one of
    ``lists``: CSV or Parquet lists of targets, or YAML files that name targets (`targets.yaml`)."""
    for path in lists:
        for name, target in _targets(path):
            images = [image for image in target.images if image.role in (QUERY, GALLERY)]
            shared = np.isin(target.fingerprints(images), photographs.fingerprints)
            if shared.any():
                example = images[int(np.flatnonzero(shared)[0])].path.name
                raise BadRecipe(
                    f"{photographs.side.name}: {int(shared.sum())} of its "
                    f"{len(photographs.fingerprints)} pictures are test pictures of {name} "
                    f"({path}), e.g. {example}; a recipe fitted to them cannot be tested on them. "
                    "Give crops of people who are not tested"
                )


def _targets(path: Path) -> Iterable[tuple[str, Target]]:
    if not path.is_file():
        raise NotFound(f"--not-test {path}: no such file")
    if is_table(path.name):
        for target in open_target(path.name, path.parent):
            yield path.stem, target
        return
    from tasks.transfer.targets import target_file  # its models know the whole bench

    for name, choice in target_file(path).items():
        if choice.list is not None:
            opened = open_target(choice.list.name, choice.list.parent, test_on=choice.test_on)
        elif choice.name is not None and choice.root is not None:
            opened = open_target(choice.name, choice.root, choice.partial, choice.test_on)
        else:
            continue  # a published data set of ours, of which nobody has photographs
        for target in opened:
            yield name, target
