"""Scripts that Unreal's editor runs with its own Python."""
