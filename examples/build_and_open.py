"""Build a small data set and open it elsewhere: python examples/build_and_open.py FOLDER.

pandas comes with the factory; `pip install duckdb datasets` brings the other two.
"""

import sys
from pathlib import Path

import datasets
import duckdb
import torch

import unrealperson as up


def main(folder: Path) -> None:
    data = up.build("tiny", store=folder / "store")
    print(data, "split", data.snapshot.counts)

    frame = data.crops(split="train", columns=["person_id", "camera", "visibility"]).to_pandas()
    print(frame.groupby("camera")["visibility"].mean())

    question = "select person_id, count(*) from read_parquet(?) group by 1 order by 1"
    print(duckdb.execute(question, [data.files]).fetchall())

    published = str(Path(data.files[0]).parent)  # as splits: train, query, gallery
    rows = datasets.load_dataset(published, cache_dir=str(folder / "hf"))
    print(rows["train"][0]["image"].size, rows["query"][0]["camera"])

    crops = data.torch("train", transform=lambda crop: torch.from_numpy(crop[:64:2, :32:2].copy()))
    crop, person, camera = crops[0]
    print(crop.shape, crops.person_ids[person], crops.camera_names[camera])


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "out/build_and_open"))
