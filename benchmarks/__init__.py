"""Commands that print figures: ``python -m benchmarks.<name>``.

Each ends in one line of JSON that also carries ``calibration_cpu_s`` (see ``calibration``).
Nothing here asserts a time.
"""
