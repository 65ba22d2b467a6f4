"""What a training run is asked to do: validated settings and the shipped presets.

Only the request lives here; carrying it out is ``training.trainer``. Budgets are counted in
iterations or epochs, never in seconds, so that a slow machine learns the same model.
"""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field, model_validator

from manifests.errors import BadRecipe
from manifests.model import Model, since
from manifests.registry import NameIn
from manifests.settings import Form
from training.backbones.registry import BACKBONES

Share = Annotated[float, Field(ge=0.0, le=1.0)]


class Normalisation(StrEnum):
    """Which images share the statistics of a normalisation layer."""

    camera = "camera"
    batch = "batch"


class Weights(StrEnum):
    """Where the backbone's first weights come from."""

    none = "none"
    imagenet = "imagenet"
    file = "file"


class Precision(StrEnum):
    """Number format of the convolutions; statistics and losses always stay in 32 bits.

    ``by_capability`` asks the processor what it supports, so it decides alike in every run on
    one machine; ``by_probe`` times a few steps of each and takes the faster.
    """

    fp32 = "fp32"
    bf16 = "bf16"
    by_capability = "by_capability"
    by_probe = "by_probe"


class Head(StrEnum):
    """How two pictures are compared.

    ``plain``: by one feature of each; ``matching``: by the places of one that are found again in
    the other, too; see ``training.models.matching``.
    """

    plain = "plain"
    matching = "matching"


class SamplerKind(StrEnum):
    """How batches are composed; see ``training.data.sampler``."""

    camera_balanced = "camera_balanced"
    paper = "paper"
    identity = "identity"


class OptimiserKind(StrEnum):
    """How gradients change weights."""

    sgd = "sgd"
    adamw = "adamw"


class MatchingSettings(Model):
    """Of a matching head."""

    channels: int = Field(
        default=64, ge=8, le=512, description="Numbers that describe a place of a picture."
    )
    whole: Share = Field(
        default=0.5,
        description="Share of the features of whole pictures, as a plain head compares them, in a "
        "score; 0: places alone.",
    )


class ModelSettings(Model):
    """The network and the size of what it sees."""

    backbone: Annotated[str, NameIn(BACKBONES)] = Field(
        default="resnet50",
        description="The network; see Backbones. `timm/…` is any convolutional one of timm.",
    )
    height: int = Field(default=256, ge=32, le=1024, multiple_of=16, description="Pixels.")
    width: int = Field(default=128, ge=16, le=1024, multiple_of=16, description="Pixels.")
    normalisation: Normalisation = Field(
        default=Normalisation.camera, description="Statistics of each camera, or of the batch."
    )
    weights: Weights = Field(default=Weights.none, description="Where training starts from.")
    weights_file: Path | None = Field(
        default=None, description="For `file`: a state dict or a model of ours."
    )
    embedding: int | None = Field(
        default=None,
        ge=8,
        le=4096,
        description="Width of a linear embedding before the last normalisation (JVTC's head); "
        "None: features are the pooled ones, normalised.",
    )
    head: Head = since(
        "0.3",
        Head.plain,
        description="How two pictures are compared: by one feature of each, or place by place.",
    )
    matching: MatchingSettings = since(
        "0.3", MatchingSettings(), description="Of a head that compares place by place."
    )

    @model_validator(mode="after")
    def _file_goes_with_its_switch(self) -> ModelSettings:
        if (self.weights is Weights.file) != (self.weights_file is not None):
            raise ValueError("weights_file: must be given exactly when weights is `file`")
        return self


class BatchSettings(Model):
    """A batch: `cameras` × `people` per camera × `images` of each person in that camera."""

    sampler: SamplerKind = Field(
        default=SamplerKind.camera_balanced, description="How images are drawn; see Batches."
    )
    cameras: int = Field(default=8, ge=1, le=256, description="Distinct cameras of a batch.")
    people: int = Field(default=2, ge=1, le=256, description="People of each camera.")
    images: int = Field(default=4, ge=1, le=64, description="Images of each person and camera.")

    @property
    def size(self) -> int:
        """Images of a full batch."""
        return self.cameras * self.people * self.images


class OptimiserSettings(Model):
    """Gradient descent and its schedule over the run's budget."""

    kind: OptimiserKind = since(
        "0.2",
        OptimiserKind.sgd,
        description="Stochastic gradient descent, or AdamW (second moments over 1,000 steps).",
    )
    learning_rate: float = Field(default=0.01, gt=0.0, le=10.0, description="The highest rate.")
    momentum: float = Field(default=0.9, ge=0.0, lt=1.0, description="Of the gradient.")
    nesterov: bool = Field(default=False, description="Nesterov's form of momentum.")
    weight_decay: float = Field(
        default=5e-4, ge=0.0, le=1.0, description="L2 penalty; AdamW's is apart from the gradient."
    )
    warm_up: Share = Field(default=0.0, description="Share of the budget with a rising rate.")
    decay_at: tuple[Share, ...] = Field(
        default=(2 / 3,), description="Shares of the budget after which the rate falls."
    )
    decay_by: float = Field(default=0.1, gt=0.0, le=1.0, description="Factor of each fall.")
    cosine: bool = Field(default=False, description="Fall along a cosine instead of steps.")

    @model_validator(mode="after")
    def _nesterov_is_of_sgd(self) -> OptimiserSettings:
        if self.nesterov and self.kind is not OptimiserKind.sgd:
            raise ValueError("nesterov: is a form of sgd's momentum; adamw has none")
        return self


class LossSettings(Model):
    """Cross-entropy over people, optionally with a triplet or a contrastive term."""

    label_smoothing: Share = Field(default=0.0, description="Probability given to all others.")
    triplet_weight: float = Field(
        default=0.0, ge=0.0, le=10.0, description="Weight of the batch-hard triplet term."
    )
    triplet_margin: float = Field(default=0.3, ge=0.0, le=10.0, description="Its margin.")
    soft_margin: bool = since(
        "0.2", False, description="log(1 + exp(gap)) in place of the margin's hinge."
    )
    matching_weight: float = since(
        "0.3",
        1.0,
        gt=0.0,
        le=10.0,
        description="Weight of the term over pairs that a matching head learns from.",
    )
    contrastive_weight: float = since(
        "0.3", 0.0, ge=0.0, le=10.0, description="Weight of the contrastive term over features."
    )
    temperature: float = since(
        "0.3", 0.1, gt=0.0, le=10.0, description="What its cosines are divided by."
    )


class AugmentationSettings(Model):
    """Random changes of training images (UnrealPerson, CVPR 2021, section 4: flip, pad-crop)."""

    flip: Share = Field(default=0.5, description="Probability of mirroring.")
    pad: int = Field(default=10, ge=0, le=64, description="Black border before cropping, pixels.")
    erase: Share = Field(default=0.0, description="Probability of erasing a random rectangle.")
    erase_area: tuple[Share, Share] = Field(
        default=(0.02, 0.2), description="Smallest and largest share that is erased."
    )
    jitter: Share = Field(default=0.0, description="Probability of a random colour change.")
    brightness: float = Field(default=0.3, ge=0.0, lt=1.0, description="Largest change.")
    contrast: float = Field(default=0.3, ge=0.0, lt=1.0, description="Largest change.")
    saturation: float = Field(default=0.3, ge=0.0, lt=1.0, description="Largest change.")
    white_balance: float = Field(default=0.1, ge=0.0, lt=1.0, description="Largest change.")
    blur: Share = Field(default=0.0, description="Probability of a Gaussian blur.")


class ValidationSettings(Model):
    """Measuring on training people who are held out, while training."""

    share: Share = Field(default=0.0, description="Share of the people who are held out.")
    every: int = Field(default=500, ge=1, description="Iterations.")


class RunSettings(Model):
    """What every run that learns is asked, whatever it learns from."""

    name: str = Field(
        default="custom",
        pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$",
        description="For reports; it changes nothing of what is learnt.",
    )
    description: str = Field(default="", description="For people who read the file.")
    seed: int = Field(default=0, ge=0, lt=2**32, description="Every draw derives from it.")
    precision: Precision = Field(default=Precision.by_probe, description="Number format.")
    threads: int | None = Field(default=None, ge=1, description="CPU threads; None: all allowed.")


class TrainingConfig(RunSettings):
    """A complete request for one training run."""

    model: ModelSettings = Field(default=ModelSettings(), description="The network.")
    batch: BatchSettings = Field(default=BatchSettings(), description="What a step sees.")
    optimiser: OptimiserSettings = Field(default=OptimiserSettings(), description="How it learns.")
    loss: LossSettings = Field(default=LossSettings(), description="What it is to learn.")
    augmentation: AugmentationSettings = Field(
        default=AugmentationSettings(), description="Random changes of its images."
    )
    validation: ValidationSettings = Field(
        default=ValidationSettings(), description="Measuring while it learns."
    )
    iterations: int | None = Field(default=None, ge=1, description="Budget in batches.")
    epochs: int | None = Field(default=None, ge=1, description="Budget in passes over the data.")
    compile: bool = Field(default=False, description="torch.compile; worth it on a GPU only.")
    checkpoint_every: int = Field(default=250, ge=1, description="Iterations.")
    processes: int = since(
        "0.3",
        1,
        ge=0,
        le=64,
        description="On this machine, for published sets, without an accelerator; 0: as many as "
        "there are cores and share out the cameras of a batch evenly. What is learnt is the same.",
    )

    @model_validator(mode="after")
    def _has_one_budget(self) -> TrainingConfig:
        if (self.iterations is None) == (self.epochs is None):
            raise ValueError("give exactly one of iterations and epochs")
        return self

    @model_validator(mode="after")
    def _matching_is_not_compiled(self) -> TrainingConfig:
        if self.compile and self.model.head is Head.matching:
            raise ValueError("compile: does not follow how a matching head takes its maps")
        return self

    @model_validator(mode="after")
    def _keeps_some_of_every_picture(self) -> TrainingConfig:
        if self.augmentation.pad >= min(self.model.height, self.model.width):
            raise ValueError("augmentation.pad: must be below model.height and model.width")
        return self

    def budget(self, images: int) -> int:
        """Iterations of the run on a data set of so many training images."""
        if self.iterations is not None:
            return self.iterations
        assert self.epochs is not None
        return self.epochs * max(1, images // self.batch.size)


TRAININGS = Form(TrainingConfig, "training", presets="training.presets", missing=BadRecipe)

shipped_training = TRAININGS.shipped
"""Names of the presets that come with the package."""

load_training = TRAININGS.load
"""Read a shipped preset by name or any YAML file by path, refusing what cannot be done."""
