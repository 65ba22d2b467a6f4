"""Base of the JSON documents that are kept for years beside the data."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Stored(BaseModel):
    """A frozen document; fields that a newer version added are ignored by an older reader."""

    model_config = ConfigDict(extra="ignore", frozen=True)
