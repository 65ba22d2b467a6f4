"""What all tests share: modules are compiled once, not by each of the processes that tests start.

Some machines ask Python to keep no compiled modules. Commands, workers, engines and flows start
by the hundred here, and each of them would compile all of the project; Git ignores what is kept.
"""

from __future__ import annotations

import os
import sys

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
