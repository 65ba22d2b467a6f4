"""Captures: which mode in which format, as a reply or into a file beside the configuration; several
cameras and modes of one instant as one reply."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import numpy as np

from synth_workers.engine.captures import KEPT_PICTURES
from synth_workers.engine.dialects import Generation
from synth_workers.engine.dispatcher import CommandError
from synth_workers.engine.encoding import encode_bmp, encode_jpeg, encode_npy, encode_png
from synth_workers.engine.engine import Engine
from synth_workers.engine.ground_truth import people_in_view
from synth_workers.engine.world import SceneCamera
from synth_workers.moments import Moment, Part, pack_moment

Encoder = Callable[[SceneCamera], bytes]

_DRAWN_ALREADY = ("lit", "object_mask", "seg", "people")
"""Modes that leave the picture as it is, once it is drawn; depth is read of the latest alone."""

MOST_CAMERAS = KEPT_PICTURES
"""How many cameras one moment shows: their pictures are kept until they are coded."""

_NUMBER = re.compile(r"[0-9]{1,9}")


def register(engine: Engine) -> None:
    """Add the capture commands of all cameras."""
    captures = Captured(engine)
    every, newer = engine.adder(Generation.ALL), engine.adder(Generation.FROM_PAPER)
    oldest, five = engine.adder(Generation.V0310), engine.adder(Generation.FROM_52)
    own = engine.adder(Generation.NONE)

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
    for mode, what in (("semantics", "classes"), ("instances", "numbers")):
        add = partial(captures.reply, mode)
        own(
            f"vget /camera/[uint]/{mode} [str]",
            add,
            f"Get {what} of what is seen (this engine only)",
        )
    own("vget /moment [str] [str]", captures.moment,
        "Get MODE.FORMAT,... of cameras NUMBER,... at one instant (this engine only)")  # fmt: skip
    own("vget /people", lambda: engine.solids.told(),
        "Get boxes and joints of everybody in the world (this engine only)")  # fmt: skip
    flow = partial(captures.reply, "optical_flow") if engine.dialect.superset else unavailable
    five("vget /camera/[uint]/optical_flow [str]", flow, "Get optical flow")
    newer("vget /screenshot [str]", partial(captures.reply, "lit", "0"), "Get the pawn's picture")
    oldest("vget /camera/[uint]/screenshot", partial(captures.to_counted_file, "lit"),
           "Write the picture into the next numbered file")  # fmt: skip


class Captured:
    """Encodes captures and writes files."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._counter = 0
        self._coders = ThreadPoolExecutor(1, "coder")
        self._encoders: dict[str, dict[str, Encoder]] = {
            "people": {"json": self._people},
            "lit": self._picture_encoders(lambda camera: engine.captures.lit(camera)),
            "normal": self._picture_encoders(lambda camera: engine.captures.normals(camera)),
            "object_mask": self._mask_encoders(),
            "seg": self._mask_encoders(),
            "semantics": {"png": lambda camera: engine.captures.semantics_png(camera)},
            "optical_flow": {"npy": lambda camera: encode_npy(engine.captures.flow(camera))},
            "instances": {"npy": lambda camera: encode_npy(engine.captures.instances(camera))},
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

    def moment(self, numbers: str, wanted: str) -> bytes:
        """``wanted`` of all cameras ``numbers``, drawn of the level as it stands (`moments`).

        Whatever cannot be had is an error before anything is drawn.
        """
        cameras = [self._chosen(number) for number in numbers.split(",")]
        if len(cameras) > MOST_CAMERAS:
            raise CommandError(f"Argument Invalid, at most {MOST_CAMERAS} cameras at once")
        asked = [self._asked(name) for name in wanted.split(",")]
        world, captures = self._engine.world, self._engine.captures
        # Coding goes on beside the drawing of the next camera, unless something asked for may have
        # to draw a picture again.
        beside = all(mode in _DRAWN_ALREADY for mode, _, _ in asked)
        drawn: list[tuple[Callable[[bytes], Part], Callable[[], bytes]]] = []
        captures.expect(cameras)
        with ExitStack() as waiting:
            for number, camera in zip(map(int, numbers.split(",")), cameras):
                complete = captures.draw(camera)
                for mode, form, encoder in asked:
                    if beside and complete and mode != "people":
                        later = self._coders.submit(encoder, camera)
                        waiting.callback(wait, [later])
                        coded = later.result
                    else:
                        coded = partial(bytes, encoder(camera))
                    drawn.append((partial(Part, number, mode, form, captures.tick), coded))
        done = tuple(part(coded()) for part, coded in drawn)
        return pack_moment(Moment(world.state(self._engine.light), done))

    def _chosen(self, number: str) -> SceneCamera:
        if not _NUMBER.fullmatch(number):
            raise CommandError(f"Argument Invalid, '{number}' is not the number of a camera")
        return self._engine.world.camera(number)

    def _asked(self, name: str) -> tuple[str, str, Encoder]:
        mode, _, form = name.partition(".")
        encoder = self._encoders.get(mode, {}).get(form)
        if encoder is None:
            known = [f"{m}.{f}" for m, forms in self._encoders.items() for f in forms]
            raise CommandError(f"Argument Invalid, no '{name}'; there are {' '.join(known)}")
        return mode, form, encoder

    def _people(self, camera: SceneCamera) -> bytes:
        engine = self._engine
        return people_in_view(engine.captures, engine.builder, camera).encode()

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
