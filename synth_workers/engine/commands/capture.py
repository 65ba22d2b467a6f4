"""Captures: which mode in which format, as a reply or into a file beside the configuration."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from synth_workers.engine.dialects import Generation
from synth_workers.engine.dispatcher import CommandError
from synth_workers.engine.encoding import encode_bmp, encode_jpeg, encode_npy, encode_png
from synth_workers.engine.engine import Engine
from synth_workers.engine.world import SceneCamera

Encoder = Callable[[SceneCamera], bytes]


def register(engine: Engine) -> None:
    """Add the capture commands of all cameras."""
    captures = Captured(engine)
    every, newer = engine.adder(Generation.ALL), engine.adder(Generation.FROM_PAPER)
    oldest, five = engine.adder(Generation.V0310), engine.adder(Generation.FROM_52)

    def unavailable(number: str, name: str) -> str:
        engine.world.camera(number)
        raise CommandError("Not Implemented: this engine does not compute optical flow")

    # In the oldest generation any other word is a mode that it does not recognise.
    oldest("vget /camera/[uint]/[str] [str]", captures.unrecognised, "Capture a mode")
    for add, mode, what in (
        (every, "lit", "the lit picture"),
        (every, "object_mask", "the object mask"),
        (newer, "seg", "the object mask"),
        (every, "depth", "depth"),
        (every, "normal", "surface normals"),
        (oldest, "plane_depth", "planar depth"),
        (oldest, "vis_depth", "depth to look at"),
    ):
        add(f"vget /camera/[uint]/{mode} [str]", partial(captures.reply, mode), f"Get {what}")
    for mode in ("lit", "object_mask", "depth", "normal"):
        write = partial(captures.to_counted_file, mode)
        oldest(f"vget /camera/[uint]/{mode}", write, f"Write {mode} into the next numbered file")
    five("vget /camera/[uint]/optical_flow [str]", unavailable, "Get optical flow")
    newer("vget /screenshot [str]", partial(captures.reply, "lit", "0"), "Get the pawn's picture")
    oldest("vget /camera/[uint]/screenshot", partial(captures.to_counted_file, "lit"),
           "Write the picture into the next numbered file")  # fmt: skip


class Captured:
    """Encodes captures and writes files."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._counter = 0
        self._encoders: dict[str, dict[str, Encoder]] = {
            "lit": self._picture_encoders(lambda camera: engine.captures.lit(camera)),
            "normal": self._picture_encoders(lambda camera: engine.captures.normals(camera)),
            "object_mask": self._mask_encoders(),
            "seg": self._mask_encoders(),
        }
        for mode, depth in (
            ("depth", self._depth),
            ("plane_depth", self._plane_depth),
            ("vis_depth", self._depth_to_look_at),
        ):
            self._encoders[mode] = {"npy": lambda camera, take=depth: encode_npy(take(camera))}

    def reply(self, mode: str, number: str, name: str) -> str | bytes:
        """The capture itself when ``name`` is a format, else the name of the file written."""
        camera = self._engine.world.camera(number)
        form = name.rsplit(".", 1)[-1].lower()
        encoder = self._encoders[mode].get(form)
        if encoder is None:
            raise CommandError(f"Invalid filename type, filename {name}")
        if "." not in name:
            return encoder(camera)
        path = self._path(name)
        self._write(path, encoder(camera))
        return str(path) if self._engine.dialect.name == "0310" else name

    def to_counted_file(self, mode: str, number: str) -> str:
        """Write the next ``%08d`` file and name it completely."""
        form = "npy" if mode == "depth" else "png"
        path = self._engine.folder / f"{self._counter:08d}.{form}"
        self._counter += 1
        self._write(path, self._encoders[mode][form](self._engine.world.camera(number)))
        return str(path)

    def unrecognised(self, number: str, mode: str, name: str) -> str:
        """The oldest generation's answer to an unknown mode."""
        raise CommandError(f"Unrecognized capture mode {mode}")

    def _picture_encoders(self, take: Callable[[SceneCamera], np.ndarray]) -> dict[str, Encoder]:
        engine, dialect = self._engine, self._engine.dialect

        def jpeg(camera: SceneCamera) -> bytes:
            quality = camera.sensor.jpeg_quality or engine.settings.jpeg_quality
            return encode_jpeg(take(camera), quality)

        def npy(camera: SceneCamera) -> bytes:
            picture = take(camera)
            if not dialect.superset:
                opaque = np.full((*picture.shape[:2], 1), 255, np.uint8)
                picture = np.concatenate([picture, opaque], axis=2)
            return encode_npy(picture)

        encoders: dict[str, Encoder] = {
            "png": lambda camera: encode_png(take(camera)),
            "bmp": lambda camera: encode_bmp(take(camera), dialect.stray_bmp),
            "jpg": jpeg,
            "npy": npy,
        }
        return {form: encoders[form] for form in encoders if form in dialect.formats}

    def _mask_encoders(self) -> dict[str, Encoder]:
        engine = self._engine
        encoders = self._picture_encoders(lambda camera: engine.captures.mask(camera))
        encoders.pop("jpg", None)  # a mask that loses colours is none
        if not engine.dialect.rgba_masks:
            encoders["png"] = lambda camera: engine.captures.mask_palette_png(camera)
        return encoders

    def _depth(self, camera: SceneCamera) -> np.ndarray:
        captures, dialect = self._engine.captures, self._engine.dialect
        if dialect.name == "0310":
            return captures.euclidean_depth(camera) / np.float32(100)
        depth = captures.depth(camera)
        return depth.astype(np.float16).astype(np.float32) if dialect.half_depth else depth

    def _plane_depth(self, camera: SceneCamera) -> np.ndarray:
        return self._engine.captures.depth(camera) / np.float32(100)

    def _depth_to_look_at(self, camera: SceneCamera) -> np.ndarray:
        near = np.minimum(self._engine.captures.depth(camera) / np.float32(10_000), 1)
        return near.astype(np.float32)

    def _path(self, name: str) -> Path:
        folder = self._engine.folder.resolve()
        path = (folder / name).resolve()
        if not path.is_relative_to(folder) or path == folder:
            raise CommandError(f"Captures are written below {folder}, not to {name}")
        return path

    def _write(self, path: Path, data: bytes) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        except OSError as error:
            raise CommandError(f"Can not write {path.name}: {error.strerror}") from None
