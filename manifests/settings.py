"""Settings in files: the one way in for recipes, trainings, scenes, games and lists of stores.

A file says keys and values, in YAML (levels of games: in JSON). Whatever cannot be carried out is
refused before any work starts, by a message that names the file, the field, what is allowed and
what was given: a key that is unknown or written twice, a value out of range, a file too large to
be one. What the fields mean is said by each model; sentences about them are ``manifests.refusals``.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, RootModel, ValidationError

from manifests.addresses import local_path
from manifests.errors import BadRecipe, FactoryError, NotFound
from manifests.refusals import explain
from manifests.strict_text import read_yaml
from manifests.texts_of_others import decoded_text

AnyModel = TypeVar("AnyModel", bound=BaseModel)

_MAX_BYTES = 1_000_000
_SHOWN = 80
_ENDING = ".yaml"


@dataclass(frozen=True)
class Form(Generic[AnyModel]):
    """One kind of settings.

    ``word``: what people call it. ``presets``: the package whose YAML files are shipped and may be
    named. ``refusal``, ``missing``: the errors for what is wrong, and for what is not there.
    ``syntax``: how files are written.
    """

    model: type[AnyModel]
    word: str
    presets: str | None = None
    refusal: type[FactoryError] = BadRecipe
    missing: type[FactoryError] = NotFound
    syntax: Callable[[str], Any] = read_yaml

    def shipped(self) -> tuple[str, ...]:
        """Names of those that come with the package, sorted."""
        if self.presets is None:
            return ()
        names = [entry.name for entry in resources.files(self.presets).iterdir()]
        return tuple(sorted(n.removesuffix(_ENDING) for n in names if n.endswith(_ENDING)))

    def load(
        self, name_or_path: str | Path, overrides: Mapping[str, Any] | None = None
    ) -> AnyModel:
        """One that is shipped, by name, or any file, by path.

        ``overrides`` replace fields; see ``override``. Raises ``missing`` for a name or a file
        that does not exist, ``refusal`` for anything that cannot be carried out.
        """
        name = str(local_path(name_or_path))
        if self.presets is not None and name in self.shipped():
            text = (resources.files(self.presets) / f"{name}{_ENDING}").read_text("utf-8")
            found = self.parse(text, f"{self.word} {name}")
        elif Path(name).suffix in {_ENDING, ".yml"} or _exists(Path(name)):
            found = self.read(Path(name))
        else:
            raise self.missing(self._not_shipped(name))
        plain = found.model_dump(mode="json", by_alias=True)
        return self.changed(plain, overrides, name) if overrides else found

    def read(self, path: Path) -> AnyModel:
        """The one in a file; raises like ``load``."""
        source = f"{self.word} {path}"
        try:
            with path.open("rb") as file:
                data = file.read(_MAX_BYTES + 1)  # of a pipe or device, too, that never ends
        except FileNotFoundError:
            raise self.missing(f"no {self.word} at {path}") from None
        except OSError as error:
            raise self.refusal(f"{source}: cannot be read: {error.strerror}") from None
        if len(data) > _MAX_BYTES:
            raise self.refusal(f"{source}: larger than {_MAX_BYTES:,} bytes, which none is")
        try:
            text = decoded_text(data)
        except ValueError as error:
            raise self.refusal(f"{source}: {error}") from None
        return self.parse(text, source)

    def parse(self, text: str, source: str = "text") -> AnyModel:
        """The one that ``text`` says; ``source`` names it in refusals."""
        try:
            content = self.syntax(text)
        except ValueError as error:
            raise self.refusal(f"{source}: {error}") from None
        if content is None and issubclass(self.model, RootModel):
            content = {}
        if not isinstance(content, dict):
            got = type(content).__name__ if content is not None else "nothing"
            raise self.refusal(f"{source}: a {self.word} is a mapping{self._keys()}, got {got}")
        return self.check(content, source)

    def changed(self, plain: dict[str, Any], overrides: Mapping[str, Any], name: str) -> AnyModel:
        """What ``plain`` data says with some of its fields replaced; see ``override``."""
        try:
            override(plain, overrides)
        except ValueError as error:
            raise self.refusal(f"{self.word} {name}: {error}") from None
        return self.check(plain, f"{self.word} {name}, changed")

    def check(self, content: Any, source: str) -> AnyModel:
        """What plain data says, if it can be carried out."""
        try:
            # Half a surrogate pair has no UTF-8 form, so it can be neither digested nor stored.
            json.dumps(content, ensure_ascii=False, skipkeys=True, default=str).encode()
            return self.model.model_validate(content)
        except UnicodeEncodeError:
            raise self.refusal(f"{source}: every text must be Unicode (no surrogates)") from None
        except ValidationError as error:
            raise self.refusal(f"{source}: " + "; ".join(explain(self.model, error))) from None

    def _keys(self) -> str:
        fields = self.model.model_fields.items()
        if issubclass(self.model, RootModel):
            return ""
        return " with keys such as " + ", ".join([f.alias or name for name, f in fields][:4])

    def _not_shipped(self, name: str) -> str:
        known = self.shipped()
        close = difflib.get_close_matches(name, known, n=1)
        hint = f"; did you mean `{close[0]}`?" if close else "."
        return (
            f"no {self.word} called {name[:_SHOWN]!r}{hint} Shipped: {', '.join(known)}. "
            "Or give the path of a .yaml file"
        )


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name that is too long for any file
        return False


def parse_assignments(words: Iterable[str], option: str) -> dict[str, Any]:
    """``["people.count=64"]`` as overrides: ``{"people.count": 64}``; values are YAML."""
    overrides = {}
    for word in words:
        path, equals, value = word.partition("=")
        if not equals or not path:
            raise BadRecipe(f"{option} takes field=value, e.g. people.count=64; got {word!r}")
        try:
            overrides[path] = read_yaml(value)
        except ValueError as error:
            raise BadRecipe(f"{option} {word}: the value is {error}") from None
    return overrides


def override(plain: dict[str, Any], changes: Mapping[Any, Any]) -> None:
    """Replace fields of ``plain``: by dotted paths, or by mappings, which are merged.

    ``{"people.count": 48}`` and ``{"people": {"count": 48}}`` are the same; items of lists are
    numbered from 0, ``scenes.0.lights``, in mappings too. ``ValueError`` names a path through a
    field that has none below it, and an item that there is not.
    """
    _override(plain, changes, "")


def _override(level: dict[str, Any] | list[Any], changes: Mapping[Any, Any], above: str) -> None:
    for path, value in changes.items():
        if not isinstance(path, str):
            raise ValueError(f"override {path!r}: fields are named by texts, e.g. 'people.count'")
        whole, place = above + path, level
        *parents, field = path.split(".")
        for parent in parents:
            key = _key(place, parent, whole)
            place = place.setdefault(key, {}) if isinstance(place, dict) else place[key]
            if not isinstance(place, dict | list):
                raise ValueError(
                    f"override {whole}: `{parent}` has no fields that could be set one by one"
                )
        key = _key(place, field, whole)
        old = place.get(key) if isinstance(place, dict) else place[key]
        if isinstance(old, list) and isinstance(value, Mapping) and not value:
            raise ValueError(f"override {whole}: is a list; give one, or items by their numbers")
        if isinstance(value, Mapping) and isinstance(old, dict | list):
            _override(old, value, f"{whole}.")
        else:
            place[key] = value


def _key(level: dict[str, Any] | list[Any], word: str, path: str) -> Any:
    """What a word of a path is called in a mapping or a list."""
    if isinstance(level, dict):
        return word
    if not (word.isascii() and word.isdecimal() and int(word) < len(level)):
        there = f"has items 0 to {len(level) - 1}" if level else "is empty"
        raise ValueError(f"override {path}: {word!r} is no item of the list, which {there}")
    return int(word)
