"""A model at work on pictures of one's own: features in a file, and who looks like whom."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from manifests.arguments import LOCAL, checked, such
from unrealperson._stages import MODEL

if TYPE_CHECKING:
    from tasks.embed.run import Embedded
    from tasks.embed.search import Hit
    from training.saved_model import Model

_QUERIES = such(
    lambda value: (
        isinstance(value, list | tuple)
        and len(value) > 0
        and all(isinstance(path, str | os.PathLike) for path in value)
    ),
    'a list of picture files, e.g. ["him.jpg"]',
)


@checked(
    pictures=LOCAL,
    model=MODEL,
    output=LOCAL,
    cameras=str,
    unreadable=such(lambda value: value in ("skip", "refuse"), '"skip" or "refuse"'),
)
def embed(
    pictures: str | Path,
    model: Model | str | Path,
    output: str | Path = "features.parquet",
    cameras: str = "folders",
    unreadable: str = "skip",
) -> Embedded:
    """Write the features of pictures to a Parquet file, in bounded memory whatever their number.

    ``pictures``: a folder of them, a Parquet file or folder with pictures in the column ``image``,
    or sequences of a video with boxes in MOTChallenge's layout; ``model``: a trained one, or the
    ``.onnx`` that it was exported as; ``cameras``: who took them: ``folders`` (the first folder of
    a path), ``one``, or a regular expression with one group that finds the camera in a path;
    ``unreadable``: whether pictures that cannot be read are skipped, and listed in the result's
    ``skipped``, or refused. Raises ``NotFound``, ``BadRecipe`` and ``CorruptData``.
    """
    from tasks.embed.opening import open_pictures
    from tasks.embed.run import embed as run
    from tasks.embed.skipped import Unreadable
    from training.saved_model import Model

    found = open_pictures(Path(pictures), cameras)
    network = (model if isinstance(model, Model) else Model(model)).network
    return run(found, network, Path(output), Unreadable(unreadable))


@checked(
    queries=_QUERIES,
    features=LOCAL,
    model=MODEL,
    camera=str,
    most=Annotated[int, Field(ge=1, le=1000)],
    page=LOCAL,
)
def search(
    queries: Sequence[str | Path],
    features: str | Path = "features.parquet",
    model: Model | str | Path | None = None,
    camera: str | None = None,
    most: int = 20,
    page: str | Path | None = None,
) -> list[list[Hit]]:
    """The pictures of a file of features that look most like each query, the nearest first.

    ``queries``: picture files; ``features``: what ``embed`` wrote; ``model``: that of the features,
    by default from where it was; ``camera``: who took the queries, one of the cameras of the
    features, by default all of them together; ``page``: an HTML file to write the results to. A
    hit has ``key``, ``camera`` and ``similarity`` (the cosine). Raises ``BadRecipe`` naming what
    differs if ``model`` is another one, ``NotFound`` and ``CorruptData``.
    """
    from manifests.whole_files import write_whole
    from tasks.embed.queries import look_for, read_query
    from tasks.embed.table import open_features
    from training.saved_model import Model

    table = open_features(Path(features))
    pictures = [(str(path), read_query(Path(path))) for path in queries]
    if model is not None and not isinstance(model, Model):
        model = Model(model)
    network = None if model is None else model.network
    found = look_for(table, [picture for _, picture in pictures], network, camera, most)
    if page is not None:
        from tasks.embed.page import results_page

        write_whole(Path(page), results_page(table, pictures, found))
    return found
