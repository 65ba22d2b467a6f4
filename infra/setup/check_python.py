"""Stops an installation early, with a clear sentence, on a Python that cannot run the project."""

import sys

if sys.version_info < (3, 11):
    version = ".".join(map(str, sys.version_info[:3]))
    sys.exit(
        f"UnrealPerson needs Python 3.11 or newer; {sys.executable} is {version}.\n"
        "Name another one:  make PYTHON=python3.11 demo"
    )
try:
    import ensurepip  # noqa: F401  # pyright: ignore[reportUnusedImport]
    import venv  # noqa: F401  # pyright: ignore[reportUnusedImport]
except ImportError:
    sys.exit(
        "This Python cannot create virtual environments.\n"
        "Install the missing part once:  sudo apt-get install python3-venv"
    )
