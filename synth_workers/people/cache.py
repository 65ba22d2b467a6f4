"""Built people on disk: one file per spec digest, written whole or not at all.

Builders of several processes may share a cache. Engines read whole people from it, workers
only how they move.
"""

from __future__ import annotations

import fcntl
import json
import zipfile
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from manifests.disks import naming_disks
from manifests.errors import CorruptData, NotFound
from manifests.whole_files import write_whole
from synth_workers.cache_folder import cache_root, write_npz
from synth_workers.people.code_version import code_version
from synth_workers.people.person import VERTEX, BuiltPerson, Lod, PersonMotion
from synth_workers.people.spec import PersonSpec
from synth_workers.people.stored import flattened, rebuilt

CROWD_VERSION = 1
_LOCKS = 256


class PeopleCache:
    """People built on this host by this version of the code.

    ``root``: folder of the cache; by default ``people`` in the user's cache folder, which
    ``UNREALPERSON_CACHE`` moves.
    """

    def __init__(self, root: Path | None = None) -> None:
        self.root = Path(root) if root is not None else cache_root() / "people"

    def path(self, digest: str) -> Path:
        """Return where a person with this spec digest is or will be."""
        return self.root / code_version() / digest[:2] / f"{digest}.npz"

    def holds(self, digest: str) -> bool:
        """Whether the person with this spec digest need not be built."""
        return self.path(digest).is_file()

    def ensure(
        self,
        specs: Sequence[PersonSpec],
        progress: Callable[[int, int], None] | None = None,
    ) -> None:
        """Build whoever is missing. ``progress`` is told (done, total) after each person.

        Processes that are asked for the same people at the same time share the work: who is
        being built elsewhere is left for last. Raises ``MissingRequirement`` without body data.
        """
        waiting = {spec.digest(): spec for spec in specs}
        total = done = len(waiting)
        waiting = {key: spec for key, spec in waiting.items() if not self.holds(key)}
        done -= len(waiting)
        if not waiting:
            return
        builder = _new_builder()
        for patient in (False, True):
            for digest, spec in list(waiting.items()):
                with self._locked(digest, wait=patient) as mine:
                    if not mine:
                        continue
                    if not self.holds(digest):
                        self.store(digest, builder.build(spec))
                del waiting[digest]
                done += 1
                if progress is not None:
                    progress(done, total)

    def store(self, digest: str, person: BuiltPerson) -> None:
        """Keep a built person; readers see the whole file or none."""
        highest = max(len(lod.vertices) for lod in person.lods)
        kept = _kept_as(person, np.uint8, np.min_scalar_type(highest))
        write_npz(self.path(digest), flattened(kept))

    def load(self, digest: str) -> BuiltPerson:
        """Read a whole person; ``NotFound`` if absent, ``CorruptData`` if unreadable."""
        with self._opened(digest) as file:
            return _kept_as(rebuilt(BuiltPerson, file), VERTEX, np.uint32)

    def motion(self, digest: str) -> PersonMotion:
        """Read only how a person moves (a few kilobytes of the file)."""
        with self._opened(digest) as file:
            names = [key.split(".")[1] for key in file if key.endswith(".travel")]
            stature, radius, reach = (
                100.0 * file[name].item() for name in ("stature", "radius", "reach")
            )
            return PersonMotion(
                travel_cm={name: 100.0 * file[f"clips.{name}.travel"] for name in names},
                cycle_seconds={name: file[f"clips.{name}.seconds"].item() for name in names},
                stature_cm=stature,
                radius_cm=radius,
                reach_cm=reach,
                pushed_cm=100.0 * file["pushed"],
                activities={
                    key.split(".")[1]: file[key].item()
                    for key in file
                    if key.startswith("activities.")
                },
            )

    def write_crowd(self, specs: Sequence[PersonSpec], file: Path) -> None:
        """Write the list of people an engine loads; their position is their appearance number."""
        crowd = {
            "version": CROWD_VERSION,
            "root": str(self.root.resolve()),
            "people": [{"person_id": s.person_id, "digest": s.digest()} for s in specs],
        }
        write_whole(file, json.dumps(crowd, indent=1))

    @contextmanager
    def _opened(self, digest: str) -> Generator[np.lib.npyio.NpzFile]:
        path = self.path(digest)
        try:
            with path.open("rb") as whole, np.load(whole) as file:
                yield file
        except FileNotFoundError as error:
            raise NotFound(
                f"Person {digest} is not in the cache at {path}; build it first "
                "(PeopleCache.ensure with its spec)."
            ) from error
        except (ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise CorruptData(
                f"{path} is not a readable person ({error}); delete it and build again."
            ) from error

    @contextmanager
    def _locked(self, digest: str, *, wait: bool) -> Generator[bool]:
        lock = self.root / "locks" / f"{int(digest[:8], 16) % _LOCKS:03d}"
        with naming_disks(lock):
            lock.parent.mkdir(parents=True, exist_ok=True)
            handle = lock.open("w")
        with handle:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
                return
            yield True


def _new_builder():
    from synth_workers.people.assembly import PersonBuilder
    from synth_workers.people.body.bodies import BodyData
    from synth_workers.people.clothes.catalogue import GarmentCatalogue

    data = BodyData.load()
    return PersonBuilder(data, GarmentCatalogue(data))


def _kept_as(person: BuiltPerson, vertex: Any, index: Any) -> BuiltPerson:
    """The person with vertices seen as another type and indices of another type."""
    lods = (Lod(lod.vertices.view(vertex), lod.indices.astype(index)) for lod in person.lods)
    return replace(person, lods=tuple(lods))
