"""An exported model at work, by onnxruntime: pictures in, features out; no torch."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np

from manifests.errors import CorruptData, MissingRequirement, NotFound
from training.exported.form import FEATURES, PICTURES, About, Form, PicturesAs, about_of

_BATCH = 64
_MOST_BYTES = (1 << 31) - 1
NEEDED = (
    "ONNX models need the extra `onnx`, which is not there: "
    'pip install -c constraints.txt -e ".[onnx]"'
)


class ExportedNetwork:
    """A file that ``unrealperson export-model`` wrote, ready to be asked."""

    def __init__(self, content: bytes, where: str) -> None:
        """``content``: of a file; ``where``: what errors call it.

        ``CorruptData`` for other files, also those that name further files, ``MissingRequirement``
        without onnxruntime.
        """
        onnx, runtime = _libraries()
        try:
            proto = onnx.load_model_from_string(content)
        except Exception as error:  # of protobuf, which has no public class for it
            raise CorruptData(f"{where}: no ONNX file: {error}") from None
        metadata = {entry.key: entry.value for entry in proto.metadata_props}
        self.about: About = about_of(metadata, where)
        # A graph may name any file of this machine as the place of its weights.
        if any(_elsewhere(onnx, tensor) for tensor in proto.graph.initializer):
            raise CorruptData(f"{where}: its weights are in other files, which ours never are")
        options = runtime.SessionOptions()
        options.log_severity_level = 3
        options.intra_op_num_threads = _threads()
        # Threads that wait by spinning take the cores from those that decode.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session: Any = runtime.InferenceSession(
                content, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime's own classes are private
            raise CorruptData(
                f"{where}: onnxruntime {runtime.__version__} cannot open it ({str(error)[:300]}); "
                f"it is of opset {self.about.form.opset}: {_made_by(self.about)}"
            ) from None
        given = [one.name for one in self._session.get_inputs()]
        gives = [one.name for one in self._session.get_outputs()]
        if (given, gives) != ([PICTURES], [FEATURES]):
            raise CorruptData(
                f"{where}: takes {given} and gives {gives}, not pictures and features"
            )

    @property
    def size(self) -> tuple[int, int]:
        """Height and width that the network sees."""
        return self.about.height, self.about.width

    def features(self, images: np.ndarray) -> np.ndarray:
        """(N, D) float32 features of length 1 of (N, H, W, 3) uint8 pictures, in bounded batches.

        H and W are the network's own, or any where it resizes itself.
        """
        out = np.empty((len(images), self.about.dimension), np.float32)
        for start in range(0, len(images), _BATCH):
            part = images[start : start + _BATCH]
            given = {PICTURES: as_input(part, self.about.form, self.about.mean, self.about.std)}
            out[start : start + len(part)] = self._session.run([FEATURES], given)[0]
        return out


def load_exported(path: Path) -> ExportedNetwork:
    """Read an exported model; ``NotFound`` if there is none, else as ``ExportedNetwork``."""
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise CorruptData(f"{path}: larger than any model of ours")
        content = path.read_bytes()
    except OSError as error:
        raise NotFound(f"{path}: {error.strerror}") from None
    return ExportedNetwork(content, str(path))


def as_input(
    images: np.ndarray, form: Form, mean: tuple[float, ...], std: tuple[float, ...]
) -> np.ndarray:
    """(N, H, W, 3) uint8 pictures as a model of a form is given them."""
    if form.pictures is PicturesAs.uint8:
        return images
    shares = np.ascontiguousarray(images.transpose(0, 3, 1, 2)).astype(np.float32) / 255
    if form.normalise:
        return shares
    centre, spread = (np.array(of, np.float32).reshape(1, 3, 1, 1) for of in (mean, std))
    return (shares - centre) / spread


def _libraries() -> tuple[Any, Any]:
    try:
        import onnx
        import onnxruntime
    except ImportError as error:
        raise MissingRequirement(f"{NEEDED} ({error})") from None
    return onnx, onnxruntime


def _elsewhere(onnx: Any, tensor: Any) -> bool:
    return tensor.data_location == onnx.TensorProto.EXTERNAL


def _threads() -> int:
    """As many as torch would take: what the environment says, else the cores of this process."""
    told = os.environ.get("OMP_NUM_THREADS", "")
    return int(told) if told.isdigit() and int(told) else len(os.sched_getaffinity(0))


def _made_by(about: About) -> str:
    return ", ".join(f"{name} {version}" for name, version in about.versions.items())
