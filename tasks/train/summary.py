"""What a finished run reports about itself, for people: ``run.json`` as a table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tasks.report.markdown import plain_table


def record_markdown(path: Path) -> str:
    """Markdown of the run record at ``path``: data, budget, loss, speed and validations."""
    record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    config, lineage = record["config"], record["lineage"]
    model, size = config["model"], config["batch"]
    images = record["iterations"] * size["cameras"] * size["people"] * size["images"]
    rows = {
        "data": f"{lineage['dataset']} {lineage.get('snapshot', lineage.get('split', ''))}, "
        f"digest {lineage['content_digest'][:12]}",
        "people and images": f"{record['people']:,} and {record['images']:,}",
        "network": f"{model['backbone']}, {model['height']} x {model['width']}, "
        f"{model['normalisation']} normalisation, first weights: {model['weights']}",
        "arithmetic": f"{record['arithmetic']}, {record['processes']} process(es)",
        "iterations": f"{record['iterations']:,}",
        "loss at the end": f"{record['final_loss']:.3f}",
        "time": f"{record['seconds']:.0f} s, {record['cpu_seconds']:.0f} CPU-s, "
        f"about {images / max(record['seconds'], 1e-9):.0f} images/s",
    }
    text = plain_table(["", ""], rows.items())
    if record["validations"]:
        validations = [
            (f"{v['iteration']:,}", f"{v['rank1']:.1%}", f"{v['mean_average_precision']:.1%}")
            for v in record["validations"]
        ]
        head = ["iteration", "rank-1, people held out", "mAP"]
        text += "\n\n" + plain_table(head, validations)
    return text
