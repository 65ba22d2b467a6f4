"""A matched recipe is an ordinary one, with a comment at each field that was changed."""

from __future__ import annotations

from manifests.recipes_io import load_recipe, parse_recipe
from tasks.match.changes import Change, changed
from tasks.match.recipe_text import commented


def test_comments_say_what_was_and_why_and_the_recipe_is_the_same():
    base = load_recipe("unreal")
    looks = [{"brightness": 0.8}, {"contrast": 1.4, "noise": 3.0}]
    changes = [
        Change("name", "unreal", "mine", []),
        Change("scenes.2.lights", ["day", "afternoon", "fog"], ["day"], ["left out fog: too pale"]),
        Change("people.dark_clothing", 0.15, 0.3, ["camera\n# sneaky: 1\nblack 40 %"]),
        Change("annotation.looks", [], looks, ["gate: luminance 90 -> 70", "word " * 60]),
        Change("capture.max_person_height", None, 200, []),
    ]
    recipe = changed(base, changes)
    text = commented(recipe, changes, ["unreal, matched"])
    assert parse_recipe(text) == recipe
    assert text.startswith("# unreal, matched\n")
    assert "\nscenes:\n  - name: street\n    cameras: all\n" in text
    assert "# was day, afternoon, fog, is day\n    # left out fog: too pale\n    lights:" in text
    assert "  # was 0.15, is 0.3\n  # camera # sneaky: 1 black 40 %\n  dark_clothing: 0.3" in text
    assert "# was none, is 2 of them\n  # gate: luminance 90 -> 70\n" in text
    assert "# was not said, is 200" in text
    assert recipe.people.count == base.people.count and "outfits_per_person" not in text
    assert max(map(len, text.splitlines())) <= 100
