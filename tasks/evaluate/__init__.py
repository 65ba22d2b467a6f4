"""The evaluation stage: how well a model, or a baseline, finds held-out people again."""
