"""Arguments of public calls, checked like fields of a recipe: in words, before any work.

``checked`` goes above a function and says of arguments what they may be: a type that pydantic
knows, with its limits, or one of the kinds below. Annotations alone would not do, since they name
classes that are imported late.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterable, Mapping
from functools import cache, wraps
from typing import Annotated, Any, ParamSpec, TypeVar

from pydantic import AfterValidator, ValidationError, create_model

from manifests.addresses import as_local
from manifests.errors import BadRecipe
from manifests.model import Model
from manifests.refusals import explain, short

P = ParamSpec("P")
R = TypeVar("R")


def checked(**kinds: Any) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Refuse, with ``BadRecipe``, arguments that are not what ``kinds`` says by their names.

    The message names the call, the argument, what is allowed and what was given. Whatever equals
    an argument's default by identity is not looked at. The call is given what was understood: the
    number 3 for a NumPy 3, a list for a generator.
    """

    def with_checks(call: Callable[P, R]) -> Callable[P, R]:
        signature = inspect.signature(call)
        name = call.__qualname__.removesuffix(".__init__")

        @cache
        def form() -> type[Model]:
            fields: dict[str, Any] = {argument: (kind, None) for argument, kind in kinds.items()}
            return create_model(name, __base__=Model, **fields)

        @wraps(call)
        def refusing(*args: P.args, **kwargs: P.kwargs) -> R:
            try:
                bound = signature.bind(*args, **kwargs)
            except TypeError:
                return call(*args, **kwargs)  # Python says which argument is missing or unknown.
            given = {
                argument: value
                for argument, value in bound.arguments.items()
                if argument in kinds and value is not signature.parameters[argument].default
            }
            try:
                understood = form().model_validate(given)
            except ValidationError as error:
                raise BadRecipe(f"{name}: " + "; ".join(explain(form(), error))) from None
            bound.arguments.update({argument: getattr(understood, argument) for argument in given})
            return call(*bound.args, **bound.kwargs)

        return refusing

    return with_checks


def such(test: Callable[[Any], bool], words: str) -> Any:
    """Whatever passes a test; ``words``: what it must be, and how to come by one."""

    def expect(value: Any) -> Any:
        if not test(value):
            raise ValueError(f"must be {words}; got {short(value)}")
        return value

    return Annotated[Any, AfterValidator(expect)]


def instance(*kinds: type, words: str) -> Any:
    """An object of one of some classes."""
    return such(lambda value: isinstance(value, kinds), words)


def listed(*kinds: type, words: str, example: str) -> Any:
    """Several objects of some classes, as a list; one text is not a list of its letters.

    ``words``: what they are; ``example``: how a list of them is written.
    """

    def fits(item: Any) -> bool:
        return isinstance(item, kinds) and not isinstance(item, bool)  # True is no number

    def as_list(value: Any) -> list[Any]:
        several = isinstance(value, Iterable) and not isinstance(
            value, str | bytes | os.PathLike | Mapping
        )
        items = list(value) if several else []
        wrong = [(at, item) for at, item in enumerate(items) if not fits(item)]
        if not several or wrong:
            got = f"{short(wrong[0][1])} at place {wrong[0][0]}" if wrong else short(value)
            raise ValueError(f"must be a list of {words}, e.g. {example}; got {got}")
        return items

    return Annotated[Any, AfterValidator(as_list)]


PLACE = such(
    lambda value: isinstance(value, str | os.PathLike) and "\0" not in str(value),
    "text or a path",
)
"""Where something is, or its name."""

LOCAL = Annotated[PLACE, AfterValidator(as_local)]
"""A file or folder of this machine."""

CHANGES = such(
    lambda value: isinstance(value, Mapping),
    'a mapping of fields to values, e.g. {"people.count": 48}',
)
"""Fields to replace, by their paths."""
