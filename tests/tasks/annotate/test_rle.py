"""Run-length encoding against COCO's own library."""

from __future__ import annotations

import numpy as np
import pytest

from manifests.errors import CorruptData
from tasks.annotate.rle import complete_rle, decode_rle, encode_rle

coco_masks = pytest.importorskip("pycocotools.mask")


def masks() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    blob = np.zeros((90, 70), bool)
    blob[20:60, 10:40] = True
    blob[30:35, 20:70] = False
    full = np.ones((40, 30), bool)
    one = np.zeros((40, 30), bool)
    one[39, 29] = True
    first = np.zeros((40, 30), bool)
    first[0, 0] = True
    wide = np.zeros((1080, 1920), bool)
    wide[1000:1080, 1900:1920] = True
    return [blob, full, one, first, wide, *(rng.random((33, 47)) < p for p in (0.05, 0.5, 0.95))]


@pytest.mark.parametrize("mask", masks())
def test_cocos_library_reads_what_we_write_and_we_read_what_it_writes(mask):
    height, width = mask.shape
    ours = encode_rle(mask, 0, 0, height)
    theirs = coco_masks.encode(np.asfortranarray(mask.astype(np.uint8)))
    assert complete_rle(ours, width, height) == theirs["counts"]
    assert np.array_equal(decode_rle(ours, width, height), mask)
    assert np.array_equal(decode_rle(theirs["counts"], width, height), mask)


def test_a_cut_out_mask_is_placed_in_its_frame():
    mask = np.zeros((60, 80), bool)
    mask[11:31, 21:41] = np.random.default_rng(1).random((20, 20)) < 0.5
    ys, xs = np.nonzero(mask)
    x0, y0, x1, y1 = xs.min(), ys.min(), xs.max() + 1, ys.max() + 1
    assert encode_rle(mask[y0:y1, x0:x1], x0, y0, 60) == encode_rle(mask, 0, 0, 60)


def test_nothing_visible():
    assert encode_rle(np.zeros((5, 5), bool), 0, 0, 5) == b""
    assert not decode_rle(b"", 7, 5).any()
    empty = coco_masks.encode(np.zeros((5, 7), np.uint8, order="F"))
    assert complete_rle(b"", 7, 5) == empty["counts"]


def test_what_is_no_mask_of_its_frame_is_corrupt_and_no_accident():
    whole = encode_rle(np.ones((40, 30), bool), 0, 0, 40)
    with pytest.raises(CorruptData, match="do not fit into a frame of 100 pixels"):
        decode_rle(whole, 10, 10)
    with pytest.raises(CorruptData, match="ends within a number"):
        complete_rle(whole[:-1], 30, 40)
