"""Data where a model is weak: measure, find what is confused and why, plan what is drawn next."""
