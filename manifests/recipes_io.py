"""Recipes in and out of YAML: shipped names, files, variants, overrides, and clear refusals."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from manifests.errors import BadRecipe, NotFound
from manifests.identity import canonical_json, digest
from manifests.model import in_full
from manifests.recipe import Recipe
from manifests.refusals import explain
from manifests.variants import Variant, apply_variants

__all__ = [
    "Variant",
    "dump_recipe",
    "load_recipe",
    "parse_recipe",
    "recipe_digest",
    "shipped_recipes",
]

_MAX_BYTES = 1_000_000


class _StrictLoader(yaml.SafeLoader):
    """Safe loader that refuses a key that is written twice (YAML would keep the last)."""


def _mapping_without_duplicates(loader: _StrictLoader, node: yaml.MappingNode) -> dict:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        if isinstance(key, str) and key != "<<" and key in seen:
            raise yaml.MarkedYAMLError(
                problem=f"the key `{key}` is written twice", problem_mark=key_node.start_mark
            )
        if isinstance(key, str):
            seen.add(key)
    loader.flatten_mapping(node)
    return loader.construct_mapping(node, deep=True)


_StrictLoader.add_constructor(
    yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping_without_duplicates
)


def shipped_recipes() -> tuple[str, ...]:
    """Names of the recipes that come with the package, sorted."""
    folder = resources.files("manifests") / "recipes"
    return tuple(
        sorted(
            entry.name.removesuffix(".yaml")
            for entry in folder.iterdir()
            if entry.name.endswith(".yaml")
        )
    )


def load_recipe(
    name_or_path: str | Path,
    variants: Sequence[Variant | str] = (),
    overrides: Mapping[str, Any] | None = None,
) -> Recipe:
    """A validated recipe: shipped by name, or from a YAML file.

    ``variants`` are overlaid on it, then ``overrides``: nested mappings, or dotted keys such as
    ``{"people.count": 48}``. Raises ``NotFound`` for a name that does not exist, ``BadRecipe``
    with the field, the allowed range and the value for anything that cannot be carried out.
    """
    source, text = _read(name_or_path)
    plain = parse_recipe(text, source).model_dump(mode="json")
    plain = apply_variants(plain, frozenset(_variant(v) for v in variants))
    for key, value in (overrides or {}).items():
        _override(plain, key, value)
    return _validate(plain, source if not overrides else f"{source} with overrides")


def parse_recipe(text: str, source: str = "recipe") -> Recipe:
    """The validated recipe that the YAML ``text`` says; ``source`` names it in refusals."""
    try:
        data = yaml.load(text, Loader=_StrictLoader)
    except (yaml.YAMLError, RecursionError, ValueError, TypeError) as error:
        raise BadRecipe(f"{source}: not valid YAML: {_yaml_problem(error)}") from None
    if not isinstance(data, dict):
        raise BadRecipe(
            f"{source}: a recipe is a mapping with keys such as name, people, scenes and "
            f"images_per_person, got {type(data).__name__ if data is not None else 'nothing'}"
        )
    return _validate(data, source)


def dump_recipe(recipe: Recipe, complete: bool = False) -> str:
    """The recipe as YAML, as stores keep it; loading it gives ``recipe``.

    ``complete``: also fields that releases added since and that nobody has set.
    """
    plain = in_full(recipe) if complete else recipe.model_dump(mode="json")
    return yaml.safe_dump(plain, sort_keys=False, width=100)


def recipe_digest(recipe: Recipe) -> str:
    """Identity of the complete request, defaults included."""
    return digest(recipe)


def _read(name_or_path: str | Path) -> tuple[str, str]:
    name = str(name_or_path)
    if name in shipped_recipes():
        return name, (resources.files("manifests") / "recipes" / f"{name}.yaml").read_text("utf-8")
    path = Path(name_or_path)
    if path.suffix not in {".yaml", ".yml"} and not path.exists():
        known = shipped_recipes()
        close = difflib.get_close_matches(name, known, n=1)
        hint = f"; did you mean `{close[0]}`?" if close else ""
        raise NotFound(
            f"no recipe called {name!r}{hint} Shipped: {', '.join(known)}. "
            "Or give the path of a .yaml file"
        )
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise BadRecipe(f"{path}: larger than {_MAX_BYTES} bytes, which no recipe is")
        return str(path), path.read_text("utf-8")
    except FileNotFoundError:
        raise NotFound(f"no recipe file at {path}") from None
    except UnicodeDecodeError as error:
        raise BadRecipe(f"{path}: not valid YAML: not UTF-8 text ({error.reason})") from None
    except OSError as error:
        raise BadRecipe(f"{path}: cannot be read: {error.strerror}") from None


def _variant(value: Variant | str) -> Variant:
    try:
        return Variant(value)
    except ValueError:
        allowed = ", ".join(Variant)
        raise BadRecipe(f"variant: must be one of {allowed}, got {value!r}") from None


def _override(plain: dict[str, Any], key: str, value: Any) -> None:
    head, _, rest = key.partition(".")
    if rest:
        _override_child(plain, head, {rest: value}, key)
    elif isinstance(value, Mapping) and isinstance(plain.get(head), dict):
        _override_child(plain, head, value, key)
    else:
        plain[head] = value


def _override_child(plain: dict[str, Any], head: str, values: Mapping, key: str) -> None:
    child = plain.get(head)
    if not isinstance(child, dict):
        raise BadRecipe(f"override {key}: `{head}` has no fields that could be set one by one")
    for name, value in values.items():
        _override(child, name, value)


def _validate(data: Any, source: str) -> Recipe:
    try:
        recipe = Recipe.model_validate(data)
        canonical_json(recipe)
    except ValidationError as error:
        problems = explain(Recipe, error)
        raise BadRecipe(f"{source}: " + "; ".join(problems)) from None
    except UnicodeEncodeError:
        raise BadRecipe(f"{source}: every text must be Unicode (no lone surrogates)") from None
    return recipe


def _yaml_problem(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        return f"line {mark.line + 1}, column {mark.column + 1}: {error.problem}"
    return str(error).splitlines()[0] if str(error) else type(error).__name__
