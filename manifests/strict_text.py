"""YAML and JSON as settings are written in them: safe, no key twice, numbers as people write them,
nothing that is or unfolds beyond measure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml

_MAX_DEPTH = 100
_MAX_VALUES = 100_000
_MAX_LENGTH = 100_000
_TEXT_OF_ONE = 100
_MAX_DIGITS = 30

_DECIMAL = re.compile(r"[-+]?(0|[1-9][0-9_]*)")
_INTEGER = "tag:yaml.org,2002:int"
_MERGE = "tag:yaml.org,2002:merge"

# The same safe subset of YAML: libyaml, where it is there, is several times faster; the other says
# more exactly where something is wrong.
_LOADERS: list[Any] = [getattr(yaml, "CSafeLoader", yaml.SafeLoader), yaml.SafeLoader]


def read_yaml(text: str) -> Any:
    """What ``text`` says; ``ValueError`` names the line and column of what is wrong with it."""
    problem = ""
    for loader in _LOADERS:
        try:
            return _read(text, loader)
        except (yaml.YAMLError, TypeError, ValueError) as error:
            problem = _in_one_line(error)
    raise ValueError(f"not YAML: {problem}")


def read_json(text: str) -> Any:
    """What ``text`` says; ``ValueError`` says what is wrong with it."""
    try:
        return json.loads(text, object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"not JSON: {error}") from None


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        doubled = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key `{doubled}` is written twice")
    return content


def _read(text: str, loader: Any) -> Any:
    _check_depth(yaml.parse(text, loader))
    opened = loader(text)
    try:
        root = opened.get_single_node()
        if root is None:
            return None
        _check_node(root, {})
        return opened.construct_document(root)
    finally:
        opened.dispose()


def _check_depth(events: Iterator[yaml.Event]) -> None:
    # Before anything recurses: libyaml ends the whole process when it runs out of stack.
    depth = 0
    for event in events:
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _MAX_DEPTH:
            raise yaml.MarkedYAMLError(
                problem=f"nested more than {_MAX_DEPTH} deep", problem_mark=event.start_mark
            )


def _check_node(node: yaml.Node, sizes: dict[int, int]) -> int:
    """How many nodes it is with every alias written out; refuses keys that are written twice, and
    what is longer than settings are or a number in none of people's spellings."""
    if id(node) in sizes:
        return sizes[id(node)]
    sizes[id(node)] = _MAX_VALUES  # an alias of itself has no end
    children: list[yaml.Node] = []
    if isinstance(node, yaml.MappingNode):
        _check_keys(node)
        children = [child for pair in node.value for child in pair]
    elif isinstance(node, yaml.SequenceNode):
        children = node.value
    else:
        _check_scalar(str(node.value), node)
    # Long texts count as several, or aliases of one would be gigabytes.
    own = 1 if children else 1 + len(node.value) // _TEXT_OF_ONE
    sizes[id(node)] = size = own + sum(_check_node(child, sizes) for child in children)
    if size > _MAX_VALUES:
        raise yaml.MarkedYAMLError(
            problem=f"more than {_MAX_VALUES:,} keys and values, aliases written out",
            problem_mark=node.start_mark,
        )
    return size


def _check_scalar(written: str, node: yaml.Node) -> None:
    problem, number = "", node.tag == _INTEGER
    if len(written) > _MAX_LENGTH:
        problem = f"a text of more than {_MAX_LENGTH:,} characters"
    elif number and len(written) > _MAX_DIGITS:
        problem = f"a number of more than {_MAX_DIGITS} digits"
    elif number and not _DECIMAL.fullmatch(written):
        # YAML 1.1 reads 010 as eight and 1:30 as ninety.
        problem = f"`{written}` could be read in several ways: write numbers in decimals without "
        problem += "leading zeros, and texts in quotes"
    if problem:
        raise yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)


def _check_keys(node: yaml.MappingNode) -> None:
    seen = set()
    for key, _ in node.value:
        if isinstance(key, yaml.ScalarNode) and key.tag != _MERGE:
            if key.value in seen:
                # YAML itself would keep the last one and say nothing.
                raise yaml.MarkedYAMLError(
                    problem=f"the key `{key.value}` is written twice", problem_mark=key.start_mark
                )
            seen.add(key.value)


def _in_one_line(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        return f"line {mark.line + 1}, column {mark.column + 1}: {error.problem}"
    return str(error).splitlines()[0] if str(error) else type(error).__name__
