"""What precedes the network in an exported model, as a graph of ONNX: resizing, normalisation.

The loader averages areas where a picture shrinks much and interpolates otherwise
(``training.data.decoding.resize_into``). ONNX has no such filter, but resizing is a product with a
matrix a side, whose weights follow from the picture's size: they are computed in the graph, and
what comes out is the loader's picture but for the rounding of single pixels.
"""

from __future__ import annotations

from collections.abc import Iterator

import onnx
from onnx import parser

from training.exported.form import PICTURES, Form, PicturesAs

COLOURS = "colours"
"""(N, 3, height, width) float32, normalised: what comes out."""

PREFIX = "front_"
"""How the names of its nodes begin."""
_LINEAR_SHRINK = 1.5
"""As the loader's."""


def front(
    form: Form,
    size: tuple[int, int],
    mean: tuple[float, ...],
    std: tuple[float, ...],
    ir_version: int,
) -> onnx.ModelProto:
    """From pictures as ``form`` says to what a network of ``size`` (height, width) is given."""
    height, width = size
    sides = ("height", "width") if form.resize else (height, width)
    shape = "batch, {}, {}, 3" if form.pictures is PicturesAs.uint8 else "batch, 3, {}, {}"
    kind = "uint8" if form.pictures is PicturesAs.uint8 else "float"
    body = "\n".join(_steps(form, size, mean, std))
    text = f"""
    <ir_version: {ir_version}, opset_import: ["" : {form.opset}]>
    front ({kind}[{shape.format(*sides)}] {PICTURES})
        => (float[batch, 3, {height}, {width}] {COLOURS}) {{
    {body}
    }}"""
    found = parser.parse_model(text)
    for number, node in enumerate(found.graph.node):
        node.name = f"{PREFIX}{number}"
    return found


def _steps(
    form: Form, size: tuple[int, int], mean: tuple[float, ...], std: tuple[float, ...]
) -> Iterator[str]:
    # Grey levels of bytes, shares of 1 of floats.
    white = 255.0 if form.pictures is PicturesAs.uint8 else 1.0
    at = "front_in"
    if form.pictures is PicturesAs.uint8:
        yield f"front_planes = Transpose <perm = [0, 3, 1, 2]> ({PICTURES})"
        yield f"{at} = Cast <to = {onnx.TensorProto.FLOAT}> (front_planes)"
    else:
        yield f"{at} = Identity ({PICTURES})"
    if form.resize:
        yield from _resizing(at, size)
        at = "front_resized"
        if form.pictures is PicturesAs.uint8:
            # Means go to the nearest level. Interpolation in OpenCV's whole numbers cuts off an
            # eighth of a level on average, which all of a picture would be too light by.
            yield _constant("front_to_nearest", "float", [0.5])
            yield _constant("front_cut_off", "float", [0.375])
            yield "front_rise = Where (front_mean_area, front_to_nearest, front_cut_off)"
            yield f"front_raised = Add ({at}, front_rise)"
            yield "front_levels = Floor (front_raised)"
            at = "front_levels"
    if form.normalise:
        yield _constant("front_mean", "float[1, 3, 1, 1]", [value * white for value in mean])
        yield _constant("front_scale", "float[1, 3, 1, 1]", [1 / (v * white) for v in std])
        yield f"front_centred = Sub ({at}, front_mean)"
        yield f"{COLOURS} = Mul (front_centred, front_scale)"
    else:
        yield f"{COLOURS} = Identity ({at})"


def _resizing(picture: str, size: tuple[int, int]) -> Iterator[str]:
    """``front_resized`` of ``picture`` (N, 3, H, W): averaged areas if both sides shrink and one
    much; else interpolated, between areas if one side shrinks much."""
    yield _constant("front_zero", "double", [0.0])
    yield _constant("front_half", "double", [0.5])
    yield _constant("front_one", "double", [1.0])
    yield _constant("front_much", "double", [_LINEAR_SHRINK])
    yield f"front_shape = Shape <start = 2> ({picture})"
    yield f"front_sizes = Cast <to = {onnx.TensorProto.DOUBLE}> (front_shape)"
    yield _constant("front_wanted", "double[2]", list(size))
    yield "front_shrinks = Div (front_sizes, front_wanted)"
    yield "front_most = ReduceMax <keepdims = 0> (front_shrinks)"
    yield "front_least = ReduceMin <keepdims = 0> (front_shrinks)"
    yield "front_area = Greater (front_most, front_much)"
    yield "front_both = GreaterOrEqual (front_least, front_one)"
    yield "front_mean_area = And (front_area, front_both)"
    for side, name in enumerate(("tall", "wide")):
        yield from _weights(name, side, size[side])
    yield f"front_rows = MatMul (tall_weights, {picture})"
    yield "wide_turned = Transpose <perm = [1, 0]> (wide_weights)"
    yield "front_resized = MatMul (front_rows, wide_turned)"


def _weights(name: str, side: int, wanted: int) -> Iterator[str]:
    """``{name}_weights`` (wanted, given) float32 of one side."""
    lines = f"""
    index = Constant <value = int64 {{{side}}}> ()
    given = Gather (front_sizes, index)
    shrink = Gather (front_shrinks, index)
    last = Sub (given, front_one)
    in = Range (front_zero, given, front_one)
    in_end = Add (in, front_one)
    out_end = Add (out, front_one)
    begin = Mul (out, shrink)
    end = Mul (out_end, shrink)
    low = Max (begin, in)
    high = Min (end, in_end)
    overlap = Sub (high, low)
    covered = Max (overlap, front_zero)
    share = Div (covered, shrink)
    whole = Floor (begin)
    whole_end = Add (whole, front_one)
    back = Div (whole_end, shrink)
    into = Sub (out_end, back)
    into_least = Max (into, front_zero)
    into_whole = Floor (into_least)
    part = Sub (into_least, into_whole)
    between = Add (whole, part)
    middle = Add (out, front_half)
    middle_in = Mul (middle, shrink)
    centre = Sub (middle_in, front_half)
    place = Where (front_area, between, centre)
    place_least = Max (place, front_zero)
    place_in = Min (place_least, last)
    off = Sub (place_in, in)
    distance = Abs (off)
    near = Sub (front_one, distance)
    linear = Max (near, front_zero)
    chosen = Where (front_mean_area, share, linear)
    weights = Cast <to = {onnx.TensorProto.FLOAT}> (chosen)
    """
    yield _constant(f"{name}_out", f"double[{wanted}, 1]", list(range(wanted)))
    own = [line.split(" = ")[0].strip() for line in lines.strip().splitlines()]
    for line in lines.strip().splitlines():
        yield _renamed(line, {word: f"{name}_{word}" for word in (*own, "out")})


def _renamed(line: str, names: dict[str, str]) -> str:
    target, call = line.strip().split(" = ", 1)
    operator, opened, arguments = call.rpartition("(")
    words = [word.strip() for word in arguments.rstrip(")").split(",")]
    return f"{names[target]} = {operator}{opened}{', '.join(names.get(w, w) for w in words)})"


def _constant(name: str, kind: str, values: list[float]) -> str:
    told = ", ".join(repr(float(value)) for value in values)
    return f"{name} = Constant <value = {kind} {{{told}}}> ()"
