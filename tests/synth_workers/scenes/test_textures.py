"""Materials: every painter fills a layer, repeats without a seam and is a function of its seed."""

import numpy as np
import pytest

from manifests.errors import BadScene
from synth_workers.scenes.geometry import TEXTURE_SIZE
from synth_workers.scenes.materials import MATERIALS, atlas_uv, find_material, paint_layers
from synth_workers.scenes.textures.noise import fractal_noise, lattice_noise

GROUNDS = (
    "slabs", "asphalt", "brick", "plaster", "planks", "grass", "terrazzo", "foliage", "herringbone",
    "flagstones", "hexagons", "mosaic", "banded_slabs", "rubble", "parquet", "facade_panels",
    "gravel", "pebbledash", "cobbles", "tarmac", "marble", "carpet", "corrugated", "slats",
)  # fmt: skip


@pytest.fixture(scope="module")
def layers() -> tuple[dict[str, int], np.ndarray]:
    return paint_layers(MATERIALS, seed=5)


def test_every_material_paints_something(layers: tuple[dict[str, int], np.ndarray]) -> None:
    layer_of, images = layers
    assert images.shape[1:] == (TEXTURE_SIZE, TEXTURE_SIZE, 3)
    for name, layer in layer_of.items():
        if layer:
            assert images[layer].std() > 2, name
            assert 20 < images[layer].mean() < 250, name


@pytest.mark.parametrize("name", GROUNDS)
def test_ground_textures_repeat_without_a_seam(
    layers: tuple[dict[str, int], np.ndarray], name: str
) -> None:
    image = layers[1][layers[0][name]].astype(float).mean(axis=2)
    for along in (image, image.T):
        inside = np.abs(np.diff(along, axis=1)).mean(axis=0)
        across = np.abs(along[:, 0] - along[:, -1]).mean()
        assert across <= inside.max() * 1.05


def test_a_layer_depends_on_seed_and_name_but_not_on_company() -> None:
    alone = paint_layers(["brick"], seed=5)
    together = paint_layers(["asphalt", "brick", "slabs"], seed=5)
    other = paint_layers(["brick"], seed=6)
    brick = alone[1][alone[0]["brick"]]
    np.testing.assert_array_equal(brick, together[1][together[0]["brick"]])
    assert not np.array_equal(brick, other[1][other[0]["brick"]])


def test_noise_has_no_seam_and_unit_deviation() -> None:
    rng = np.random.default_rng(1)
    for field in (lattice_noise(rng, 8), fractal_noise(rng, 4)):
        assert field.std() == pytest.approx(1, abs=1e-3)
        seam = np.abs(field[:, 0] - field[:, -1]).mean()
        assert seam <= np.abs(np.diff(field, axis=1)).mean(axis=0).max()


def test_unknown_material_names_the_known_ones() -> None:
    with pytest.raises(BadScene, match="brick"):
        find_material("bricks")


def test_atlas_cells_tile_the_layer() -> None:
    uv = atlas_uv(np.array([0, 1]), np.array([0, 1]), 2, 2, inset=0.0)
    np.testing.assert_allclose(uv[0], [(0, 0.5), (0.5, 0.5), (0.5, 1), (0, 1)])
    np.testing.assert_allclose(uv[1], [(0.5, 0), (1, 0), (1, 0.5), (0.5, 0.5)])
