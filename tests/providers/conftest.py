"""The fixture of the contract: every test that asks for a `bench` runs once for each."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.providers.bench import BENCHES, Bench


@pytest.fixture(params=list(BENCHES))
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Bench]:
    with ExitStack() as stack:
        connected, world = stack.enter_context(BENCHES[request.param](tmp_path))
        stack.callback(connected.close)
        yield Bench(connected.provider, connected.clock, world)
