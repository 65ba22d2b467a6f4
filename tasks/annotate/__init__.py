"""From frame bundles to labelled crops: the annotation stage."""
