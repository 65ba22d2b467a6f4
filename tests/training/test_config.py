"""Training settings: shipped presets, and refusals that name the field."""

from __future__ import annotations

from pathlib import Path

import pytest

from manifests.errors import BadRecipe
from training.config import SamplerKind, load_training, shipped_training


def test_every_preset_loads() -> None:
    assert set(shipped_training()) >= {
        "demo",
        "tiny",
        "paper-synthetic",
        "paper-real",
        "transfer-paper",
    }
    for name in shipped_training():
        assert load_training(name).name == name


def test_the_papers_recipe() -> None:
    paper = load_training("paper-synthetic")
    assert paper.model.backbone == "resnet50"
    assert (paper.model.height, paper.model.width) == (256, 128)
    assert paper.batch.sampler is SamplerKind.paper
    assert paper.batch.size == 64
    assert paper.loss.label_smoothing == paper.loss.triplet_weight == paper.augmentation.erase == 0
    assert paper.budget(images=120_000) == 15 * 1875
    assert load_training("paper-real").budget(images=12_936) == 60 * 202


def test_measuring_what_data_teach() -> None:
    short, long = load_training("transfer-small"), load_training("transfer-small-long")
    assert (short.iterations, long.iterations) == (1000, 4000)
    warm_up = short.optimiser.warm_up * 1000
    assert warm_up == long.optimiser.warm_up * 4000 == 100
    assert short.batch.sampler is SamplerKind.identity
    changed = {"name": "same", "description": "", "iterations": 1, "optimiser": {"warm_up": 0.1}}
    assert load_training("transfer-small-long", changed) == load_training("transfer-small", changed)
    plain = {"name": "same", "description": "", "loss": {"triplet_weight": 0.0}}
    assert load_training("transfer-small-softmax", plain) == load_training("transfer-small", plain)
    assert load_training("transfer-small-softmax").loss.triplet_weight == 0


def test_overrides_reach_into_groups() -> None:
    config = load_training("tiny", {"iterations": 9, "batch": {"people": 4}})
    assert (config.iterations, config.batch.people, config.batch.images) == (9, 4, 2)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("iterations: 0", "iterations: must be a whole number, at least 1 or null, got 0"),
        ("iterations: 5\nepochs: 2", "exactly one of iterations and epochs"),
        ("iterations: 5\nlearning: 1", "learning: unknown key, allowed keys: .*iterations"),
        (
            "iterations: 5\nmodel: {backbone: resnet99}",
            "model.backbone: must be one of .*, resnet8 or .*timm/.* got 'resnet99'",
        ),
        ("iterations: 5\nmodel: {weights: file}", "weights_file"),
        ("iterations: 5\nmodel: {backbone: timm/Ünlike}", "model.backbone: must be one of"),
        ("iterations: 5\noptimiser: {kind: adamw, nesterov: true}", "form of sgd's momentum"),
        ("iterations: 5\nmodel: {width: 16}\naugmentation: {pad: 20}", "augmentation.pad"),
        ("- a list", "a training is a mapping .* got list"),
        ("{", "not YAML: line 1"),
        ("iterations: 5\niterations: 6", "`iterations` is written twice"),
        ("iterations: 5\nmodel: {backbon: resnet50}", "did you mean `backbone`"),
    ],
)
def test_what_cannot_be_done_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "settings.yaml"
    file.write_text(text)
    with pytest.raises(BadRecipe, match=complaint):
        load_training(file)


def test_an_unknown_name_lists_the_presets() -> None:
    with pytest.raises(BadRecipe, match="paper-synthetic"):
        load_training("no-such-preset")
