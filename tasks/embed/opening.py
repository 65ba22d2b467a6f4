"""The pictures that a path names: files, tables or a video."""

from __future__ import annotations

from pathlib import Path

from manifests.errors import BadRecipe, NotFound
from manifests.files_of_others import is_file, is_folder, pictures_below
from tasks.embed.pictures import FOLDERS, Pictures, camera_in
from tasks.embed.tables_of_pictures import from_tables, has_pictures

_OF_A_CARD = 8
"""Picture files that a data set may have beside its tables."""


def open_pictures(where: Path, cameras: str = FOLDERS) -> Pictures:
    """A folder of pictures, a Parquet file or a folder of such with pictures in the column
    ``image``, or sequences of a video with boxes (MOTChallenge).

    ``cameras``: ``folders``, ``one``, or a regular expression whose one group is the camera in a
    name. Files and sequences that say the camera themselves are asked first, unless it is ``one``.
    Raises ``NotFound`` if nothing is there, ``BadRecipe`` and ``CorruptData`` for what is not
    understood.
    """
    named = camera_in(cameras)  # refused before anything is read
    if is_file(where):
        if where.suffix != ".parquet":
            raise BadRecipe(f"{where}: a file, but no .parquet; name a folder of pictures")
        return from_tables(where, [where], named)
    if not is_folder(where):
        raise NotFound(f"{where}: no such folder or file of pictures")
    if next(where.glob("**/seqinfo.ini"), None) is not None:
        # Imports pandas.
        from tasks.embed.video_crops import from_sequences

        return from_sequences(where, named)
    if (boxes := next(where.glob("**/det/det.txt"), None)) is not None:
        raise BadRecipe(
            f"{boxes}: boxes in the frames of a sequence, but there is no "
            f"{boxes.parents[1] / 'seqinfo.ini'}: [Sequence] with frameRate and seqLength, and "
            "imDir and imExt unless they are img1 and .jpg. Without it frames would be taken for "
            "people; name their folder alone if they are"
        )
    paths = pictures_below(where)
    tables = sorted(where.glob("**/*.parquet"))
    if paths and not _illustrate(where, paths, tables):
        names = [path.relative_to(where).as_posix() for path in paths]
        return Pictures.of_folder(where, names, cameras)
    if not tables:
        raise NotFound(f"{where}: neither pictures, nor .parquet files, nor sequences below it")
    return from_tables(where, tables, named)


def _illustrate(where: Path, pictures: list[Path], tables: list[Path]) -> bool:
    """Whether picture files are those of a data set's card, beside tables that hold its pictures;
    ``BadRecipe`` if there are other ones, too."""
    holding = {table.parent for table in tables if has_pictures(table)}
    if not holding:
        return False
    of_cards = all(path.parent in holding for path in pictures)
    if not of_cards or len(pictures) > _OF_A_CARD * len(holding):
        raise BadRecipe(
            f"{where}: has {len(pictures)} picture files and Parquet files with pictures, e.g. in "
            f"{min(holding)}; name a folder that has only one of both"
        )
    return True
