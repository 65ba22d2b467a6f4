"""The benchmark of training on a GPU, in small on the CPU: it must run the day a GPU is there."""

from __future__ import annotations

import json

import pytest
import torch

from benchmarks.gpu_training import Case, main, measure


def test_every_figure_is_measured() -> None:
    small = Case("resnet8", 32, 16, images=8, cameras=4, steps=1, rounds=1, matrix=64)
    found = measure(small, torch.device("cpu"))
    assert set(found["images_per_s"]) == {"camera", "plain", "loop"}
    assert all(rate > 0 for rate in found["images_per_s"].values())
    speed = found["images_per_s"]
    assert found["loop_ratio"] == pytest.approx(speed["camera"] / speed["loop"], rel=0.1)
    assert found["share_of_matrix_rate"] > 0
    assert found["device"] == "cpu"


def test_a_network_of_timm_is_measured_by_its_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("timm")
    sizes = "--device cpu --height 32 --width 16 --images 16 --steps 1 --rounds 1 --matrix 64"
    words = ["gpu_training", *sizes.split(), "--backbone"]
    monkeypatch.setattr("sys.argv", [*words, "timm/test_resnet"])
    main()
    found = json.loads(capsys.readouterr().out)
    assert found["network"] == "timm/test_resnet 32x16"
    assert all(rate > 0 for rate in found["images_per_s"].values())

    monkeypatch.setattr("sys.argv", [*words, "timm/test_resnett"])
    with pytest.raises(SystemExit):
        main()
    assert "did you mean `timm/test_resnet`" in capsys.readouterr().err
