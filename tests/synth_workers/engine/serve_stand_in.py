"""A real engine process in a yard of boxes, as a module to run."""

from __future__ import annotations

import argparse
from pathlib import Path

from synth_workers.engine.access import Access, read_token
from synth_workers.engine.dialects import dialect
from synth_workers.engine.engine import Engine, EngineSettings
from synth_workers.engine.faults import Faults, parse_fault
from synth_workers.engine.server import SecondClient
from synth_workers.engine.serving import open_listener, serve
from tests.synth_workers.engine.stand_ins import box_crowd, box_level


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--width", type=int, default=320)
    parser.add_argument("--height", type=int, default=180)
    parser.add_argument("--supersampling", type=float, default=1.25)
    parser.add_argument("--dialect", default="superset")
    parser.add_argument("--second-client")
    parser.add_argument("--socket-folder", type=Path)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--fault", action="append", default=[])
    parser.add_argument("--token-file", type=Path)
    options = parser.parse_args()
    settings = EngineSettings(
        options.width, options.height, 60.0, supersampling=options.supersampling, device="cpu"
    )
    listener = open_listener("127.0.0.1", options.port)
    faults = Faults(tuple(map(parse_fault, options.fault)))
    spoken = dialect(options.dialect)
    engine = Engine(box_level, "yard", box_crowd(), settings, spoken, options.folder, faults)
    policy = SecondClient(options.second_client) if options.second_client else None
    access = Access(read_token(options.token_file) if options.token_file else None)
    folder = options.socket_folder
    try:
        serve(engine, listener, second_client=policy, socket_folder=folder, access=access)
    finally:
        engine.close()


if __name__ == "__main__":
    main()
