"""Saved states of training and saved models: written whole, sealed, loaded without pickle code.

A checkpoint is a dict of tensors, numbers, strings, lists and dicts only, so that
``torch.load(weights_only=True)`` reads it and a stranger's file cannot run anything. Its seal, a
SHA-256 over all of the file, stands in the comment at the end of the zip archive that it is.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Annotated, Any, ClassVar

import torch
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from manifests.errors import BadRecipe, CorruptData, NotFound
from manifests.whole_files import write_whole
from training.config import Precision, TrainingConfig, Weights
from training.models.person_net import PersonNet, build_network
from training.run_files import SAFE_MODEL_FILE
from training.safe_files import read_safe_files, write_safe_files
from training.soundness import faults, form

_FORMAT = "unrealperson-checkpoint"
_VERSION = 2
"""2: sealed. Models of version 1 are read, too."""
_LISTS = ("people", "losses", "validations")
"""Fields that are lists in files."""
_HELD = (
    "network",
    "optimiser",
    "losses",
    "validations",
    "statistics",
    "adaptation",
    "lineage",
    "fingerprints",
)
"""Fields whose content is looked through."""
_STATISTICS = ("running_mean", "running_var")

_SEAL = b"unrealperson sha256 "
_SEAL_BYTES = len(_SEAL) + 64
_COMMENT_LENGTH = _SEAL_BYTES.to_bytes(2, "little")
_BROKEN = "train it again, or copy it again from where it is whole"


@dataclass(frozen=True)
class Checkpoint:
    """Everything that is needed to use a model or to go on training it.

    ``run`` names configuration and data by digest; ``precision`` is the number format that was
    chosen (fp32 or bf16); ``optimiser`` is None in finished models; ``losses`` has one entry
    per iteration, ``validations`` one per look at the people who are held out; ``statistics``
    are those of the training cameras, by name, in finished models; ``adaptation`` is what an
    adaptation remembers; ``lineage`` says what the model is made from (data set, snapshot
    number, content digest); ``fingerprints`` (K,) int64, sorted, are those of all pictures that it
    or the model it started from learnt from, with labels or without (``training.data
    .fingerprints``), in finished models since 0.2.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(arbitrary_types_allowed=True)

    config: TrainingConfig
    run: str
    precision: Precision
    iteration: Annotated[int, Field(ge=0)]
    people: tuple[str, ...]
    network: dict[str, torch.Tensor]
    optimiser: dict[str, Any] | None = None
    losses: tuple[float, ...] = ()
    validations: tuple[dict[str, Any], ...] = ()
    statistics: dict[str, dict[str, torch.Tensor]] = field(default_factory=dict)
    adaptation: dict[str, Any] = field(default_factory=dict[str, Any])
    lineage: dict[str, Any] = field(default_factory=dict)
    fingerprints: torch.Tensor | None = None


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write so that readers see the old file or the whole new one, also after a power cut."""
    content = {"format": _FORMAT, "version": _VERSION, **vars(checkpoint)}
    content |= {name: list(content[name]) for name in _LISTS}
    content["config"] = checkpoint.config.model_dump(mode="json")
    content["precision"] = checkpoint.precision.value
    content["adaptation"] = checkpoint.adaptation or None
    buffer = io.BytesIO()
    torch.save(content, buffer)
    write_whole(path, _sealed(buffer.getvalue()))


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises ``NotFound`` if there is none, ``CorruptData`` if it is damaged or not one. Nothing
    that its numbers claim is allocated before they are found to agree with the file.
    """
    if not path.is_file():
        raise NotFound(f"checkpoint {path}: no such file")
    content = read_safe_files(path) if path.name == SAFE_MODEL_FILE else _archived(path)
    content["adaptation"] = content.get("adaptation") or {}
    try:
        checkpoint = TypeAdapter(Checkpoint).validate_python(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise CorruptData(f"checkpoint {path}: {where}: {first['msg']}; {_BROKEN}") from error
    _expect_sound(checkpoint, path)
    return checkpoint


def publish_checkpoint(folder: Path, checkpoint: Checkpoint) -> None:
    """Write a finished model to an existing folder as files that others read.

    Left out is what nobody needs who uses it: the loss of every iteration, and where this machine
    keeps the file of its first weights.
    """
    content = vars(checkpoint) | {"config": checkpoint.config.model_dump(mode="json")}
    if (weights := checkpoint.config.model.weights_file) is not None:
        content["config"]["model"]["weights_file"] = weights.name
    content["precision"] = checkpoint.precision.value
    content["adaptation"] = {k: v for k, v in checkpoint.adaptation.items() if k != "losses"}
    for of_the_run in ("optimiser", "losses"):
        del content[of_the_run]
    write_safe_files(folder, content)


def _archived(path: Path) -> dict[str, Any]:
    """What a file of ``save_checkpoint`` holds."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise CorruptData(f"checkpoint {path}: cannot be read: {error.strerror}") from None
    sealed = _expect_seal(data, path)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            packed = any(entry.compress_type for entry in archive.infolist())
        # Ours are never compressed, so that nothing grows beyond the size of the file.
        content = None if packed else torch.load(io.BytesIO(data), "cpu", weights_only=True)
    except Exception as error:
        raise CorruptData(f"checkpoint {path}: cannot be read safely: {error}") from error
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise CorruptData(f"checkpoint {path}: not a checkpoint of this factory")
    if content.get("version") not in (1, _VERSION):
        raise CorruptData(
            f"checkpoint {path}: format version {content.get('version')}, this code reads 1 and "
            f"{_VERSION}"
        )
    if content["version"] != 1 and not sealed:
        raise CorruptData(f"checkpoint {path}: its seal is missing; {_BROKEN}")
    return content


def _sealed(archive: bytes) -> bytes:
    """A zip archive without a comment, with one that seals it."""
    seal = _SEAL + hashlib.sha256(archive).hexdigest().encode()
    return archive[:-2] + _COMMENT_LENGTH + seal


def _expect_seal(data: bytes, path: Path) -> bool:
    """Whether a file has a seal; ``CorruptData`` if that is not the file's."""
    body, seal = memoryview(data)[: -_SEAL_BYTES - 2], data[-_SEAL_BYTES:]
    if not seal.startswith(_SEAL):
        return False
    digest = hashlib.sha256(body)
    digest.update(b"\0\0")  # where the length of the comment stands since
    if seal != _SEAL + digest.hexdigest().encode() or data[len(body) :][:2] != _COMMENT_LENGTH:
        raise CorruptData(
            f"checkpoint {path}: damaged (its SHA-256 is not the one it was saved with); {_BROKEN}"
        )
    return True


def _expect_sound(checkpoint: Checkpoint, path: Path) -> None:
    """``CorruptData`` for a state that holds something else than numbers, or does not agree with
    itself."""
    found = (fault for part in _HELD for fault in faults(getattr(checkpoint, part), part))
    for fault in chain(found, _disagreements(checkpoint)):
        raise CorruptData(f"checkpoint {path}: {fault}; {_BROKEN}")


def _disagreements(checkpoint: Checkpoint) -> Iterator[str]:
    network, people = checkpoint.network, len(checkpoint.people)
    seen = checkpoint.fingerprints
    if seen is not None and (seen.dtype != torch.int64 or seen.ndim != 1):
        yield "its fingerprints are no list of numbers"
    rows = network.get("classifier.weight")
    if rows is not None and len(rows) != people:
        yield f"names {people} people, but tells {len(rows)} apart"
    if checkpoint.optimiser is not None and len(checkpoint.losses) != checkpoint.iteration:
        yield f"has {len(checkpoint.losses)} losses of {checkpoint.iteration} iterations"
    kept = {name: form(value) for name, value in network.items() if name.endswith(_STATISTICS)}
    for camera, values in checkpoint.statistics.items():
        if {name: form(value) for name, value in values.items()} != kept:
            yield f"its statistics of camera {camera!r} are not those of its network"


def restore(network: PersonNet, checkpoint: Checkpoint, anew: tuple[str, ...] = ()) -> None:
    """Put saved weights into a network; raises what ``fitting`` raises."""
    network.load_state_dict(network.state_dict() | fitting(network, checkpoint, anew))


def fitting(
    network: PersonNet, checkpoint: Checkpoint, anew: tuple[str, ...] = ()
) -> dict[str, torch.Tensor]:
    """The saved weights for a network; ``BadRecipe`` if it is of another architecture.

    Tensors whose names begin like one of ``anew`` are left as they are: the ``CLASSIFIER`` of a
    network that is going to learn other people, or its ``HEAD``.
    """
    own = network.state_dict()
    saved = {name: value for name, value in checkpoint.network.items() if not name.startswith(anew)}
    wanted = {name for name in own if not name.startswith(anew)}
    differing = sorted(wanted ^ saved.keys()) + sorted(
        name for name in wanted & saved.keys() if form(own[name]) != form(saved[name])
    )
    if differing:
        model = checkpoint.config.model
        raise BadRecipe(
            f"the checkpoint is a {model.backbone} ({model.normalisation.value} normalisation) "
            f"for {len(checkpoint.people)} people and does not fit this network: {len(differing)} "
            f"tensors differ, first {differing[0]}"
        )
    return saved


def load_network(path: Path) -> tuple[PersonNet, Checkpoint]:
    """The trained network of a checkpoint, on the CPU, with the checkpoint itself."""
    checkpoint = load_checkpoint(path)
    bare = checkpoint.config.model.model_copy(
        update={"weights": Weights.none, "weights_file": None}
    )
    network = build_network(bare, people=len(checkpoint.people), seed=0)
    restore(network, checkpoint)
    return network, checkpoint
