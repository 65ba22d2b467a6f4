"""Saved states of training and saved models: written atomically, loaded without pickle code.

A checkpoint is a dict of tensors, numbers, strings, lists and dicts only, so that
``torch.load(weights_only=True)`` reads it and a stranger's file cannot run anything.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch

from manifests.errors import BadRecipe, CorruptData, NotFound
from manifests.whole_files import whole_file
from training.config import Precision, TrainingConfig, Weights
from training.models.person_net import PersonNet, build_network

_FORMAT = "unrealperson-checkpoint"
_VERSION = 1
_LISTS = ("people", "losses", "validations")
"""Fields that are lists in files."""


@dataclass(frozen=True)
class Checkpoint:
    """Everything that is needed to use a model or to go on training it.

    ``run`` names configuration and data by digest; ``precision`` is the number format that was
    chosen (fp32 or bf16); ``optimiser`` is None in finished models; ``losses`` has one entry
    per iteration, ``validations`` one per look at the people who are held out; ``statistics``
    are those of the training cameras, by name, in finished models; ``adaptation`` is what an
    adaptation remembers; ``lineage`` says what the model is made from (data set, snapshot
    number, content digest).
    """

    config: TrainingConfig
    run: str
    precision: Precision
    iteration: int
    people: tuple[str, ...]
    network: dict[str, torch.Tensor]
    optimiser: dict[str, Any] | None = None
    losses: tuple[float, ...] = ()
    validations: tuple[dict[str, Any], ...] = ()
    statistics: dict[str, dict[str, torch.Tensor]] = field(default_factory=dict)
    adaptation: dict[str, Any] = field(default_factory=dict[str, Any])
    lineage: dict[str, Any] = field(default_factory=dict)


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write so that readers see the old file or the whole new one, also after a power cut."""
    content = {"format": _FORMAT, "version": _VERSION, **vars(checkpoint)}
    content |= {name: list(content[name]) for name in _LISTS}
    content["config"] = checkpoint.config.model_dump(mode="json")
    content["precision"] = checkpoint.precision.value
    content["adaptation"] = checkpoint.adaptation or None
    with whole_file(path) as file:
        torch.save(content, file)


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint. ``NotFound`` if there is none, ``CorruptData`` if it is not one."""
    if not path.is_file():
        raise NotFound(f"checkpoint {path}: no such file")
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:
        raise CorruptData(f"checkpoint {path}: cannot be read safely: {error}") from error
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise CorruptData(f"checkpoint {path}: not a checkpoint of this factory")
    if content["version"] != _VERSION:
        raise CorruptData(
            f"checkpoint {path}: format version {content['version']}, this code reads {_VERSION}"
        )
    found = {name: value for name, value in content.items() if name not in ("format", "version")}
    found |= {name: tuple(content.get(name, ())) for name in _LISTS}
    found["config"] = TrainingConfig.model_validate(content["config"])
    found["precision"] = Precision(content["precision"])
    found["adaptation"] = content.get("adaptation") or {}
    return Checkpoint(**found)


def restore(network: PersonNet, checkpoint: Checkpoint, anew: tuple[str, ...] = ()) -> None:
    """Put saved weights into a network; ``BadRecipe`` if it is of another architecture.

    Tensors whose names begin like one of ``anew`` are left as they are: the ``CLASSIFIER`` of a
    network that is going to learn other people, or its ``HEAD``.
    """
    own = network.state_dict()
    saved = {name: value for name, value in checkpoint.network.items() if not name.startswith(anew)}
    wanted = {name for name in own if not name.startswith(anew)}
    differing = sorted(wanted ^ saved.keys()) + sorted(
        name for name in wanted & saved.keys() if own[name].shape != saved[name].shape
    )
    if differing:
        model = checkpoint.config.model
        raise BadRecipe(
            f"the checkpoint is a {model.backbone} ({model.normalisation.value} normalisation) "
            f"for {len(checkpoint.people)} people and does not fit this network: {len(differing)} "
            f"tensors differ, first {differing[0]}"
        )
    network.load_state_dict({**own, **saved})


def load_network(path: Path) -> tuple[PersonNet, Checkpoint]:
    """The trained network of a checkpoint, on the CPU, with the checkpoint itself."""
    checkpoint = load_checkpoint(path)
    bare = checkpoint.config.model.model_copy(
        update={"weights": Weights.none, "weights_file": None}
    )
    network = build_network(bare, people=len(checkpoint.people), seed=0)
    restore(network, checkpoint)
    return network, checkpoint
