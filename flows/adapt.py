"""Adapt a model from a labelled data set to an unlabelled one."""

from __future__ import annotations

from pathlib import Path

from prefect import flow

from flows.gpu_slots import gpu_slot
from flows.parameters import AdaptationName
from flows.places import adaptation_folder
from flows.stages import leave_page, stage_task
from manifests.identity import digest
from tasks.adapt.places import DataPlace
from tasks.adapt.run import AdaptationOutcome, adapt_and_measure
from tasks.adapt.tables import metric_table, refresh_table, transition_table
from tasks.publish.leases import reading
from training.adaptation.config import AdaptationConfig, load_adaptation


@flow(
    name="adapt",
    flow_run_name="{source.name}-to-{target.name}-{adaptation}",
    description="Adapt a model to an unlabelled data set (JVTC) and measure what that gained.",
)
def adapt(
    source: DataPlace,
    target: DataPlace,
    adaptation: AdaptationName = "jvtc",
    initial: Path | None = None,
    camstyle: Path | None = None,
) -> AdaptationOutcome:
    """Goes on after the last whole epoch of the same adaptation, if there is one.

    Args:
        source: The labelled data set to learn people from.
        target: The data set to adapt to; its people's names are not used.
        adaptation: A shipped adaptation preset or a YAML file.
        initial: A model trained on the source, to start from and to compare with.
        camstyle: Folder of the target's images in other cameras' styles, as CamStyle makes them.
    """
    config = load_adaptation(adaptation)
    asked = digest({"source": source, "target": target, "config": config, "initial": str(initial)})
    folder = adaptation_folder(source.name, target.name, asked)
    published = (source.published(), target.published())
    with reading(*filter(None, published)), gpu_slot():
        return adapt_to_target(source, target, config, folder, initial, camstyle)


@stage_task(
    name="adapt",
    description="Adapt a model to an unlabelled target and measure what that gained.",
)
def adapt_to_target(
    source: DataPlace,
    target: DataPlace,
    config: AdaptationConfig,
    folder: Path,
    initial: Path | None,
    camstyle: Path | None,
) -> AdaptationOutcome:
    """See ``run.adapt_and_measure``; leaves what was clustered and measured as artifacts."""
    outcome = adapt_and_measure(source, target, config, folder, initial, camstyle)
    about, refreshes = f"{source.name} to {target.name}", outcome.model.refreshes
    tables = (refresh_table(refreshes), transition_table(refreshes))
    styles = f"Camera styles: {outcome.model.views}."
    leave_page("clusters", about, f"{styles}\n\n" + "\n\n".join(filter(None, tables)))
    if outcome.measured is not None:
        leave_page("metrics", about, metric_table(outcome.measured))
    return outcome
