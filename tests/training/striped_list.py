"""Striped people as anybody's own data set: pictures in a folder and a CSV list of them."""

from __future__ import annotations

from pathlib import Path

from tests.training.striped_people import StripedReader


def write_striped_list(path: Path, reader: StripedReader) -> Path:
    """Write pictures beside the list ``path``; everybody changes clothes in camera 2."""
    lines = ["path,person,camera,role,outfit"]
    for row, data in zip(reader.table().to_pylist(), reader.images(), strict=True):
        name = f"{path.stem}_{row['crop_key'].replace('/', '_')}.jpg"
        (path.parent / name).write_bytes(data)
        clothes = 1 if row["camera"].endswith("02") else 0
        lines.append(f"{name},{row['person_id']},{row['camera']},{row['role']},{clothes}")
    path.write_text("\n".join(lines) + "\n")
    return path
