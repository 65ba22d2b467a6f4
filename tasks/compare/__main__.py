"""Say what makes the crops of two sets look different:

python -m tasks.compare --first demo --second market1501 --root ~/data/market --folder out/looks
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from manifests.errors import FactoryError
from manifests.stores import open_store
from tasks.compare import CROPS
from tasks.compare.page import headline
from tasks.compare.run import PAGE, compare_looks
from tasks.compare.sources import open_side


def main(arguments: list[str] | None = None) -> int:
    """Run one comparison; returns the exit code."""
    asked = _parser().parse_args(arguments)
    try:
        store = open_store(asked.store)
        first, second = (
            open_side(word, store, asked.root, asked.partial)
            for word in (asked.first, asked.second)
        )
        compared = compare_looks(
            first,
            second,
            asked.folder,
            asked.crops,
            asked.seed,
            asked.network,
            asked.include_photographs,
        )
    except FactoryError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    print(*headline(compared), f"Page: {asked.folder / PAGE}", sep="\n")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tasks.compare", description=__doc__)
    either = "a published data set, a data set or list in --root, or a folder of pictures"
    parser.add_argument("--first", required=True, help=either)
    parser.add_argument("--second", required=True, help=either)
    parser.add_argument("--store", default="out/store", help="folder or s3://bucket/prefix")
    parser.add_argument("--root", type=Path, help="folder of data sets and lists that are not ours")
    parser.add_argument("--partial", action="store_true", help="accept unofficial counts")
    parser.add_argument("--folder", type=Path, required=True, help="where results go")
    parser.add_argument("--crops", type=_positive, default=CROPS, help="at most, of either side")
    parser.add_argument("--seed", type=_number, default=0, help="of the samples")
    parser.add_argument("--network", help="backbone of the distances")
    parser.add_argument(
        "--include-photographs",
        action="store_true",
        help="show crops in the page although people who are not ours are among them",
    )
    return parser


def _positive(text: str) -> int:
    return _number(text, 1)


def _number(text: str, least: int = 0) -> int:
    value = int(text)
    if value < least:
        raise argparse.ArgumentTypeError(f"must be {least} or more, got {value}")
    return value


if __name__ == "__main__":
    sys.exit(main())
