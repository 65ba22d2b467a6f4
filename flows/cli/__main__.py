"""``python -m flows.cli``: the same as ``unrealperson``."""

from flows.cli import main

main()
