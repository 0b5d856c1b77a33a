"""A law that does not hold, and the moment of the life in which that was seen."""

from __future__ import annotations

from dataclasses import dataclass


class LawError(AssertionError):
    """A law does not hold."""


@dataclass(frozen=True)
class Broken:
    """A broken law, with the operations of the life that began with a seed."""

    seed: int
    step: int
    trail: tuple[str, ...]
    what: str

    def __str__(self) -> str:
        return f"seed {self.seed}, step {self.step}: {self.what}\n  after {', '.join(self.trail)}"
