"""How time differences between cameras are counted: settings alone, without what counts them."""

from __future__ import annotations

from pydantic import Field

from manifests.model import Model


class TimeBins(Model):
    """How time differences are counted. Defaults are JVTC's, for video frames."""

    width: float = Field(
        default=100.0, gt=0.0, description="Width of a bin, in the data set's unit of time."
    )
    count: int = Field(default=3000, ge=1, le=100_000, description="Bins of each camera pair.")
    smoothing: float = Field(
        default=50.0, gt=0.0, description="Standard deviation of the smoothing, in bins."
    )
