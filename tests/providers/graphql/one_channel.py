"""A sandbox with one channel, for tests that go through the networks one by one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from plancast.model.ports import Provider
from plancast.model.profile import Profile
from plancast.model.workspace import ProviderSettings
from plancast.providers import ProviderContext, connect
from plancast.providers.sandbox import open_world
from plancast.sandbox.settings import EditMode
from plancast.testing.fakes import START, FakeClock

BOARDS = [
    {"id": f"b-{n}", "serviceId": f"b-{n}", "name": name}
    for n, name in enumerate(("Board 0", "Board 1", "Board 2", "words"))
]


@contextmanager
def queue_of(
    name: str, folder: Path, mode: EditMode = EditMode.REPLACE
) -> Iterator[tuple[Provider, Profile]]:
    """Connect to a sandbox with one channel of a network, which takes edits by `mode`."""
    channel = {"id": "c-1", "service": name, "extras": {"boards": BOARDS}}
    with ExitStack() as stack:
        world = stack.enter_context(open_world(folder, {}))
        world.reset({"clock": START.isoformat(), "profiles": [channel]})
        world.set_setting("edit_mode", mode)
        context = ProviderContext(
            ProviderSettings("sandbox", {"api": "graphql"}),
            str(folder), {}, FakeClock(), "", lambda seconds, reason: None,
        )  # fmt: skip
        connected = connect(context)
        stack.callback(connected.close)
        (profile,) = connected.provider.profiles()
        yield connected.provider, profile
