"""The training stage: from a pinned snapshot to a saved model."""
