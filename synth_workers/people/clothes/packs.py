"""Folders of MakeHuman clothes (``.mhclo`` with its ``.obj``): what of them people may wear."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from manifests.errors import BadRecipe
from manifests.files_of_others import files_below
from manifests.licences import UNKNOWN, needs_acknowledgement, same_licence
from manifests.people import GENDERS
from manifests.whole_files import write_whole
from synth_workers.cache_folder import cache_root
from synth_workers.people.body.bodies import BodyData
from synth_workers.people.clothes.catalogue import GarmentCatalogue
from synth_workers.people.clothes.kept_packs import is_kept, keep_pack
from synth_workers.people.clothes.mhclo import fingerprint, read_pack
from synth_workers.people.clothes.pack_slots import BodyParts, NotWornError, worn_as
from synth_workers.people.code_version import reading_version
from synth_workers.people.spec import Slot

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class InstalledPack:
    """A pack in the cache: what specs and dataset cards say about it, and who wears it."""

    digest: str
    name: str
    slot: Slot
    licence: str
    wearers: tuple[str, ...] = GENDERS


_FOUND: TypeAdapter[InstalledPack | str] = TypeAdapter(InstalledPack | str)


def install_packs(
    folder: Path, *, refuse: bool = False, licence: str | None = None
) -> list[InstalledPack]:
    """Keep the garments of every ``.mhclo`` below ``folder`` in the cache; return them by name.

    ``licence``: what the recipe says the packs are under. Unusable files, what is no garment of a
    known slot (hair, teeth, hats), and those whose own words name another licence that is not
    free, are named in the log and left out, or raise ``BadRecipe`` with ``refuse``. Raises it, too,
    when nothing is left.
    """
    if not folder.is_dir():
        raise BadRecipe(
            f"people.clothes_folder {str(folder)!r} is not a folder of clothes packs; correct it."
        )
    installed: list[InstalledPack] = []
    reasons: list[str] = []
    for path in (path for path in files_below(folder) if path.suffix.lower() == ".mhclo"):
        try:
            installed.append(_installed(path, licence))
        except BadRecipe as error:
            if refuse:
                raise
            _log.warning("%s", error)
            reasons.append(str(error))
    if not installed:
        why = f" {reasons[0]}" if reasons else " It holds no .mhclo file at all."
        raise BadRecipe(
            f"people.clothes_folder {str(folder)!r} holds no usable clothes pack (.mhclo); "
            f"{len(reasons)} were left out.{why}"
        )
    return sorted(installed, key=lambda pack: (pack.name, pack.digest))


def _installed(path: Path, declared: str | None) -> InstalledPack:
    pack = _found(path)
    if isinstance(pack, str):
        raise BadRecipe(f"The clothes file {path} is not worn: {pack}.")
    if not (
        pack.licence == UNKNOWN
        or not needs_acknowledgement(pack.licence)
        or same_licence(pack.licence, declared)
    ):
        raise BadRecipe(
            f"The clothes file {path} is under {pack.licence}, but people.clothes_licence is "
            f"{declared or 'not given'}: name {pack.licence} there if you may use it, or remove "
            "the file."
        )
    return pack


def _found(path: Path) -> InstalledPack | str:
    """What people wear a clothes file as, or why they do not.

    Every process that draws people asks, and reading and measuring a large folder takes many
    seconds: what was found is kept in the cache under the digest of the files.
    """
    record = cache_root() / "clothes" / "found" / reading_version() / f"{fingerprint(path)}.json"
    known = _known(record)
    if known is not None:
        return known
    pack = read_pack(path)
    try:
        worn = worn_as(pack, _body_parts())
    except NotWornError as error:
        found = str(error)
    else:
        found = InstalledPack(keep_pack(pack), pack.name, worn.slot, pack.licence, worn.wearers)
    write_whole(record, _FOUND.dump_json(found))
    return found


def _known(record: Path) -> InstalledPack | str | None:
    try:
        found = _FOUND.validate_json(record.read_bytes())
    except (OSError, ValidationError):
        return None
    return found if isinstance(found, str) or is_kept(found.digest) else None


@cache
def _body_parts() -> BodyParts:
    return BodyParts(GarmentCatalogue(BodyData.load()).fields)
