"""Command line of the embedded engine: ``python -m synth_workers.engine --scene street …``."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from manifests.errors import BadRecipe, FactoryError


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """The command line as a namespace; exits with 2 on a malformed one."""
    parser = argparse.ArgumentParser(
        prog="python -m synth_workers.engine",
        description="UnrealCV server that renders the shipped scenes with people in them.",
    )
    add = parser.add_argument
    add("--scene", required=True, help="name of a shipped scene")
    add("--crowd", type=Path, help="crowd file: who may be spawned")
    add("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    add("--port", type=int, default=9000, help="TCP port; 0 takes a free one")
    add("--width", type=int, default=1280, help="picture width of new cameras, pixels")
    add("--height", type=int, default=720, help="picture height of new cameras, pixels")
    add("--fov", type=float, default=90.0, help="horizontal field of view of new cameras, degrees")
    add("--supersampling", type=float, default=1.25, help="drawn pixels per pixel, 1..4")
    add("--jpeg-quality", type=int, default=95, help="quality of lit jpg, 1..100")
    add("--dialect", default="superset", help="which UnrealCV generation to imitate")
    add("--second-client", choices=("reject", "park"), help="default: as the dialect does it")
    add("--socket-folder", type=Path, help="where dialects that leave TCP put their socket")
    add("--token-file", type=Path, help="clients must present the token in this file first")
    add("--deny", action="append", default=[], metavar="TEXT",
        help="refuse commands that contain this; may be given several times")  # fmt: skip
    add("--fault", action="append", default=[], metavar="KIND[@N][:SECONDS]",
        help="go wrong on purpose, see faults.py; may be given several times")  # fmt: skip
    add("--device", default="auto", help="auto, cpu or an EGL device number")
    add("--folder", type=Path, help="where captures named by file go (default: a temporary one)")
    add("--materials", type=Path, help="folder whose pictures clients may put on people")
    add("--log", type=Path, help="write the log to this file instead of stderr")
    return parser.parse_args(arguments)


def check(options: argparse.Namespace) -> None:
    """Refuse values outside their range with ``BadRecipe``."""
    ranges: dict[str, tuple[float, float]] = {
        "port": (0, 65535),
        "width": (1, 8192),
        "height": (1, 8192),
        "fov": (1, 170),
        "supersampling": (1, 4),
        "jpeg_quality": (1, 100),
    }
    for name, (low, high) in ranges.items():
        value = getattr(options, name)
        if not low <= value <= high:
            option = "--" + name.replace("_", "-")
            raise BadRecipe(f"{option} {value} is not within {low:g}..{high:g}")


def run(options: argparse.Namespace) -> None:
    """Start the engine and serve until told to stop."""
    check(options)
    logging.basicConfig(
        level=logging.INFO,
        filename=options.log,
        format="%(asctime)s %(levelname)s %(name)s: %(message)s",
    )
    from synth_workers.engine.access import Access, read_token
    from synth_workers.engine.crowd import Crowd, load_crowd
    from synth_workers.engine.dialects import dialect
    from synth_workers.engine.engine import Engine, EngineSettings
    from synth_workers.engine.faults import Faults, parse_fault
    from synth_workers.engine.levels import load_level
    from synth_workers.engine.server import SecondClient
    from synth_workers.engine.serving import open_listener, serve

    access = Access(read_token(options.token_file) if options.token_file else None, options.deny)
    faults = Faults(tuple(parse_fault(text) for text in options.fault))
    chosen = dialect(options.dialect)
    crowd = load_crowd(options.crowd) if options.crowd else Crowd([], {}.__getitem__)
    listener = open_listener(options.host, options.port)
    settings = EngineSettings(**{f.name: getattr(options, f.name) for f in fields(EngineSettings)})
    engine = Engine(load_level, options.scene, crowd, settings, chosen, options.folder, faults)
    try:
        policy = SecondClient(options.second_client) if options.second_client else None
        folder = options.socket_folder
        serve(engine, listener, second_client=policy, socket_folder=folder, access=access)
    finally:
        engine.close()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code of the error that ended it, else 0."""
    options = parse(sys.argv[1:] if arguments is None else arguments)
    try:
        run(options)
    except FactoryError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
