"""What a saved state may hold: numbers that are numbers, in plain lists and dicts, and tensors that
hold what they claim; and what a run that goes on needs of it."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, TypeVar

import torch
from pydantic import TypeAdapter, ValidationError
from torch import Tensor
from torch.optim import AdamW, Optimizer

from manifests.errors import CorruptData

T = TypeVar("T")

_MOMENTUM = "momentum_buffer"
"""SGD's; none without momentum."""
_MOST_VALUES = 10_000_000
_DEEPEST = 20


def faults(nested: Any, path: str) -> Iterator[str]:
    """What is wrong with anything in ``nested``, which stands at ``path``.

    Plain are dicts (of text or numbers), lists, tuples, text, numbers, truths, none and dense
    tensors on the CPU; whatever else torch would read is nothing that we save.
    """
    for count, (name, value) in enumerate(_leaves(nested, path, 0)):
        if count == _MOST_VALUES:
            yield f"{path} holds values without end"
            return
        if (fault := _fault(value)) is not None:
            yield f"{name} {fault}"


def _leaves(nested: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    inside: Any = None
    if type(nested) in (dict, OrderedDict):
        inside = nested.items()
        odd = next((key for key in nested if type(key) not in (str, int)), None)
        if odd is not None:
            yield f"{path}, whose keys are no text", odd
    elif type(nested) in (list, tuple):
        inside = enumerate(nested)
    if inside is None or depth > _DEEPEST:
        yield path, nested
        return
    for key, value in inside:
        yield from _leaves(value, f"{path}.{key}", depth + 1)


def _fault(value: Any) -> str | None:
    if isinstance(value, Tensor):
        return _tensor_fault(value)
    if isinstance(value, float):
        return None if math.isfinite(value) else "is NaN or infinite"
    if value is None or type(value) in (bool, int, str):
        return None
    return f"is a {type(value).__name__}, which no saved state holds there"


def _tensor_fault(tensor: Tensor) -> str | None:
    plain = type(tensor) in (Tensor, torch.nn.Parameter) and not tensor.is_nested
    if not plain or tensor.layout is not torch.strided or tensor.is_quantized:
        return "is no plain tensor"
    if tensor.device.type != "cpu" or tensor.is_complex():
        return "is no tensor of plain numbers"
    if tensor.numel() * tensor.element_size() > tensor.untyped_storage().nbytes():
        return "claims more numbers than it holds"
    if tensor.is_floating_point() and not bool(tensor.isfinite().all()):
        return "holds NaN or infinity"
    return None


def form(tensor: Tensor) -> tuple[torch.Size, torch.dtype]:
    """Shape and number type."""
    return tensor.shape, tensor.dtype


def unfit(what: str) -> CorruptData:
    """That a run cannot go on from what it was given, since ``what``."""
    return CorruptData(
        f"the checkpoint to go on from: {what}; delete it to start the run from the beginning"
    )


def remembered(kind: type[T], value: Any, what: str) -> T:
    """What a run that goes on remembers, as ``kind``; ``CorruptData`` names what is wrong."""
    try:
        return TypeAdapter(kind).validate_python(value)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, (what, *first["loc"])))
        raise unfit(f"{where}: {first['msg']}") from None


def expect_form(value: Any, like: Tensor, what: str) -> Tensor:
    """``value``, if it is a tensor of the form of ``like``; ``CorruptData`` says what it is."""
    if isinstance(value, Tensor) and form(value) == form(like):
        return value
    found = _described(value) if isinstance(value, Tensor) else type(value).__name__
    raise unfit(f"{what} is {found} instead of {_described(like)}")


def _described(tensor: Tensor) -> str:
    return f"{tensor.dtype} {tuple(tensor.shape)}"


def restore_optimiser(optimiser: Optimizer, stored: dict[str, Any]) -> None:
    """Go on with the stored moments of every parameter; ``CorruptData`` if they are of others.

    Rates and their like are those of ``optimiser``: they are settings, no state.
    """
    parameters = [one for group in optimiser.param_groups for one in group["params"]]
    state = remembered(dict[int, dict[str, Any]], stored.get("state"), "optimiser.state")
    for number, kept in state.items():
        what = f"optimiser.state.{number}"
        likes = _moments(optimiser, parameters[number]) if number in range(len(parameters)) else {}
        if not likes or kept.keys() != likes.keys():
            raise unfit(f"{what} is of no parameter of this network")
        for name, value in kept.items():
            if value is not None or name != _MOMENTUM:
                expect_form(value, likes[name], f"{what}.{name}")
    settings = optimiser.state_dict()["param_groups"]
    optimiser.load_state_dict({"state": state, "param_groups": settings})


def _moments(optimiser: Optimizer, parameter: Tensor) -> dict[str, Tensor]:
    """Tensors of the form of those that an optimiser remembers of a parameter."""
    if isinstance(optimiser, AdamW):
        return {"step": torch.tensor(0.0), "exp_avg": parameter, "exp_avg_sq": parameter}
    return {_MOMENTUM: parameter}
