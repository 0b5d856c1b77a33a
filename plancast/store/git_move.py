"""A state on its way from another ref to the own one of its workspace.

Three pushes, in this order. The old ref says where the state goes, and still holds it: from here on
a run of the old place refuses, and of two that move it one loses. The new ref gets the state, with
the write that was to be made anyway. The old ref then keeps the name of the new one alone. If the
run ends after the first push, the next one finds the state where it was and goes on; if after the
second, the old ref holds a copy that no one reads.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass, replace

from plancast.core.ports import StateError
from plancast.core.state import State
from plancast.store.git_states import JOURNAL, files_of
from plancast.store.gitref import GitRef

_LOG = logging.getLogger("plancast.store")


@dataclass(slots=True)
class GitMove:
    """`source` is the old ref, at `tip`, with a state and the journal beside it."""

    source: GitRef
    tip: str
    state: State
    journal: bytes
    who: str

    def begin(self, target: str) -> None:
        """Write into the old ref where the state goes. Raises StateMoved, StateUnwritable."""
        if self.state.moved_to == target:
            return
        self.state = replace(self.state, moved_to=target)
        files = files_of(self.state)
        if self.journal:
            files[JOURNAL] = self.journal
        self.tip = self.source.push(files, f"moved to {target}", self.tip, self.who)
        _LOG.debug("state %s: goes to %s", self.source.name, target)

    def end(self) -> None:
        """Leave nothing in the old ref but the name of the new one, now that it holds the state."""
        marker = State(
            lineage=self.state.lineage,
            serial=self.state.serial,
            epoch=self.state.epoch,
            account_id=self.state.account_id,
            provider=self.state.provider,
            workspace=self.state.workspace,
            moved_to=self.state.moved_to,
        )
        with suppress(StateError):  # what stands there is out of use in any case
            message = f"is in {self.state.moved_to} now"
            self.source.push(files_of(marker), message, self.tip, self.who)
