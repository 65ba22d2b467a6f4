"""Fit a recipe to photographs: probe, measure, change, probe again, write it down.

What is finished stays in the folder: a run that was killed goes on behind it, and one that is asked
for what is there already does nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable

import numpy as np

from manifests.annotation_rules import AnnotationRules
from manifests.crop_looks import CropLook
from manifests.recipe import Recipe
from manifests.recipes_io import parse_recipe
from manifests.whole_files import write_whole
from tasks.compare.drawing import write_side_by_side
from tasks.compare.look import Looked, look_at
from tasks.compare.sources import Side
from tasks.match import MOST_CROPS
from tasks.match.asked import Asked, name_for
from tasks.match.bases import probe_of
from tasks.match.boxes import fit_boxes
from tasks.match.changes import Change, changed
from tasks.match.dress import DRAWN, fit_dress, seen_shares
from tasks.match.lights import fit_lights
from tasks.match.looks import Fitted, fit_looks, under_looks
from tasks.match.matched import SIDES, Matched
from tasks.match.page import markdown, web_page
from tasks.match.probe import Probe, ProbeCrops, cut_probe, render_probe
from tasks.match.recipe_text import commented
from tasks.match.sizes import fit_sizes
from tasks.progress import Progress, report_progress
from training.looks.crops import Crops, Labels
from training.looks.registry import measured

PAGE, WEB_PAGE, FIGURES = "match.md", "match.html", "match.json"
ALL_CROPS, OUR_CROPS = "side_by_side.png", "ours.png"
_FITS = 5


def match(asked: Asked) -> Matched:
    """Fit, and write the recipe and the report."""
    seed, base = asked.seed, asked.base
    seen = look_at(asked.photographs.side, MOST_CROPS, seed)
    wanted = seen.measures
    first = _probe(asked, base)
    _step(0, "looks")
    as_it_is = cut_probe(first, _without_looks(base))
    before = cut_probe(first, base.annotation) if base.annotation.looks else as_it_is
    looks = [one.look for one in fit_looks(wanted, seen.camera, as_it_is, seed)]
    changes = _fitted(asked, seen, first, as_it_is, looks)
    halfway = changed(base, changes)
    second = _probe(asked, halfway)
    _step(4, "looks again")
    plain = cut_probe(second, _without_looks(halfway))
    fitted = fit_looks(wanted, seen.camera, plain, seed)
    changes.append(_looks_change(base, fitted))
    recipe = changed(base, changes)
    last = cut_probe(second, recipe.annotation)
    matched = Matched(
        base.name,
        recipe,
        changes,
        fitted,
        _looked(before, base.name),
        seen,
        _looked(last, recipe.name),
        asked.photographs.left_out,
        {"before": first.cpu_seconds, "after": second.cpu_seconds},
        seed,
    )
    _write(asked, matched)
    _step(_FITS, "")
    return matched


def _step(number: int, what: str) -> None:
    report_progress(Progress("match", number, _FITS, "fits", what))


def _probe(asked: Asked, recipe: Recipe) -> Probe:
    return render_probe(probe_of(recipe), asked.folder / "probe")


def _fitted(
    asked: Asked, seen: Looked, probe: Probe, ours: ProbeCrops, looks: list[CropLook]
) -> list[Change]:
    """Everything but the looks, by a probe of the base."""
    base, seed = asked.base, asked.seed
    name = name_for(asked.output)
    about = f"{base.name}, matched to {len(seen)} photographs by {len(set(seen.camera))} cameras."
    changes = [
        Change("name", base.name, name, []),
        Change("description", base.description or None, about, []),
    ]
    _step(1, "lights")
    changes += fit_lights(base, ours, looks, seen.measures, seed)
    _step(2, "boxes")
    changes += fit_boxes(probe, base.annotation, looks, seen.measures, seed)
    changes += fit_sizes(base, seen.measures["height"])
    _step(3, "dress")
    theirs = seen_shares(_as_crops(seen.pictures))
    graded = under_looks(ours, looks, seed)
    changes += fit_dress(base.people, base.seed, theirs, graded, ours.person, DRAWN)
    return changes


def _without_looks(recipe: Recipe) -> AnnotationRules:
    return recipe.annotation.model_copy(update={"looks": ()})


def _looks_change(base: Recipe, fitted: Iterable[Fitted]) -> Change:
    looks: list[dict[str, object]] = []
    because = [
        "one look for each camera of the photographs; middles, of ours as rendered -> wanted:"
    ]
    for one in fitted:
        looks.append(one.look.model_dump(mode="json", exclude_defaults=True))
        moved = ", ".join(
            f"{name} {one.before[name]:.0f} -> {wanted:.0f}" for name, wanted in one.wanted.items()
        )
        because.append(f"{one.camera}: {moved}")
    before = "drawn" if base.annotation.looks else []
    return Change("annotation.looks", before, looks, because)


def _as_crops(pictures: np.ndarray) -> Crops:
    return Crops(list(pictures), Labels.unknown(len(pictures)))


def _looked(ours: ProbeCrops, name: str) -> Looked:
    """Crops of a probe as comparisons take them."""
    side = Side(name, True, ours.camera, [], lambda _: iter(()), ours.crops.labels.take)
    return Looked(side, ours.camera, measured(ours.crops), ours.crops.pictures, ())


def _write(asked: Asked, matched: Matched) -> None:
    """The report, then the recipe, then that both are whole."""
    folder, seed = asked.folder, asked.seed
    names = [f"{matched.base}", matched.photographs.side.name, matched.recipe.name]
    write_side_by_side(folder / ALL_CROPS, matched.sides, names, seed)
    write_side_by_side(folder / OUR_CROPS, matched.sides[::2], names[::2], seed)
    shown = [(OUR_CROPS, f"{SIDES[0]} (left) and {SIDES[2]} (right)")]
    if asked.include_photographs:
        shown = [(ALL_CROPS, ", ".join(SIDES))]
    figures = json.dumps(matched.figures(), indent=1, allow_nan=False)
    write_whole(folder / FIGURES, figures + "\n")
    write_whole(folder / PAGE, markdown(matched, shown))
    write_whole(folder / WEB_PAGE, web_page(matched, shown))
    head = [
        f"{matched.base}, matched by `unrealperson match` to {len(matched.photographs)} "
        f"photographs by {len(matched.looks)} cameras (seed {seed}).",
        f"Mean difference |d| over all measures: {matched.distance(False):.2f} before, "
        f"{matched.distance(True):.2f} after.",
    ]
    text = commented(matched.recipe, matched.changes, head)
    assert parse_recipe(text) == matched.recipe
    write_whole(asked.output, text)
    asked.finished(text)
