"""What a model with a matching head cannot serve, said before anything is computed."""

from __future__ import annotations

from manifests.errors import BadRecipe
from training.config import Head, ModelSettings


def require_features(model: ModelSettings, work: str) -> None:
    """``BadRecipe`` for a model that compares pictures two by two.

    ``work``: what needs a feature of each picture alone, as the beginning of a sentence.
    """
    if model.head is Head.matching:
        raise BadRecipe(
            f"{work} needs one feature of each picture; this model has a matching head, which "
            "compares pictures two by two, place by place: take a model with `model.head: plain`"
        )
