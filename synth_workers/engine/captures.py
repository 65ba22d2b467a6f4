"""Pictures of cameras, drawn once per instant and encoded as often as they are asked for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from manifests.channels import CLASSES
from synth_workers.channels import CLASS_COLOURS
from synth_workers.engine.drawing import Drawing
from synth_workers.engine.encoding import encode_palette_png
from synth_workers.engine.faults import Faults
from synth_workers.engine.figures import FigureBuilder, joint_places
from synth_workers.engine.lens_table import ideal_slant, reduce_colour
from synth_workers.engine.motion_blur import Moving, exposure_time, smear
from synth_workers.engine.renderer import Renderer
from synth_workers.engine.sensor import SensorSettings, expose
from synth_workers.engine.sensor_chains import through_chain
from synth_workers.engine.silhouettes import Silhouette, measure_silhouettes
from synth_workers.engine.view import View
from synth_workers.engine.world import BLACK, Actor, Kind, SceneCamera, World
from synth_workers.lens import IDEAL, distortion_factor

KEPT_PICTURES = 8
_SKY_DEPTH = 65504.0  # the largest half float, as Unreal stores it

_PERSON, _OBJECT = CLASSES.index("person"), CLASSES.index("object")

_NOWHERE = 1e8  # tangents beyond it are of nothing
_EXPOSURES = 5  # instants that a picture with motion blur averages

ViewKey = tuple[View, tuple[float, float, float], float]


@dataclass
class _Picture:
    drawing: Drawing
    exposed: dict[SensorSettings, np.ndarray] = field(default_factory=dict)
    silhouettes: list[Silhouette] | None = None
    labels: np.ndarray | None = None


class Captures:
    """Draws the world through its cameras."""

    def __init__(
        self, world: World, renderer: Renderer, builder: FigureBuilder, faults: Faults
    ) -> None:
        self._world = world
        self._renderer = renderer
        self._builder = builder
        self._faults = faults
        self._pictures: OrderedDict[ViewKey, _Picture] = OrderedDict()
        self._version = -1
        self.drawn: list[Actor] = []
        """The actors behind ids 1, 2, … of the latest picture."""

    @property
    def tick(self) -> int:
        """The count of changes to the world that pictures drawn now show."""
        return self._version

    def expect(self, cameras: Sequence[SceneCamera]) -> None:
        """Say that what all ``cameras`` see of this instant is drawn next."""
        self.sync()
        new = {key for key in map(_key, cameras) if key not in self._pictures and not key[2]}
        self._renderer.expect([view for view, _, _ in new])

    def draw(self, camera: SceneCamera) -> bool:
        """Draw what ``camera`` sees; whether its lit picture and mask need nothing more of the
        level now (sensors that blur by depth and shutters that stay open do)."""
        self._picture(camera)
        return camera.sensor.chain == "scene" and not camera.sensor.exposure

    def lit(self, camera: SceneCamera) -> np.ndarray:
        """(height, width, 3) uint8 RGB as the camera's sensor delivers it."""
        picture, sensor = self._picture(camera), camera.sensor
        found = picture.exposed.get(sensor)
        if found is None:
            found = through_chain(
                self._arriving(camera),
                sensor,
                lambda: self.depth(camera),
                lambda seconds: self._arriving(camera, seconds),
            )
            picture.exposed = {sensor: found}
        return self._faults.lit(found)

    def _arriving(self, camera: SceneCamera, later: float = 0.0) -> np.ndarray:
        """The picture as the lens and the scene's look let it through, with people where they are
        ``later`` seconds after the instant."""
        arriving = reduce_colour(self._picture(camera).drawing.colour, camera.view())
        if camera.sensor.exposure or later:
            arriving = self._smeared(camera, arriving, later)
        return expose(arriving, camera.sensor, self._renderer.light.noise)

    def _smeared(self, camera: SceneCamera, picture: np.ndarray, later: float) -> np.ndarray:
        """The picture as a shutter that is open for a while lets it in, ``later`` seconds after."""
        view, ids, sensor = camera.view(), self.ids(camera), camera.sensor
        half = exposure_time(sensor.exposure, sensor.camera, picture) / 2
        apart = 2 * (half + later)
        span = (later - half) / apart, (later + half) / apart
        labels = [int(label) for label in np.flatnonzero(np.bincount(ids.ravel())) if label]
        actors = [self.drawn[label - 1] for label in labels]
        moments = [self._builder.build_later(actors, when) for when in (-apart / 2, apart / 2)]
        people: list[Moving] = []
        for label, actor, opening, closing in zip(labels, actors, *moments):
            if actor.kind is not Kind.PERSON:
                continue
            places = [view.project(joint_places(figure)) for figure in (opening, closing)]
            known = np.isfinite(places).all(axis=(0, 2))
            if known.any():
                before, after = (place[known, :2] for place in places)
                distance = float(np.linalg.norm(closing.root - view.eye))
                people.append(Moving(label, distance, before, after))
        return smear(picture, ids, people, span)

    def ids(self, camera: SceneCamera) -> np.ndarray:
        """(height, width) uint8: 0 background, i the i-th of ``drawn``."""
        return self._picture(camera).drawing.ids

    def depth(self, camera: SceneCamera) -> np.ndarray:
        """(height, width) float32 planar depth in centimetres."""
        view = camera.view()
        metres = self._renderer.read_depth(view, self._picture(camera).drawing)
        if metres is None:
            self._pictures.pop(_key(camera), None)
            metres = self._renderer.read_depth(view, self._picture(camera).drawing)
        assert metres is not None, "a picture drawn just now is still there"
        return np.minimum(metres * 100, _SKY_DEPTH).astype(np.float32)

    def euclidean_depth(self, camera: SceneCamera) -> np.ndarray:
        """(height, width) float32 distance from the camera in centimetres."""
        return (self.depth(camera) * ideal_slant(camera.view())).astype(np.float32)

    def normals(self, camera: SceneCamera) -> np.ndarray:
        """(height, width, 3) uint8: world normals as n * 127.5 + 127.5, black for the sky."""
        self._picture(camera)
        return self._renderer.draw_normals(camera.view())

    def labels(self, camera: SceneCamera) -> np.ndarray:
        """(height, width) uint32 ``number << 8 | class``: pieces of the scene as ``scenes.labels``
        has it, people by their row in ``drawn`` + 1, 0 for the sky."""
        picture = self._picture(camera)
        if picture.labels is None:
            scenery = self._renderer.draw_labels(camera.view())
            ids = picture.drawing.ids.astype(np.uint32)
            kinds = [_OBJECT if a.kind is Kind.CUBE else _PERSON for a in self.drawn]
            own = np.arange(len(kinds) + 1, dtype=np.uint32) << 8
            own[1:] |= np.array(kinds, np.uint32)
            picture.labels = np.where(ids > 0, own[ids], scenery)
        return picture.labels

    def flow(self, camera: SceneCamera) -> np.ndarray:
        """(height, width, 2) float32: by how many pixels to the right and down what is seen moves
        to the next tick (``Actor.following``); NaN where it is gone or behind the camera then."""
        view, ids = camera.view(), self.ids(camera)
        flow = np.zeros((*ids.shape, 2), np.float32)
        seen = ids > 0
        if not seen.any():
            return flow
        palettes = self._builder.next_palettes(self.drawn)
        drawn = self._renderer.draw_flow(view, palettes)[seen].astype(np.float64)
        now, then = (_through_lens(drawn[:, part], view) for part in (slice(2), slice(2, 4)))
        moved = (then - now) * view.focal * (1, -1)
        gone = np.array([False, *(actor.following is None for actor in self.drawn)])
        moved[gone[ids[seen]] | (drawn[:, 2] > _NOWHERE)] = np.nan
        flow[seen] = moved
        return flow

    def semantics_png(self, camera: SceneCamera) -> bytes:
        """The class of what each pixel shows (``CLASSES``), as a palette PNG."""
        return encode_palette_png((self.labels(camera) & 255).astype(np.uint8), CLASS_COLOURS)

    def instances(self, camera: SceneCamera) -> np.ndarray:
        """(height, width) uint16: the numbers of ``labels``."""
        return (self.labels(camera) >> 8).astype(np.uint16)

    def silhouettes(self, camera: SceneCamera) -> list[Silhouette]:
        """Unoccluded silhouettes of the figures in the picture; rows index ``drawn``."""
        picture = self._picture(camera)
        if picture.silhouettes is None:
            picture.silhouettes = measure_silhouettes(self._renderer, camera.view())
        return picture.silhouettes

    def palette(self) -> np.ndarray:
        """(k, 3) uint8 mask colour of every id of the latest picture."""
        background = next(
            (a.colour for a in self._world.actors.values() if a.kind == "scenery"), BLACK
        )
        return np.array([background, *(a.colour for a in self.drawn)], np.uint8)

    def mask_palette_png(self, camera: SceneCamera) -> bytes:
        """The object mask as a palette PNG."""
        return encode_palette_png(*self._mask(camera))

    def mask(self, camera: SceneCamera) -> np.ndarray:
        """The object mask as (height, width, 3) uint8 RGB."""
        ids, colours = self._mask(camera)
        return colours[ids]

    def _mask(self, camera: SceneCamera) -> tuple[np.ndarray, np.ndarray]:
        ids = self._faults.mask_ids(self.ids(camera))
        return ids, self._faults.mask_colours(self.palette())

    def sync(self) -> None:
        """Bring the renderer up to the world's present state."""
        if self._version == self._world.version:
            return
        actors = [actor for actor in self._world.figures() if not actor.hidden]
        figures = self._builder.build(actors)
        self.drawn = [actor for actor in actors if actor.name in self._builder.names]
        self._renderer.set_figures(figures)
        self._pictures.clear()
        self._version = self._world.version

    def _draw(self, view: View, gain: tuple[float, float, float], shutter: float) -> Drawing:
        """The picture of one instant, or the mean over the time the shutter is open.

        Labels are those of the instant in the middle, which is the one the world is in.
        """
        renderer = self._renderer
        if not shutter:
            return renderer.draw(view, gain)
        figures, total = renderer.figures, np.uint16(_EXPOSURES // 2)
        for offset in np.linspace(-0.5, 0.5, _EXPOSURES):
            if offset:
                renderer.set_figures(self._builder.build_later(self.drawn, offset * shutter))
                total = total + renderer.draw(view, gain).colour
        renderer.set_figures(figures)
        middle = renderer.draw(view, gain)  # last: depth can be read of the latest drawing only
        mean = (total + middle.colour) // _EXPOSURES
        return replace(middle, colour=mean.astype(np.uint8))

    def _picture(self, camera: SceneCamera) -> _Picture:
        self.sync()
        key = _key(camera)
        found = self._pictures.get(key)
        if found is None:
            found = self._pictures[key] = _Picture(self._draw(*key))
            if len(self._pictures) > KEPT_PICTURES:
                self._pictures.popitem(last=False)
        self._pictures.move_to_end(key)
        return found


def _through_lens(tangents: np.ndarray, view: View) -> np.ndarray:
    """(n, 2) tangents as the lens shows them."""
    if view.distortion == IDEAL:
        return tangents
    square = (tangents**2).sum(axis=1, keepdims=True)
    return tangents * distortion_factor(square, view.distortion, view.valid_square)


def _key(camera: SceneCamera) -> ViewKey:
    look = camera.sensor.look
    red, blue = look.white_balance
    exposure = look.exposure * 2.0**camera.exposure_bias
    gain = (exposure * red, exposure, exposure * blue)
    return camera.view(), gain, camera.shutter
