"""The backbones: one module for each family, found by ``registry`` when somebody asks.

To add one, put a file here that decorates its building function with ``backbone``; nothing else
needs to know.
"""
