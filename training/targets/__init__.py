"""Readers of other people's data sets, by their official file names.

Nothing here downloads or redistributes anything: the user points at a folder. Every reader
checks the counts that the data set's authors publish and says what is missing.
"""
