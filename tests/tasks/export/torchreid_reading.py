"""What torchreid's loaders see of exported folders, in a process of its own."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

MARKET = "market1501/Market-1501-v15.09.15"
"""Where it looks for Market-1501."""

Read = dict[str, dict[str, list[tuple[Any, int, int]]]]
"""Loader -> part -> (path, person, camera); loaders of videos have the paths of a tracklet."""

_SCRIPT = """
import json, sys, types, warnings
warnings.simplefilter("ignore")
# The package imports its training engine, which wants tensorboard; its loaders do not.
sys.modules["torch.utils.tensorboard"] = types.SimpleNamespace(SummaryWriter=None)
from torchreid.reid.data.datasets.image.market1501 import Market1501
from torchreid.reid.data.datasets.image.msmt17 import MSMT17
from torchreid.reid.data.datasets.video.ilidsvid import iLIDSVID
from torchreid.reid.data.datasets.video.mars import Mars
result = {}
for name, root in json.loads(sys.argv[1]).items():
    loader = {"Market1501": Market1501, "MSMT17": MSMT17, "Mars": Mars, "iLIDSVID": iLIDSVID}[name]
    data = loader(root=root, transform=lambda picture: picture)
    parts = dict(train=data.train, query=data.query, gallery=data.gallery)
    result[name] = {k: [item[:3] for item in v] for k, v in parts.items()}
print(json.dumps(result, default=int))
"""


def torchreid_reads(**roots: Path) -> Read:
    """What loaders, by name, read below their roots; skips the test without torchreid."""
    if importlib.util.find_spec("torchreid") is None:
        pytest.skip("torchreid is not installed")
    asked = json.dumps({name: str(root) for name, root in roots.items()})
    done = subprocess.run([sys.executable, "-c", _SCRIPT, asked], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.strip().splitlines()[-1])
