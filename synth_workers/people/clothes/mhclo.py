"""The grammar of MakeHuman's clothes files: ``.mhclo`` with its ``.obj``."""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from manifests.errors import BadRecipe, CorruptData
from manifests.files_of_others import file_below
from manifests.identity import digest, sha256_hex
from manifests.licences import stated_licence
from manifests.texts_of_others import decoded_text
from synth_workers.people.clothes.kept_packs import BASE_VERTICES, ClothesPack
from synth_workers.people.mesh.surfaces import whole_faces
from synth_workers.people.mesh.wavefront import parse_obj

BASE_MESH = "hm08"
MAX_VERTICES = 60_000

_MAX_BYTES = 16 << 20
_MOST = 1e4
"""Weights, offsets and sizes beyond this are mistakes, and would leave what arrays can hold."""

_SECTIONS = ("verts", "delete_verts")
_SCALES = ("x_scale", "y_scale", "z_scale")
_NUMBER = re.compile(r"[-+]?[0-9.]")
_RANGE = re.compile(r"(\d+)(?:\s*-\s*(\d+))?(?=\s|$)")


def read_pack(path: Path) -> ClothesPack:
    """Read one ``.mhclo`` file and the mesh beside it.

    Raises ``BadRecipe`` that names the file and what is wrong with it.
    """
    with _named(path):
        return _parse(path)


def fingerprint(path: Path) -> str:
    """Return a digest of all that ``read_pack`` goes by: the file, its name and its mesh.

    Raises ``BadRecipe`` when one of them cannot be read.
    """
    with _named(path):
        files = (path, _mesh_file(path))
        return digest([path.name, *(sha256_hex(_data(file)) for file in files)])


@contextmanager
def _named(path: Path) -> Generator[None]:
    """Name the clothes file in whatever is wrong with it."""
    try:
        yield
    except (OSError, ValueError, CorruptData) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise BadRecipe(
            f"The clothes file {path} cannot be used: {why}. Remove it from the folder or repair "
            "it."
        ) from error


def _parse(path: Path) -> ClothesPack:
    header: dict[str, str] = {}
    about: list[str] = []
    tags: list[str] = []
    scale = [(0, 0, 0.0)] * 3
    bindings: list[tuple[float, ...]] = []
    deleted = np.zeros(BASE_VERTICES, bool)
    section = ""
    for number, line in enumerate(_text(path).splitlines(), 1):
        words = line.split()
        if not words:
            continue
        key, rest = words[0], " ".join(words[1:])
        try:
            if key.startswith("#"):
                about.append(line)
            elif key in _SECTIONS:
                section = key
            elif section == "verts" and _NUMBER.match(key):
                bindings.append(_binding(words))
                if len(bindings) > MAX_VERTICES:
                    raise ValueError(f"more than {MAX_VERTICES:,} vertices, which no garment has")
            elif section == "delete_verts" and _NUMBER.match(key):
                for first, last in _ranges(line):
                    deleted[first : last + 1] = True
            elif key in _SCALES:
                scale[_SCALES.index(key)] = _scale(words[1:4])
            elif key in ("license", "licence"):
                about.append(line)
            elif key == "tag":
                tags.append(rest)
            else:
                header.setdefault(key, rest)
        except ValueError as error:
            raise ValueError(f"line {number}: {error}") from error
    base = header.get("basemesh", BASE_MESH)
    if base.casefold() != BASE_MESH:
        raise ValueError(f"it is made for the base mesh {base}, not {BASE_MESH}")
    if not bindings:
        raise ValueError("it binds no vertices")
    if any(distance <= 0 for *_, distance in scale):
        raise ValueError("x_scale, y_scale or z_scale is missing")
    table = np.array(bindings, np.float64)
    mesh = _mesh(_mesh_file(path), len(table))
    return ClothesPack(
        name=header.get("name") or path.stem,
        tags=tuple(tags),
        licence=stated_licence(about),
        rows=table[:, :3].astype(np.int64),
        shares=table[:, 3:6].astype(np.float32),
        offsets=table[:, 6:9].astype(np.float32),
        scale=tuple(scale),
        deleted=np.flatnonzero(deleted),
        **mesh,
    )


def _data(path: Path) -> bytes:
    if path.stat().st_size > _MAX_BYTES:
        raise ValueError(f"{path.name} is larger than {_MAX_BYTES >> 20} MiB")
    return path.read_bytes()


def _text(path: Path) -> str:
    """What a file says; who wrote it in a Western code page of Windows is understood as well."""
    data = _data(path)
    try:
        return decoded_text(data)
    except ValueError:
        return data.decode("cp1252", errors="replace")


def _mesh_file(path: Path) -> Path:
    """The mesh that a clothes file names, else the one that is called as it is."""
    lines = (line.split() for line in _text(path).splitlines())
    named = next((" ".join(words[1:]) for words in lines if words[:1] == ["obj_file"]), "")
    return _beside(path, named or f"{path.stem}.obj")


def _mesh(file: Path, count: int) -> dict[str, np.ndarray]:
    named = file.name
    try:
        mesh = parse_obj(_text(file), MAX_VERTICES)
    except ValueError as error:
        raise ValueError(f"{named}: {error}") from error
    if len(mesh["vertices"]) != count:
        raise ValueError(f"it binds {count} vertices, but {named} has {len(mesh['vertices'])}")
    quads, texture = mesh["quads"], mesh["quad_texture"]
    faces = np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]]).astype(np.int64)
    corners = np.concatenate([texture[:, [0, 1, 2]], texture[:, [0, 2, 3]]]).astype(np.int64)
    real = whole_faces(faces)
    if not real.any():
        raise ValueError(f"{named} has no faces")
    if not (np.isfinite(mesh["vertices"]).all() and np.isfinite(mesh["texture"]).all()):
        raise ValueError(f"{named} holds numbers that are not finite")
    return {"faces": faces[real], "texture_faces": corners[real], "texture": mesh["texture"]}


def _beside(path: Path, named: str) -> Path:
    """The mesh file in the garment's own folder, as Windows would find it, too."""
    target = file_below(path.parent, named, "obj_file")
    if target.is_file():
        return target
    try:
        same = [other for other in target.parent.iterdir() if _folded(other) == _folded(target)]
    except OSError:
        same = []
    if len(same) != 1 or not same[0].is_file():
        raise ValueError(f"its obj_file {named!r} is not there")
    return same[0]


def _folded(path: Path) -> str:
    return path.name.casefold()


def _binding(words: Sequence[str]) -> tuple[float, ...]:
    """One base vertex, or three with their weights and an offset."""
    if len(words) == 1:
        row = _vertex(words[0])
        return (row, row, row, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    if len(words) < 9:
        raise ValueError(f"a vertex is bound by {' '.join(words)!r}, nine numbers are needed")
    rows = [_vertex(word) for word in words[:3]]
    return (*rows, *(_measure(word) for word in words[3:9]))


def _scale(words: Sequence[str]) -> tuple[int, int, float]:
    if len(words) < 3:
        raise ValueError("a scale needs two vertices and their distance")
    return _vertex(words[0]), _vertex(words[1]), _measure(words[2])


def _vertex(word: str) -> int:
    row = int(word) if word.lstrip("-").isdecimal() else -1
    if not 0 <= row < BASE_VERTICES:
        raise ValueError(f"it is bound to the vertex {word}, which the base mesh does not have")
    return row


def _measure(word: str) -> float:
    value = float(word)
    if not abs(value) <= _MOST:
        raise ValueError(f"the number {word} makes no garment")
    return value


def _ranges(line: str) -> list[tuple[int, int]]:
    """First and last of numbers and ranges (``3``, ``5 - 9`` or ``5-9``)."""
    if _RANGE.sub("", line).strip():
        raise ValueError(f"vertices to delete are numbers and ranges, not {line.strip()[:40]!r}")
    out = [(int(start), int(end or start)) for start, end in _RANGE.findall(line)]
    for first, last in out:
        if not 0 <= last - first <= BASE_VERTICES:
            raise ValueError(f"it deletes the range {first} - {last}")
    return out
