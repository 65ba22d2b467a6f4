"""Each fit by itself, on pictures whose looks are known."""

from __future__ import annotations

import numpy as np

from manifests.crop_looks import CropLook
from manifests.people import PeopleRecipe
from manifests.recipes_io import load_recipe
from synth_workers.people.looks.sampling import sample_people
from synth_workers.people.spec import Slot
from tasks.match.changes import changed
from tasks.match.dress import fit_dress, seen_shares
from tasks.match.lights import fit_lights
from tasks.match.looks import fit_looks, under_looks
from tasks.match.sizes import fit_sizes
from tests.tasks.match.pictures import LOOKS, ours, person, under
from training.looks.colour_names import NAMES
from training.looks.crops import Crops, Labels
from training.looks.registry import measured

UPPER = (Slot.outer, Slot.top, Slot.dress)
LOWER = (Slot.bottom, Slot.skirt, Slot.dress)


def photographs(each: int = 30) -> tuple[dict[str, np.ndarray], np.ndarray]:
    pictures = [
        under(look, person(500 * (place + 1) + number), number)
        for place, look in enumerate(LOOKS.values())
        for number in range(each)
    ]
    camera = np.repeat([*LOOKS], each)
    return measured(Crops(pictures, Labels.unknown(len(pictures)))), camera


def test_looks_take_our_crops_to_the_middles_of_each_camera_and_are_the_same_again():
    wanted, camera = photographs()
    found = fit_looks(wanted, camera, ours(40), seed=0)
    assert [one.camera for one in found] == ["gate", "hall"]
    for one in found:
        for name, tolerance in (("luminance", 6), ("saturation", 8), ("cast blue to yellow", 1.5)):
            assert abs(one.after[name] - one.wanted[name]) < tolerance
            assert abs(one.after[name] - one.wanted[name]) <= abs(
                one.before[name] - one.wanted[name]
            )
    gate, hall = (one.look for one in found)
    assert gate.brightness < 1 < hall.brightness and gate.warmth > 0 > hall.warmth
    assert found == fit_looks(wanted, camera, ours(40), seed=0)


def test_a_light_that_looks_like_no_photograph_is_left_out_and_one_is_always_kept():
    base = load_recipe(
        "unreal", {"scenes": [{"name": "street", "lights": ["day", "fog"], "lights_per_group": 2}]}
    )
    crops = ours(40)
    pale = CropLook(contrast=0.2)
    stored = [
        under(pale, picture, row) if crops.light[row] == "fog" else picture
        for row, picture in enumerate(crops.crops.stored)
    ]
    foggy = type(crops)(**{**vars(crops), "crops": Crops(stored, crops.crops.labels)})
    wanted = measured(ours(40).crops)
    lights, per_group = fit_lights(base, foggy, [CropLook()], wanted, 0)
    assert lights.path == "scenes.0.lights" and lights.now == ["day"]
    assert "left out fog: its middle of" in lights.because[0]
    assert (per_group.path, per_group.now) == ("scenes.0.lights_per_group", 1)
    assert not fit_lights(base, ours(40), [CropLook()], wanted, 0)
    bright = {name: values + 200 for name, values in wanted.items()}
    kept = fit_lights(base, foggy, [CropLook()], bright, 0)[0].now
    assert len(kept) == 1


def test_sizes_follow_the_photographs_unless_somebody_scaled_them():
    base = load_recipe("unreal")
    tall = np.random.default_rng(0).uniform(150, 300, 400)
    found = {change.path: change.now for change in fit_sizes(base, tall)}
    assert 130 < found["capture.min_person_height"] < 160
    assert found["annotation.min_height"] > base.annotation.min_height
    assert found["capture.max_person_height"] < 300
    assert not fit_sizes(base, np.full(400, 128.0))


def dressed(people: PeopleRecipe, count: int) -> Crops:
    """A picture of each of ``count`` people in the colours that they wear."""
    pictures: list[np.ndarray] = []
    for spec in sample_people(people, 0, range(count)):
        picture = np.full((128, 64, 3), 128, np.uint8)
        for rows, slots in ((slice(20, 64), UPPER), (slice(64, 120), LOWER)):
            garment = spec.worn_at(*slots)
            assert garment is not None
            picture[rows, 16:48] = garment.fabric.main_colour
        pictures.append(picture)
    return Crops(pictures, Labels.unknown(count))


def test_dress_says_what_is_too_rare():
    people = PeopleRecipe(count=60)
    crops = dressed(people, 60)
    wanted = seen_shares(crops)
    for region in wanted:
        wanted[region] = 0.3 * wanted[region]
        wanted[region][NAMES.index("red")] += 0.7
    changes = fit_dress(people, 0, wanted, crops, np.arange(60), drawn=40)
    found = {change.path: change for change in changes}
    assert "factors on main colours" in found["people.colours"].because[0]
    factors = found["people.colours"].now
    assert factors["red"] == max(factors.values()) > 1.5
    assert changed(load_recipe("tiny"), changes).people.colours == factors


def test_crops_in_turn_have_the_looks_in_turn():
    crops = ours(4)
    found = under_looks(crops, [CropLook(), CropLook(brightness=0.5, jpeg_quality=20)], 0)
    assert (found.stored[0] == crops.crops.stored[0]).all()
    assert found.stored[1].mean() < 0.6 * crops.crops.stored[1].mean()
