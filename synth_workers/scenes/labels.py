"""What scenery is, for masks: the class and the number of everything that a scene is made of.

A label is one number per vertex, ``number << 8 | class``: classes are rows of
``manifests.channels.CLASSES``, numbers count the pieces of a scene from ``FIRST_PIECE`` on, in the
order of its file, and are the same for every camera and light.
"""

from __future__ import annotations

from collections.abc import Sequence

from manifests.channels import CLASSES, FIRST_PIECE
from manifests.errors import BadScene
from synth_workers.scenes.placing import Instance

_MOST_PIECES = 65_536 - FIRST_PIECE

PIECES_BY_CLASS = {
    "ground": "bay_lines floor hatching kerb lawn manholes ramp road_arrow steps stripes trail",
    "building": "block column gallery glass_front inner_door inner_wall inner_window kiosk "
    "lift_tower park_pillar pillar shop_unit terrace",
    "ceiling": "beams ceiling ducts glass_roof platform_roof trusses",
    "vegetation": "conifer hedge planter pot_plant tree",
    "vehicle": "bicycle bus car train",
    "furniture": "bench bus_stop cafe_table cabinet checkout counter hospital_bed seat_row stall",
    "shelf": "freezer_chest freezer_wall fruit_table lockers shelf_run",
    "sign": "bay_sign departure_board exit_sign hanging_sign notice_board poster_board "
    "poster_column sign_post station_clock wall_poster",
    "light": "glow lamp pendants strip_lamps",
    "barrier": "barrier bike_rack bollard fence handrail",
    "machine": "copier escalator ticket_gates ticket_machine ticket_post vending_machine",
    "water": "fountain pond",
    "object": "bin bottles cart extinguisher pallet statue trolleys",
}
"""The pieces of the kit by what they are above all."""

_OF_PIECE = {name: kind for kind, names in PIECES_BY_CLASS.items() for name in names.split()}

_OF_MATERIAL = {
    "foliage": "vegetation",
    "shop_signs": "sign",
    "aisle_signs": "sign",
    "road_signs": "sign",
    "posters": "sign",
}
"""What parts of pieces are by their material, whatever the piece is: the sign of a shop."""


def class_of(piece: str, material: str = "") -> int:
    """The class of a part of ``piece``; pieces that the table does not have are objects."""
    return CLASSES.index(_OF_MATERIAL.get(material) or _OF_PIECE.get(piece, "object"))


def label(number: int, piece: str, material: str) -> int:
    """Of a part of the ``number``-th piece of a scene."""
    return (FIRST_PIECE + number) << 8 | class_of(piece, material)


def pieces_table(pieces: Sequence[Instance]) -> dict[int, tuple[str, str]]:
    """By number in masks, every piece of a scene and its class; ``BadScene`` if there are more than
    numbers."""
    if len(pieces) > _MOST_PIECES:
        raise BadScene(
            f"the scene has {len(pieces)} pieces, instances can tell {_MOST_PIECES} apart; "
            "leave instances and semantics out of the recipe's ground_truth"
        )
    return {
        FIRST_PIECE + number: (instance.piece.name, CLASSES[class_of(instance.piece.name)])
        for number, instance in enumerate(pieces)
    }
