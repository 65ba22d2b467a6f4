"""Families of scenes: functions from a number to a whole scene, and what they are drawn with.

A world is one scene of a family, called like ``campus-17``. Nobody who plans, draws or checks a
scene can tell whether a person or a family wrote it.
"""
