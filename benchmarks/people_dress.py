"""What crowds of each dress profile wear and carry: ``python -m benchmarks.people_dress``.

The last line is one JSON object: for each profile shares of people by the colour words that
labels of photographs use (outermost garment above, then below), by sleeves, legs and things.
"""

from __future__ import annotations

import argparse
import colorsys
import json
from collections import Counter
from collections.abc import Sequence

from manifests.people import PeopleRecipe
from synth_workers.people.looks.dress import DRESSES
from synth_workers.people.looks.sampling import sample_people
from synth_workers.people.spec import Colour, CutKind, PersonSpec, Slot
from synth_workers.people.worn.accessories.registry import Place, accessories_at

TAKES = "a minute"
SMOKE = ("--people", "20")

CARRIED = {row.name for place in (Place.back, Place.hand) for row in accessories_at(place)}
WORN = {
    row.name
    for place in (Place.head, Place.neck, Place.ears, Place.mouth)
    for row in accessories_at(place)
} - {"earphones"} | {"sunglasses"}
"""What annotators count as an accessory: hardly anybody sees earphones or glasses in a crop."""


def colour_word(colour: Colour) -> str:
    """The word an annotator would use for an sRGB colour; dark cloth is black whatever its hue."""
    hue, saturation, value = colorsys.rgb_to_hsv(*(channel / 255 for channel in colour))
    degrees = hue * 360
    if value < 0.2 or (value < 0.3 and saturation < 0.35):
        return "black"
    if saturation < 0.13 or (value > 0.75 and saturation < 0.25 and 20 <= degrees < 75):
        return "white" if value > 0.75 else "grey"
    if 20 <= degrees < 75:
        return "yellow" if degrees >= 40 and value > 0.6 and saturation > 0.3 else "brown"
    if 75 <= degrees < 190:
        return "green"
    if 190 <= degrees < 255:
        return "blue"
    if 255 <= degrees < 320:
        return "purple"
    return "pink" if value > 0.6 and saturation < 0.5 else "red"


def shares(specs: Sequence[PersonSpec]) -> dict[str, dict[str, float]]:
    """Shares of people, 0 to 1: ``above`` and ``below`` by colour word, ``clothes``, ``things``."""
    above: Counter[str] = Counter()
    below: Counter[str] = Counter()
    clothes: Counter[str] = Counter()
    things: Counter[str] = Counter()
    for spec in specs:
        above[colour_word(_outermost(spec, Slot.outer, Slot.top, Slot.dress))] += 1
        below[colour_word(_outermost(spec, Slot.bottom, Slot.skirt, Slot.dress))] += 1
        sleeves = [
            cut.sleeve for garment in spec.garments for cut in garment.cuts
            if cut.kind is CutKind.top
        ]  # fmt: skip
        names = {garment.name for garment in spec.garments}
        clothes["long sleeves"] += max(sleeves, default=0.0) > 1.3
        clothes["jeans"] += any(name.endswith("jeans") for name in names)
        clothes["shorts"] += bool(names & {"shorts", "bermudas", "hot_pants"})
        clothes["skirt or dress"] += any("skirt" in name or "dress" in name for name in names)
        clothes["coat or jacket"] += spec.worn_at(Slot.outer) is not None
        worn = {accessory.kind for accessory in spec.accessories}
        things.update(worn)
        things["carries something"] += bool(worn & CARRIED)
        things["accessory"] += bool(worn & WORN)
    counted = {"above": above, "below": below, "clothes": clothes, "things": things}
    return {
        what: {name: round(count / len(specs), 3) for name, count in counts.most_common()}
        for what, counts in counted.items()
    }


def _outermost(spec: PersonSpec, *slots: Slot) -> Colour:
    for slot in slots:
        garment = spec.worn_at(slot)
        if garment:
            return garment.fabric.main_colour
    raise ValueError(f"person {spec.index} wears nothing of {', '.join(slots)}")


def main() -> None:
    """Draw, count, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=3000, help="of each profile")
    count = parser.parse_args().people
    found: dict[str, object] = {"people": count}
    for name in DRESSES:
        recipe = PeopleRecipe(count=count, dress=name, look_alikes=0)
        found[name] = shares(sample_people(recipe, 7, range(count)))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
