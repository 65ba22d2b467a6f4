"""What an adaptation is asked to do: validated settings and the shipped presets.

Defaults are JVTC's published ones as UnrealPerson's Table 5 uses them. Only the request lives
here; carrying it out is ``training.adaptation.adapter``.
"""

from __future__ import annotations

from pydantic import Field, model_validator

from manifests.errors import BadRecipe
from manifests.model import Model, since
from manifests.settings import Form
from training.adaptation.time_bins import TimeBins
from training.config import (
    AugmentationSettings,
    BatchSettings,
    Head,
    ModelSettings,
    OptimiserSettings,
    RunSettings,
    Share,
    TrainingConfig,
)


class ClusterSettings(Model):
    """How images become pseudo-identities; defaults are JVTC's for visual similarity."""

    k1: int = Field(default=20, ge=2, le=200, description="Neighbours that are compared.")
    k2: int = Field(default=6, ge=1, le=100, description="Neighbours that are averaged.")
    original: Share = Field(default=0.3, description="λ: weight of the original distance.")
    nearest_share: float = Field(
        default=1.6e-3, gt=0.0, le=1.0, description="ρ: share of pairs whose mean is the threshold."
    )
    scale: float = Field(default=1.0, gt=0.0, le=10.0, description="Factor on the threshold.")


class TargetBatch(Model):
    """Unlabelled images of a batch; each is seen in several camera styles."""

    images: int = Field(default=32, ge=2, le=1024, description="Different images.")
    views: int = Field(default=4, ge=1, le=16, description="Styles in which each is seen.")


class MemorySettings(Model):
    """The loss over all target images and the memory it compares with."""

    weight: float = Field(default=0.2, ge=0.0, le=10.0, description="Weight of its loss.")
    beta: float = Field(default=0.05, gt=0.0, le=1.0, description="Temperature of its loss.")
    from_epoch: int = Field(default=10, ge=1, description="First epoch in which it counts.")
    momentum_step: float = Field(
        default=0.01, ge=0.0, le=1.0, description="The memory's momentum grows by this an epoch."
    )
    momentum_limit: Share = Field(default=0.8, description="The memory's largest momentum.")


class RefreshSettings(Model):
    """When and how images are clustered anew. Epochs are counted from 1."""

    every: int = Field(default=5, ge=1, description="Epochs between refreshes.")
    visual_from: int = Field(default=10, ge=1, description="First epoch with visual clusters.")
    joint_from: int | None = Field(
        default=30, ge=1, description="First epoch with joint visual and temporal clusters."
    )
    visual: ClusterSettings = Field(
        default=ClusterSettings(), description="Clusters by looks alone."
    )
    joint: ClusterSettings = Field(
        default=ClusterSettings(original=0.5), description="Clusters by looks and times."
    )


class AdaptationConfig(RunSettings):
    """A complete request for one adaptation of a labelled source to an unlabelled target."""

    model: ModelSettings = Field(
        default=ModelSettings(embedding=512), description="The network; `embedding` is 512."
    )
    source: BatchSettings = Field(
        default=BatchSettings(cameras=8, people=4, images=4),
        description="Labelled images of a step: 8 cameras, 4 people each, 4 images each.",
    )
    target: TargetBatch = Field(default=TargetBatch(), description="Unlabelled images of a step.")
    optimiser: OptimiserSettings = Field(
        default=OptimiserSettings(nesterov=True), description="How it learns; `nesterov` is true."
    )
    new_layers_rate: float = Field(
        default=10.0,
        gt=0.0,
        le=100.0,
        description="Factor on the rate of embedding and classifier.",
    )
    augmentation: AugmentationSettings = Field(
        default=AugmentationSettings(pad=0, erase=0.5),
        description="Random changes of its images; `pad` is 0, `erase` 0.5.",
    )
    epochs: int = Field(default=60, ge=1, description="Length of the run.")
    iterations: int = Field(default=300, ge=1, description="Batches of an epoch.")
    local_beta: float = Field(default=0.1, gt=0.0, le=1.0, description="Its loss' temperature.")
    memory: MemorySettings = Field(
        default=MemorySettings(), description="The loss over all target images."
    )
    refresh: RefreshSettings = Field(
        default=RefreshSettings(), description="When images are clustered anew."
    )
    time: TimeBins = Field(default=TimeBins(), description="The model of walking times.")
    compile: bool = since("0.2", False, description="torch.compile; worth it on a GPU only.")

    @model_validator(mode="after")
    def _has_an_embedding(self) -> AdaptationConfig:
        if self.model.embedding is None:
            raise ValueError("model.embedding: JVTC learns one; give its width, e.g. 512")
        if self.model.head is not Head.plain:
            raise ValueError("model.head: JVTC compares features; take the head `plain`")
        return self

    @property
    def budget(self) -> int:
        """Iterations of the whole run."""
        return self.epochs * self.iterations

    def training(self) -> TrainingConfig:
        """The settings that a model made by this run carries, for whoever loads it."""
        return TrainingConfig(
            model=self.model,
            batch=self.source,
            optimiser=self.optimiser,
            augmentation=self.augmentation,
            iterations=self.budget,
            compile=self.compile,
            **{name: getattr(self, name) for name in RunSettings.model_fields},
        )


ADAPTATIONS = Form(
    AdaptationConfig, "adaptation", presets="training.adaptation.presets", missing=BadRecipe
)

shipped_adaptations = ADAPTATIONS.shipped
"""Names of the presets that come with the package."""

load_adaptation = ADAPTATIONS.load
"""Read a shipped preset by name or any YAML file by path, refusing what cannot be done."""
