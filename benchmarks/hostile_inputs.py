"""What ``benchmarks.hostile`` gives to commands: settings, words, lists of images, jobs and models
that nobody means well, written by hand or made by damaging shipped files.
"""

from __future__ import annotations

import random
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import simplejpeg

SHIPPED = {
    "recipe": ("manifests.recipes", ("tiny.yaml", "demo.yaml", "unreal.yaml")),
    "training": ("training.presets", ("tiny.yaml", "demo.yaml")),
    "scene": ("synth_workers.scenes.data", ("street.yaml", "plaza.yaml")),
}

TEXTS = {
    "nothing": "",
    "not a mapping": "- a\n- b\n",
    "a number": "42\n",
    "broken": "name: [",
    "tabs": "name:\tx\n\tpeople: 3\n",
    "a NUL": "name: a\0b\n",
    "control": "name: \x1b[31m\n",
    "half a surrogate": 'name: "\\ud800"\n',
    "twice": "name: a\nname: b\n",
    "unknown": "nmae: a\n",
    "python": "name: !!python/object/apply:os.system [id]\n",
    "python tuple": "name: !!python/tuple [1]\n",
    "a bomb of aliases": "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
    + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 10)),
    "a text of aliases": "a: &a " + "x" * 90_000 + "\nb: [" + ", ".join(["*a"] * 9_000) + "]\n",
    "an alias of itself": "a: &a [*a]\n",
    "a merge of itself": "a: &a {<<: *a}\n",
    "deep lists": "[" * 150_000,
    "deep mappings": "{a: " * 30_000,
    "deep blocks": "".join(f"{' ' * n}a:\n" for n in range(1200)),
    "many keys": "".join(f"k{n}: 1\n" for n in range(90_000)),
    "half as many keys": "".join(f"k{n}: 1\n" for n in range(45_000)),
    "one long line": "name: " + "a" * 990_000,
    "a long number": "seed: " + "9" * 100_000,
    "octal": "seed: 010\n",
    "sixties": "seed: 1:30\n",
    "true for one": "images_per_person: true\n",
    "not a number": "people: {count: .nan}\n",
    "without end": "people: {count: .inf}\n",
    "negative": "people: {count: -1}\n",
    "too many": "people: {count: 100000000000}\n",
    "a date": "seed: 2001-01-01\n",
    "a file": "!include /etc/passwd\n",
    "two documents": "name: a\n---\nname: b\n",
    "a path as name": "name: ../../etc\n",
    "a scene of elsewhere": "name: a\nscenes: [{name: ../../../etc/passwd}]\n",
    "markup": "name: a\ndescription: '<script>alert(1)</script>'\n",
    "markup as name": "name: '<img src=x onerror=a()>'\nscenes: [{name: '[x](javascript:1)'}]\n",
    "a long key": "k" * 90_000 + ": 1\n",
    "a key that is a list": "? [a, b]\n: 1\n",
    "hexadecimal": "seed: 0x10\n",
    "binary": "name: !!binary aGVsbG8=\n",
    "a set": "people: !!set {a, b}\n",
    "merged": "a: &a {name: x}\nb: {<<: [*a, *a]}\n",
    "yes for one": "images_per_person: yes\n",
    "a fraction": "images_per_person: 2.5\n",
    "from right to left": 'name: "\\u202egnp.exe"\n',
    "too large": "# " + "x" * 2_000_000,
}

WORDS = [
    ["--set", "people.count=many"],
    ["--set", "people.count=" + "9" * 5000],
    ["--set", "people.count.more.yet=1"],
    ["--set", "=1"],
    ["--set", "people"],
    ["--set", "people=" + "[" * 5000],
    ["--set", "people.count=true"],
    ["--set", "seed=0x10"],
    ["--set", "name=../x"],
    ["--set", "description=\ud800"],
    ["--set", "."],
    ["--set", "__class__=1"],
    ["--variant", "nihgt"],
    ["--variant", "../../etc/passwd"],
]


@dataclass(frozen=True)
class Case:
    """One input: what it is called, and the arguments after ``python -m``."""

    name: str
    arguments: tuple[str, ...]
    variables: tuple[tuple[str, str], ...] = ()


def by_hand(folder: Path) -> Iterator[Case]:
    """Everything that is written down above, and files that no text is."""
    for name, text in TEXTS.items():
        path = folder / f"{name.replace(' ', '_')}.yaml"
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        yield Case(f"recipe: {name}", ("flows.cli", "recipe", "show", str(path)))
        yield Case(f"training: {name}", training(path, folder))
        yield Case(
            f"stores: {name}", ("flows.cli", "inspect", "tiny", "--store", "lab"), stores(path)
        )
        yield Case(f"level: {name}", ("flows.cli", "level", "validate", str(path)))
    for words in WORDS:
        # Half a surrogate cannot be an argument of a process.
        plain = [word.encode("utf-8", "surrogatepass").decode("utf-8", "replace") for word in words]
        yield Case(
            f"words: {' '.join(plain)[:60]}", ("flows.cli", "recipe", "show", "tiny", *plain)
        )
    for name, data in odd_files().items():
        path = folder / name
        path.write_bytes(data)
        yield Case(f"recipe: {name}", ("flows.cli", "recipe", "show", str(path)))
        yield Case(f"target: {name}", target(path, folder))
        yield Case(f"model: {name}", model(path, folder))
        yield Case(f"job: {name}", ("tasks.render.process", "--job", str(path)))
    for place in ("/proc/self/mem", "/dev/zero", str(folder), str(folder / "gone"), "x" * 5000):
        yield Case(f"recipe: {place[:40]}", ("flows.cli", "recipe", "show", place))
        yield Case(f"target: {place[:40]}", target(Path(place), folder))
        yield Case(f"model: {place[:40]}", model(Path(place), folder))
    for path in odd_models(folder):
        yield Case(f"model: {path.name}", model(path, folder))
    bombs(folder)
    for name in ("long.parquet", "many.parquet", "crowd.parquet", "footer.parquet"):
        yield Case(f"target: {name}", target(folder / name, folder))


def training(path: Path, folder: Path) -> tuple[str, ...]:
    return ("flows.cli", "train", "--training", str(path), *target(folder / "none.csv", folder)[2:])


def target(path: Path, folder: Path) -> tuple[str, ...]:
    return (
        "flows.cli",
        "train",
        "--target",
        str(path),
        "--root",
        str(folder),
        "-o",
        str(folder / "m"),
    )


def model(path: Path, folder: Path) -> tuple[str, ...]:
    """Measure a model on pictures that there are."""
    listed = folder / "good.csv"
    rows = ["path,person,camera,role"]
    for i in range(8):
        noise = np.random.default_rng(i).integers(0, 255, (64, 32, 3), np.uint8)
        (folder / f"{i}.jpg").write_bytes(simplejpeg.encode_jpeg(noise))
        rows.append(f"{i}.jpg,p{i // 4},c{i % 2},{'query' if i % 4 == 0 else 'gallery'}")
    listed.write_text("\n".join(rows) + "\n")
    words = ("--target", str(listed), "--root", str(folder), "-o", str(folder / "m"))
    return ("flows.cli", "evaluate", *words, "--model", str(path))


def odd_models(folder: Path) -> Iterator[Path]:
    """A model in which something is odd, each without a seal, as models of version 0.1 are."""
    # Imported late: most cases need none of it.
    import torch

    from training.checkpoints import Checkpoint, save_checkpoint
    from training.config import Precision, load_training
    from training.models.person_net import build_network

    config, whole = load_training("tiny"), folder / "whole.pt"
    weights = build_network(config.model, people=2, seed=1).state_dict()
    save_checkpoint(whole, Checkpoint(config, "run", Precision.fp32, 0, ("a", "b"), weights))
    content = torch.load(whole, weights_only=True) | {"version": 1}
    without_end: list[Any] = []
    without_end.append(without_end)
    doubled: Any = 1.0
    for _ in range(40):
        doubled = [doubled, doubled]
    name = "classifier.weight"
    changes: dict[str, dict[str, Any]] = {
        "NaN": {"network": weights | {name: torch.full_like(weights[name], torch.nan)}},
        "claims": {"network": weights | {name: torch.zeros(1).expand(10**10, 64)}},
        "sparse": {"network": weights | {name: weights[name].to_sparse()}},
        "complex": {"network": weights | {name: weights[name].to(torch.complex64)}},
        "meta": {"network": weights | {name: weights[name].to("meta")}},
        "no network": {"network": {}},
        "numbers for names": {"network": {3: weights[name]}},
        "people": {"people": ["a"] * 1_000_000},
        "lineage without end": {"lineage": {"a": without_end}},
        "lineage doubled": {"lineage": {"a": doubled}},
        "losses": {"losses": [float("nan")]},
        "statistics": {"statistics": {"c0": {"neck.running_mean": torch.zeros(10**6)}}},
        "a thousand layers": {"config": content["config"] | {"model": {"height": 10**9}}},
        "another backbone": {"config": content["config"] | {"model": {"backbone": "os.system"}}},
        "weights of elsewhere": {
            "config": content["config"]
            | {"model": {"weights": "file", "weights_file": "/etc/passwd"}}
        },
    }
    for what, change in changes.items():
        path = folder / f"{what.replace(' ', '_')}.pt"
        torch.save(content | change, path)
        yield path
    data = whole.read_bytes()
    files = {"cut.pt": data[: len(data) // 2], "flipped.pt": data[:-5] + b"x" + data[-4:]}
    for file, damaged in files.items():
        (folder / file).write_bytes(damaged)
        yield folder / file
    bomb = folder / "bomb.pt"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb/data.pkl", bytes(1 << 30))
    yield bomb


def stores(path: Path) -> tuple[tuple[str, str], ...]:
    return (("UNREALPERSON_STORES", str(path)),)


def odd_files() -> dict[str, bytes]:
    """Files that are not what their names say."""
    head = b"path,person,camera,role\n"
    noise = np.random.default_rng(1).integers(0, 256, 100_000, np.uint8).tobytes()
    return {
        "noise.yaml": noise,
        "noise.csv": noise,
        "noise.parquet": b"PAR1" + noise + b"PAR1",
        "noise.pt": noise,
        "nul.csv": head + b"a\0.jpg,x,y,query\n",
        "long.csv": head + b"a" * 500_000 + b",x,y,query\n",
        "deep.csv": head + b"a/" * 3_000 + b",x,y,query\n",
        "quote.csv": head + b'"' + b"a" * 500_000,
        "latin.csv": head + "ä.jpg,x,y,query\n".encode("latin-1"),
        "outside.csv": head + b"/etc/passwd,x,y,query\n",
        "huge.csv": b"path,person,camera,role,outfit\na.jpg,x,y,query," + b"9" * 5_000 + b"\n",
        "empty.json": b"",
        "deep.json": b"[" * 200_000,
        "numbers.json": b'{"indices": [' + b"9," * 100_000 + b"9]}",
    }


def bombs(folder: Path) -> None:
    """Kilobytes of Parquet that would be gigabytes: see the names."""
    rows = 1_000_000
    texts = {"path": "x" * 500_000, "person": "a", "camera": "b", "role": "query"}
    table = pa.table(
        {
            name: pa.DictionaryArray.from_arrays(np.zeros(rows, np.int32), pa.array([text]))
            for name, text in texts.items()
        }
    )
    pq.write_table(table, folder / "long.parquet")
    pq.write_table(pa.concat_tables([table] * 8), folder / "many.parquet")
    short = table.set_column(0, "path", pa.array(["a.jpg"] * rows).dictionary_encode())
    pq.write_table(pa.concat_tables([short] * 4), folder / "crowd.parquet")
    data = bytearray((folder / "long.parquet").read_bytes())
    data[-8:-4] = (0x7FFFFFFF).to_bytes(4, "little")
    (folder / "footer.parquet").write_bytes(data)


def generated(folder: Path, count: int, rng: random.Random) -> Iterator[Case]:
    """Shipped files in which something was changed."""
    for number in range(count):
        kind = rng.choice(list(SHIPPED))
        package, names = SHIPPED[kind]
        text = (resources.files(package) / rng.choice(names)).read_text("utf-8")
        path = folder / f"generated{number}" / ("street.yaml" if kind == "scene" else "mine.yaml")
        path.parent.mkdir()
        path.write_bytes(changed(text, rng))
        arguments = training(path, folder)
        if kind != "training":
            arguments = ("flows.cli", "recipe", "show", str(path))
        if kind == "scene":
            own = path.with_name("own.yaml")
            path.rename(own)
            arguments = ("flows.cli", "plan", "tiny", "--set", "scenes=[{name: own}]")
        yield Case(
            f"generated {number}: {kind}",
            arguments,
            (("UNREALPERSON_SCENES", str(path.parent)),) if kind == "scene" else (),
        )


def changed(text: str, rng: random.Random) -> bytes:
    """A file with one to three of its bytes, lines or values changed."""
    data = bytearray(text.encode())
    for _ in range(rng.randint(1, 3)):
        lines = data.split(b"\n")
        line, place = rng.randrange(len(lines)), rng.randrange(len(data))
        match rng.randrange(5):
            case 0:
                data[place] = rng.randrange(256)
            case 1:
                del data[place : place + rng.randint(1, 40)]
            case 2:
                lines[line : line + 1] = [lines[line]] * 2
                data = bytearray(b"\n".join(lines))
            case 3:
                lines[line] = lines[line].partition(b":")[0]
                lines[line] += rng.choice(
                    [b": -1", b": .nan", b": [[]]", b": 1e308", b": ''", b": null", b": {a: 1}"]
                )
                data = bytearray(b"\n".join(lines))
            case _:
                lines[line][:0] = b"  "
                data = bytearray(b"\n".join(lines))
    return bytes(data)
