"""Writes filled tables as Markdown and JSON."""

from __future__ import annotations

from pathlib import Path

from manifests.whole_files import write_whole
from tasks.reproduce.bench import Asked, Bench
from tasks.reproduce.run import Places
from tasks.reproduce.tables import filled, markdown, plain
from training.artifacts import write_json


def write_tables(asked: Asked, places: Places) -> dict[Path, str]:
    """One Markdown file (path -> text) and one JSON file for every table that was asked for."""
    bench, written = Bench(asked), {}
    for experiment in asked.experiments:
        table = filled(experiment, bench, places.results)
        longer = "" if asked.longer == 1 else f"-{asked.longer}-times-as-long"
        name = f"{experiment.name}-{asked.budget}{longer}"
        text = markdown(table)
        path = places.folder / f"{name}.md"
        write_whole(path, text)
        write_json(places.folder / f"{name}.json", plain(table))
        written[path] = text
    return written
