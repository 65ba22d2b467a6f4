"""Turns validation errors into sentences: which field, what is allowed, what was given."""

from __future__ import annotations

import difflib
from typing import Any

from pydantic import BaseModel, ValidationError

_LIMITS = (
    ("exclusiveMinimum", "greater than {}"),
    ("minimum", "at least {}"),
    ("exclusiveMaximum", "less than {}"),
    ("maximum", "at most {}"),
    ("multipleOf", "a multiple of {}"),
    ("minLength", "at least {} characters"),
    ("minItems", "at least {} items"),
    ("pattern", "of the form {}"),
)
_MOST = 50
_KINDS = {
    "integer": "a whole number",
    "number": "a number",
    "string": "text",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "null",
}


def explain(model: type[BaseModel], error: ValidationError) -> list[str]:
    """One sentence for each wrong field of ``model``: field, what is allowed, what was given; of
    very many the first ones, and how many more there are."""
    schema = model.model_json_schema()
    sentences: dict[str, str] = {}
    problems = error.errors(include_url=False)
    for problem in problems[:_MOST]:
        location, node = _locate(schema, problem["loc"])
        if location not in sentences:
            sentences[location] = _sentence(schema, location, node, problem)
    said = [
        sentence
        for location, sentence in sentences.items()
        if not any(_is_inside(other, location) for other in sentences)
    ]
    more = len(problems) - _MOST
    return [*said, f"and {more:,} more problems"] if more > 0 else said


def _is_inside(inner: str, outer: str) -> bool:
    # A wrong item makes its container wrong as well; the item alone says what to mend.
    return inner.startswith((f"{outer}.", f"{outer}[")) and bool(outer)


def _sentence(schema: dict, location: str, node: dict | None, problem: Any) -> str:
    got = short(problem["input"])
    if problem["type"] == "missing":
        expected = f" ({_allowed(schema, node)})" if node else ""
        return f"{location}: is required{expected}"
    if problem["type"] == "extra_forbidden":
        parent = _locate(schema, problem["loc"][:-1])[1] or {}
        known = sorted(parent.get("properties", {}))
        key = str(problem["loc"][-1])
        close = difflib.get_close_matches(key, known, n=1)
        hint = f"did you mean `{close[0]}`? " if close else ""
        return f"{location}: unknown key, {hint}allowed keys: {', '.join(known)}; got {got}"
    if problem["type"] == "value_error":
        message = problem["msg"].removeprefix("Value error, ")
        return message if not location else f"{location}: {message}"
    if problem["type"] == "finite_number":
        return f"{location}: must be finite, got {got}"
    if node:
        return f"{location}: must be {_allowed(schema, node)}, got {got}"
    return f"{location}: {problem['msg']}, got {got}"


def _locate(schema: dict, path: tuple[int | str, ...]) -> tuple[str, dict | None]:
    """The dotted name of a field and the part of the JSON schema that describes it."""
    name = ""
    node: dict | None = schema
    for part in path:
        options = _options(schema, node) if node is not None else []
        if len(options) > 1 and (chosen := [o for o in options if o.get("title") == part]):
            node = chosen[0]  # the alternative of a union that the value was taken for
            continue
        child = _child(schema, node, part) if node is not None else None
        if child is None and len(options) > 1:
            continue  # Pydantic adds the name of each tried alternative of a union to the path.
        node = child
        name += f"[{part}]" if isinstance(part, int) else f".{part}" if name else str(part)
    return name, node


def _child(schema: dict, node: dict, part: int | str) -> dict | None:
    for option in _options(schema, node):
        if isinstance(part, int) and option.get("type") == "array":
            places = option.get("prefixItems", [])
            item = places[part] if part < len(places) else option.get("items", {})
            return _resolve(schema, item)
        if isinstance(part, str) and part in option.get("properties", {}):
            return _resolve(schema, option["properties"][part])
        if isinstance(part, str) and isinstance(option.get("additionalProperties"), dict):
            return _resolve(schema, option["additionalProperties"])
        if isinstance(part, str) and option.get("patternProperties"):
            return _resolve(schema, next(iter(option["patternProperties"].values())))
    return None


def _options(schema: dict, node: dict) -> list[dict]:
    node = _resolve(schema, node)
    options = node.get("anyOf") or node.get("oneOf") or [node]
    return [_resolve(schema, option) for option in options]


def _resolve(schema: dict, node: dict) -> dict:
    if "$ref" in node:
        return schema["$defs"][node["$ref"].rpartition("/")[2]]
    return node


def _allowed(schema: dict, node: dict | None) -> str:
    assert node is not None
    return " or ".join(dict.fromkeys(_allowed_one(option) for option in _options(schema, node)))


def _allowed_one(node: dict) -> str:
    if "enum" in node:
        return "one of " + ", ".join(str(value) for value in node["enum"])
    if "const" in node:
        return repr(node["const"])
    words = [text.format(node[key]) for key, text in _LIMITS if key in node]
    kind = _KINDS.get(node.get("type", ""), "valid")
    return f"{kind}, {' and '.join(words)}" if words else kind


def short(value: Any) -> str:
    """What was given, in at most 80 characters."""
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
