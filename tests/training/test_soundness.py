"""What a saved state may hold, and what it may not."""

from __future__ import annotations

import math
from functools import reduce
from typing import Any

import pytest
import torch

from training.soundness import faults

NAN = torch.tensor([torch.nan])
DEEP = reduce(lambda inside, _: [inside], range(200), list[Any]())


def without_end() -> list[Any]:
    found: list[Any] = []
    found.append([found, found])
    return found


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ([1.0, math.nan], "state.1 is NaN or infinite"),
        ({"rank1": (math.inf,)}, "state.rank1.0 is NaN or infinite"),
        ({0: {"momentum_buffer": NAN}}, "state.0.momentum_buffer holds NaN or infinity"),
        ({"memory": torch.zeros(2).to(torch.complex64)}, "memory is no tensor of plain numbers"),
        ({"memory": torch.zeros(2, device="meta")}, "memory is no tensor of plain numbers"),
        ({"memory": torch.zeros(1).expand(10**9)}, "memory claims more numbers than it holds"),
        ({"a": {1, 2}}, "state.a is a set, which no saved state holds there"),
        ({"a": b"bytes"}, "state.a is a bytes"),
        ({"a": torch.Size([1])}, "state.a is a Size"),
        ({"a": torch.float32}, "state.a is a dtype"),
        ({("a", 1): 1.0}, "state, whose keys are no text is a tuple"),
        ({"deep": DEEP}, "is a list, which no saved state holds there"),
        ({"a": without_end()}, "is a list, which no saved state holds there"),
    ],
)
def test_what_is_no_number_in_plain_lists_is_named(held: Any, said: str) -> None:
    assert said in next(faults(held, "state"))


def test_plain_things_are_sound() -> None:
    plain = {"a": [1, 2.5, True, None, "text"], 3: (torch.arange(3), torch.zeros(2, 2).t())}
    assert list(faults(plain, "state")) == []
