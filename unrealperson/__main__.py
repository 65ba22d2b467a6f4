"""``python -m unrealperson``: the command line."""

from flows.cli import main

if __name__ == "__main__":
    main()
