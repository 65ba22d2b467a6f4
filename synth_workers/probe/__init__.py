"""What a running game or engine can do for the factory, found out by asking it.

``run.probe_engine`` is the way in. Whatever answers, or does not, the outcome is a report.
"""
