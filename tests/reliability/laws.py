"""A law that does not hold, and where in which life that was seen."""

from __future__ import annotations

from dataclasses import dataclass


class LawError(AssertionError):
    """A law does not hold."""


@dataclass(frozen=True)
class Broken:
    """What did not hold, after which operations of the life that began with a seed."""

    seed: int
    step: int
    trail: tuple[str, ...]
    what: str

    def __str__(self) -> str:
        return f"seed {self.seed}, step {self.step}: {self.what}\n  after {', '.join(self.trail)}"
