"""Options and arguments that several commands have, and the data set that they mean."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from manifests.dataset import Dataset
    from manifests.reader import SnapshotReader

from tasks.plan.variants import Variant


def local_path(place: str) -> Path:
    """See ``manifests.addresses``, which loads what nobody needs who only asks for help."""
    from manifests.addresses import local_path

    return local_path(place)


# What names a file or folder of this machine; a URI of another place is refused, never a folder.
path_option = partial(typer.Option, parser=local_path)
path_argument = partial(typer.Argument, parser=local_path)

RecipeArgument = Annotated[
    str | None, typer.Argument(metavar="RECIPE", help="The same as --recipe.")
]
RecipeOption = Annotated[
    str | None,
    typer.Option("--recipe", "-r", help="A shipped recipe's name or a YAML file (default: demo)."),
]
VariantOption = Annotated[
    list[str] | None,
    typer.Option("--variant", "-v", help=f"Overlay: {', '.join(Variant)}; repeatable."),
]
StoreOption = Annotated[
    str | None,
    typer.Option("--store", help="Folder or s3://bucket/prefix (default: out/store)."),
]
WorkersOption = Annotated[
    int | None, typer.Option("--workers", "-w", min=1, help="Shards at a time (default: cores).")
]
WhereOption = Annotated[
    str,
    typer.Option("--where", help="local, or deployment: on the render work pool."),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        help="Change one recipe field, e.g. people.count=64 or scenes.0.cameras=all; repeatable.",
    ),
]
DatasetArgument = Annotated[str, typer.Argument(help="Name of a published data set.")]
SnapshotOption = Annotated[
    int | None, typer.Option("--snapshot", min=1, help="Its snapshot (default: the newest).")
]
WithdrawnOption = Annotated[
    bool, typer.Option("--withdrawn", help="Take the named snapshot even if it is withdrawn.")
]
EndpointArgument = Annotated[
    str, typer.Argument(help="host:port, or the plugin's Unix socket (/tmp/unrealcv_PORT.socket).")
]
ModelOption = Annotated[
    Path | None,
    path_option("--model", "-m", help="A trained model: its folder, model.pt, or latest."),
]
InitialOption = Annotated[
    Path | None, path_option("--initial", help="A model to start from, as with --model.")
]
TargetOption = Annotated[
    str | None, typer.Option(help="Another data set: market1501, ..., or a CSV or Parquet file.")
]
RootOption = Annotated[Path | None, path_option(help="The target's unpacked folder.")]
PartialOption = Annotated[bool, typer.Option(help="Accept unofficial counts.")]
LogsOption = Annotated[
    list[str] | None,
    typer.Option(
        "--logs",
        help="Where to tell what happens: tensorboard, or a class of yours (log.py:MyLog); "
        "repeatable. Instead of UNREALPERSON_LOGS.",
    ),
]
TrainingOption = Annotated[
    str, typer.Option("--training", "-t", help="A shipped training preset or a YAML file.")
]


def tell(logs: list[str] | None) -> None:
    """Have trainings of this process and its children tell these logs; refuses what is none."""
    from manifests.environment import variable

    if logs:
        os.environ[variable("logs")] = ",".join(logs)
    from training.logs.chosen import chosen_logs

    chosen_logs()


def asked_recipe(argument: str | None, option: str | None) -> str:
    """The recipe that a command means; ``BadRecipe`` if it was named twice."""
    from manifests.errors import BadRecipe

    if argument is not None and option is not None:
        raise BadRecipe(f"one recipe at a time: {argument!r} and --recipe {option!r}")
    words = (argument, option, "demo")
    return next(word for word in words if word is not None)


def chosen(dataset: str, store: str | None) -> Dataset:
    """The data set that the words of a command mean; it need not exist."""
    from flows.places import chosen_dataset

    return chosen_dataset(dataset, store)


def stored(dataset: str, store: str | None) -> Dataset:
    """``chosen``, of which there must be something in the store, published or not."""
    from manifests.errors import NotFound

    found = chosen(dataset, store)
    if next(iter(found.store.list(f"{found.name}/")), None) is None:
        raise NotFound(
            f"{found.store.uri} holds nothing of a data set {dataset!r}; its name is the `name` of "
            "its recipe"
        )
    return found


def pinned(
    dataset: str, snapshot: int | None, store: str | None, withdrawn: bool = True
) -> SnapshotReader:
    """The snapshot that the words of a command mean; ``withdrawn``: if named, also such a one."""
    from manifests.reader import open_snapshot

    return open_snapshot(chosen(dataset, store), snapshot, withdrawn=withdrawn)


def place_of(reader: SnapshotReader) -> tuple[int, str, str]:
    """What flows are told of a pinned snapshot: number, content digest and store."""
    found = reader.snapshot
    return found.number, found.content_digest, reader.dataset.store.address


def choice(option: str, word: str, allowed: Iterable[str]) -> str:
    """``word`` itself if it is allowed; ``BadRecipe`` names the option and what is."""
    from manifests.errors import BadRecipe

    if word not in (known := list(allowed)):
        raise BadRecipe(f"{option}: must be one of {', '.join(known)}; got {word!r}")
    return word
