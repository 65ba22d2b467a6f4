"""A network as a graph of ONNX: from normalised colours to features of length 1."""

from __future__ import annotations

import warnings

import onnx
import torch
from torch import Tensor, nn

from training.exported.form import FEATURES
from training.exported.front import COLOURS
from training.models.person_net import PersonNet

_TRACED = 2
"""Pictures of the batch that is traced; of one picture a tracer would keep the number."""


class _Features(nn.Module):
    """What ``training.evaluation.features`` computes: a picture and its mirror image, added."""

    def __init__(self, network: PersonNet) -> None:
        super().__init__()
        self._network = network

    def forward(self, colours: Tensor) -> Tensor:
        pooled = self._network.backbone(torch.cat([colours, colours.flip(3)]))
        both = self._network.neck(self._network.embedding(pooled))
        return nn.functional.normalize(both.unflatten(0, (2, -1)).sum(0), dim=1)


def core(network: PersonNet, opset: int) -> onnx.ModelProto:
    """The network, in test mode, with the statistics that it holds; the batch is free."""
    settings = network.settings
    traced = torch.zeros(_TRACED, 3, settings.height, settings.width)
    # What exporters say of themselves concerns whoever writes them.
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        program = torch.onnx.export(
            _Features(network).eval(),
            (traced,),
            input_names=[COLOURS],
            output_names=[FEATURES],
            dynamic_shapes=({0: torch.export.Dim("batch")},),
            opset_version=opset,
            dynamo=True,
            verbose=False,
        )
    assert program is not None
    found = program.model_proto
    for node in found.graph.node:
        # Lines of the exporting machine's files.
        node.ClearField("metadata_props")
        node.ClearField("doc_string")
    return found
