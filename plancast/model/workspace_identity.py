"""The identity of a workspace, as its state records it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """A workspace as its state names it.

    `id` is the key `workspace:` of plancast.yaml, "" if it has none. `path` is its folder relative
    to the top of the checkout, "" at the top and outside of a checkout. `environment` names the
    queue that the state is about: `sandbox`, `buffer`, or the name of another provider. The API
    whose ids the state holds is recorded elsewhere (`State.provider`; see `rails.guard_ids`).
    """

    id: str = ""
    path: str = ""
    environment: str = ""

    @property
    def shown(self) -> str:
        """The workspace in the words of messages: its id, if it has one, and its folder."""
        folder = f"the folder {self.path}" if self.path else "the top of the checkout"
        return f"workspace {self.id}, {folder}" if self.id else folder
