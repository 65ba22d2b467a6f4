"""Scripts that Blender's own Python runs."""
