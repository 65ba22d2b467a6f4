"""Types of the parameters that flows share: what Prefect's forms know of them.

Bounds, choices and examples live here; what a parameter means is said in each flow's docstring,
which the forms show.
"""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from pydantic import Field

from manifests.addresses import LocalPath
from tasks.export.formats import format_names
from tasks.plan.variants import Variant

_words = partial(Field, min_length=1, max_length=500)

RecipeName = Annotated[str, _words(examples=["tiny", "demo", "paper", "/data/recipes/mine.yaml"])]
Variants = Annotated[
    list[Variant],
    Field(max_length=len(Variant), examples=[["night"], ["indoor-only", "black-clothing"]]),
]
Overrides = Annotated[
    dict[str, Any],
    Field(examples=[{"people.count": 64}, {"images_per_person": 20, "seed": 7}]),
]
StoreChoice = Annotated[
    str, _words(examples=["default", "lab", "/data/store", "s3://reid/factory"])
]
DatasetName = Annotated[
    str,
    Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$", examples=["demo", "demo-night", "paper"]),
]
SnapshotNumber = Annotated[int, Field(ge=1, examples=[1])]
ContentDigest = Annotated[str, Field(pattern=r"^[0-9a-f]{16,64}$")]
AdaptationName = Annotated[str, _words(examples=["jvtc", "small", "/data/mine.yaml"])]
TrainingName = Annotated[str, _words(examples=["tiny", "demo", "/data/training/mine.yaml"])]
Conditions = Annotated[
    list[Annotated[str, _words()]],
    Field(max_length=20, examples=[["hardness>0"], ["duplicate<0.98", "rarity>=p50"]]),
]
LookedAt = Annotated[str, _words(examples=["demo", "market1501", "lab.csv", "/data/pictures"])]
BackboneName = Annotated[str, _words(examples=["resnet50", "timm/tf_efficientnet_lite0"])]
ExportFormat = Annotated[str, Field(json_schema_extra={"enum": list(format_names())})]
TableNames = Annotated[
    list[Annotated[str, Field(pattern=r"^(table[2-5]|fig[45]|all)$")]],
    Field(min_length=1, examples=[["table2"], ["table2", "fig5"], ["all"]]),
]
TargetFolders = Annotated[
    dict[str, LocalPath], Field(examples=[{"market": "/data/market", "msmt17": "/data/msmt17"}])
]
