"""Where the folders of a data set lie below a root, and what was found instead of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from manifests.errors import NotFound
from manifests.files_of_others import is_litter, is_picture, pictures_below

OR = "|"
_NAMED = 6


def holds_pictures(folder: Path) -> bool:
    """Whether there are picture files directly in a folder."""
    return any(is_picture(path) and not is_litter(path.name) for path in folder.iterdir())


def folders_at(root: Path, where: str) -> list[Path]:
    """The folders that ``where`` means: a glob below the root, ``.`` for the root itself, or
    several of these with ``|`` between them, of which the first that exists counts."""
    for glob in where.split(OR):
        found = [root] if glob == "." else sorted(root.glob(glob))
        if folders := [folder for folder in found if folder.is_dir() and _is_own(folder, root)]:
            return folders
    return []


def _is_own(folder: Path, root: Path) -> bool:
    return not any(map(is_litter, folder.relative_to(root).parts))


def not_here(name: str, root: Path, where: str, wanted: Iterable[str]) -> NotFound:
    """The error for folders ``where`` that are not there or hold no pictures: where they were
    looked for, what was found, and whether the root is one level too high or too low."""
    if not root.is_dir():
        return NotFound(
            f"{name}: no folder {_named(where)} in {root}, which is no folder itself; point at the "
            "unpacked data set"
        )
    folders = folders_at(root, where)
    if folders:
        places = " and ".join(str(folder) for folder in folders[:3])
        said = f"no pictures in {places}, found {found_in(folders[0])}"
    else:
        needed = ", ".join(map(_named, wanted))
        said = (
            f"no folder {_named(where)} in {root}; it should have {needed}, found {found_in(root)}"
        )
    globs = [glob for glob in where.split(OR) if glob != "."]
    hint = other_root(root, lambda place: _has_pictures(place, globs))
    return NotFound(f"{name}: {said}{f'; point --root at {hint}' if hint else ''}")


def found_in(folder: Path) -> str:
    """What a folder holds, in a few words."""
    if not folder.is_dir():
        return "no such folder"
    entries = sorted(path for path in folder.iterdir() if not is_litter(path.name))
    folders = [f"{path.name}/" for path in entries if path.is_dir()]
    files = [path for path in entries if not path.is_dir()]
    kinds = Counter(path.suffix.lower() or "no suffix" for path in files)
    counted = [f"{count:,} files {kind}" for kind, count in kinds.most_common(3)]
    said = [*folders[:_NAMED], *(["…"] if len(folders) > _NAMED else []), *counted]
    return ", ".join(said) if said else "nothing"


def other_root(root: Path, fits: Callable[[Path], bool]) -> Path | None:
    """A folder in or around ``root`` that has what ``root`` should have, if there is such a one."""
    if not root.is_dir():
        return None
    inside = sorted(path for path in root.iterdir() if path.is_dir())
    return next((place for place in (*inside[:1000], root.resolve().parent) if fits(place)), None)


def _has_pictures(place: Path, globs: Sequence[str]) -> bool:
    found = (folder for glob in globs for folder in place.glob(glob) if folder.is_dir())
    return any(pictures_below(folder) for folder in found)


def _named(where: str) -> str:
    return " or ".join("pictures of its own" if one == "." else one for one in where.split(OR))
