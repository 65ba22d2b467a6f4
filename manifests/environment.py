"""What the factory reads from the environment: ``UNREALPERSON_*``, each with its type and meaning.

Values are read when they are asked for, so a process may set them for itself and its children.
Variables of other programs (Prefect, AWS, OpenMP) and those that one process of ours only hands to
another stay where they are used.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any

from platformdirs import user_cache_path, user_config_path, user_state_path
from pydantic import BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from manifests.addresses import LocalPath
from manifests.errors import BadRecipe
from manifests.refusals import explain

_PREFIX = "UNREALPERSON_"
_OURS = "unrealperson"
_READ = (_PREFIX, "XDG_", "HOME")


def _several(value: Any) -> Any:
    """Folders separated as in ``PATH``."""
    return [each for each in value.split(os.pathsep) if each] if isinstance(value, str) else value


Places = Annotated[tuple[LocalPath, ...], BeforeValidator(_several), NoDecode]


def _listed(value: Any) -> Any:
    """Words with commas between them."""
    split = value.split(",") if isinstance(value, str) else value
    return [word.strip() for word in split if word.strip()]


Words = Annotated[tuple[str, ...], BeforeValidator(_listed), NoDecode]


class Environment(BaseSettings):
    """The variables without their prefix; one that is empty counts as not set."""

    model_config = SettingsConfigDict(
        env_prefix=_PREFIX, env_ignore_empty=True, extra="ignore", frozen=True
    )

    out: LocalPath = Field(
        default=Path("out"),
        description="What local runs make: `store/`, `models/`, `reports/`, `work/`; `out` in the "
        "current folder if not set.",
    )
    store: str | None = Field(
        default=None,
        description="The store that `default` stands for; if not set, `store/` in the output "
        "folder. Where `UNREALPERSON_STORES` is set, a name of its list.",
    )
    stores: LocalPath | None = Field(
        default=None, description="List of the stores that may be used here, by name; a YAML file."
    )
    store_patience: float = Field(
        default=0.0,
        ge=0.0,
        description="For about how many seconds longer than usual to insist on a store that does "
        "not answer: on a farm, hours of work wait for it.",
    )
    state: LocalPath = Field(
        default_factory=lambda: user_state_path(_OURS),
        description="State that outlives runs, such as the local Prefect server's database and "
        "logs; `~/.local/state/unrealperson` (XDG) if not set.",
    )
    cache: LocalPath = Field(
        default_factory=lambda: user_cache_path(_OURS),
        description="Body data, built people, baked scenes, decoded crops; "
        "`~/.cache/unrealperson` (XDG) if not set.",
    )
    workers: int | None = Field(
        default=None, ge=1, description="Shards rendered at a time; all cores if not set."
    )
    port: int = Field(
        default=4200,
        ge=0,
        le=65535,
        description="Port of the local Prefect server; 4200. With 0 any that is free.",
    )
    gpu_limit: str | None = Field(
        default=None,
        description="The Prefect concurrency limit that this host's runs share; `gpu-` and the "
        "host's name if not set.",
    )
    scenes: Places = Field(
        default=(),
        description="Further folders of scenes, separated as in `PATH`: scene files (`.yaml`) and "
        "manifests of games' levels (`.json`).",
    )
    games: LocalPath = Field(
        default_factory=lambda: user_config_path(_OURS) / "games.yaml",
        description="How this host gets the games that recipes name; "
        "`~/.config/unrealperson/games.yaml` (XDG) if not set.",
    )
    engine_token: SecretStr | None = Field(
        default=None, description="The token that an engine wants to see before it takes commands."
    )
    engine_token_file: LocalPath | None = Field(
        default=None,
        description="A file that holds the token; also given to engines that the worker starts.",
    )
    logs: Words = Field(
        default=(),
        description="Where trainings tell what happens, besides `loss.csv`; with commas between: "
        "`tensorboard`, or a class of yours as `module:Name` or `file.py:Name`.",
    )
    bpy_python: str | None = Field(
        default=None, description="For FBX: Blender, or a Python that has `bpy`."
    )


def environment() -> Environment:
    """What the environment says now; ``BadRecipe`` names every variable that is wrong."""
    return _read(tuple((n, v) for n, v in os.environ.items() if n.startswith(_READ)))


@lru_cache(maxsize=4)
def _read(_: tuple[tuple[str, str], ...]) -> Environment:
    try:
        return Environment()
    except ValidationError as error:
        fields = (sentence.partition(":") for sentence in explain(Environment, error))
        said = "; ".join(f"{variable(field)}:{rest}" for field, _, rest in fields)
        raise BadRecipe(f"environment: {said}") from None


def variable(field: str) -> str:
    """The name of the variable behind a field of ``Environment``."""
    assert field in Environment.model_fields
    return f"{_PREFIX}{field.upper()}"
