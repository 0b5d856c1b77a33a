"""Which workspace a state belongs to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """A workspace as its state names it.

    `id` is `workspace:` of plancast.yaml, "" if that has none. `path` is its folder relative to the
    top of the checkout, "" at the top and outside of a checkout. `environment` is whose queue it is
    about: the provider, with the API if that is not the provider's usual one.
    """

    id: str = ""
    path: str = ""
    environment: str = ""
