"""The tracking stage: how good tracks are, and a plain tracker to compare with."""
