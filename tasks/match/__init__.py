"""A recipe whose crops look like somebody's photographs: measured, fitted, written down."""

MATCH_VERSION = 1
"""Raise it when the same photographs and base would be given another recipe."""

MOST_CROPS = 1000
"""So many photographs are looked at, at most, spread over their cameras."""
