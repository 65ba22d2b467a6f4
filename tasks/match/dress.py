"""How the crowd is dressed: the profile, the share in dark clothes and the colours whose crops
would be as often black, white, red, … above and below as those of the photographs are.

What a colour is called in a crop depends on light, camera and background. That is measured on a
probe, whose people's clothes are known; the rest is arithmetic with people who are drawn and never
rendered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from manifests.people import EVERYTHING_ELSE, PeopleRecipe
from synth_workers.people.looks.colours import FAMILIES
from synth_workers.people.looks.dress import DRESSES
from synth_workers.people.looks.sampling import sample_people
from synth_workers.people.spec import PersonSpec, Slot
from tasks.match.changes import Change
from training.looks.colour_names import NAMES, main_colour
from training.looks.crops import Crops
from training.looks.measures.dress import REGIONS

DRAWN = 300
"""People who are drawn of each profile, if nobody says."""

_SLOTS = {
    "upper": (Slot.outer, Slot.top, Slot.dress),
    "lower": (Slot.bottom, Slot.skirt, Slot.dress),
}
_NEARER = 0.02
_DARK_WHILE_DRAWN, _MOST_DARK, _DARK_STEP = 0.3, 0.6, 0.04
_ROUNDS, _SAME = 6, 1.25
_LEAST_FACTOR, _MOST_FACTOR = 0.5, 2.0
_RARE = 0.02
_TRUST = 8.0

Shares = dict[str, np.ndarray]
"""Share of each of ``NAMES`` (11,), by region."""


@dataclass(frozen=True)
class _Crowd:
    """Shares of what a profile wears: by those in dark clothes from head to foot, and the rest."""

    dark: Shares
    others: Shares

    def mixed(self, dark: float) -> Shares:
        return {r: dark * self.dark[r] + (1 - dark) * self.others[r] for r in REGIONS}


def seen_shares(crops: Crops) -> Shares:
    """How often each colour is the main one, above and below, of photographs or of ours."""
    return {region: _shares(codes) for region, codes in _seen(crops).items()}


def fit_dress(
    people: PeopleRecipe,
    seed: int,
    wanted: Shares,
    ours: Crops,
    person: np.ndarray,
    drawn: int = DRAWN,
) -> list[Change]:
    """Changes of ``people.dress``, ``dark_clothing`` and ``colours``.

    ``wanted``: of the photographs; ``ours``, ``person`` (N,): crops of a probe of ``people`` under
    their looks, and whose they are; ``drawn``: people of each profile.
    """
    called = _called(people, seed, ours, person)
    fits: dict[str, tuple[float, float, _Crowd]] = {}
    for name in sorted({*DRESSES}):
        crowd = _crowd(people.model_copy(update={"dress": name}), seed, drawn)
        dark = _best_dark(crowd, called, wanted, people.dark_clothing)
        fits[name] = (_apart(_predicted(crowd.mixed(dark), called), wanted), dark, crowd)
    own = fits[people.dress]
    best = min(fits, key=lambda name: (fits[name][0], name))
    if fits[best][0] > own[0] - _NEARER:
        best = people.dress
    _, dark, crowd = fits[best]
    before = _apart(_predicted(own[2].mixed(people.dark_clothing), called), wanted)
    changes: list[Change] = []
    if best != people.dress:
        others = ", ".join(f"{name} {fits[name][0]:.2f}" for name in fits if name != best)
        because = (
            f"share of crops whose main colours, above and below, would be others than in the "
            f"photographs: {fits[best][0]:.2f}; {others}"
        )
        changes.append(Change("people.dress", people.dress, best, [because]))
    if abs(dark - people.dark_clothing) >= _DARK_STEP:
        black = [f"{region} {100 * wanted[region][0]:.0f} %" for region in REGIONS]
        because = f"main colour black in the photographs: {', '.join(black)}"
        changes.append(Change("people.dark_clothing", people.dark_clothing, dark, [because]))
    else:
        dark = people.dark_clothing
    shares = crowd.mixed(dark)
    factors = _factors(shares, called, wanted)
    if factors:
        now, because = _colours(people, factors)
        apart = _apart(_predicted(shares, called), wanted)
        because.append(f"distance of main colours: {before:.2f} before, {apart:.2f} before factors")
        changes.append(Change("people.colours", people.colours, now, because))
    return changes


def _seen(crops: Crops) -> dict[str, np.ndarray]:
    return {
        region: main_colour(crops.hsv[:, rows, columns])
        for region, (rows, columns) in REGIONS.items()
    }


def _shares(codes: np.ndarray) -> np.ndarray:
    return np.bincount(codes, minlength=len(NAMES)) / max(len(codes), 1)


def _name_of(colours: Sequence[tuple[int, int, int]]) -> np.ndarray:
    """(N,) codes of sRGB colours as a bright picture would show them."""
    patches = np.array(colours, np.uint8).reshape(-1, 1, 1, 3)
    hsv = cv2.cvtColor(patches.reshape(-1, 1, 3), cv2.COLOR_RGB2HSV)
    return main_colour(hsv.reshape(-1, 1, 1, 3))


def _worn(specs: Iterable[PersonSpec]) -> dict[str, np.ndarray]:
    """(N,) codes of the outermost cloth of each person above and below."""
    found: dict[str, list[tuple[int, int, int]]] = {region: [] for region in REGIONS}
    for spec in specs:
        for region, slots in _SLOTS.items():
            garment = spec.worn_at(*slots)
            found[region].append(garment.fabric.main_colour if garment else (128, 128, 128))
    return {region: _name_of(colours) for region, colours in found.items()}


def _called(people: PeopleRecipe, seed: int, ours: Crops, person: np.ndarray) -> Shares:
    """(11, 11) by region: how often cloth of each colour is called each in a crop."""
    everybody = np.unique(person)
    worn = _worn(sample_people(people, seed, everybody.tolist()))
    place = np.searchsorted(everybody, person)
    found: Shares = {}
    for region, codes in _seen(ours).items():
        counts = np.zeros((len(NAMES), len(NAMES)))
        np.add.at(counts, (worn[region][place], codes), 1)
        # Of colours that hardly anybody of the probe wears little is known.
        guess = 0.6 * np.eye(len(NAMES)) + 0.4 * _shares(codes)
        counts += _TRUST * guess
        found[region] = counts / counts.sum(1, keepdims=True)
    return found


def _crowd(people: PeopleRecipe, seed: int, count: int) -> _Crowd:
    drawn = people.model_copy(update={"dark_clothing": _DARK_WHILE_DRAWN, "look_alikes": 0.0})
    specs = sample_people(drawn, seed, range(count))
    worn = _worn(specs)
    dark = np.array([spec.dark_clothing for spec in specs])
    return _Crowd(
        {region: _shares(codes[dark]) for region, codes in worn.items()},
        {region: _shares(codes[~dark]) for region, codes in worn.items()},
    )


def _predicted(worn: Shares, called: Shares) -> Shares:
    return {region: worn[region] @ called[region] for region in REGIONS}


def _apart(found: Shares, wanted: Shares) -> float:
    """Mean over regions of the share of crops that would have to be called something else."""
    return float(np.mean([np.abs(found[r] - wanted[r]).sum() / 2 for r in REGIONS]))


def _best_dark(crowd: _Crowd, called: Shares, wanted: Shares, own: float) -> float:
    """The share of dark people with the least squared error, in hundredths."""
    alone, rest = (_predicted(worn, called) for worn in (crowd.dark, crowd.others))
    along = np.concatenate([alone[r] - rest[r] for r in REGIONS])
    gap = np.concatenate([wanted[r] - rest[r] for r in REGIONS])
    size = float(along @ along)
    return own if size < 1e-9 else round(float(np.clip(along @ gap / size, 0, _MOST_DARK)), 2)


def _factors(worn: Shares, called: Shares, wanted: Shares) -> dict[str, float]:
    """By how much each colour has to be more frequent, by name, those that stay and those that
    hardly anybody wears left out; a few rounds of Richardson and Lucy, which do not follow
    chance."""
    logs = np.zeros(len(NAMES))
    for region in REGIONS:
        start = np.maximum(worn[region], 1e-3)
        share = start / start.sum()
        for _ in range(_ROUNDS):
            seen = np.maximum(share @ called[region], 1e-6)
            share = share * (called[region] @ (wanted[region] / seen))
            share /= share.sum()
        logs += np.log(share / (start / start.sum())) / len(REGIONS)
    logs -= float(np.mean([worn[region] @ logs for region in REGIONS]))
    found = np.clip(np.exp(logs), _LEAST_FACTOR, _MOST_FACTOR)
    seen = _predicted(worn, called)
    often = np.max([share[region] for share in (wanted, seen) for region in REGIONS], axis=0)
    return {
        name: round(float(factor), 2)
        for name, factor, share in zip(NAMES, found, often)
        if share >= _RARE and not 1 / _SAME < factor < _SAME
    }


def _colours(people: PeopleRecipe, factors: dict[str, float]) -> tuple[dict[str, float], list[str]]:
    """``people.colours`` with the factors of names on all families that are called so."""
    names = dict(zip(FAMILIES, (NAMES[code] for code in _name_of(_typical()))))
    rest = people.colours.get(EVERYTHING_ELSE, 1.0)
    now = dict(people.colours)
    for family, name in names.items():
        if name in factors:
            now[family] = round(people.colours.get(family, rest) * factors[name], 3)
    told = ", ".join(f"{name} {factor:g}" for name, factor in factors.items())
    return now, [f"factors on main colours that are too rare or too frequent: {told}"]


def _typical() -> list[tuple[int, int, int]]:
    """The middle of each family, sRGB."""
    found: list[tuple[int, int, int]] = []
    for family in FAMILIES.values():
        hue, saturation, value = (
            float(np.mean(each)) for each in (family.hue, family.saturation, family.value)
        )
        hsv = np.array([[[180 * (hue % 1), 255 * saturation, 255 * value]]]).astype(np.uint8)
        red, green, blue = cv2.cvtColor(hsv, cv2.COLOR_HSV2RGB)[0, 0].tolist()
        found.append((red, green, blue))
    return found
