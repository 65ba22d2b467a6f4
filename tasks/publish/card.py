"""The README card of a published data set, in the form the Hugging Face hub reads."""

from __future__ import annotations

import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined

from manifests.places import Places
from manifests.recipe import Recipe
from manifests.recipes_io import dump_recipe
from manifests.recordings import TRACK_DESCRIPTIONS
from manifests.schema import DESCRIPTIONS, TRACKLET_DESCRIPTIONS
from manifests.snapshots import Snapshot
from tasks.publish.configurations import configurations, split_files
from tasks.publish.wording import as_text, fence

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (10**6, "100K<n<1M"))


def dataset_card(recipe: Recipe, snapshot: Snapshot) -> str:
    """Markdown with a YAML head: what is in it, how it is split, how it was made, how to load."""
    size = next((name for limit, name in _SIZES if snapshot.crops < limit), "1M<n<10M")
    head = {
        "pretty_name": recipe.name,
        "license": recipe.licence.lower(),
        "task_categories": ["image-feature-extraction"],
        "tags": ["person re-identification", "synthetic"],
        "size_categories": [size],
        **configurations(snapshot),
    }
    # Markdown: what people and engines say goes through `text`, all else is ours.
    environment = Environment(
        loader=PackageLoader("tasks.publish"),
        trim_blocks=True,
        keep_trailing_newline=True,
        undefined=StrictUndefined,
    )
    environment.filters["text"] = as_text
    request = dump_recipe(recipe).strip()
    return environment.get_template("card.md.j2").render(
        head=yaml.safe_dump(head, sort_keys=False, default_flow_style=None).strip(),
        recipe=recipe,
        request=request,
        fence=fence(request),
        snapshot=snapshot,
        held_out=sorted(Places(recipe).held_out & snapshot.statistics["crops_by"]["scene"].keys()),
        columns=DESCRIPTIONS,
        splits=split_files(snapshot),
        tracklet_columns=TRACKLET_DESCRIPTIONS,
        track_columns=TRACK_DESCRIPTIONS,
    )
