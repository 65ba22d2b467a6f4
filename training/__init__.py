"""Everything that learns or measures: models, data loading, training, evaluation.

Orchestration may not live here (``flows``, ``tasks``), nor anything that makes pixels.
"""
