"""Compare the looks of two sets and leave the figures, the charts and a sheet of crops."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from manifests.whole_files import write_whole
from tasks.compare import CROPS
from tasks.compare.comparison import Compared
from tasks.compare.drawing import write_histograms, write_sheet
from tasks.compare.look import look_at
from tasks.compare.page import page
from tasks.compare.sources import Side
from training.looks.differences import differences
from training.looks.distances import distances
from training.looks.network import network_at_hand

PAGE, FIGURES, HISTOGRAMS, SHEET = "looks.md", "looks.json", "histograms.png", "sheet.png"


def compare_looks(
    first: Side,
    second: Side,
    folder: Path,
    crops: int = CROPS,
    seed: int = 0,
    network: str | None = None,
    include_photographs: bool = False,
) -> Compared:
    """Look at a sample of both sides; writes ``looks.md``, ``looks.json``, ``histograms.png`` and
    ``sheet.png`` to ``folder``.

    ``network``: the backbone of the distances; None: the first whose weights are at hand. The
    page shows the sheet only if both sides are ours, or with ``include_photographs``. Raises
    ``CorruptData`` for a side without a readable picture; ``BadRecipe`` or ``NotFound`` for a
    ``network`` that cannot be had.
    """
    seeing = network_at_hand(network)
    a, b = (look_at(side, crops, seed) for side in (first, second))
    found = differences(a.measures, b.measures, (a.camera, b.camera))
    apart = None
    if seeing is not None:
        apart = distances(seeing.features(a.pictures), seeing.features(b.pictures), seed)
    compared = Compared(a, b, found, None if seeing is None else seeing.name, apart, seed)
    write_histograms(folder / HISTOGRAMS, compared)
    write_sheet(folder / SHEET, compared)
    shown = SHEET if compared.may_show(include_photographs) else None
    write_whole(folder / FIGURES, json.dumps(compared.figures(), indent=1, allow_nan=False) + "\n")
    write_whole(folder / PAGE, page(compared, HISTOGRAMS, shown))
    return compared


def sheet_as_data(folder: Path) -> str:
    """The sheet of a comparison as a data URI, for pages that have no files beside them."""
    return "data:image/png;base64," + base64.b64encode((folder / SHEET).read_bytes()).decode()
