"""`plancast show`: a saved plan, as `plan` showed it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from plancast.core.exits import ExitCode

if TYPE_CHECKING:
    from plancast.runtime import Runtime


@dataclass(frozen=True, slots=True, kw_only=True)
class Args:
    """The flags of `show`."""

    plan_file: str
    format_name: str = "human"


def run(args: Args, runtime: Runtime) -> ExitCode:
    """Read and render. Distances such as "in 8 days" count from when the plan was made."""
    from plancast.store.planfile import load  # noqa: PLC0415
    from plancast.views import RENDERERS  # noqa: PLC0415

    plan = load(runtime.named(args.plan_file))
    options = runtime.options(plan.generated_at, zone="UTC")
    runtime.show(RENDERERS[args.format_name](plan, options))
    return ExitCode.DONE
