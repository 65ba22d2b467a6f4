"""Which engine draws a data set: the one that ships with this project, or a build of a game."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from manifests.model import Model, since
from manifests.scene_requests import Name

BuildName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+-]{0,62}$")]


class EngineRequest(Model):
    """Which engine renders: part of render_id, so it names pixels, never hosts or paths.

    Whether a game is started as a program, in a container or attached to is each host's
    business (``synth_workers.unreal.games``): the pixels are those of the game's build.
    """

    kind: Literal["embedded", "unreal"] = Field(
        default="embedded", description="The engine that ships with this project, or a game."
    )
    contract: Literal["person", "unrealperson"] = Field(
        default="person",
        description="Who places people: the worker, or the paper's level by itself.",
    )
    game: Name | None = since(
        "0.1", None, description="With `unreal`: the game, as hosts' games.yaml calls it."
    )
    build: BuildName | None = since(
        "0.1", None, description="With `unreal`: which build of the game, e.g. 2026-05-01."
    )

    @model_validator(mode="after")
    def _a_game_is_named(self) -> EngineRequest:
        if self.kind == "unreal" and (self.game is None or self.build is None):
            raise ValueError("with kind `unreal`, name its `game` and `build`")
        if self.kind == "embedded" and (self.game is not None or self.build is not None):
            raise ValueError("`game` and `build` belong to kind `unreal`")
        return self

    @property
    def version(self) -> str | None:
        """What names the pixels of a game; the embedded engine knows its own version."""
        return None if self.kind == "embedded" else f"{self.game} {self.build}"
