"""The command line: flags become typed arguments, errors become exit codes.

No command lives here. Each is a module of `plancast.commands` with a frozen
`Args` and a function `run(args, runtime)`, imported when it is called: what
`plancast --help` costs is click alone.
"""

from plancast.cli import account, loop, review, sandbox, state, writing
from plancast.cli.group import main

__all__ = ["account", "loop", "main", "review", "sandbox", "state", "writing"]
