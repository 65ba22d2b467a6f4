"""Pictures of cameras, drawn once per instant and encoded as often as they are asked for."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field, replace

import numpy as np

from synth_workers.engine.drawing import Drawing
from synth_workers.engine.encoding import encode_palette_png
from synth_workers.engine.faults import Faults
from synth_workers.engine.figures import FigureBuilder
from synth_workers.engine.lens_table import ideal_slant, reduce_colour
from synth_workers.engine.renderer import Renderer
from synth_workers.engine.sensor import SensorSettings, expose
from synth_workers.engine.sensor_chains import through_chain
from synth_workers.engine.silhouettes import Silhouette, measure_silhouettes
from synth_workers.engine.view import View
from synth_workers.engine.world import BLACK, Actor, SceneCamera, World

_KEPT_PICTURES = 8
_SKY_DEPTH = 65504.0  # the largest half float, as Unreal stores it

_EXPOSURES = 5  # instants that a picture with motion blur averages

ViewKey = tuple[View, tuple[float, float, float], float]


@dataclass
class _Picture:
    drawing: Drawing
    exposed: dict[SensorSettings, np.ndarray] = field(default_factory=dict)
    silhouettes: list[Silhouette] | None = None


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

    def lit(self, camera: SceneCamera) -> np.ndarray:
        """(height, width, 3) uint8 RGB as the camera's sensor delivers it."""
        picture, sensor = self._picture(camera), camera.sensor
        found = picture.exposed.get(sensor)
        if found is None:
            arriving = reduce_colour(picture.drawing.colour, camera.view())
            found = expose(arriving, sensor, self._renderer.light.noise)
            found = through_chain(found, sensor, lambda: self.depth(camera))
            picture.exposed = {sensor: found}
        return self._faults.lit(found)

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
            if len(self._pictures) > _KEPT_PICTURES:
                self._pictures.popitem(last=False)
        self._pictures.move_to_end(key)
        return found


def _key(camera: SceneCamera) -> ViewKey:
    look = camera.sensor.look
    red, blue = look.white_balance
    exposure = look.exposure * 2.0**camera.exposure_bias
    gain = (exposure * red, exposure, exposure * blue)
    return camera.view(), gain, camera.shutter
