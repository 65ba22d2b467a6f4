"""``croissant.json``: the published data set in the words of the Croissant vocabulary (1.0)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pyarrow as pa

from manifests.columns import DESCRIPTIONS, TRACKLET_DESCRIPTIONS
from manifests.licences import licence_url
from manifests.recipe import Recipe
from manifests.schema import MANIFEST, TRACKLETS
from manifests.snapshots import PartInfo, Snapshot

CITATION = (
    "Zhang, T., Xie, L., Wei, L., Zhuang, Z., Zhang, Y., Li, B., Tian, Q.: UnrealPerson: An "
    "Adaptive Pipeline towards Costless Person Re-identification. CVPR 2021"
)
_PARQUET = "application/x-parquet"
_CR = "http://mlcommons.org/croissant/"

# The context that the specification prescribes, term by term.
_TERMS = (
    "citeAs column conformsTo=dct:conformsTo extract field fileProperty fileObject fileSet "
    "format includes isLiveDataset jsonPath key md5 parentField path recordSet references regex "
    "repeated replace separator source subField transform"
)


def croissant(recipe: Recipe, snapshot: Snapshot) -> bytes:
    """The JSON-LD document: record sets `labels`, `crops` with images, and `tracklets`."""
    parts = [_file(part) for part in snapshot.parts]
    tracklets = [_file(snapshot.tracklets)] if snapshot.tracklets else []
    document = {
        "@context": _context(),
        "@type": "sc:Dataset",
        "conformsTo": _CR + "1.0",
        "name": recipe.name,
        "description": (recipe.description or "Synthetic data for person re-identification.")
        + f" {snapshot.people} people, {snapshot.crops} crops, content digest "
        f"{snapshot.content_digest}.",
        "license": [licence_url(licence) for licence in _licences(recipe)],
        "url": f"urn:unrealperson:{snapshot.content_digest}",
        "version": f"{snapshot.schema_version}.0.0",
        "datePublished": snapshot.created[:10],
        "creator": {"@type": "sc:Organization", "name": "UnrealPerson data factory"},
        "citeAs": CITATION,
        "distribution": [
            *parts,
            {
                "@type": "cr:FileSet",
                "@id": "parts",
                "name": "parts",
                "description": "Images with all labels.",
                "encodingFormat": _PARQUET,
                "includes": "part-*.parquet",
            },
            _file(snapshot.manifest),
            *tracklets,
        ],
        "recordSet": [
            _record_set("labels", "Labels without images.", {"fileObject": "manifest.parquet"}),
            _record_set("crops", "Crops with labels.", {"fileSet": "parts"}, image=True),
            *(_tracklet_set(file["@id"]) for file in tracklets),
        ],
    }
    return json.dumps(document, indent=1, ensure_ascii=False).encode()


def _licences(recipe: Recipe) -> list[str]:
    """The licence of the data, then those of its material that differ."""
    return list(dict.fromkeys([recipe.licence, *recipe.sources().values()]))


def _file(info: PartInfo) -> dict[str, Any]:
    name = info.key.rpartition("/")[2]
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "contentSize": f"{info.bytes} B",
        "encodingFormat": _PARQUET,
        "sha256": info.sha256,
    }


def _record_set(
    name: str, description: str, origin: dict[str, str], *, image: bool = False
) -> dict[str, Any]:
    def source(column: str) -> dict[str, Any]:
        return {
            **{kind: {"@id": id} for kind, id in origin.items()},
            "extract": {"column": column},
        }

    fields = []
    if image:
        fields.append(
            {
                "@type": "cr:Field",
                "@id": f"{name}/image",
                "name": "image",
                "description": "JPEG of the crop.",
                "dataType": "sc:ImageObject",
                "source": {**source("image"), "transform": {"jsonPath": "bytes"}},
            }
        )
    return _records(name, description, [*fields, *_fields(name, MANIFEST, DESCRIPTIONS, source)])


def _tracklet_set(file: str) -> dict[str, Any]:
    def source(column: str) -> dict[str, Any]:
        return {"fileObject": {"@id": file}, "extract": {"column": column}}

    fields = _fields("tracklets", TRACKLETS, TRACKLET_DESCRIPTIONS, source)
    return _records("tracklets", "Consecutive crops of one person in one camera.", fields)


def _records(name: str, description: str, fields: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": description,
        "field": fields,
    }


def _fields(
    record_set: str,
    schema: pa.Schema,
    descriptions: Mapping[str, str],
    source: Callable[[str], dict[str, Any]],
) -> list[dict[str, Any]]:
    fields = []
    for field in schema:
        kind = _data_type(field.type)
        if kind is not None:
            fields.append(
                {
                    "@type": "cr:Field",
                    "@id": f"{record_set}/{field.name}",
                    "name": field.name,
                    "description": descriptions[field.name],
                    "dataType": kind,
                    **({"repeated": True} if pa.types.is_list(field.type) else {}),
                    "source": source(field.name),
                }
            )
    return fields


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


def _context() -> dict[str, Any]:
    context: dict[str, Any] = {
        "@language": "en",
        "@vocab": "https://schema.org/",
        "sc": "https://schema.org/",
        "cr": _CR,
        "rai": _CR + "RAI/",
        "dct": "http://purl.org/dc/terms/",
        "data": {"@id": "cr:data", "@type": "@json"},
        "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
        "examples": {"@id": "cr:examples", "@type": "@json"},
    }
    for term in _TERMS.split():
        name, _, target = term.partition("=")
        context[name] = target or f"cr:{name}"
    return context
