"""What sources and targets may be called in tables."""

NAME = r"^[A-Za-z0-9][A-Za-z0-9 ._+-]{0,59}$"

MEAN = "mean"
"""Stands for all targets where a target is asked for."""
