"""Whether another round comes, and what all rounds found, in words."""

from __future__ import annotations

from collections.abc import Sequence

from tasks.improve.increment import Change, unequal
from tasks.improve.journal import Round
from tasks.improve.request import Improvement
from tasks.improve.weights import Weights
from tasks.report.markdown import plain_table

_HOUR = 3600.0
_SHOWN = 12


def reason_to_stop(asked: Improvement, rounds: Sequence[Round]) -> str | None:
    """Why no round follows these; None if one does."""
    last = rounds[-1]
    if len(rounds) > 1:
        gain = last.gain(rounds[-2])
        if gain.low <= 0:
            return (
                f"the gain of round {last.number} is inside its noise: mAP "
                f"{100 * gain.mean:+.1f} points (95 %: {100 * gain.low:+.1f} to "
                f"{100 * gain.high:+.1f})"
            )
    if last.number >= asked.rounds:
        return f"all {asked.rounds} rounds are done"
    more = asked.people * asked.recipe.images_per_person
    if asked.most_crops is not None and last.crops + more > asked.most_crops:
        return (
            f"another round would make {last.crops + more:,} crops, above --crops "
            f"{asked.most_crops:,}"
        )
    if asked.cpu_hours is not None:
        spent = sum(found.cpu_seconds for found in rounds) / _HOUR
        next_one = last.cpu_seconds / _HOUR
        if spent + next_one > asked.cpu_hours:
            return (
                f"{spent:.2f} CPU-hours are spent, and a round like the last would take "
                f"{next_one:.2f} more, above --cpu-hours {asked.cpu_hours:g}"
            )
    return None


def table(rounds: Sequence[Round]) -> str:
    """A row for each round."""
    rows: list[tuple[object, ...]] = []
    for before, found in zip([None, *rounds], rounds):
        gain = ""
        if before is not None:
            of = found.gain(before)
            gain = f"{100 * of.mean:+.1f} ({100 * of.low:+.1f} to {100 * of.high:+.1f})"
        rows.append(
            (
                found.number,
                f"{found.people:,}",
                f"{found.crops:,}",
                f"{100 * found.rank1:.1f}",
                f"{100 * found.mean_average_precision:.1f}",
                gain,
                f"{found.cpu_seconds:,.0f}",
            )
        )
    head = ["round", "people", "crops", "rank-1, %", "mAP, %", "gain of mAP (95 %)", "CPU-s"]
    return plain_table(head, rows, numbers=range(7))


def plan_markdown(people: int, weights: Weights, looks: Sequence[Change]) -> str:
    """What the next increment draws more and less often."""
    lines = [f"## The next {people} people"]
    if looks:
        rows = [
            (f"`people.{c.field}`", f"{c.before:.3g}", f"{c.after:.3g}", f"{c.weight:.2f}")
            for c in looks
        ]
        lines.append(plain_table(["field", "before", "now", "weight"], rows, numbers=range(1, 4)))
    for title, found in (("Cameras", weights.cameras), ("Lights", weights.lights)):
        if unequal(found):
            told = sorted(found.items(), key=lambda item: -abs(item[1] - 1.0))
            shown = ", ".join(f"{name} {weight:.2f}" for name, weight in told[:_SHOWN])
            more = f", and {len(told) - _SHOWN} more" if len(told) > _SHOWN else ""
            lines.append(f"{title}, weights of images: {shown}{more}.")
    if len(lines) == 1:
        lines.append("Drawn as all before them.")
    return "\n\n".join(lines) + "\n"


def recipe_comments(weights: Weights, looks: Sequence[Change]) -> str:
    """What a grown recipe says at its top: which field was what, and by which weight it changed."""
    lines = ["# Grown where a model fails: fields of the last people, before -> now (weight)"]
    lines += [f"# people.{c.field}: {c.before:g} -> {c.after:g} ({c.weight:g})" for c in looks]
    lines += [f"# camera {name}: {weight:g}" for name, weight in unequal(weights.cameras).items()]
    lines += [f"# light {name}: {weight:g}" for name, weight in unequal(weights.lights).items()]
    return "\n".join(lines) + "\n"
