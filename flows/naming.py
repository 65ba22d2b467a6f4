"""What runs are called in Prefect's pages: which data set, of which version, made how."""

from __future__ import annotations

from prefect.runtime import flow_run

from manifests.errors import FactoryError
from manifests.identity import DATA_VERSION
from tasks.plan.requests import resolve_recipe


def build_run_name() -> str:
    """``demo-night, 96 people, data 2``: recipe and variants, size, version of the data."""
    given = flow_run.parameters
    try:
        recipe = resolve_recipe(given["recipe"], given["variants"], given["overrides"])
    except FactoryError:
        # The flow itself refuses it, with the reason.
        return str(given["recipe"])
    return f"{recipe.name}, {recipe.people.count} people, data {DATA_VERSION}"
