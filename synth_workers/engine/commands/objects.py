"""``/object``: actors of the level, their place, colour and visibility; spawning."""

from __future__ import annotations

import numpy as np

from synth_workers.coordinates import to_world
from synth_workers.engine.engine import Engine
from synth_workers.engine.figures import bound_points, skinning_palette
from synth_workers.engine.world import CUBE_CLASS, Actor, Kind, Triple


def triple(values: Triple) -> str:
    """Three numbers as UnrealCV prints them."""
    return f"{values[0]:.3f} {values[1]:.3f} {values[2]:.3f}"


def bounds(engine: Engine, actor: Actor) -> tuple[np.ndarray, np.ndarray]:
    """World-space lowest and highest corner of an actor, cm."""
    if actor.kind is Kind.SCENERY:
        corners = to_world(
            np.concatenate([cell.vertices["position"] for cell in engine.level.geometry.cells])
        )
        return corners.min(axis=0), corners.max(axis=0)
    appearance = engine.builder.appearance(actor) if actor.kind.drawn else None
    if appearance is None:
        place = np.asarray(actor.location)
        return place, place
    coarse = appearance.person.lods[-1].vertices
    palette = skinning_palette(appearance.person, actor)
    rest = np.concatenate([coarse["position"], np.ones((len(coarse), 1), "f4")], axis=1)
    bone = coarse["bones"][np.arange(len(coarse)), coarse["weights"].argmax(axis=1)]
    corners = to_world(bound_points(palette, bone.tolist(), rest))
    return corners.min(axis=0), corners.max(axis=0)


def register(engine: Engine) -> None:
    """Add the object commands."""
    add = engine.dispatcher.register

    def names() -> str:
        return "".join(f"{name} " for name in engine.world.actors)

    def moved(actor: Actor) -> None:
        if actor.kind.drawn:  # a camera that moves takes other pictures, but changes none
            engine.world.touch()

    def set_location(name: str, x: str, y: str, z: str) -> None:
        actor = engine.world.actor(name)
        if actor.movable:
            actor.location = (float(x), float(y), float(z))
            moved(actor)

    def set_rotation(name: str, pitch: str, yaw: str, roll: str) -> None:
        actor = engine.world.actor(name)
        if actor.movable:
            actor.rotation = (float(pitch), float(yaw), float(roll))
            moved(actor)

    def set_scale(name: str, x: str, y: str, z: str) -> None:
        actor = engine.world.actor(name)
        if actor.movable:
            actor.scale = (float(x), float(y), float(z))
            moved(actor)

    def get_colour(name: str) -> str:
        r, g, b = engine.world.actor(name).colour
        return f"(R={r},G={g},B={b},A=255)"

    def set_colour(name: str, r: str, g: str, b: str) -> None:
        # Channels wrap like the 8-bit integers they become.
        engine.world.actor(name).colour = (
            int(r or 0) & 255,
            int(g or 0) & 255,
            int(b or 0) & 255,
        )

    def set_hidden(name: str, hidden: bool) -> None:
        actor = engine.world.actor(name)
        if actor.hidden != hidden:
            actor.hidden = hidden
            engine.world.touch()

    def spawn(uclass: str, name: str = "") -> str:
        return engine.world.spawn(uclass, name or None).name

    def spawn_cube(name: str = "") -> str:
        return engine.world.spawn(CUBE_CLASS, name or None).name

    def get_bounds(name: str) -> str:
        low, high = bounds(engine, engine.world.actor(name))
        return " ".join(f"{value:.2f}" for value in (*low, *high))

    def mobility(name: str) -> str:
        return "Movable" if engine.world.actor(name).movable else "Static"

    def get_label(name: str) -> str:
        actor = engine.world.actor(name)
        return actor.label or actor.name

    def set_label(name: str, label: str) -> None:
        engine.world.actor(name).label = label

    add("vget /objects", names, "Get the names of all objects")
    add("vget /object/[str]/location", lambda n: triple(engine.world.actor(n).location),
        "Get an object's location, cm")  # fmt: skip
    add("vset /object/[str]/location [float] [float] [float]", set_location,
        "Set an object's location, cm")  # fmt: skip
    add("vget /object/[str]/rotation", lambda n: triple(engine.world.actor(n).rotation),
        "Get an object's pitch yaw roll, degrees")  # fmt: skip
    add("vset /object/[str]/rotation [float] [float] [float]", set_rotation,
        "Set an object's pitch yaw roll, degrees")  # fmt: skip
    add("vget /object/[str]/scale", lambda n: triple(engine.world.actor(n).scale),
        "Get an object's scale")  # fmt: skip
    add("vset /object/[str]/scale [float] [float] [float]", set_scale, "Set an object's scale")
    add("vget /object/[str]/bounds", get_bounds, "Get an object's lowest and highest corner, cm")
    add("vget /object/[str]/color", get_colour, "Get an object's mask colour")
    add("vset /object/[str]/color [uint] [uint] [uint]", set_colour,
        "Set an object's mask colour")  # fmt: skip
    add("vset /object/[str]/show", lambda n: set_hidden(n, False), "Show an object")
    add("vset /object/[str]/hide", lambda n: set_hidden(n, True), "Hide an object")
    add("vget /object/[str]/mobility", mobility, "Get whether an object can move")
    add("vget /object/[str]/uclass_name", lambda n: engine.world.actor(n).uclass,
        "Get an object's class")  # fmt: skip
    add("vget /object/[str]/label", get_label, "Get an object's label")
    add("vset /object/[str]/label [str]", set_label, "Set an object's label")
    add("vget /object/[str]/name", lambda n: engine.world.actor(n).name, "Get an object's name")
    add("vset /object/[str]/name [str]", lambda n, new: engine.world.rename(n, new),
        "Rename an object")  # fmt: skip
    add("vset /object/[str]/destroy", lambda n: engine.world.destroy(n), "Destroy an object")
    add("vset /objects/spawn [str]", spawn, "Spawn an object of a class")
    add("vset /objects/spawn [str] [str]", spawn, "Spawn an object of a class under a name")
    add("vset /objects/spawn_cube", spawn_cube, "Spawn a cube")
    add("vset /objects/spawn_cube [str]", spawn_cube, "Spawn a cube under a name")
