"""Where a data set came from: provenance collected from the claims of its shards."""

from __future__ import annotations

import subprocess
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from manifests.claims import Claim
from manifests.licences import needs_acknowledgement
from manifests.recipe import Recipe


def lineage(
    recipe: Recipe, claims: Mapping[str, Claim], plan_digests: list[str], run: str
) -> dict[str, Any]:
    """Recipe, seed, plans, code, engines, renderers, hosts, run and cost; JSON-ready.

    ``run`` names the orchestrator's run that published. ``warnings`` lists what makes the
    content digest less than reproducible.
    """
    engines = sorted({claim.engine_version for claim in claims.values() if claim.engine_version})
    renderers = sorted({claim.renderer for claim in claims.values() if claim.renderer})
    warnings, spent = [], cpu_seconds(claims.values())
    if len(renderers) > 1:
        warnings.append(
            f"built by {len(renderers)} different renderers ({'; '.join(renderers)}): pixels of "
            "the same shard may differ between them"
        )
    warnings += [
        f"{source}: licence {licence}, acknowledged by the recipe"
        for source, licence in recipe.sources().items()
        if needs_acknowledgement(licence)
    ]
    return {
        "recipe": recipe.name,
        "sources": recipe.sources(),
        "seed": recipe.seed,
        "plans": plan_digests,
        "code": code_version(),
        "run": run,
        "engines": engines,
        "renderers": renderers,
        "hosts": sorted({claim.host for claim in claims.values() if claim.host}),
        "shards": len(claims),
        "accepted_crops": sum(_accepted(recipe, claim) for claim in claims.values()),
        "frames": sum(claim.frames for claim in claims.values()),
        "cpu_seconds": {stage: round(of, 3) for stage, of in sorted(spent.items())},
        "warnings": warnings,
    }


@cache
def code_version() -> str:
    """Version of this package and, in a checkout, the commit and whether files were changed."""
    version = f"unrealperson {metadata.version('unrealperson')}"
    root = Path(__file__).parents[2]
    if not (root / ".git").exists():
        return version
    try:
        command = ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=12"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return version
    return f"{version} ({done.stdout.strip()})" if done.returncode == 0 else version


def _accepted(recipe: Recipe, claim: Claim) -> int:
    extras = (crops for person, crops in claim.people.items() if person >= recipe.people.count)
    return claim.rows - sum(extras)


def cpu_seconds(claims: Iterable[Claim]) -> defaultdict[str, float]:
    """What shards took, by stage."""
    total: defaultdict[str, float] = defaultdict(float)
    for claim in claims:
        for stage, seconds in claim.cpu_seconds.items():
            total[stage] += seconds
    return total
