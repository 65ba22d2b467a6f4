"""``/object``: actors of the level, their place, colour and visibility; spawning."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np

from synth_workers.coordinates import to_world
from synth_workers.engine.dialects import Generation
from synth_workers.engine.dispatcher import CommandError
from synth_workers.engine.engine import Engine
from synth_workers.engine.figures import body_to_engine, bound_points, skinning_palette
from synth_workers.engine.world import CUBE_CLASS, Actor, Kind, Triple

PLACE = "[float] [float] [float]"
_WORLD_MAX = 2_097_152.0  # cm, Unreal's
_MAX_SCALE = 1000.0


def triple(values: Triple, digits: int = 3) -> str:
    """Three numbers as UnrealCV prints them."""
    return " ".join(f"{value:.{digits}f}" for value in values)


def numbers(x: str, y: str, z: str, limit: float = _WORLD_MAX) -> Triple:
    """Three captured numbers, held within ``limit`` as a level's bounds hold its actors."""
    a, b, c = (min(max(float(text), -limit), limit) for text in (x, y, z))
    return (a, b, c)


def coarse_vertices(engine: Engine, actor: Actor) -> np.ndarray:
    """(n, 3) world-space vertices of an actor, cm; a moving one at its lowest detail."""
    if actor.kind is Kind.SCENERY:
        cells = engine.level.geometry.cells
        return to_world(np.concatenate([cell.vertices["position"] for cell in cells]))
    appearance = engine.builder.appearance(actor) if actor.kind.drawn else None
    if appearance is None:
        return np.asarray([actor.location])
    coarse = appearance.person.lods[-1].vertices
    palette = skinning_palette(appearance.person, actor)
    rest = np.concatenate([coarse["position"], np.ones((len(coarse), 1), "f4")], axis=1)
    bone = coarse["bones"][np.arange(len(coarse)), coarse["weights"].argmax(axis=1)]
    return to_world(bound_points(palette, bone.tolist(), rest))


def bones_json(engine: Engine, actor: Actor, words: tuple[str, ...]) -> str:
    """Joints of a person: JSON list of name and location, cm (component: body's own frame)."""
    spaces = {"world", "component"}
    space = next((word for word in words if word in spaces), "component")
    wanted = [word for word in words if word not in spaces]
    appearance = engine.builder.appearance(actor) if actor.kind is Kind.PERSON else None
    if appearance is None:
        raise CommandError("Object has no SkeletalMeshComponent")
    person = appearance.person
    palette = skinning_palette(person, actor)
    places = bound_points(palette, person.joint_bones, person.joints)
    if space == "component":
        root = body_to_engine(actor)
        body = (places - root[:, 3]) @ np.linalg.pinv(root[:, :3]).T
        places = body[:, [2, 0, 1]] * [100, -100, 100]  # forward, right, up
    else:
        places = to_world(places)
    names = wanted[0].split(",") if wanted else person.joint_names
    unknown = [name for name in names if name not in person.joint_names]
    if unknown:
        raise CommandError(f"Can not find bone {unknown[0]}")
    rows = [
        {"name": name, "location": [round(v, 3) for v in places[i].tolist()]}
        for i, name in enumerate(person.joint_names)
        if name in names
    ]
    return json.dumps(rows)


def register(engine: Engine) -> None:
    """Add the object commands."""
    _register_states(engine)
    _register_lives(engine)
    _register_details(engine)


def _register_states(engine: Engine) -> None:
    dialect, actor = engine.dialect, engine.actor

    def names() -> str:
        if dialect.lists_paint:
            engine.world.paint_everybody()
        return " ".join(engine.world.actors) + dialect.list_end

    def getter(what: str, digits: int) -> Callable[[str], str]:
        return lambda name: triple(getattr(actor(name), what), digits)

    def setter(what: str, limit: float = _WORLD_MAX) -> Callable[[str, str, str, str], None]:
        def set_it(name: str, x: str, y: str, z: str) -> None:
            moving = actor(name)
            if moving.movable:
                setattr(moving, what, numbers(x, y, z, limit))
                if moving.kind.drawn:  # a camera takes other pictures then, but changes none
                    engine.world.touch()

        return set_it

    def get_colour(name: str) -> str:
        r, g, b = actor(name).colour
        return f"(R={r},G={g},B={b},A=255)"

    def set_colour(name: str, r: str, g: str, b: str) -> None:
        # Channels wrap like the 8-bit integers they become.
        painted = actor(name)
        painted.colour = (int(r or 0) & 255, int(g or 0) & 255, int(b or 0) & 255)
        painted.painted = True

    def set_hidden(name: str, hidden: bool) -> None:
        changing = actor(name)
        if changing.hidden != hidden:
            changing.hidden = hidden
            engine.world.touch()

    every, newer = engine.adder(Generation.ALL), engine.adder(Generation.FROM_427)
    digits = dialect.place_digits
    every("vget /objects", names, "Get the names of all objects")
    for what, described in (("location", "location, cm"), ("rotation", "pitch yaw roll, degrees")):
        own = f"/object/[str]/{what}"
        every(f"vget {own}", getter(what, digits), f"Get an object's {described}")
        every(f"vset {own} {PLACE}", setter(what), f"Set an object's {described}")
    newer("vget /object/[str]/scale", getter("scale", 3), "Get an object's scale")
    newer(f"vset /object/[str]/scale {PLACE}", setter("scale", _MAX_SCALE), "Set an object's scale")
    every("vget /object/[str]/color", get_colour, "Get an object's mask colour")
    every(
        "vset /object/[str]/color [uint] [uint] [uint]", set_colour, "Set an object's mask colour"
    )
    every("vset /object/[str]/show", lambda name: set_hidden(name, False), "Show an object")
    every("vset /object/[str]/hide", lambda name: set_hidden(name, True), "Hide an object")


def _register_lives(engine: Engine) -> None:
    dialect, actor = engine.dialect, engine.actor

    def spawn(uclass: str, name: str = "") -> str:
        if name in engine.world.actors:
            raise CommandError(dialect.name_taken.format(name))
        return engine.world.spawn(uclass, name or None).name

    def spawn_cube(name: str = "") -> str | None:
        cube = engine.world.spawn(CUBE_CLASS, None if dialect.silent_cubes else name or None)
        return None if dialect.silent_cubes else cube.name

    def rename(name: str, new: str) -> None:
        engine.world.rename(actor(name), new)

    newer, named = engine.adder(Generation.FROM_PAPER), engine.adder(Generation.FROM_427)
    oldest = engine.adder(Generation.V0310)
    oldest("vget /object/[str]/name", lambda name: actor(name).name, "Get an object's name")
    newer("vset /object/[str]/name [str]", rename, "Rename an object")
    newer("vset /object/[str]/destroy", lambda name: engine.world.destroy(actor(name)),
          "Destroy an object")  # fmt: skip
    newer("vset /objects/spawn [str]", spawn, "Spawn an object of a class")
    named("vset /objects/spawn [str] [str]", spawn, "Spawn an object under a name")
    newer("vset /objects/spawn_cube", spawn_cube, "Spawn a cube")
    newer("vset /objects/spawn_cube [str]", spawn_cube, "Spawn a cube under a name")


def _register_details(engine: Engine) -> None:
    actor = engine.actor

    def get_bounds(name: str) -> str:
        places = coarse_vertices(engine, actor(name))
        return " ".join(f"{value:.2f}" for value in (*places.min(axis=0), *places.max(axis=0)))

    def vertices(name: str) -> str:
        return "".join(
            f"{x:.5f}     {y:.5f}     {z:.5f}\n" for x, y, z in coarse_vertices(engine, actor(name))
        )

    def mobility(name: str) -> str:
        return "Movable" if actor(name).movable else "Static"

    def class_name(name: str) -> str:
        found = actor(name).uclass
        return "Actor" if engine.dialect.plain_class_names else found

    def set_label(name: str, label: str) -> None:
        actor(name).label = label

    def material(name: str, *arguments: str) -> str:
        actor(name)
        raise CommandError("Not Implemented: materials belong to the editor; use vbp set_mat")

    def bones(name: str, *words: str) -> str:
        return bones_json(engine, actor(name), words)

    every, newer = engine.adder(Generation.ALL), engine.adder(Generation.FROM_PAPER)
    sized, five = engine.adder(Generation.FROM_427), engine.adder(Generation.FROM_52)
    own = "/object/[str]"
    every(f"vget {own}/mobility", mobility, "Get whether an object can move")
    sized(f"vget {own}/bounds", get_bounds, "Get an object's lowest and highest corner, cm")
    newer(f"vget {own}/vertex_location", vertices, "Get an object's vertices, cm")
    newer(f"vget {own}/uclass_name", class_name, "Get an object's class")
    newer(f"vget {own}/label", lambda n: actor(n).label or actor(n).name, "Get an object's label")
    newer(f"vset {own}/label [str]", set_label, "Set an object's label")
    five(f"vget {own}/material", material, "Get an object's materials")
    five(f"vset {own}/material [uint] [str]", material, "Set a material of an object")
    for count in range(3):
        engine.adder(Generation.V110)(
            f"vget {own}/bones" + " [str]" * count, bones,
            "Get joints as JSON: names separated by commas, space world or component",
        )  # fmt: skip
