"""The cache: where it cannot be written, what can be made again is not kept, and all goes on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from manifests.errors import StoreUnsuitable
from synth_workers import cache_folder
from synth_workers.cache_folder import cache_root, keep_array, kept_array, write_npz
from synth_workers.people.cache import PeopleCache
from tests.full_disk import full_disk, refusing_folder

ARRAY = np.arange(10_000)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(cache_folder, "_said", set())
    monkeypatch.setenv("UNREALPERSON_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def refusing(cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = refusing_folder(tmp_path)
    monkeypatch.setenv("UNREALPERSON_CACHE", str(path))
    return path


def test_a_mere_saving_is_given_up_with_one_warning(
    cache: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with full_disk():
        for name in ("first", "second"):
            keep_array(cache_root() / "baked" / f"{name}.npy", ARRAY)
    assert [path for path in cache.rglob("*") if path.is_file()] == []
    (said,) = caplog.messages
    assert "first.npy: no space left" in said and "UNREALPERSON_CACHE" in said

    keep_array(cache_root() / "baked" / "third.npy", ARRAY)
    found = kept_array(cache_root() / "baked" / "third.npy")
    assert found is not None and (found == ARRAY).all()


def test_what_a_build_needs_from_the_cache_is_an_error(cache: Path) -> None:
    named = r"body\.npz: no space left.*UNREALPERSON_CACHE"
    with pytest.raises(StoreUnsuitable, match=named), full_disk():
        write_npz(cache / "body.npz", {"vertices": ARRAY})
    assert list(cache.iterdir()) == []


def test_people_who_cannot_be_kept_are_an_error(refusing: Path) -> None:
    with (
        pytest.raises(StoreUnsuitable, match=r"locks.*cannot be written.*UNREALPERSON_CACHE"),
        PeopleCache()._locked("0" * 32, wait=True),  # pyright: ignore[reportPrivateUsage]
    ):
        pytest.fail("nobody else would know that this person is being built")
