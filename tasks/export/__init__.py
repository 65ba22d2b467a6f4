"""The export stage: a published snapshot in the layouts that other people's tools read."""
