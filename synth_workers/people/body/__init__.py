"""Naked bodies: MakeHuman's data, shape, measures, bones and painted faces."""
