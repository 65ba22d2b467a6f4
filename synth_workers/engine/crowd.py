"""The appearances an engine may dress its people in: the file ``--crowd`` names.

``{"version": 1, "root": <folder of the people cache>, "people": [{"person_id", "digest"}, …]}``;
an appearance number is a position in that list.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from manifests.errors import BadRecipe, CorruptData, FactoryError, MissingRequirement, NotFound
from manifests.model import Model
from synth_workers.people.cache import PeopleCache
from synth_workers.people.person import BuiltPerson

CROWD_VERSION = 1
_KEPT = 128


class CrowdMember(Model):
    """One appearance: whose it is and the digest of its ``PersonSpec``."""

    person_id: str
    digest: str


class CrowdFile(Model):
    """Content of a crowd file."""

    version: int
    root: str
    people: tuple[CrowdMember, ...]


@dataclass(frozen=True)
class Appearance:
    """A built person and the key its meshes are cached under."""

    key: Hashable
    person: BuiltPerson


class Crowd:
    """Loads appearances when they are first worn; keeps the last ones in memory."""

    def __init__(
        self,
        keys: Sequence[str],
        load: Callable[[str], BuiltPerson],
        renew: Callable[[], Crowd] | None = None,
    ) -> None:
        """``keys``: one per appearance number; ``load``: key -> built person; ``renew``: the crowd
        of a level that is opened anew, by default this one."""
        self._keys = tuple(keys)
        self._load = lru_cache(_KEPT)(load)
        self._renew = renew

    def renewed(self) -> Crowd:
        """Who may be spawned in a level that is opened anew: whom the crowd file names then."""
        return self if self._renew is None else self._renew()

    def __len__(self) -> int:
        return len(self._keys)

    def appearance(self, number: int) -> Appearance:
        """Appearance ``number``; ``NotFound`` beyond the list, ``CorruptData`` if unreadable."""
        if not 0 <= number < len(self._keys):
            raise NotFound(f"no appearance {number}, this crowd has {len(self._keys)}")
        key = self._keys[number]
        return Appearance(key, self._load(key))


def read_crowd_file(path: Path) -> CrowdFile:
    """Parse a crowd file; ``NotFound`` if it is absent, ``BadRecipe`` if it is malformed."""
    try:
        crowd = CrowdFile.model_validate_json(path.read_bytes())
    except OSError as error:
        raise NotFound(f"crowd file {path}: {error.strerror}. Write it with write_crowd") from error
    except ValidationError as error:
        raise BadRecipe(f"crowd file {path} is malformed: {error}") from error
    if crowd.version != CROWD_VERSION:
        raise BadRecipe(
            f"crowd file {path} has version {crowd.version}, this engine reads {CROWD_VERSION}; "
            "write it again with this release"
        )
    return crowd


def load_crowd(path: Path) -> Crowd:
    """The crowd of a file, backed by the people cache it names.

    Raises ``NotFound``, ``BadRecipe`` (the file) or ``MissingRequirement`` (people not built).
    """
    crowd = read_crowd_file(path)
    cache = PeopleCache(Path(crowd.root))
    missing = [m.person_id for m in crowd.people if not cache.path(m.digest).exists()]
    if missing:
        raise MissingRequirement(
            f"crowd file {path}: {len(missing)} of {len(crowd.people)} people are not built in "
            f"{crowd.root} (first: {missing[0]}); build them with PeopleCache.ensure"
        )

    def load(digest: str) -> BuiltPerson:
        try:
            return cache.load(digest)
        except FactoryError:
            raise
        except Exception as error:
            raise CorruptData(f"person {digest} in {crowd.root} is unreadable: {error}") from error

    return Crowd([member.digest for member in crowd.people], load, lambda: load_crowd(path))
