"""The adaptation stage: a labelled source and an unlabelled target make a model for the target."""
