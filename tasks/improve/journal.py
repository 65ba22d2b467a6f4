"""What every round of an improvement has found, kept in a folder of its own.

``round-00.yaml`` is the recipe of a round, ``round-00.json`` what came of it; both are written
whole. A run that was killed reads them and goes on; one with the same arguments finds all of them.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pydantic import ValidationError

from manifests.errors import CorruptData
from manifests.model import Stored
from manifests.recipe import Recipe
from manifests.recipes_io import RECIPES, dump_recipe
from manifests.whole_files import write_whole
from tasks.improve.weights import Weights
from tasks.report.web_page import web_page
from training.evaluation.bootstrap import Interval, paired_difference


class Round(Stored):
    """What a round made and measured.

    ``query``, ``person``: crop keys and person ids of the queries that have a match, in order;
    ``average_precision`` and ``hit``: of each; ``weights``: of the people after this round;
    ``cpu_seconds``: of building, training and measuring, but for what a killed run spent.
    """

    number: int
    dataset: str
    snapshot: int
    content_digest: str
    people: int
    crops: int
    model: str
    query: tuple[str, ...]
    person: tuple[str, ...]
    average_precision: tuple[float, ...]
    hit: tuple[float, ...]
    weights: Weights
    cpu_seconds: float = 0.0

    @property
    def mean_average_precision(self) -> float:
        """mAP."""
        return float(np.mean(self.average_precision))

    @property
    def rank1(self) -> float:
        """Rank-1."""
        return float(np.mean(self.hit))

    def gain(self, before: Round) -> Interval:
        """How much mAP is above an earlier round's on the same queries, with its interval over
        people; ``CorruptData`` if they are others."""
        if self.query != before.query:
            raise CorruptData(
                f"rounds {before.number} and {self.number} were measured on different queries; "
                "delete the newer round's files to measure it again"
            )
        one, other = (np.array(found.average_precision) for found in (self, before))
        return paired_difference(one, other, np.array(self.person))


class Journal:
    """The rounds in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def recipe_file(self, number: int) -> Path:
        """Where the recipe of a round is."""
        return self.folder / f"round-{number:02d}.yaml"

    def page_file(self, number: int) -> Path:
        """Where it is told what a round failed at, and what comes next, for a browser; beside it
        lies the same in Markdown."""
        return self.folder / f"round-{number:02d}.html"

    def keep_recipe(self, number: int, recipe: Recipe, comments: str = "") -> Recipe:
        """The recipe of a round: what is kept of it already, else ``recipe``."""
        file = self.recipe_file(number)
        if not file.exists():
            write_whole(file, (comments + dump_recipe(recipe)).encode())
        return self.kept_recipe(number)

    def kept_recipe(self, number: int) -> Recipe:
        """The recipe of a round that was kept."""
        return RECIPES.read(self.recipe_file(number))

    def has_recipe(self, number: int) -> bool:
        """Whether a round was planned, and approved if that was asked for."""
        return self.recipe_file(number).exists()

    def keep_page(self, number: int, page: str) -> None:
        """Keep what is told of a round in Markdown."""
        file = self.page_file(number)
        write_whole(file, web_page(f"Round {number}: where it fails", page))
        write_whole(file.with_suffix(".md"), page)

    def keep(self, found: Round) -> Round:
        """Keep a round."""
        write_whole(self._file(found.number), found.model_dump_json(indent=1).encode())
        return found

    def read(self, number: int) -> Round | None:
        """A round that was kept."""
        file = self._file(number)
        if not file.exists():
            return None
        try:
            return Round.model_validate_json(file.read_bytes())
        except ValidationError as error:
            raise CorruptData(
                f"{file}: no round of an improvement ({error.error_count()} errors); delete it and "
                "run the same command again"
            ) from None

    def _file(self, number: int) -> Path:
        return self.folder / f"round-{number:02d}.json"
