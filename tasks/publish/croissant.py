"""``croissant.json``: the published data set in the words of the Croissant vocabulary (1.0)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import resources
from typing import Any

import pyarrow as pa

from manifests.ground_truth import (
    GROUND_TRUTH,
    GROUND_TRUTH_DESCRIPTIONS,
    GROUND_TRUTH_FILE,
    PEOPLE3D,
    PEOPLE3D_DESCRIPTIONS,
    PEOPLE_FILE,
)
from manifests.licences import licence_url
from manifests.recipe import Recipe
from manifests.recordings import (
    FRAME_DESCRIPTIONS,
    FRAMES_FILE,
    RECORDED_FRAMES,
    TRACK_DESCRIPTIONS,
    TRACKS,
    TRACKS_FILE,
)
from manifests.schema import DESCRIPTIONS, MANIFEST, TRACKLET_DESCRIPTIONS, TRACKLETS
from manifests.snapshots import PartInfo, Snapshot
from tasks.publish.configurations import split_files

CITATION = (
    "Zhang, T., Xie, L., Wei, L., Zhuang, Z., Zhang, Y., Li, B., Tian, Q.: UnrealPerson: An "
    "Adaptive Pipeline towards Costless Person Re-identification. CVPR 2021"
)
_PARQUET, _MP4 = "application/x-parquet", "video/mp4"
_CR = "http://mlcommons.org/croissant/"

_TABLES = {
    FRAMES_FILE: ("Frames of recordings.", RECORDED_FRAMES, FRAME_DESCRIPTIONS),
    TRACKS_FILE: ("Where everybody is in them.", TRACKS, TRACK_DESCRIPTIONS),
    GROUND_TRUTH_FILE: (
        "Frames with further ground truth.",
        GROUND_TRUTH,
        GROUND_TRUTH_DESCRIPTIONS,
    ),
    PEOPLE_FILE: ("People in the world's coordinates.", PEOPLE3D, PEOPLE3D_DESCRIPTIONS),
}
"""By published file: its description, columns and their meanings."""


def croissant(recipe: Recipe, snapshot: Snapshot) -> bytes:
    """The JSON-LD document: record sets `labels`, `crops` with images, each split's, `tracklets`,
    and one of each table of frames; ``snapshot.files`` names these tables and the videos."""
    parts = [_file(part) for part in snapshot.parts]
    licences = dict.fromkeys([recipe.licence, *recipe.sources().values()])
    tracklets = [_file(snapshot.tracklets)] if snapshot.tracklets else []
    named = {info.key.rpartition("/")[2]: info for info in snapshot.files}
    tables = [_file(named[name]) for name in _TABLES if name in named]
    videos = [_file(info, _MP4) for name, info in named.items() if name.endswith(".mp4")]
    # What the specification prescribes, term by term.
    context = resources.files("tasks.publish") / "croissant_context.json"
    document = {
        "@context": json.loads(context.read_text("utf-8")),
        "@type": "sc:Dataset",
        "conformsTo": _CR + "1.0",
        "name": recipe.name,
        "description": (recipe.description or "Synthetic data for person re-identification.")
        + f" {snapshot.people} people, {snapshot.crops} crops, content digest "
        f"{snapshot.content_digest}.",
        # Of the data, then those of its material that differ.
        "license": [licence_url(licence) or licence for licence in licences],
        "url": f"urn:unrealperson:{snapshot.content_digest}",
        "version": f"{snapshot.schema_version}.0.0",
        "datePublished": snapshot.created[:10],
        "creator": {"@type": "sc:Organization", "name": "UnrealPerson data factory"},
        "citeAs": CITATION,
        "distribution": [
            *parts,
            _files("parts", "Images with all labels.", "*-*.parquet"),
            *(
                _files(f"{split}-parts", f"Those of the split {split}.", path)
                for split, path in split_files(snapshot).items()
            ),
            _file(snapshot.manifest),
            *tracklets,
            *tables,
            *videos,
        ],
        "recordSet": [
            _splits(snapshot),
            _record_set("labels", "Labels without images.", {"fileObject": "manifest.parquet"}),
            _record_set("crops", "Crops with labels.", {"fileSet": "parts"}, image=True),
            *(
                _record_set(
                    split, f"Crops of the split {split}.", {"fileSet": f"{split}-parts"}, image=True
                )
                for split in split_files(snapshot)
            ),
            *(
                _record_set(
                    "tracklets",
                    "Consecutive crops of one person in one camera.",
                    {"fileObject": file["@id"]},
                    TRACKLETS,
                    TRACKLET_DESCRIPTIONS,
                )
                for file in tracklets
            ),
            *(_table(file["@id"]) for file in tables),
        ],
    }
    return json.dumps(document, indent=1, ensure_ascii=False).encode()


def _files(name: str, description: str, pattern: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileSet",
        "@id": name,
        "name": name,
        "description": description,
        "encodingFormat": _PARQUET,
        "includes": pattern,
    }


def _splits(snapshot: Snapshot) -> dict[str, Any]:
    """The names that the column `role` has, as Croissant's splits."""
    return {
        "@type": "cr:RecordSet",
        "@id": "splits",
        "name": "splits",
        "description": "What crops are for, as their column `role` says.",
        "dataType": "cr:Split",
        "key": {"@id": "splits/name"},
        "field": [
            {
                "@type": "cr:Field",
                "@id": "splits/name",
                "name": "name",
                "description": "The name.",
                "dataType": "sc:Text",
            },
            {
                "@type": "cr:Field",
                "@id": "splits/url",
                "name": "url",
                "description": "Croissant's word for it.",
                "dataType": "sc:URL",
            },
        ],
        "data": [
            {
                "splits/name": role,
                "splits/url": _CR + ("TrainingSplit" if role == "train" else "TestSplit"),
            }
            for role in snapshot.roles()
        ],
    }


def _table(name: str) -> dict[str, Any]:
    description, columns, meanings = _TABLES[name]
    origin = {"fileObject": name}
    return _record_set(name.partition(".")[0], description, origin, columns, meanings)


def _file(info: PartInfo, form: str = _PARQUET) -> dict[str, Any]:
    name = info.key.rpartition("/")[2]
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "contentSize": f"{info.bytes} B",
        "encodingFormat": form,
        "sha256": info.sha256,
    }


def _record_set(
    name: str,
    description: str,
    origin: Mapping[str, str],
    columns: pa.Schema = MANIFEST,
    meanings: Mapping[str, str] = DESCRIPTIONS,
    *,
    image: bool = False,
) -> dict[str, Any]:
    """A record set of ``columns``; ``origin``: the kind of thing they are in, and its id."""

    def field(column: str, meaning: str, kind: str, **more: Any) -> dict[str, Any]:
        source: dict[str, Any] = {thing: {"@id": id} for thing, id in origin.items()}
        source |= {"extract": {"column": column}} | more.pop("source", {})
        return {
            "@type": "cr:Field",
            "@id": f"{name}/{column}",
            "name": column,
            "description": meaning,
            "dataType": kind,
            **more,
            "source": source,
        }

    fields = []
    if image:
        bytes_of = {"transform": {"jsonPath": "bytes"}}
        fields.append(field("image", "JPEG of the crop.", "sc:ImageObject", source=bytes_of))
    for column in columns:
        if (kind := _data_type(column.type)) is not None:
            more = {"repeated": True} if pa.types.is_list(column.type) else {}
            fields.append(field(column.name, meanings[column.name], kind, **more))
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": description,
        "field": fields,
    }


def _data_type(kind: pa.DataType) -> str | None:
    """Croissant's name of an Arrow type; ``None`` for raw bytes, which it has no word for."""
    if pa.types.is_list(kind):
        return _data_type(kind.value_type)
    if pa.types.is_boolean(kind):
        return "sc:Boolean"
    if pa.types.is_integer(kind):
        return "sc:Integer"
    if pa.types.is_floating(kind):
        return "sc:Float"
    return "sc:Text" if pa.types.is_string(kind) else None
