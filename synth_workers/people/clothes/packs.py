"""MakeHuman clothes (``.mhclo`` with its ``.obj``) as garments that the user brings.

A pack is read and checked once, then kept in the user's cache under the digest of its files;
specs name that digest. Licences are read from the files and travel with the pack. Fitting
follows the MakeHuman clothes format: a vertex is a weighted sum of three base vertices plus an
offset scaled by distances on the body.
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from manifests.errors import BadRecipe, NotFound
from manifests.licences import UNKNOWN, needs_acknowledgement, spdx_name
from synth_workers.cache_folder import cache_root, write_npz
from synth_workers.people.body.makehuman_data import parse_obj
from synth_workers.people.mesh.surfaces import whole_faces
from synth_workers.people.spec import Slot

BASE_VERTICES = 19158
BASE_MESH = "hm08"
MAX_VERTICES = 60_000

_KEPT_VERSION = 1
_ARRAYS = ("rows", "shares", "offsets", "texture", "faces", "texture_faces", "deleted")
_SLOT_WORDS = {
    Slot.shoes: ("shoe", "boot", "sneaker", "sandal", "slipper", "loafer", "pump"),
    Slot.outer: ("jacket", "coat", "blazer", "parka", "cardigan"),
    Slot.dress: ("dress", "gown", "jumpsuit", "overall", "suit"),
    Slot.skirt: ("skirt",),
    Slot.bottom: ("pant", "trouser", "jean", "short", "legging", "bottom"),
    Slot.top: ("shirt", "top", "sweater", "hoodie", "blouse", "tank", "vest", "polo"),
}
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ClothesPack:
    """One garment of a pack.

    ``rows``, ``shares`` (n, 3): base vertices and their weights; ``offsets`` (n, 3) in units of
    ``scale``: per axis (first vertex, second vertex, distance in dm at which it is 1).
    ``texture`` (t, 2), ``faces`` (m, 3) and ``texture_faces`` (m, 3); ``deleted``: base vertices
    that the garment replaces.
    """

    name: str
    slot: Slot
    licence: str
    rows: np.ndarray
    shares: np.ndarray
    offsets: np.ndarray
    scale: tuple[tuple[int, int, float], ...]
    texture: np.ndarray
    faces: np.ndarray
    texture_faces: np.ndarray
    deleted: np.ndarray

    def fit(self, shape: np.ndarray) -> np.ndarray:
        """Return positions (n, 3) on a body ``shape`` (19158, 3), both in dm."""
        factors = [
            abs(float(shape[first, axis] - shape[second, axis])) / distance
            for axis, (first, second, distance) in enumerate(self.scale)
        ]
        mixed = (shape[self.rows] * self.shares[..., None]).sum(1)
        return mixed + self.offsets * np.array(factors, np.float32)


@dataclass(frozen=True)
class InstalledPack:
    """A pack in the cache: what specs and dataset cards say about it."""

    digest: str
    name: str
    slot: Slot
    licence: str


def read_pack(path: Path) -> ClothesPack:
    """Read one ``.mhclo`` file and the mesh beside it.

    Raises ``BadRecipe`` that names the file and what is wrong with it.
    """
    try:
        return _parse(path)
    except (OSError, UnicodeDecodeError, ValueError, IndexError, KeyError) as error:
        raise BadRecipe(
            f"The clothes file {path} cannot be used: {error}. Remove it from the folder or "
            "repair it."
        ) from error


def install_packs(
    folder: Path, *, refuse: bool = False, licence: str | None = None
) -> list[InstalledPack]:
    """Keep every ``.mhclo`` below ``folder`` in the cache; return them by name.

    ``licence``: what the recipe says the packs are under. Unusable files, and those whose own
    words name another licence that is not free, are named in the log and left out, or raise
    ``BadRecipe`` with ``refuse``.
    """
    if not folder.is_dir():
        raise BadRecipe(f"The clothes folder {folder} does not exist; correct clothes_folder.")
    installed = []
    for path in sorted(folder.rglob("*.mhclo")):
        try:
            pack = read_pack(path)
            _check_licence(path, pack, licence)
        except BadRecipe as error:
            if refuse:
                raise
            _log.warning("%s", error)
            continue
        digest = _digest(pack)
        if not _kept(digest).is_file():
            write_npz(_kept(digest), _arrays(pack))
        installed.append(InstalledPack(digest, pack.name, pack.slot, pack.licence))
    return sorted(installed, key=lambda pack: (pack.name, pack.digest))


def _check_licence(path: Path, pack: ClothesPack, declared: str | None) -> None:
    stated = spdx_name(pack.licence)
    if stated in (UNKNOWN, declared) or not needs_acknowledgement(stated):
        return
    raise BadRecipe(
        f"The clothes file {path} is under {stated}, but people.clothes_licence is "
        f"{declared or 'not given'}: name {stated} there if you may use it, or remove the file."
    )


def load_pack(digest: str) -> ClothesPack:
    """Return an installed pack; ``NotFound`` says how to install it."""
    path = _kept(digest)
    if not path.is_file():
        raise NotFound(
            f"The clothes pack {digest} is not on this machine; plan the recipe here once so that "
            "its clothes_folder is installed."
        )
    with np.load(path) as file:
        scale = tuple((int(a), int(b), float(d)) for a, b, d in file["scale"])
        name, slot, licence = (str(text) for text in file["words"])
        arrays = {key: file[key] for key in _ARRAYS}
        return ClothesPack(name=name, slot=Slot(slot), licence=licence, scale=scale, **arrays)


def _kept(digest: str) -> Path:
    if not digest.isalnum():
        raise NotFound(f"{digest!r} is not the digest of a clothes pack.")
    return cache_root() / "clothes" / f"v{_KEPT_VERSION}" / f"{digest}.npz"


def _arrays(pack: ClothesPack) -> dict[str, np.ndarray]:
    words = np.array([pack.name, str(pack.slot), pack.licence])
    arrays = {name: getattr(pack, name) for name in _ARRAYS}
    return {"words": words, "scale": np.array(pack.scale, np.float64)} | arrays


def _digest(pack: ClothesPack) -> str:
    seen = hashlib.blake2b(digest_size=16)
    for key, array in sorted(_arrays(pack).items()):
        seen.update(key.encode() + str(array.dtype).encode() + np.ascontiguousarray(array).data)
    return seen.hexdigest()


def _parse(path: Path) -> ClothesPack:
    header: dict[str, str] = {}
    licence = UNKNOWN
    scale = [(0, 0, 0.0)] * 3
    bindings: list[tuple[float, ...]] = []
    deleted: list[int] = []
    section = ""
    for line in path.read_text("utf-8", errors="strict").splitlines():
        words = line.split()
        if not words:
            continue
        if words[0].startswith("#"):
            lowered = line.lower()
            if "license" in lowered or "licence" in lowered:
                licence = line.split(":", 1)[-1].strip(" #") or UNKNOWN
        elif words[0] in ("verts", "delete_verts"):
            section = words[0]
        elif section == "verts" and _number(words[0]):
            bindings.append(_binding(words))
        elif section == "delete_verts" and _number(words[0]):
            deleted.extend(_ranges(words))
        elif words[0] in ("x_scale", "y_scale", "z_scale"):
            axis = "xyz".index(words[0][0])
            scale[axis] = (int(words[1]), int(words[2]), float(words[3]))
        else:
            header.setdefault(words[0], " ".join(words[1:]))
    if header.get("basemesh", BASE_MESH) != BASE_MESH:
        raise ValueError(f"it is made for the base mesh {header['basemesh']}, not {BASE_MESH}")
    if not bindings:
        raise ValueError("it binds no vertices")
    if any(distance <= 0 for *_, distance in scale):
        raise ValueError("x_scale, y_scale or z_scale is missing")
    table = np.array(bindings, np.float64)
    rows = table[:, :3].astype(np.int64)
    if rows.min() < 0 or rows.max() >= BASE_VERTICES:
        raise ValueError("it is bound to vertices that the base mesh does not have")
    mesh = _mesh(path, header.get("obj_file", f"{path.stem}.obj"), len(rows))
    name = header.get("name", path.stem)
    inside = [row for row in deleted if 0 <= row < BASE_VERTICES]
    return ClothesPack(
        name=name,
        slot=_slot(f"{name} {path.stem} {header.get('tag', '')}"),
        licence=header.get("license", licence),
        rows=rows,
        shares=table[:, 3:6].astype(np.float32),
        offsets=table[:, 6:9].astype(np.float32),
        scale=tuple(scale),
        deleted=np.unique(np.array(inside, np.int64)),
        **mesh,
    )


def _mesh(path: Path, file: str, count: int) -> dict[str, np.ndarray]:
    target = (path.parent / file).resolve()
    if path.parent.resolve() not in target.parents:
        raise ValueError(f"its obj_file {file!r} lies outside its own folder")
    mesh = parse_obj(target.read_text("utf-8"))
    if len(mesh["vertices"]) != count:
        raise ValueError(f"it binds {count} vertices, but {file} has {len(mesh['vertices'])}")
    if count > MAX_VERTICES:
        raise ValueError(f"it has {count} vertices, at most {MAX_VERTICES} are accepted")
    quads, texture = mesh["quads"], mesh["quad_texture"]
    faces = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]).astype(np.int64)
    corners = np.concatenate([texture[:, [0, 1, 2]], texture[:, [0, 2, 3]]]).astype(np.int64)
    real = whole_faces(faces)
    if not real.any():
        raise ValueError(f"{file} has no faces")
    if faces.max() >= count or corners.max() >= len(mesh["texture"]):
        raise ValueError(f"{file} has faces with corners that do not exist")
    if not (np.isfinite(mesh["vertices"]).all() and np.isfinite(mesh["texture"]).all()):
        raise ValueError(f"{file} holds numbers that are not finite")
    return {
        "faces": faces[real],
        "texture_faces": corners[real],
        "texture": mesh["texture"].astype(np.float32),
    }


def _binding(words: Sequence[str]) -> tuple[float, ...]:
    if len(words) == 1:
        row = float(int(words[0]))
        return (row, row, row, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    values = tuple(float(word) for word in words[:9])
    if len(values) != 9 or not np.isfinite(values).all():
        raise ValueError(f"a vertex is bound by {' '.join(words)!r}, nine numbers are needed")
    return values


def _ranges(words: Sequence[str]) -> list[int]:
    out: list[int] = []
    for start, end in re.findall(r"(\S+)(?: - (\S+))?", " ".join(words)):
        first, last = int(start), int(end or start)
        if last - first > BASE_VERTICES:
            raise ValueError(f"it deletes the range {first} - {last}")
        out.extend(range(first, last + 1))
    return out


def _number(word: str) -> bool:
    return word.lstrip("-").isdigit()


def _slot(text: str) -> Slot:
    fitting = (s for s, words in _SLOT_WORDS.items() if any(word in text.lower() for word in words))
    return next(fitting, Slot.top)
