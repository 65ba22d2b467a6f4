"""A level of the ``person`` contract in a hundred lines: people are upright rectangles.

Answers what a scripted server passes on. ``truth``, ``jpg``, ``look``, ``moments`` and ``channels``
(of ground truth) switch the extras of the embedded engine on; hooks let tests spoil what a camera
sees.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256

import cv2
import numpy as np
import simplejpeg
from PIL import Image

from synth_workers.coordinates import project, rotation_axes
from synth_workers.moments import Moment, Part, pack_moment

REACH, RADIUS = 180.0, 28.0


@dataclass
class ToyPerson:
    """One actor of the person class."""

    colour: tuple[int, int, int] = (255, 255, 255)
    location: tuple[float, ...] = (0.0, 0.0, 0.0)
    hidden: bool = False
    state: dict[str, str] = field(default_factory=dict)


@dataclass
class ToyCamera:
    """One camera actor."""

    location: tuple[float, ...] = (0.0, 0.0, 0.0)
    rotation: tuple[float, ...] = (0.0, 0.0, 0.0)
    fov: float = 90.0
    size: tuple[int, int] = (640, 480)


@dataclass
class ToyLevel:
    """Call it with a command to get the reply."""

    truth: bool = True
    jpg: bool = True
    look: bool = True
    moments: bool = False
    changes_between_cameras: int = 0
    palette_png: bool = True
    channels: bool = False
    spoil_lit: Callable[[np.ndarray], np.ndarray] = lambda image: image
    spoil_mask: Callable[[np.ndarray], np.ndarray] = lambda mask: mask
    people: dict[str, ToyPerson] = field(default_factory=dict)
    cameras: dict[str, ToyCamera] = field(default_factory=dict)
    paused: bool = False
    captured_running: int = 0
    changes: int = 0
    spawned_cameras: int = 0

    def __call__(self, command: str) -> str | bytes:
        verb, *words = command.split()
        if command.startswith("vget /unrealcv/echo "):
            return words[1]
        if command == "vget /objects":
            return " ".join(["Floor", "Wall", *self.people, *self.cameras, ""])
        if command == "vget /cameras":
            return "PawnSensor " + "FusionCameraSensor " * len(self.cameras)
        if command == "vset /cameras/spawn":
            self.spawned_cameras += 1
            name = f"FusionCameraActor_{self.spawned_cameras}"
            # The list of cameras is in hash order: the newest one comes first here.
            self.cameras = {name: ToyCamera(), **self.cameras}
            return name
        if words and words[0] == "/objects/spawn":
            return self._spawn(words[1], words[2])
        if command == "vget /action/game/is_paused":
            return str(self.paused).lower()
        if words and words[0].startswith("/action/game/"):
            self.paused = words[0].endswith("pause")
            return "ok"
        if words and words[0].startswith("/object/"):
            return self._object(verb, words[0].split("/")[2], words[0].split("/")[3], words[1:])
        if words and words[0] == "/people" and self.channels:
            return self._solids()
        if words and words[0] == "/moment" and self.moments:
            return self._moment(words[1], words[2])
        if words and words[0].startswith("/camera/"):
            _, _, number, what = words[0].split("/")
            return self._camera(verb, int(number), what, words[1:])
        if verb == "vbp":
            return self._blueprint(words[0], words[1], words[2:])
        return "ok" if verb == "vrun" else f"error Can not find a handler for URI '{command}'"

    def _spawn(self, kind: str, name: str) -> str:
        if kind != "BP_Person_C":
            return f"error Can not find a class with name '{kind}'"
        self.people[f"{name}_1"] = ToyPerson()
        return f"{name}_1"

    def _object(self, verb: str, name: str, what: str, words: list[str]) -> str:
        if name in ("Floor", "Wall"):
            return "ok"
        if what == "destroy":
            self.people.pop(name, None)
            self.cameras.pop(name, None)
            return "ok"
        if name in self.cameras:
            if what == "location":
                self.cameras[name].location = tuple(map(float, words))
            return "ok"
        if name not in self.people:
            return "error Can not find object"
        person = self.people[name]
        if verb == "vget" and what == "location":
            return " ".join(f"{value:.3f}" for value in person.location)
        if verb == "vget":
            red, green, blue = person.colour
            return f"(R={red},G={green},B={blue},A=255)"
        if what == "color":
            person.colour = (int(words[0]), int(words[1]), int(words[2]))
        elif what == "location":
            person.location = tuple(map(float, words))
        elif what in ("hide", "show"):
            person.hidden = what == "hide"
        return "ok"

    def _moment(self, numbers: str, wanted: str) -> bytes:
        parts = []
        for camera in map(int, numbers.split(",")):
            for mode, form in (name.split(".") for name in wanted.split(",")):
                reply = self._camera("vget", camera, mode, [form])
                data = reply if isinstance(reply, bytes) else reply.encode()
                parts.append(Part(camera, mode, form, 7 + self.changes, data))
            self.changes += self.changes_between_cameras
        standing = repr([(one.location, one.hidden, one.state) for one in self.people.values()])
        return pack_moment(Moment(sha256(standing.encode()).hexdigest()[:32], tuple(parts)))

    def _blueprint(self, actor: str, function: str, words: list[str]) -> str:
        if actor in self.people and function in ("set_app", "set_anim", "set_next", "set_gone"):
            self.people[actor].state[function] = " ".join(words)
            return "{}"
        return "{}" if function == "set_look" and self.look else "error Argument Invalid"

    def _camera(self, verb: str, number: int, what: str, words: list[str]) -> str | bytes:
        if what == "pose" or (what == "people" and not self.truth):
            return f"error Can not find a handler for URI '{verb} /camera/{number}/{what}'"
        if number == 0:
            return "0.000 0.000 0.000"
        if number > len(self.cameras):
            return "error Invalid sensor id"
        camera = list(self.cameras.values())[number - 1]
        if verb == "vset":
            value = tuple(map(float, words))
            if what == "size":
                camera.size = (int(words[0]), int(words[1]))
            elif what == "fov":
                camera.fov = value[0]
            else:
                setattr(camera, what, value)
            return "ok"
        if what == "location":
            return " ".join(f"{value:.3f}" for value in camera.location)
        if what == "people" and self.truth:
            return self._ground_truth(camera)
        if what == "lit" and (words == ["png"] or (words == ["jpg"] and self.jpg)):
            self.captured_running += not self.paused
            return self._encoded_lit(self.spoil_lit(self._draw(camera)[0]), words[0])
        if what == "object_mask":
            self.captured_running += not self.paused
            return self._encoded_mask(self.spoil_mask(self._draw(camera)[1]))
        if self.channels and (what, words) == ("depth", ["npy"]):
            buffer = io.BytesIO()
            np.save(buffer, self._depth(camera))
            return buffer.getvalue()
        if self.channels and words == ["npy"] and what in ("instances", "optical_flow"):
            painted = np.any(self._draw(camera)[1] > 0, axis=2)
            numbers = np.where(painted, 1, 256).astype(np.uint16)
            flow = np.repeat(painted[..., None], 2, axis=2).astype(np.float32)
            buffer = io.BytesIO()
            np.save(buffer, numbers if what == "instances" else flow)
            return buffer.getvalue()
        if self.channels and (what, words) == ("semantics", ["png"]):
            return self._encoded_mask(np.zeros((*camera.size[::-1], 3), np.uint8))
        if self.channels and (what, words) == ("normal", ["png"]):
            facing = np.full((*camera.size[::-1], 3), (0, 128, 128), np.uint8)
            return self._encoded_lit(facing, "png")
        return f"error Invalid filename type, filename {' '.join(words)}"

    def _boxes(self, camera: ToyCamera) -> dict[str, tuple[float, list[int]]]:
        right = rotation_axes(camera.rotation)[1] * RADIUS
        boxes: dict[str, tuple[float, list[int]]] = {}
        for name, person in self.people.items():
            root = np.array(person.location)
            corners = [root - right, root + right + np.array([0.0, 0.0, REACH])]
            image = project(corners, camera.location, camera.rotation, camera.fov, *camera.size)
            if not person.hidden and image[:, 2].min() > 10.0:
                x, y = image[:, 0], image[:, 1]
                box = [int(x.min()), int(y.min()), int(x.max()) + 1, int(y.max()) + 1]
                boxes[name] = (float(image[0, 2]), box)
        return dict(sorted(boxes.items(), key=lambda item: -item[1][0]))

    def _draw(self, camera: ToyCamera) -> tuple[np.ndarray, np.ndarray]:
        width, height = camera.size
        lit = np.indices((height, width)).sum(0).astype(np.uint8)[..., None].repeat(3, 2) // 4 + 60
        mask = np.zeros((height, width, 3), np.uint8)
        for name, (_, (x0, y0, x1, y1)) in self._boxes(camera).items():
            area = (slice(max(y0, 0), max(y1, 0)), slice(max(x0, 0), max(x1, 0)))
            mask[area] = self.people[name].colour
            lit[area] = (30 + np.array(self.people[name].colour)) // 2
        return lit, mask

    def _depth(self, camera: ToyCamera) -> np.ndarray:
        depth = np.full(camera.size[::-1], 65504.0, np.float32)
        for away, (x0, y0, x1, y1) in self._boxes(camera).values():
            depth[max(y0, 0) : max(y1, 0), max(x0, 0) : max(x1, 0)] = away
        return depth

    def _ground_truth(self, camera: ToyCamera) -> str:
        mask = self._draw(camera)[1]
        people = [
            {
                "name": name,
                "visible": int((mask == self.people[name].colour).all(axis=2).sum()),
                "full": (box[2] - box[0]) * (box[3] - box[1]),
                "box": box,
                "joints": [[box[0], box[1], depth], [box[2], box[3], depth]],
            }
            for name, (depth, box) in self._boxes(camera).items()
        ]
        return json.dumps({"people": people, "joint_names": ["head", "foot"]})

    def _solids(self) -> str:
        people = [
            {
                "name": name,
                "box": [*person.location[:2], person.location[2] + REACH / 2, 10.0, 2 * RADIUS,
                        REACH, 0.0],
                "joints": [[*person.location[:2], person.location[2] + REACH], person.location],
            }
            for name, person in self.people.items() if not person.hidden
        ]  # fmt: skip
        return json.dumps({"tick": 7 + self.changes, "people": people})

    def _encoded_lit(self, image: np.ndarray, kind: str) -> bytes:
        if kind == "jpg":
            return simplejpeg.encode_jpeg(np.ascontiguousarray(image), quality=90)
        opaque = np.full((*image.shape[:2], 1), 255, np.uint8)
        rgba = np.concatenate([image[..., ::-1], opaque], 2)
        return cv2.imencode(".png", rgba)[1].tobytes()

    def _encoded_mask(self, mask: np.ndarray) -> bytes:
        if not self.palette_png:
            return self._encoded_lit(mask, "png")
        codes = mask.astype(np.uint32) @ np.array([1 << 16, 1 << 8, 1], np.uint32)
        known = sorted({0, *np.unique(codes).tolist()})
        index = np.searchsorted(known, codes).astype(np.uint8)
        image = Image.fromarray(index, mode="P")
        image.putpalette([code >> shift & 255 for code in known for shift in (16, 8, 0)])
        buffer = io.BytesIO()
        image.save(buffer, "PNG")
        return buffer.getvalue()
