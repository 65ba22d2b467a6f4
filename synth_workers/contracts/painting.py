"""Mask colours of actors, set alike under every contract."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from fnmatch import fnmatchcase

from synth_workers.worker.palette import Colour
from synth_workers.worker.session import Session


def paint(session: Session, names: Sequence[str], colours: Sequence[Colour]) -> None:
    """Give each actor its colour."""
    session.must(
        [
            f"vset /object/{name}/color {red:d} {green:d} {blue:d}"
            for name, (red, green, blue) in zip(names, colours)
        ]
    )


def blacken(
    session: Session, present: Sequence[str], but: Collection[str], blocked: Sequence[str]
) -> None:
    """Paint all of ``present`` black but some. ``blocked``: patterns of actors never painted."""
    others = [
        name
        for name in present
        if name not in but
        and name != "ok"  # how an empty list is answered
        and not any(fnmatchcase(name, pattern) for pattern in blocked)
    ]
    paint(session, others, [(0, 0, 0)] * len(others))
