"""Identities must not change between processes, machines or spellings."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from manifests.annotation_rules import AnnotationRules
from manifests.capture_rules import CaptureRules, ImageSpec
from manifests.engine_request import EngineRequest
from manifests.identity import (
    canonical_json,
    child_seed,
    crop_id,
    digest,
    person_id,
    render_id,
    sha256_hex,
)
from manifests.shards import PersonRef, ShardSpec, TimeWindow, Wanted

SHARD = ShardSpec(
    data_version=1,
    dataset_seed=7,
    scene="street",
    scene_version=1,
    light="day",
    cameras=("street_c01",),
    people=(PersonRef(index=3, person_id="7-000003", spec_digest="ab"),),
    wanted=(Wanted(person=3, camera="street_c01", images=2),),
    window=0,
    round=0,
    max_frames=10,
    image=ImageSpec(),
    capture=CaptureRules(),
    engine=EngineRequest(),
    engine_version="1",
)

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON)
def test_canonical_json_says_the_same_thing(value: object) -> None:
    try:
        text = canonical_json(value)
    except UnicodeEncodeError:  # lone surrogates have no UTF-8 form and so no digest
        return
    assert json.loads(text) == value


def test_order_of_keys_and_kind_of_number_do_not_matter() -> None:
    assert digest({"a": 1, "b": (1.5, 2)}) == digest({"b": [np.float64(1.5), np.int32(2)], "a": 1})
    assert digest({"a": 1}) != digest({"a": "1"})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), b"bytes", {1, 2}])
def test_values_without_one_canonical_form_are_refused(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        canonical_json({"value": value})


def test_known_digests_never_change() -> None:
    """A failure here means that every stored data set would be rebuilt."""
    assert canonical_json({"b": 1.0, "a": "ü"}) == '{"a":"ü","b":1.0}'.encode()
    assert digest([1, "two", 3.0]) == "946f54fa4d356bbc3f71dfe2e3da4735"
    assert child_seed(7, "gait", 3).generate_state(2).tolist() == [13749588, 2257560262]
    assert sha256_hex(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert person_id(7, 3) == "7-000003"


def test_every_field_of_a_shard_changes_its_render_id() -> None:
    seen = {render_id(SHARD)}
    changes = {
        "data_version": 2,
        "dataset_seed": 8,
        "scene": "supermarket",
        "scene_version": 2,
        "light": "night",
        "cameras": ("street_c02",),
        "people": (),
        "wanted": (),
        "window": 1,
        "round": 1,
        "max_frames": 11,
        "image": ImageSpec(width=640),
        "capture": CaptureRules(min_person_height=100),
        "engine": EngineRequest(kind="unreal", game="town", build="1"),
        "engine_version": "2",
        "video": TimeWindow(fps=5, first=0, ticks=5),
        "crops_per_frame": 3,
        "ground_truth": ("depth",),
    }
    assert set(changes) == set(ShardSpec.model_fields)
    for field, value in changes.items():
        seen.add(render_id(SHARD.model_copy(update={field: value})))
    assert len(seen) == len(changes) + 1


def test_rules_change_the_crops_but_not_the_pixels() -> None:
    pixels = render_id(SHARD)
    assert crop_id(pixels, AnnotationRules()) != crop_id(pixels, AnnotationRules(min_height=100))


def test_child_seeds_are_independent_of_each_other() -> None:
    states = {
        tuple(child_seed(seed, *path).generate_state(2))
        for seed in (0, 1)
        for path in [(), ("a",), ("b",), ("a", 0), ("a", 1), (0, "a"), ("a", "b"), ("ab",)]
    }
    assert len(states) == 16
