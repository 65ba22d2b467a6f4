"""Clothes packs for tests: faces of the base mesh, moved off the skin, as clothes files."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from synth_workers.people.body.template_fields import TemplateFields

SCALES = ((5399, 11998, 1.48), (791, 881, 2.21), (962, 5320, 1.9))


def write_garment(
    folder: Path,
    fields: TemplateFields,
    name: str,
    faces: np.ndarray,
    *,
    header: str = "# License: CC0",
    deleted: np.ndarray | None = None,
    off: float = 0.2,
) -> Path:
    """Write triangles (m, 3) of the base mesh ``off`` dm off it, each vertex bound to three
    others; ``deleted``: which (n,) of the base vertices it replaces."""
    rows, local = np.unique(faces, return_inverse=True)
    lines = [header, "basemesh hm08", f"name {name}", f"obj_file {name}.obj"]
    lines += [f"{axis}_scale {a} {b} {d:.4f}" for axis, (a, b, d) in zip("xyz", SCALES)]
    lines += ["verts 0"]
    body = fields.vertices
    size = [abs(body[a, k] - body[b, k]) / d for k, (a, b, d) in enumerate(SCALES)]
    for row in rows:
        offset = off * fields.normals[row] / size
        lines.append(f"{row} {row} {row} 0.5 0.3 0.2 " + " ".join(f"{x:.5f}" for x in offset))
    if deleted is not None:
        lines += ["delete_verts", " ".join(map(str, np.flatnonzero(deleted)))]
    path = folder / f"{name.replace(' ', '_').lower()}.mhclo"
    path.write_text("\n".join(lines))
    obj = [f"v {x:.4f} {y:.4f} {z:.4f}" for x, y, z in body[rows]]
    obj += [f"vt {(x + z) / 10:.4f} {y / 10:.4f}" for x, y, z in body[rows]]
    obj += [f"f {a}/{a} {b}/{b} {c}/{c}" for a, b, c in local.reshape(-1, 3) + 1]
    (folder / f"{name}.obj").write_text("\n".join(obj))
    return path


def whole(faces: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Those of ``faces`` all of whose corners are ``wanted`` (n,)."""
    return faces[wanted[faces].all(1)]


QUAD = "v 0 0 0\nv 1 0 0\nv 1 1 0\nv 0 1 0\nvt 0 0\nvt 1 0\nvt 1 1\nvt 0 1\n"
"""Four corners of a mesh."""


def write_small(
    folder: Path,
    obj: str | bytes = QUAD + "f 1/1 2/2 3/3 4/4\n",
    body: str = "1500\n1501\n1502\n1503\n",
    header: str = "# license: CC0\n",
    file: str = "small.obj",
    encoding: str = "utf-8",
) -> Path:
    """Write a garment of a few vertices: enough to be read, too little to be worn."""
    text = f"{header}basemesh hm08\nname small\nobj_file small.obj\n"
    text += "".join(f"{axis}_scale {a} {b} {d}\n" for axis, (a, b, d) in zip("xyz", SCALES))
    (folder / "small.mhclo").write_bytes(f"{text}verts 0\n{body}".encode(encoding))
    (folder / file).write_bytes(obj if isinstance(obj, bytes) else obj.encode(encoding))
    return folder / "small.mhclo"
