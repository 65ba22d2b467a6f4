"""``README.md`` of an export: what it is a copy of, and under which licences it may be used."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import yaml

from manifests.licences import UNKNOWN, licence_url
from manifests.snapshots import Snapshot
from tasks.publish.croissant import CITATION
from tasks.publish.wording import as_text

README = "README.md"


def write_readme(
    folder: Path, snapshot: Snapshot, form: str, contents: str, cameras: Collection[str] | None
) -> None:
    """Leave ``README.md`` in an export, with the licence in its head, where the Hugging Face hub
    looks for it, and in words. ``contents``: how much of what there is; ``cameras``: if chosen."""
    licence = snapshot.licence or UNKNOWN
    head = yaml.safe_dump({"license": licence.lower(), "pretty_name": snapshot.dataset})
    seen = f", as seen by {', '.join(map(as_text, sorted(cameras)))}" if cameras else ""
    sources: dict[str, str] = snapshot.lineage.get("sources", {})
    material = [f"| {as_text(name)} | {_linked(under)} |" for name, under in sources.items()]
    table = ["Made from:", "", "| material | licence |", "|---|---|", *material, ""]
    lines = [
        *("---", head.strip(), "---", ""),
        *(f"# {snapshot.dataset}", ""),
        f"{contents} of snapshot {snapshot.number}, content digest `{snapshot.content_digest}`, "
        f"exported as `{form}`{seen}. Its people are computer-generated.",
        *("", "## Licence", ""),
        *(f"The data: {_linked(licence)}.", ""),
        *(table if material else []),
        f"Please cite: {CITATION}.",
    ]
    (folder / README).write_text("\n".join(lines) + "\n", encoding="utf-8")


def _linked(licence: str) -> str:
    """A licence with the address of its terms, if it is one that has such."""
    url = licence_url(licence)
    return f"[{as_text(licence)}]({url})" if url else as_text(licence)
