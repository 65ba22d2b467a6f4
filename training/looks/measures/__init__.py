"""The measures: one module for each kind, found by ``registry`` when somebody asks.

To add one, put a file here that decorates its function with ``measure``; nothing else needs to
know.
"""
