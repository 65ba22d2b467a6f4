"""The README card of a published data set, in the form the Hugging Face hub reads."""

from __future__ import annotations

import yaml

from manifests.columns import DESCRIPTIONS, TRACKLET_DESCRIPTIONS
from manifests.recipe import Recipe
from manifests.recipes_io import dump_recipe
from manifests.snapshots import Snapshot

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (10**6, "100K<n<1M"))


def dataset_card(recipe: Recipe, snapshot: Snapshot) -> str:
    """Markdown with a YAML head: what is in it, how it is split, how it was made, how to load."""
    head = {
        "pretty_name": recipe.name,
        "license": recipe.licence.lower(),
        "task_categories": ["image-feature-extraction"],
        "tags": ["person re-identification", "synthetic"],
        "size_categories": [_size(snapshot.crops)],
        "configs": [{"config_name": "default", "data_files": "part-*.parquet"}],
    }
    splits = "\n".join(
        f"| {split} | {snapshot.people_by_split[split]} | {sum(roles.values())} "
        f"| {', '.join(f'{role} {count}' for role, count in roles.items())} |"
        for split, roles in snapshot.counts.items()
    )
    cameras = "\n".join(
        f"| {camera} | {count} | {snapshot.statistics['people_by_camera'][camera]} |"
        for camera, count in snapshot.statistics["crops_by"]["camera"].items()
    )
    columns = "\n".join(f"| `{name}` | {words} |" for name, words in DESCRIPTIONS.items())
    sources = "\n".join(f"| {name} | {terms} |" for name, terms in recipe.sources().items())
    dropped = (
        f"\n{len(snapshot.dropped_people)} people were left out for lack of accepted crops: "
        f"{', '.join(map(str, snapshot.dropped_people))}.\n"
        if snapshot.dropped_people
        else ""
    )
    return f"""---
{yaml.safe_dump(head, sort_keys=False).strip()}
---

# {recipe.name}

{recipe.description or "Synthetic data for person re-identification."}

{snapshot.people} people, {snapshot.crops} crops, exactly {snapshot.images_per_person} per person.
Everybody in it is computer-generated; no real person is shown.

![Some people (rows) as the cameras (columns) see them](examples.jpg)
{dropped}
| split | people | crops | roles |
|---|---|---|---|
{splits}

| camera | crops | people |
|---|---|---|
{cameras}

Splits and roles are columns (`split`, `role`) and never divide a person or a group of
look-alikes. In the test split every query has an answer in another camera; `junk` images are
neither right nor wrong, and people whose images are `distractor` have no query.

## Load it

```python
from datasets import load_dataset

crops = load_dataset("parquet", data_files="part-*.parquet", split="train")
train = crops.filter(lambda row: row["split"] == "train")
```

`manifest.parquet` holds the same rows without images. `tracklets.parquet` has a row for every run
of crops of one person in one camera without a long gap in time:
{", ".join(f"`{name}`" for name in TRACKLET_DESCRIPTIONS)}; its `crop_keys` are the crops.

| column | meaning |
|---|---|
{columns}

## How it was made

Content digest `{snapshot.content_digest}`, {snapshot.lineage["code"]}, engine
{", ".join(snapshot.lineage["engines"]) or "unknown"}, renderer
{"; ".join(snapshot.lineage["renderers"]) or "unknown"}. The complete request:

```yaml
{dump_recipe(recipe).strip()}
```

## Licence

The data: {recipe.licence}. Made from:

| material | licence |
|---|---|
{sources}
"""


def _size(crops: int) -> str:
    return next((name for limit, name in _SIZES if crops < limit), "1M<n<10M")
