"""A finished model as a folder: tensors, settings, what was measured, and a card."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined

from manifests.dataset import Dataset
from manifests.errors import BadRecipe, FactoryError
from manifests.licences import UNKNOWN, needs_acknowledgement
from manifests.snapshots import find_snapshot
from manifests.stores import Store
from tasks.export.folders import complete_or_absent
from tasks.hub.licences import licence_fields
from tasks.hub.measurements import Measurement, measurements, public_record
from tasks.publish.wording import as_text
from training.checkpoints import Checkpoint, load_checkpoint, load_network, publish_checkpoint
from training.evaluation.metrics import METRICS, headline_metrics
from training.heads import require_features
from training.run_files import LOSS_FILE, RECORD_FILE, model_file

CARD = "README.md"
_TASK = "image-feature-extraction"
_FIGURES = (LOSS_FILE, "cmc.png")
_PICTURES = "ranked.png"


def publish_model(
    model: Path, folder: Path, name: str, licence: str, results: Sequence[Path] = ()
) -> Path:
    """Write a saved model (its file or folder) into a new or empty ``folder``, with its card.

    Beside ``model.safetensors``, ``training.safetensors`` and ``config.json``, which
    ``Model.load`` reads without pickle, go the metrics of evaluations that lie in the model's
    folder and in the folders ``results``, its loss, and its ranked lists if everybody in them is
    computer-generated. ``name``: what the card calls it; ``licence``: an SPDX identifier. Raises
    ``BadRecipe`` if the folder is in use, ``NotFound`` or ``CorruptData`` for what is no finished
    model, and what ``measurements`` raises.
    """
    file = model_file(model)
    network, checkpoint = load_network(file)
    require_features(network.settings, "a folder for the hub, whose card says how to embed,")
    found = measurements(file.parent, results, checkpoint.run)
    with complete_or_absent(folder) as staging:
        publish_checkpoint(staging, checkpoint)
        names = [*_FIGURES, *([_PICTURES] if synthetic(checkpoint.lineage) else [])]
        for each in names:
            if (file.parent / each).is_file():
                shutil.copyfile(file.parent / each, staging / each)
        for copy, of_one in found.items():
            (staging / copy).write_text(public_record(of_one[0].record), encoding="utf-8")
        pictures = [each for each in ("cmc.png", _PICTURES) if (staging / each).is_file()]
        about = _record(file.parent)
        every = [one for of_one in found.values() for one in of_one]
        card = model_card(name, licence, checkpoint, network.dimension, every, about, pictures)
        (staging / CARD).write_text(card, encoding="utf-8")
    return folder


def model_card(
    name: str,
    licence: str,
    checkpoint: Checkpoint,
    dimension: int,
    found: list[Measurement],
    record: dict[str, Any],
    pictures: list[str],
) -> str:
    """Markdown with a YAML head: data, metrics with intervals, intended use, limits, licence.

    ``record``: the run's ``run.json`` or nothing; ``pictures``: names of files beside the card.
    """
    head: dict[str, Any] = {
        **licence_fields(licence),
        "library_name": "unrealperson",
        "pipeline_tag": _TASK,
        "tags": ["person re-identification", "pytorch", "safetensors"],
    }
    of_model = [one for one in found if one.of_model]
    if of_model:
        head["model-index"] = [{"name": name, "results": list(map(_result, of_model))}]
    environment = Environment(
        loader=PackageLoader("tasks.hub"),
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    environment.filters["text"] = as_text
    return environment.get_template("model_card.md.j2").render(
        head=yaml.safe_dump(head, sort_keys=False, default_flow_style=None).strip(),
        name=name,
        licence=licence,
        settings=checkpoint.config,
        checkpoint=checkpoint,
        dimension=dimension,
        parts=learnt_from(checkpoint.lineage),
        synthetic=synthetic(checkpoint.lineage),
        camera_based=checkpoint.config.model.normalisation == "camera",
        found=found,
        headings=[metric.name for metric in headline_metrics()],
        record=record,
        pictures=pictures,
        code=version("unrealperson"),
    )


def learnt_from(lineage: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The data that a model learnt from, by what it was to it; nothing if it does not say so."""
    parts = {part: lineage[part] for part in ("source", "target") if part in lineage}
    words = {"source": "with labels", "target": "without labels"}
    known = {words[part]: of for part, of in parts.items()} or {"with labels": lineage}
    return {what: of for what, of in known.items() if "dataset" in of}


def synthetic(lineage: dict[str, Any]) -> bool:
    """Whether all that a model learnt from is a published set, whose people are computed."""
    parts = learnt_from(lineage).values()
    return bool(parts) and all("snapshot" in part for part in parts)


def saved_lineage(model: Path) -> dict[str, Any]:
    """What a saved model (its file or folder) says it learnt from."""
    return load_checkpoint(model_file(model)).lineage


def data_licence(lineage: dict[str, Any], store: Store) -> str:
    """The licence of the published data that a model learnt from, if ``store`` has it and it allows
    everybody everything; else ``BadRecipe`` asks for one."""
    terms: set[str] = set()
    for part in learnt_from(lineage).values():
        with suppress(FactoryError):
            place = Dataset(part["dataset"], store)
            number, digest = part.get("snapshot"), part["content_digest"]
            found = number and find_snapshot(place, number, digest, withdrawn=True)
            terms.add((found and found.licence) or UNKNOWN)
            continue
        terms.add(UNKNOWN)
    (one, *more) = sorted(terms) or [UNKNOWN]
    if more or needs_acknowledgement(one):
        parts = learnt_from(lineage).values()
        data = " and ".join(part["dataset"] for part in parts) or "data that it does not name"
        raise BadRecipe(
            f"the licence of a model that learnt from {data} does not follow from the data "
            f"({', '.join([one, *more])}): say it with --licence, or name the data's --store"
        )
    return one


def _record(folder: Path) -> dict[str, Any]:
    path = folder / RECORD_FILE
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _result(found: Measurement) -> dict[str, Any]:
    """An entry of ``model-index``."""
    return {
        "task": {"type": _TASK, "name": "Person re-identification"},
        "dataset": {"type": found.data.split(",")[0], "name": found.data, "split": "test"},
        "metrics": [
            {"type": key, "name": METRICS[key].name, "value": value}
            for key, value in found.values.items()
        ],
    }
