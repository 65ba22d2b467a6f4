"""The pictures that a path names: files, tables or a video."""

from __future__ import annotations

from pathlib import Path

from manifests.errors import BadRecipe, NotFound
from manifests.files_of_others import is_file, is_folder, pictures_below
from tasks.embed.pictures import FOLDERS, Pictures, camera_in
from tasks.embed.tables_of_pictures import from_tables


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
    paths = pictures_below(where)
    if paths:
        names = [path.relative_to(where).as_posix() for path in paths]
        return Pictures.of_folder(where, names, cameras)
    tables = sorted(where.glob("**/*.parquet"))
    if not tables:
        raise NotFound(f"{where}: neither pictures, nor .parquet files, nor sequences below it")
    return from_tables(where, tables, named)
