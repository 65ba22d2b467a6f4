"""The recorded full build against another build of the same recipe: are they the same data set?

``python -m benchmarks.full_build --compare --store FOLDER``. The recorded build was killed on
its way; one that was not must have the same content digest.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.full_build_record import verified_snapshot
from benchmarks.measured_build import Place, read_measurements, summary
from manifests.snapshots import Snapshot
from tasks.report.markdown import plain_table

_HEADING = "## Built again"
_SHOWN = 34
_SAME = ("content_digest", "recipe_digest", "versions", "renderer")


@dataclass(frozen=True)
class Identity:
    """What a built data set is: ``content_digest`` names its pictures and labels to the byte, the
    rest is what they depend on. ``kills``: how often everything was killed on the way."""

    kills: int
    content_digest: str
    recipe_digest: str
    versions: str
    renderer: str

    @classmethod
    def of(cls, snapshot: Snapshot, kills: int) -> Identity:
        """Of a published snapshot."""
        return cls(
            kills,
            snapshot.content_digest,
            snapshot.recipe_digest,
            ", ".join(f"{name} {version}" for name, version in snapshot.versions.items()),
            ", ".join(snapshot.lineage["renderers"]),
        )

    @classmethod
    def recorded(cls, page: str) -> Identity:
        """Of the build that ``page``, a record, tells of.

        Raises:
            ValueError: the page does not say one of them.
        """
        kills = _found(r"--interrupt (\d+)$", page, "kills")
        words = [name.replace("_", " ") for name in _SAME]
        values = [_found(rf"^\| {word} \| `?(.+?)`? \|$", page, word) for word in words]
        return cls(int(kills), *values)


def compare(place: Place, page: Path) -> dict[str, Any]:
    """Verify the build in ``place``, set it against the one that ``page`` records and write the
    outcome at the end of the page, in place of an earlier one.

    Raises:
        FactoryError: ``verify`` found something.
    """
    reader, checked = verified_snapshot(place)
    snapshot = reader.snapshot
    spent = summary(place, read_measurements(place))
    text = page.read_text()
    recorded = Identity.recorded(text)
    again = Identity.of(snapshot, spent["interrupts"])
    page.write_text(with_comparison(text, recorded, again, spent, checked))
    return {
        "equal": recorded.content_digest == again.content_digest,
        "recorded": asdict(recorded),
        "again": asdict(again),
        "cpu_hours": spent["cpu_hours"],
        "wall_minutes": spent["wall_minutes"],
        "peak_gb": spent["peak_gb"],
    }


def with_comparison(
    page: str, recorded: Identity, again: Identity, spent: Mapping[str, Any], checked: str
) -> str:
    """The record with the comparison as its last section.

    ``spent``: ``summary`` of the other build. ``checked``: what ``verify`` says of it.
    """
    equal = recorded.content_digest == again.content_digest
    rows = [("kills", str(recorded.kills), str(again.kills), "")]
    for name in _SAME:
        one, other = getattr(recorded, name), getattr(again, name)
        rows.append(
            (
                name.replace("_", " "),
                f"`{_short(one)}`",
                f"`{_short(other)}`",
                "yes" if one == other else "**no**",
            )
        )
    lines = [
        _HEADING,
        "",
        f"The whole recipe in another folder, killed {again.kills} times, took "
        f"{spent['cpu_hours']:.2f} CPU-hours, {spent['wall_minutes']:.0f} minutes and "
        f"{spent['peak_gb']:.2f} GB of memory. Compared with the build above by `python -m "
        "benchmarks.full_build --compare --store FOLDER`, its content digest is "
        f"{'equal' if equal else '**different**'}.",
        "",
        plain_table(("", "the record", "built again", "equal"), rows),
        "",
        "`verify`: " + " ".join(checked.splitlines()),
        "",
    ]
    return page.partition(f"\n{_HEADING}")[0] + "\n" + "\n".join(lines)


def _short(value: str) -> str:
    """As much of a long value as tells it apart at a glance; equality is of the whole."""
    return value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"


def _found(pattern: str, page: str, name: str) -> str:
    match = re.search(pattern, page, re.MULTILINE)
    if match is None:
        raise ValueError(f"the record does not say its {name}; write it with --record")
    return match[1]
