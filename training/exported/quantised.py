"""An exported model in 8 bits: weights a channel, activations by the ranges of calibration."""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from onnxruntime.quantization import (
    CalibrationDataReader,
    CalibrationMethod,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process

from training.exported.form import PICTURES, Form
from training.exported.front import PREFIX
from training.exported.session import as_input

_PORTION = 16
_QUANTISED = ["Conv", "Add", "Relu", "Clip", "MaxPool", "AveragePool", "GlobalAveragePool"]
_ACTIVATIONS = ("Relu", "Clip")


class _Pictures(CalibrationDataReader):
    def __init__(self, portions: Iterator[np.ndarray]) -> None:
        self._portions = portions

    def get_next(self) -> dict[str, np.ndarray] | None:  # pyright: ignore[reportIncompatibleMethodOverride]
        """The next portion as the session is given it."""
        part = next(self._portions, None)
        return None if part is None else {PICTURES: part}


def quantised(
    exported: onnx.ModelProto,
    images: np.ndarray,
    form: Form,
    mean: tuple[float, ...],
    std: tuple[float, ...],
) -> onnx.ModelProto:
    """The same model, computing in 8 bits; ``images`` (N, H, W, 3) uint8 give the ranges."""
    portions = (
        as_input(images[start : start + _PORTION], form, mean, std)
        for start in range(0, len(images), _PORTION)
    )
    quiet = logging.getLogger()
    level = quiet.level
    quiet.setLevel(logging.ERROR)
    try:
        with tempfile.TemporaryDirectory() as folder:
            whole, prepared, small = (Path(folder) / f"{name}.onnx" for name in "abc")
            onnx.save_model(exported, whole)
            # Normalisation becomes part of the convolutions before ranges are taken.
            quant_pre_process(whole, prepared, skip_symbolic_shape=True)
            quantize_static(
                prepared,
                small,
                _Pictures(portions),
                quant_format=QuantFormat.QDQ,
                op_types_to_quantize=_QUANTISED,
                nodes_to_exclude=_precise(onnx.load_model(prepared)),
                per_channel=True,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                calibrate_method=CalibrationMethod.MinMax,
                extra_options={"CalibMovingAverage": True},
            )
            found = onnx.load_model(small)
    finally:
        quiet.setLevel(level)
    return found


def _precise(prepared: onnx.ModelProto) -> list[str]:
    """Nodes that stay in 32 bits: before the network, and behind its last convolution."""
    nodes = prepared.graph.node
    last = max(at for at, node in enumerate(nodes) if node.op_type == "Conv")
    before = [node.name for node in nodes if node.name.startswith(PREFIX)]
    return before + [node.name for node in nodes[last + 1 :] if node.op_type not in _ACTIVATIONS]
