"""Answers about media are remembered for an hour, and a damaged or hostile file does nothing."""

from __future__ import annotations

import json
import os
import stat
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.model.media import MediaAnswer, MediaOutcome
from plancast.net.media_memory import LIFE, MAX_BYTES, MOST, MediaMemory, digest_of, is_good

URL = "https://images.acme.example/a.png?X-Amz-Signature=secret"
NOW = 1_796_115_600
REMOVED = datetime(2027, 1, 1, tzinfo=UTC)
GOOD = MediaAnswer(MediaOutcome.ANSWERED, 200, "image/png", 99, REMOVED)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "media.json"


def test_a_good_answer_is_remembered_for_an_hour(path: Path) -> None:
    MediaMemory(path).remember({URL: GOOD}, NOW)
    memory = MediaMemory(path)
    assert memory.recall(NOW) == {digest_of(URL): GOOD}
    assert memory.recall(NOW + LIFE - 1) == {digest_of(URL): GOOD}
    assert memory.recall(NOW + LIFE) == {}
    assert memory.recall(NOW - 1) == {}, "an entry of the future is not believed"


BAD = [
    MediaAnswer(MediaOutcome.ANSWERED, 404),
    MediaAnswer(MediaOutcome.ANSWERED, 403, "image/png"),
    MediaAnswer(MediaOutcome.ANSWERED, 200, "text/html"),
    MediaAnswer(MediaOutcome.UNREACHED),
    MediaAnswer(MediaOutcome.NO_NAME),
    MediaAnswer(MediaOutcome.NOT_ASKED),
    MediaAnswer(MediaOutcome.LEFT_OUT),
]


@pytest.mark.parametrize("answer", BAD)
def test_what_was_wrong_is_asked_again(path: Path, answer: MediaAnswer) -> None:
    MediaMemory(path).remember({URL: answer}, NOW)
    assert not is_good(answer)
    assert not path.exists()


def test_no_address_stands_in_the_file_and_no_other_user_reads_it(path: Path) -> None:
    MediaMemory(path).remember({URL: GOOD}, NOW)
    text = path.read_text()
    assert "secret" not in text
    assert "acme" not in text
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [one.name for one in path.parent.iterdir()] == ["media.json"]


def test_the_file_is_bounded_and_keeps_the_newest(path: Path) -> None:
    memory = MediaMemory(path)
    memory.remember({f"https://a.example/{n}": GOOD for n in range(MOST)}, NOW)
    memory.remember({URL: GOOD}, NOW + 1)
    recalled = memory.recall(NOW + 2)
    assert len(recalled) == MOST
    assert digest_of(URL) in recalled
    assert path.stat().st_size < MAX_BYTES


def entry(**said: Any) -> dict[str, Any]:
    usual = {"at": NOW, "status": 200, "type": "image/png", "size": 1, "removed": None}
    return {**usual, **said}


STRANGE: list[Any] = [
    *(entry(at=one) for one in (None, "1", -1, 1.5, True, NOW + 10**6, 10**400)),
    *(entry(status=one) for one in (404, "200", None, True)),
    *(entry(type=one) for one in ("text/html", "image/\x1b[31m", "x" * 500, None)),
    *(entry(size=one) for one in (-1, "9", 10**300)),
    *(entry(removed=one) for one in (-1, "x", 10**14)),
    *({}, [], None, 7, "x"),
]


@pytest.mark.parametrize("strange", STRANGE, ids=str)
def test_a_strange_entry_is_not_believed(path: Path, strange: Any) -> None:
    path.parent.mkdir()
    document = {"version": 1, "answers": {digest_of(URL): strange}}
    path.write_text(json.dumps(document))
    assert MediaMemory(path).recall(NOW) == {}
    MediaMemory(path).remember({URL: GOOD}, NOW)
    assert MediaMemory(path).recall(NOW) == {digest_of(URL): GOOD}


@given(st.binary(max_size=40) | st.sampled_from([b"[" * 20_000, b"{}", b"7", b'{"answers": 7}']))
def test_a_damaged_file_is_an_empty_one(
    tmp_path_factory: pytest.TempPathFactory, raw: bytes
) -> None:
    path = tmp_path_factory.mktemp("cache") / "media.json"
    path.write_bytes(raw)
    assert MediaMemory(path).recall(NOW) == {}


def test_a_file_that_is_too_large_is_not_read(path: Path) -> None:
    path.parent.mkdir()
    document = {"answers": {digest_of(URL): entry()}, "more": "x" * MAX_BYTES}
    path.write_text(json.dumps(document))
    assert MediaMemory(path).recall(NOW) == {}


def good_file(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"version": 1, "answers": {digest_of(URL): entry()}}))


def test_only_a_plain_file_of_the_user_is_read(
    path: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    good_file(path)
    assert MediaMemory(path).recall(NOW)
    link, pipe = path.with_name("link.json"), path.with_name("pipe.json")
    link.symlink_to(path)
    os.mkfifo(pipe)
    for other in (link, pipe):
        assert MediaMemory(other).recall(NOW) == {}
    # Without a home the path begins with "~", and a repository may hold such a folder.
    monkeypatch.chdir(tmp_path)
    good_file(Path("~/media.json"))
    assert MediaMemory(Path("~/media.json")).recall(NOW) == {}


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_not_read(path: Path) -> None:
    good_file(path)
    os.chown(path, 12345, -1)
    assert MediaMemory(path).recall(NOW) == {}


def test_a_folder_that_cannot_be_used_costs_only_the_memory(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for place in (tmp_path / "file" / "media.json", tmp_path, Path("~/nowhere/media.json")):
        memory = MediaMemory(place)
        memory.remember({URL: GOOD}, NOW)
        assert memory.recall(NOW) == {}
    assert not Path("~").exists()
