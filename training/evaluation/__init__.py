"""Measuring how well people are found again: features, rankings, baselines, intervals."""
