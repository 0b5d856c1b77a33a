"""The promises of conftest.py: without this, a test could pass because of its machine."""

from __future__ import annotations

import os
import socket
import threading
import time
from pathlib import Path

import pytest

from tests.night import ROOMS, for_the_night, turns

REFUSED = "tests talk to this machine alone"


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("8.8.8.8", 53), ("2001:db8::1", 443)])
def test_a_connection_to_the_outside_is_refused(address: tuple[str, int]) -> None:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as reaching, pytest.raises(RuntimeError, match=REFUSED):
        reaching.connect(address)


def test_a_name_of_the_outside_is_not_even_looked_up() -> None:
    with pytest.raises(RuntimeError, match=REFUSED):
        socket.getaddrinfo("api.bufferapp.com", 443)


def test_a_datagram_to_the_outside_is_refused() -> None:
    kind = socket.SOCK_DGRAM
    with (
        socket.socket(socket.AF_INET, kind) as reaching,
        pytest.raises(RuntimeError, match=REFUSED),
    ):
        reaching.sendto(b"?", ("192.0.2.1", 53))


def test_loopback_is_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            server.accept()[0].close()

        answering = threading.Thread(target=answer)
        answering.start()
        with socket.create_connection(server.getsockname(), timeout=5) as reaching:
            assert reaching.recv(1) == b""
        answering.join()


def test_the_time_zone_is_an_odd_one() -> None:
    assert time.localtime(0).tm_gmtoff == -11 * 3600  # Apia, before it crossed the date line
    assert time.localtime(1_800_000_000).tm_gmtoff == 13 * 3600


def test_the_environment_holds_nothing_of_the_machine() -> None:
    ours = ("BUFFER_", "PLANCAST_", "GITHUB_")
    assert [name for name in os.environ if name.startswith(ours)] == []
    assert Path.home().name.startswith("plancast-tests-")
    assert os.environ["XDG_STATE_HOME"].startswith(str(Path.home()))


def kept(items: list[tuple[str, str, int]], day: int) -> list[str]:
    left = for_the_night(items, day)
    return [name for name, _, _ in items if name not in left]


def test_by_day_each_row_of_a_product_has_one_case_and_they_take_turns() -> None:
    rows = [
        (f"t.py::a[row{row}-{forge}]", "t.py::a", 2) for row in range(4) for forge in ("x", "y")
    ]
    found = kept(rows, 1)
    assert [name.split("row")[1][0] for name in found] == ["0", "1", "2", "3"]
    assert {name[-2] for name in found} == {"x", "y"}


def test_by_day_one_in_so_many_is_run_and_none_of_what_is_for_the_night() -> None:
    items = [(f"t.py::a[{number}]", "t.py::a", 3) for number in range(12)]
    items += [("t.py::b", "t.py::b", 0), ("t.py::c", "t.py::c", 1)]
    found = kept(items, 1)
    assert len([name for name in found if name.startswith("t.py::a")]) == 4
    assert [name for name in found if "a[" not in name] == ["t.py::c"]


def test_by_day_the_stories_of_a_module_take_turns_whatever_their_names() -> None:
    items = [(f"t.py::story_{number}", "t.py", 4) for number in range(8)]
    assert len(kept(items, 1)) == 2


@pytest.mark.parametrize("number", [1, 2, 3, 7, 8, 20])
@pytest.mark.parametrize("group", ["t.py", ""], ids=["in turns", "on one day"])
def test_each_test_has_its_turn_within_as_many_days_as_its_mark_says(
    number: int, group: str
) -> None:
    items = [(f"t.py::{one}", group, 7) for one in range(number)]
    for first in (739_000, 739_012):
        runs = [name for day in range(first, first + 7) for name in kept(items, day)]
        assert set(runs) == {name for name, _, _ in items}
        if not group or number >= 7:
            assert len(runs) == number, "each once"


def test_a_group_that_is_smaller_than_its_share_has_days_without_a_case() -> None:
    items = [("t.py::a[x]", "t.py::a", 4), ("t.py::a[y]", "t.py::a", 4)]
    found = [kept(items, day) for day in range(4)]
    assert sorted(found) == [[], [], ["t.py::a[x]"], ["t.py::a[y]"]]


HEAVY = {"commands": 3}


@pytest.mark.parametrize(
    ("name", "marks", "expected"),
    [
        ("tests/model/test_a.py::a", [], ("tests/model/test_a.py", 1)),
        ("tests/test_a.py::a", [], ("tests/test_a.py", 1)),
        ("tests/commands/test_a.py::a", [], ("tests/commands/test_a.py", 3)),
        ("tests/commands/test_a.py::a[x]", [("part", 9)], ("tests/commands/test_a.py::a", 9)),
        ("tests/commands/test_a.py::a", [("part", 9)], ("tests/commands/test_a.py", 3)),
        ("tests/ci/test_a.py::a", [("part", 2), ("night",)], ("tests/ci/test_a.py::a", 0)),
        ("tests/commands/test_a.py::a", [("usefixtures", "x"), ("every", 2)], ("", 2)),
        ("tests/ci/test_a.py::a", [("stories", 4), ("part", 2)], ("tests/ci/test_a.py", 4)),
    ],
)
def test_the_closest_mark_decides_and_without_one_the_room(
    name: str, marks: list[tuple[object, ...]], expected: tuple[str, int]
) -> None:
    assert turns(name, marks, HEAVY) == expected


def test_a_room_that_is_named_has_no_share_of_its_own() -> None:
    for marks in ([], [("part", 4)]):
        assert turns("tests/commands/test_a.py::a", marks, {}) == ("tests/commands/test_a.py", 1)


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_a_room_with_a_share_is_a_folder_of_tests(room: str) -> None:
    assert list((Path(__file__).parent / room).glob("test_*.py"))


def test_assertions_of_the_shipped_contracts_show_their_values() -> None:
    from plancast.testing import provider_contract, store_contract  # noqa: PLC0415

    for module in (provider_contract, store_contract):
        assert "AssertionRewritingHook" in type(module.__loader__).__name__
