"""A still: every channel of one instant, drawn in this process."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest

from manifests.errors import BadRecipe, BadScene
from manifests.recipes_io import load_recipe
from synth_workers.people.looks.sampling import sample_people
from synth_workers.stills import Scene, Still

SIZE = {"width": 320, "height": 180}


@pytest.fixture(scope="module")
def street() -> Iterator[Scene]:
    recipe = load_recipe("tiny")
    people = sample_people(recipe.people, recipe.seed, range(recipe.people.count))
    with Scene("street", people, seed=3, **SIZE) as scene:
        yield scene


@pytest.fixture(scope="module")
def still(street: Scene) -> Still:
    """The view of the camera that sees most people."""
    return max((street.render(camera.name) for camera in street.description.cameras), key=_people)


def _people(still: Still) -> int:
    return len(still.people)


def test_channels_of_a_still_show_the_same_people_in_the_same_places(still: Still):
    assert still.lit.shape == (180, 320, 3) and still.mask.shape == still.depth.shape == (180, 320)
    assert len(still.people) >= 2
    assert set(np.unique(still.mask).tolist()) - {0} == {person.value for person in still.people}
    for person in still.people:
        rows, columns = np.nonzero(still.mask == person.value)
        x0, y0, x1, y1 = person.box
        assert (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1) == (x0, y0, x1, y1)
        shown = still.depth[rows, columns]
        distances = [depth for _, _, depth in person.joints.values()]
        assert min(distances) - 60 < np.median(shown) < max(distances) + 60  # cm
        assert 0 < person.visibility <= 1


def test_the_same_moment_is_drawn_the_same_and_another_light_otherwise(street: Scene):
    camera = street.description.cameras[0].name
    first, night = street.render(camera, "day"), street.render(camera, "night")
    again = street.render(camera, "day")
    assert np.array_equal(first.lit, again.lit) and np.array_equal(first.mask, again.mask)
    assert night.lit.mean() < 0.7 * first.lit.mean()
    assert np.array_equal(night.mask, first.mask)


def test_cameras_and_lights_that_are_not_there_are_named(street: Scene):
    with pytest.raises(BadScene, match=r"no camera 'roof'; it has street_"):
        street.render("roof")
    with pytest.raises(BadScene, match=r"no light 'eclipse'; it has .*day"):
        street.render(light="eclipse")
    with pytest.raises(BadScene, match="unknown scene 'moon'; known are crossing"):
        Scene("moon")


def test_another_thread_cannot_draw(street: Scene):
    refused: list[str] = []

    def elsewhere() -> None:
        try:
            street.render()
        except BadScene as error:
            refused.append(str(error))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert "render: the scene belongs to the thread that made it; make a Scene in" in refused[0]
    with pytest.raises(BadRecipe, match=r"Scene\.render: camera: must be text, got 0"):
        street.render(0)  # pyright: ignore[reportArgumentType]


def test_a_closed_scene_draws_nothing():
    with Scene("street", width=64, height=48, supersampling=1) as scene:
        assert scene.render().lit.shape == (48, 64, 3)
    for late in (scene.render, lambda: scene.enter("plaza")):
        with pytest.raises(BadScene, match="the scene is closed; make another Scene"):
            late()
