"""The values that every rule works with: what it sees, and how it reports a problem."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from plancast.model.diagnostics import Diagnostic, Severity, problem
from plancast.model.features import PLAIN, THE_PROVIDER, Features
from plancast.model.limits import NetworkLimits
from plancast.model.workspace import Desired, Policy

_UNKNOWN = NetworkLimits(threads=True, first_comment=10_000)
"""A network that we know nothing of: what it takes is between it and the provider."""

_SEVERITIES = {"warn": Severity.WARNING, "error": Severity.ERROR}


@dataclass(frozen=True, slots=True)
class LintContext:
    """The facts that rules see beside an entry: policy, networks, abilities of the provider.

    `public_media_only`: the provider fetches images by their addresses and takes no files.
    """

    policy: Policy
    limits: Mapping[str, NetworkLimits] = field(hash=False)
    features: Features = PLAIN
    public_media_only: bool = True

    def limits_for(self, item: Desired) -> NetworkLimits:
        """Return the limits of the entry's network, as its profile may widen them."""
        limits = self.limits.get(item.profile.service, _UNKNOWN)
        own = item.profile.text_limit
        return limits if own is None else replace(limits, text=own)


EntryRule = Callable[[Desired, LintContext], Iterator[Diagnostic]]
"""A rule about one entry."""

QueueRule = Callable[[Sequence[Desired], LintContext], Iterator[Diagnostic]]
"""A rule about entries beside each other."""


def severity_of(word: str) -> Severity | None:
    """Return how severe a problem is by the word of the policy; None if the rule is off."""
    return _SEVERITIES.get(word)


def report(  # noqa: PLR0913  # one keyword per part of the diagnostic
    item: Desired,
    code: str,
    detail: str,
    *path: str | int,
    severity: Severity | None = None,
    hint: str = "",
    title: str = THE_PROVIDER,
) -> Diagnostic:
    """Return a problem of an entry, at a place within its post such as `"images", 2`.

    `title` is that of the provider, for words of the code that name it.
    """
    place = item.at
    for step in path:
        place = place / step
    address = str(item.address)
    return problem(
        code, detail, hint=hint, address=address, at=place, severity=severity, title=title
    )
