"""A finished model as files that other programs read and that can hold no code.

``model.safetensors`` is the network's state dict and nothing else, ``training.safetensors`` what it
remembers of its training (statistics of cameras, fingerprints of pictures), ``config.json`` all
that is no tensor: settings, people, lineage, and which tensors stand where.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from manifests.errors import CorruptData, NotFound
from manifests.strict_text import read_json
from training.run_files import SAFE_MODEL_FILE

CONFIG_FILE = "config.json"
REMEMBERED_FILE = "training.safetensors"

_FORMAT = "unrealperson-model"
_VERSION = 1
_NETWORK = "network"
_TENSOR = "tensor"
_WHOLE = "get the whole folder again"


def write_safe_files(folder: Path, content: dict[str, Any]) -> None:
    """Write the fields of a checkpoint, plain values and tensors, to an existing ``folder``."""
    tensors: dict[str, torch.Tensor] = {}
    rest = {name: value for name, value in content.items() if name != _NETWORK}
    said = _without_tensors(rest, tensors, ())
    files = {
        SAFE_MODEL_FILE: save(_whole(content[_NETWORK]), {"format": "pt"}),
        REMEMBERED_FILE: save(_whole(tensors), {"format": "pt"}),
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    document = {
        "format": _FORMAT,
        "version": _VERSION,
        "library_name": "unrealperson",
        "sha256": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
        **said,
    }
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
    (folder / CONFIG_FILE).write_text(text + "\n", encoding="utf-8")


def read_safe_files(path: Path) -> dict[str, Any]:
    """The fields of a checkpoint, from its ``model.safetensors``.

    Raises ``NotFound`` if a file is missing, ``CorruptData`` for files that are damaged, no model
    of ours, or of another version.
    """
    document = _document(path.with_name(CONFIG_FILE))
    digests = document.pop("sha256", {})
    network, remembered = (
        _tensors(path.with_name(name), digests.get(name) if isinstance(digests, dict) else None)
        for name in (path.name, REMEMBERED_FILE)
    )
    try:
        return {**_with_tensors(document, remembered), _NETWORK: network}
    except (KeyError, TypeError) as error:
        raise CorruptData(
            f"model {path.parent}: {CONFIG_FILE} names the tensor {error}, which "
            f"{REMEMBERED_FILE} does not have; {_WHOLE}"
        ) from None


def _document(path: Path) -> dict[str, Any]:
    try:
        document = read_json(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotFound(f"model {path.parent}: there is no {path.name} in it; {_WHOLE}") from None
    except (OSError, ValueError) as error:
        raise CorruptData(f"model {path}: {error}; {_WHOLE}") from None
    if not isinstance(document, dict) or document.get("format") != _FORMAT:
        raise CorruptData(f"model {path.parent}: its {path.name} is not that of a model of ours")
    if document.get("version") != _VERSION:
        raise CorruptData(
            f"model {path.parent}: its files are of version {document.get('version')}, this code "
            f"reads {_VERSION}"
        )
    return {name: document[name] for name in document.keys() - {"format", "version"}}


def _tensors(path: Path, digest: object) -> dict[str, torch.Tensor]:
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise NotFound(f"model {path.parent}: there is no {path.name} in it; {_WHOLE}") from None
    except OSError as error:
        raise CorruptData(f"model {path}: cannot be read: {error.strerror}") from None
    if hashlib.sha256(data).hexdigest() != digest:
        raise CorruptData(f"model {path}: its SHA-256 is not the one of {CONFIG_FILE}; {_WHOLE}")
    try:
        return load(data)
    except (SafetensorError, ValueError, KeyError) as error:
        raise CorruptData(f"model {path}: no safetensors ({error}); {_WHOLE}") from None


def _whole(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Tensors that share no memory and lie in it as they are counted."""
    kept = {name: value.detach().cpu() for name, value in tensors.items()}
    return {
        name: value.clone(memory_format=torch.contiguous_format) for name, value in kept.items()
    }


def _without_tensors(value: Any, found: dict[str, torch.Tensor], path: tuple[str, ...]) -> Any:
    """The same with the place of each tensor in ``found`` instead of it."""
    if isinstance(value, torch.Tensor):
        # Names of cameras are anybody's: a number keeps two of them apart.
        name = f"{len(found)} {'/'.join(path)}"
        found[name] = value
        return {_TENSOR: name}
    if isinstance(value, dict):
        return {name: _without_tensors(v, found, (*path, str(name))) for name, v in value.items()}
    if isinstance(value, list | tuple):
        return [_without_tensors(v, found, (*path, str(i))) for i, v in enumerate(value)]
    return value


def _with_tensors(value: Any, found: dict[str, torch.Tensor]) -> Any:
    if isinstance(value, dict):
        if value.keys() == {_TENSOR}:
            return found[value[_TENSOR]]
        return {name: _with_tensors(v, found) for name, v in value.items()}
    if isinstance(value, list):
        return [_with_tensors(v, found) for v in value]
    return value
