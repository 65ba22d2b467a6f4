"""Scores of crops: how hard, how seldom and how nearly the same as others each one is."""
