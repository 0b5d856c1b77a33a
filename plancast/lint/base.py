"""The values that every rule works with: what it sees, and how it reports a problem."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from plancast.model.diagnostics import Diagnostic, Severity, problem
from plancast.model.features import PLAIN, THE_PROVIDER, Features
from plancast.model.limits import NetworkLimits
from plancast.model.profile import Profile
from plancast.model.workspace import Desired, Policy

_UNKNOWN = NetworkLimits(threads=True, first_comment=10_000)
"""A network that we know nothing of: what it takes is between it and the provider."""

_SEVERITIES = {"warn": Severity.WARNING, "error": Severity.ERROR}


@dataclass(frozen=True, slots=True)
class LintContext:
    """The facts that rules see beside an entry: policy, networks, abilities of the provider.

    `public_media_only`: the provider fetches images by their addresses and takes no files.
    `accounts_known`: the profiles are as the provider describes them now; without a request, a
    limit that an account has of its own is known only if the state remembers it.
    """

    policy: Policy
    limits: Mapping[str, NetworkLimits] = field(hash=False)
    features: Features = PLAIN
    public_media_only: bool = True
    accounts_known: bool = True
    _known: dict[tuple[str, int | None], tuple[NetworkLimits, NetworkLimits | None]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def limits_for(self, item: Desired) -> NetworkLimits:
        """Return the limits that hold for the entry's account: a text over them is an error."""
        return self._limits_of(item.profile)[0]

    def usual_limits(self, item: Desired) -> NetworkLimits | None:
        """Return the limits of the entry's network if its account may have others.

        None if the limit of the account is known, or is the same for all accounts.
        """
        return self._limits_of(item.profile)[1]

    def view_of(self, profile: Profile) -> tuple[object, ...]:
        """Return all that rules about single entries see of a profile and depends on it.

        Names for messages are not part of it.
        """
        service, boards, domain = profile.service, profile.boards, profile.shortens
        return (service, boards, domain, bool(profile.id), *self._limits_of(profile))

    def _limits_of(self, profile: Profile) -> tuple[NetworkLimits, NetworkLimits | None]:
        """Return both, worked out once for each kind of account: every rule asks for them."""
        key = (profile.service, profile.text_limit)
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = self._limits_by(*key)
        return known

    def _limits_by(
        self, service: str, own: int | None
    ) -> tuple[NetworkLimits, NetworkLimits | None]:
        limits = self.limits.get(service, _UNKNOWN)
        is_open = not self.accounts_known and own is None
        if is_open and limits.text_by_account:
            return _with_text(limits, limits.text_at_most), limits
        if own is not None and not self.accounts_known and limits.text_at_most is not None:
            # Remembered, not reported: no account has more than that.
            own = min(own, limits.text_at_most)
        return limits if own is None else _with_text(limits, own), None


@cache
def _with_text(limits: NetworkLimits, text: int | None) -> NetworkLimits:
    """Return limits with another one for the text; there are few, and each is asked for often."""
    return replace(limits, text=text)


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
