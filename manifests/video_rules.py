"""Recordings in continuous time: a clock that all cameras of a place share."""

from __future__ import annotations

from pydantic import Field, model_validator

from manifests.model import Model


class VideoRules(Model):
    """Continuous time: all cameras of a place record the same people by the same clock."""

    fps: int = Field(default=10, ge=1, le=30, description="Ticks of the clock per second.")
    seconds: float = Field(
        gt=0, le=3600, description="How long each group of people is recorded in each place."
    )
    mp4: bool = Field(
        default=True,
        description="Publish an H.264 video of every camera beside the frames; needs PyAV "
        "(`.[video]`).",
    )

    @model_validator(mode="after")
    def _ends_on_a_tick(self) -> VideoRules:
        ticks_in(self.seconds, self.fps, "seconds")
        return self

    @property
    def ticks(self) -> int:
        """How many instants a recording has."""
        return ticks_in(self.seconds, self.fps, "seconds")


def ticks_in(seconds: float, fps: int, name: str) -> int:
    """How many ticks ``seconds`` have, at least one; ``ValueError`` unless they divide."""
    ticks = round(seconds * fps)
    if ticks < 1 or abs(ticks - seconds * fps) > 1e-6:
        raise ValueError(
            f"{name}: {seconds:g} s at {fps} fps are {seconds * fps:g} ticks; a whole number is "
            f"needed, e.g. {max(ticks, 1) / fps:g} s"
        )
    return ticks
