"""`plancast state pull`: the state as it is, for a look or a copy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plancast.core.exits import ExitCode

if TYPE_CHECKING:
    from plancast.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """`state pull` takes nothing."""


def run(_args: Args, runtime: Runtime) -> ExitCode:
    """Print it, with everything that was journalled; nothing is written."""
    from plancast.store.document import encode  # noqa: PLC0415
    from plancast.views.paint import safe_json  # noqa: PLC0415

    runtime.show(safe_json(encode(runtime.state())))
    return ExitCode.DONE
