"""Surfaces that know nothing of people: parts, primitives, levels of detail, clipping."""
