"""Train on a small data set and measure it: python examples/train_and_measure.py FOLDER.

Thirty iterations show that everything works; `demo` for both names makes a model worth having.
"""

import sys
from pathlib import Path

import unrealperson as up


def main(folder: Path) -> None:
    data = up.build("tiny", store=folder / "store")
    model = up.train(data, "tiny", folder=folder / "model")
    for metric, value in up.evaluate(model, data).means().items():
        print(f"{metric}: {value:.3f}")

    crops = data.crops(split="test", columns=["person_id", "camera"])
    features = model.embed(crops["image"].to_pylist(), cameras=crops["camera"].to_pylist())
    nearest = (features @ features[0]).argsort()[::-1][1]
    print("asked for", crops["person_id"][0], "found", crops["person_id"][int(nearest)])


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "out/train_and_measure"))
