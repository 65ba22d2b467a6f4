"""One family in each file, found by itself."""
