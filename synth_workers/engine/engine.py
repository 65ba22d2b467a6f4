"""One running level: the world, how it is drawn, and the light it stands in."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from synth_workers.engine.captures import Captures
from synth_workers.engine.crowd import Crowd
from synth_workers.engine.dialects import Dialect, Generation
from synth_workers.engine.dispatcher import CommandError, Dispatcher, Handler
from synth_workers.engine.faults import Faults
from synth_workers.engine.figures import FigureBuilder
from synth_workers.engine.ground_truth import Solids
from synth_workers.engine.renderer import Renderer
from synth_workers.engine.walkers import Walkers
from synth_workers.engine.world import Actor, World
from synth_workers.processes.scratch import scratch_folder
from synth_workers.scenes.description import SceneDescription
from synth_workers.scenes.geometry import SceneGeometry


@dataclass(frozen=True)
class Level:
    """A scene as the engine needs it: its description and its geometry."""

    description: SceneDescription
    geometry: SceneGeometry


@dataclass(frozen=True)
class EngineSettings:
    """What the command line decides. Sizes in pixels, ``fov`` horizontal degrees.

    ``materials``: the only folder that pictures of materials are read from; None: none are.
    """

    width: int = 1280
    height: int = 720
    fov: float = 90.0
    supersampling: float = 1.25
    jpeg_quality: int = 95
    device: str = "auto"
    materials: Path | None = None


class Engine:
    """A level with people, and everything commands act upon."""

    def __init__(
        self,
        load_level: Callable[[str], Level],
        scene: str,
        crowd: Crowd,
        settings: EngineSettings,
        dialect: Dialect,
        folder: Path | None = None,
        faults: Faults | None = None,
    ) -> None:
        """``load_level``: scene name -> level; also used when a client changes the level.

        ``folder``: where captures named by file are written; a temporary one by default.
        """
        self._closing = ExitStack()
        self.folder = folder or self._closing.enter_context(scratch_folder("engine"))
        self.faults = faults or Faults()
        self.settings = settings
        self.dialect = dialect
        self.crowd = crowd
        self.port = 0
        self.client_connected = False
        self.viewmode = "lit"
        self.dispatcher = Dispatcher(dialect.no_handler, dialect.require_equal_verb)
        self._load_level = load_level
        try:
            self.renderer = Renderer(settings.device, settings.supersampling)
            self._closing.callback(self.renderer.close)
            self._open(scene)
        except BaseException:
            self.close()
            raise

    def enter(self, scene: str) -> None:
        """Load another scene, or the same one anew; actors, cameras and colours start afresh, and
        people are those of the crowd file as it is now."""
        self.crowd = self.crowd.renewed()
        self._open(scene)

    def _open(self, scene: str) -> None:
        level = self._load_level(scene)
        self.level = level
        self.world = World(scene, self.settings.width, self.settings.height, self.settings.fov)
        self.world.paints_spawned = self.dialect.paints_spawned
        if level.description.cameras:
            first = level.description.cameras[0]
            pawn = self.world.cameras[0]
            pawn.actor.location, pawn.actor.rotation = first.location, first.rotation
        self.renderer.set_scene(level.geometry)
        self.builder = FigureBuilder(self.crowd)
        self.captures = Captures(self.world, self.renderer, self.builder, self.faults)
        self.solids = Solids(self.captures, self.builder)
        self.walkers = Walkers(self.world, level.description.walk, self.crowd)
        self.lights = level.description.lights or tuple(level.geometry.lights)
        self.set_light(self.lights[0])
        _give_back_memory()

    def close(self) -> None:
        """Give up the OpenGL context and remove the temporary folder, if there is one."""
        self._closing.close()

    def adder(self, generations: Generation) -> Callable[[str, Handler, str], None]:
        """What registers template, handler and description of commands that exist in some
        ``generations``: it does nothing if the dialect knows none of them."""
        known = self.dialect.generations
        if known is None or known & generations:
            return self.dispatcher.register
        return lambda template, handler, description: None

    def execute(self, command: str) -> str | bytes:
        """Carry out one command at the present moment of the level's time."""
        self.walkers.advance()
        return self.dispatcher.dispatch(command)

    def actor(self, name: str) -> Actor:
        """The actor called ``name``, else the dialect's error."""
        return self.world.actor(name, self.dialect.unknown_object.format(name))

    def set_light(self, name: str) -> None:
        """Switch to a light preset by name."""
        preset = self.level.geometry.lights.get(name)
        if preset is None:
            raise CommandError(
                f"Unknown light '{name}', scene {self.world.scene} has: {' '.join(self.lights)}"
            )
        self.light = name
        self.renderer.set_light(preset)
        self.world.touch()


def _give_back_memory() -> None:
    """Return to the system what the last scene held, of which the allocator would keep most."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # of the GNU C library
    if trim is not None:
        trim(0)
