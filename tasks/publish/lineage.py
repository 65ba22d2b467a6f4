"""Where a data set came from: provenance collected from the claims of its shards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from importlib import metadata
from typing import Any

from manifests.claims import Claim
from manifests.recipe import Recipe


def lineage(recipe: Recipe, claims: Mapping[str, Claim], plan_digests: list[str]) -> dict[str, Any]:
    """Recipe, seed, plans, code, engines, renderers, hosts and cost; JSON-ready.

    ``warnings`` lists what makes the content digest less than reproducible.
    """
    engines = sorted({claim.engine_version for claim in claims.values() if claim.engine_version})
    renderers = sorted({claim.renderer for claim in claims.values() if claim.renderer})
    warnings = []
    if len(renderers) > 1:
        warnings.append(
            f"built by {len(renderers)} different renderers ({'; '.join(renderers)}): pixels of "
            "the same shard may differ between them"
        )
    return {
        "recipe": recipe.name,
        "seed": recipe.seed,
        "plans": plan_digests,
        "code": f"unrealperson {metadata.version('unrealperson')}",
        "engines": engines,
        "renderers": renderers,
        "hosts": sorted({claim.host for claim in claims.values() if claim.host}),
        "shards": len(claims),
        "accepted_crops": sum(claim.rows for claim in claims.values()),
        "frames": sum(claim.frames for claim in claims.values()),
        "cpu_seconds": _cpu_seconds(claims),
        "warnings": warnings,
    }


def _cpu_seconds(claims: Mapping[str, Claim]) -> dict[str, float]:
    total: defaultdict[str, float] = defaultdict(float)
    for claim in claims.values():
        for stage, seconds in claim.cpu_seconds.items():
            total[stage] += seconds
    return {stage: round(seconds, 3) for stage, seconds in sorted(total.items())}
