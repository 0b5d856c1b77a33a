"""The fixture of the contract: every test that asks for a `provider_setup` runs once for each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from plancast.testing.provider_contract import Fence
from tests.providers.provider_setup import PROVIDER_SETUPS, ProviderSetup


@pytest.fixture(params=list(PROVIDER_SETUPS))
def provider_setup(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ProviderSetup]:
    with ExitStack() as stack:
        fence = Fence()
        connected, world = stack.enter_context(PROVIDER_SETUPS[request.param](tmp_path, fence))
        stack.callback(connected.close)
        yield ProviderSetup(connected.provider, connected.clock, world, fence)
