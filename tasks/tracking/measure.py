"""IDF1, HOTA and MOTA of tracks in MOTChallenge form, by TrackEval's own code.

Reading, matching and metrics are TrackEval's (Luiten et al., "HOTA: A Higher Order Metric for
Evaluating Multi-Object Tracking", IJCV 2021). Across cameras the frames of all of a recording count
as those of one sequence, one camera's after the other's: identities hold in all of them.
"""

from __future__ import annotations

import contextlib
import io
from collections import defaultdict
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from manifests.errors import BadRecipe
from tasks.tracking.sequences import (
    MotSequence,
    find_sequences,
    require_results,
    require_truth,
)

_JOINED = (
    "gt_ids", "gt_classes", "gt_dets", "gt_extras", "gt_crowd_ignore_regions", "tracker_ids",
    "tracker_classes", "tracker_dets", "tracker_confidences", "similarity_scores",
)  # fmt: skip

_LINES = "a line has frame, identity (0 or more), left, top, width, height, confidence"


@dataclass(frozen=True)
class TrackScores:
    """Shares but for the counts; higher is better but for ``switches``, ``misses`` and ``false``.

    ``deta`` and ``assa``: the parts of HOTA that detecting and associating have. ``boxes``,
    ``people``: true ones that count. ``tracks``: identities that the tracker gave.
    """

    idf1: float
    hota: float
    mota: float
    deta: float
    assa: float
    switches: int
    misses: int
    false: int
    boxes: int
    people: int
    tracks: int


@dataclass(frozen=True)
class TrackReport:
    """``per_camera``: by sequence; ``across``: by recording, all cameras together, where sequences
    say what they are of; ``together``: of all recordings. A sequence that says nothing shows people
    of its own."""

    per_camera: dict[str, TrackScores]
    across: dict[str, TrackScores]
    together: TrackScores


def measure_tracks(truth: Path, results: Path) -> TrackReport:
    """Compare ``results``, a folder with a file of each sequence, with the sequences in ``truth``.

    Raises ``NotFound`` for missing files, ``BadRecipe`` for such that TrackEval refuses,
    ``ModuleNotFoundError`` without TrackEval.
    """
    sequences = find_sequences(truth)
    require_truth(sequences)
    require_results(sequences, results)
    judge = _Judge(sequences, results)
    raws = {one.name: judge.raw(one) for one in sequences}
    recordings: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in sequences:
        recordings[one.recording or one.name].append(raws[one.name])
    whole = {name: _joined(each) for name, each in recordings.items()}
    return TrackReport(
        {name: judge.scores([raw]) for name, raw in raws.items()},
        {name: judge.scores([raw]) for name, raw in whole.items() if name not in raws},
        judge.scores(list(whole.values())),
    )


class _Judge:
    """TrackEval's reader of these sequences and results, and its metrics."""

    def __init__(self, sequences: list[MotSequence], results: Path) -> None:
        import trackeval  # pyright: ignore[reportMissingImports]

        self._refusal: type[Exception] = trackeval.utils.TrackEvalException
        results = results.resolve()
        self._tracker = results.name
        asked = {
            "GT_FOLDER": str(sequences[0].folder.parent),
            "TRACKERS_FOLDER": str(results.parent),
            "TRACKERS_TO_EVAL": [self._tracker],
            "TRACKER_SUB_FOLDER": "",
            "SKIP_SPLIT_FOL": True,
            "SEQ_INFO": {one.name: one.ticks for one in sequences},
            "PRINT_CONFIG": False,
        }
        quiet = {"PRINT_CONFIG": False}
        with self._in_words("the sequences"):
            self._reader: Any = trackeval.datasets.MotChallenge2DBox(asked)
            self._metrics: dict[str, Any] = {
                "HOTA": trackeval.metrics.HOTA(),
                "CLEAR": trackeval.metrics.CLEAR(quiet),
                "Identity": trackeval.metrics.Identity(quiet),
                "Count": trackeval.metrics.Count(),
            }

    def raw(self, sequence: MotSequence) -> dict[str, Any]:
        """What TrackEval reads of a sequence."""
        with self._in_words(sequence.name):
            found = self._reader.get_raw_seq_data(self._tracker, sequence.name)
        # They would count from the end of a list of identities, as another one.
        if any((ids < 0).any() for ids in found["tracker_ids"]):
            raise BadRecipe(f"{sequence.name}: {self._tracker} has negative identities; {_LINES}")
        return found

    def scores(self, raws: Sequence[dict[str, Any]]) -> TrackScores:
        """Of one sequence, or of several of which each has identities of its own."""
        with self._in_words(" and ".join(raw["seq"] for raw in raws)):
            data = [self._reader.get_preprocessed_seq_data(raw, "pedestrian") for raw in raws]
        found: dict[str, dict[str, Any]] = {}
        for name, metric in self._metrics.items():
            each = {str(k): metric.eval_sequence(one) for k, one in enumerate(data)}
            found[name] = metric.combine_sequences(each) if len(each) > 1 else each["0"]
        hota, clear = found["HOTA"], found["CLEAR"]
        return TrackScores(
            idf1=float(found["Identity"]["IDF1"]),
            hota=float(np.mean(hota["HOTA"])),
            mota=float(clear["MOTA"]),
            deta=float(np.mean(hota["DetA"])),
            assa=float(np.mean(hota["AssA"])),
            switches=int(clear["IDSW"]),
            misses=int(clear["CLR_FN"]),
            false=int(clear["CLR_FP"]),
            boxes=int(found["Count"]["GT_Dets"]),
            people=int(found["Count"]["GT_IDs"]),
            tracks=int(found["Count"]["IDs"]),
        )

    @contextlib.contextmanager
    def _in_words(self, where: str) -> Generator[None]:
        """Nothing that TrackEval prints is shown; what it refuses, or trips over, is in words."""
        said = io.StringIO()
        try:
            with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
                yield
        except self._refusal as error:
            raise BadRecipe(f"{where}: TrackEval refuses it: {error}") from None
        except (IndexError, ValueError) as error:
            raise BadRecipe(f"{where}: TrackEval cannot read it ({error}); {_LINES}") from None


def _joined(raws: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The frames of several sequences as one."""
    whole = {key: [frame for raw in raws for frame in raw[key]] for key in _JOINED}
    names = " and ".join(raw["seq"] for raw in raws)
    return whole | {"num_timesteps": sum(raw["num_timesteps"] for raw in raws), "seq": names}
