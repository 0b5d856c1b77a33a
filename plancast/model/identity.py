"""Whose a state is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """A workspace as its state names it.

    `id` is `workspace:` of plancast.yaml, "" if that has none. `path` is its folder relative to the
    top of the checkout, "" at the top and outside of a checkout. `environment` is whose queue it is
    about: `sandbox`, `buffer`, or the name of another provider. Whose ids a state holds, those of
    which API, is another question (`guard_ids`).
    """

    id: str = ""
    path: str = ""
    environment: str = ""

    @property
    def shown(self) -> str:
        """For people."""
        folder = f"the folder {self.path}" if self.path else "the top of the checkout"
        return f"workspace {self.id}, {folder}" if self.id else folder
