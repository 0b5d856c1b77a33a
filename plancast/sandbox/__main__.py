"""`python -m plancast.sandbox`: the sandbox on a port, for tests and for clients of others."""

import argparse
import json
import sys
from pathlib import Path

from plancast.sandbox.database import DatabaseError
from plancast.sandbox.seed_values import SeedError
from plancast.sandbox.serve import ServeError, serve
from plancast.sandbox.server.options import ServerOptions, write_to_stderr
from plancast.sandbox.settings import SettingError
from plancast.sandbox.world import World


def main(arguments: list[str] | None = None) -> int:
    """Serve until the process is asked to end; return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        with World(options.db) as world:
            if options.seed:
                world.reset(json.loads(options.seed.read_text(encoding="utf-8")))
            if options.rate:
                requests, _, seconds = options.rate.partition("/")
                world.set_setting("rate_requests", 0 if requests == "off" else requests)
                world.set_setting("rate_seconds", seconds or 60)
            if options.windows:
                off = options.windows == "off"
                world.set_setting("graphql_windows", "" if off else options.windows)
            log = write_to_stderr if options.verbose else None
            serve(world, options.host, options.port, _announce, ServerOptions(log=log))
    except (DatabaseError, SeedError, ServeError, SettingError, OSError, ValueError) as error:
        print(f"sandbox: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    """Return the parser of the command line."""
    parser = argparse.ArgumentParser(prog="python -m plancast.sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="a loopback address")
    parser.add_argument("--port", type=int, default=0, help="0 (default): any free one")
    parser.add_argument("--db", default=":memory:", help="database file; default: in memory")
    parser.add_argument("--seed", type=Path, help="JSON file to begin with; empties the database")
    parser.add_argument("--rate", help="requests/seconds, such as 60/60, or off")
    parser.add_argument(
        "--windows", help="the same for the GraphQL API: '100/900 250/86400', or off"
    )
    parser.add_argument(
        "-v", "--verbose", action="store_true", help="log each request on standard error"
    )
    return parser


def _announce(port: int) -> None:
    print(f"listening on port {port}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
