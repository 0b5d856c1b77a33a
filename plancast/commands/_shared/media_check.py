"""The look at media over the web, for `validate --online` and `status --online`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from plancast.commands._shared.checked_posts import Asked
from plancast.content.validate import located
from plancast.forges.events import is_request_from_fork
from plancast.lint.base import LintContext
from plancast.lint.media_answers import addresses_to_ask, check_answers
from plancast.model.diagnostics import Diagnostic, problem
from plancast.networks.registry import LIMITS
from plancast.providers import registry
from plancast.render.text import count

if TYPE_CHECKING:
    from plancast.app.context import Runtime


def media_problems(
    runtime: Runtime, asked: Asked, now: datetime, *, forks: bool
) -> tuple[Diagnostic, ...]:
    """Ask the addresses of media of what is still to go out, and return the problems.

    In a run for a request from a fork nothing is asked unless `forks`: its addresses were written
    by a person who may not write to the repository.
    """
    urls = addresses_to_ask(asked.desired, now)
    if not urls:
        return ()
    if not forks and is_request_from_fork(runtime.environ):
        return (problem("PC544"),)
    runtime.console.say(f"Asking for {count(len(urls), 'file')} of media.")
    answers = runtime.ask_media(urls, runtime.system_clock)
    loaded = runtime.loaded
    workspace = loaded.workspace
    features = registry.features(workspace.provider, Path(workspace.root))
    context = LintContext(workspace.policy, LIMITS, features)
    return located(loaded, asked.profiles, check_answers(asked.desired, answers, context))
