"""The limits belong to the account: its keys share one log as soon as an answer has named it."""

from __future__ import annotations

import json
import os
import stat
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from plancast.net.limiter_files import DiskFolder, LogFolder
from plancast.net.limiter_log import FileLog, LogNames
from plancast.net.limiter_records import LogText, decode, encode_redirect
from plancast.net.rate_limiter import Limiter, LimiterWindow, RateReport
from plancast.testing.fakes import FakeClock
from tests.net.log_folder import API, CountedFolder, key_log
from tests.net.pace import limiter
from tests.night import THOROUGH

WINDOW = (LimiterWindow(20, 900.0),)


@dataclass
class Process:
    """A process with a key, which has the limiter's log open."""

    log: FileLog
    limiter: Limiter

    @classmethod
    def start(cls, clock: FakeClock, folder: Path | LogFolder, key: str) -> Process:
        log = key_log(folder, key)
        return cls(log, limiter(clock, WINDOW, log))

    def send(self, requests: int = 1, account: str = "") -> None:
        """Send requests; the first answer names the account, if it is given."""
        for _ in range(requests):
            self.limiter.release(self.limiter.acquire())
            if account:
                self.log.belongs_to(account)

    @property
    def left(self) -> int:
        return self.limiter.remaining()[0].remaining


def names(folder: Path, kind: str = "*.log") -> list[str]:
    return sorted(path.name.partition("-")[0] for path in folder.glob(kind))


def test_two_keys_of_an_account_share_its_budget_from_the_first_answer_on(tmp_path: Path) -> None:
    clock = FakeClock()
    one, other = (Process.start(clock, tmp_path, key) for key in ("first", "second"))
    one.send(3, "acme")
    other.send(2)
    assert (one.left, other.left) == (17, 18), "its answer has not named the account yet"
    other.log.belongs_to("acme")
    assert (other.left, one.left) == (15, 15)
    for key in ("first", "second"):
        assert Process.start(clock, tmp_path, key).left == 15, "known before the first request"
    stranger = Process.start(clock, tmp_path, "third")
    stranger.send(1, "another account")
    assert stranger.left == 19
    assert names(tmp_path) == ["account", "account", "key", "key", "key"]


def test_a_process_that_still_has_the_old_name_open_follows_the_redirect(tmp_path: Path) -> None:
    clock = FakeClock()
    old, new = (Process.start(clock, tmp_path, "first") for _ in range(2))
    pending = old.limiter.acquire()
    new.send(1, "acme")
    assert new.left == 18
    old.limiter.release(pending)
    old.send(3)
    assert (old.left, new.left) == (15, 15)
    old.limiter.close()
    clock.advance(901)
    assert new.left == 20, "the answer to the pending request was noted in the log of the account"


def test_an_origin_shares_with_no_other(tmp_path: Path) -> None:
    clock, counts = FakeClock(), []
    for base in (API, "https://api.example/1", "https://api.example:8443", "https://b.example"):
        log = key_log(tmp_path, "first", base)
        log.belongs_to("acme")
        one = limiter(clock, WINDOW, log)
        one.release(one.acquire())
        counts.append(one.remaining()[0].remaining)
    assert counts == [19, 18, 19, 19]


def test_a_key_that_is_said_to_belong_to_another_account_takes_only_its_own_requests_along(
    tmp_path: Path,
) -> None:
    """As if the server at the address has been exchanged for another one."""
    clock = FakeClock()
    Process.start(clock, tmp_path, "first").send(9, "acme")
    moved = Process.start(clock, tmp_path, "first")
    moved.send(2, "beta")
    assert moved.left == 18
    assert Process.start(clock, tmp_path, "first").left == 18
    second = Process.start(clock, tmp_path, "second")
    second.send(1, "acme")
    assert second.left == 20 - 9 - 1 - 1, "its first request was sent before the answer"


def test_a_process_that_dies_between_the_merge_and_the_redirect_counts_nothing_twice(
    tmp_path: Path,
) -> None:
    clock = FakeClock()
    failing = CountedFolder(DiskFolder(tmp_path), failing=b'"moved"')
    Process.start(clock, tmp_path, "first").send(4)
    dying = Process.start(clock, failing, "first")
    dying.log.belongs_to("acme")
    dying.send(2)
    assert dying.left == 14, "it goes on in the log of the key"
    for _ in range(2):
        next_one = Process.start(clock, tmp_path, "first")
        next_one.log.belongs_to("acme")
        assert next_one.left == 14


# -- locks and writes ----


def test_a_request_takes_one_lock_and_one_append(tmp_path: Path) -> None:
    clock, folder = FakeClock(), CountedFolder(DiskFolder(tmp_path))
    earlier_run = Process.start(clock, tmp_path, "first")
    earlier_run.send(1, "acme")
    earlier_run.limiter.close()
    one = Process.start(clock, folder, "first")
    for request in range(10):
        one.limiter.release(one.limiter.acquire(), [RateReport(900.0, 100, 90 - request, 30.0)])
        one.log.belongs_to("acme")
    assert folder.counts == {"lock": 10, "append": 10, "read": 11}, "and the redirect, once"
    one.limiter.close()
    one.limiter.close()
    assert folder.counts == {"lock": 11, "append": 11, "read": 12}, "the last answer"
    assert Process.start(clock, tmp_path, "first").left == 81


def test_a_look_takes_no_lock_and_writes_nothing(tmp_path: Path) -> None:
    clock, folder = FakeClock(), CountedFolder(DiskFolder(tmp_path))
    one, other = (Process.start(clock, place, "first") for place in (folder, tmp_path))
    one.send(10)
    before = folder.counts.copy()
    assert one.left == 10, "the last answer is not written yet"
    other.send(5)
    assert one.left == 5, "a look shows what others have sent"
    folder.counts.subtract(before)
    assert folder.counts == {"read": 2, "lock": 0, "append": 0, "replace": 0}


def test_a_log_is_written_anew_when_half_of_it_is_old(tmp_path: Path) -> None:
    clock, folder = FakeClock(), CountedFolder(DiskFolder(tmp_path))
    one = Process.start(clock, folder, "first")
    sizes = []
    for _ in range(500):
        one.send()
        clock.advance(46)  # 20 requests in 15 minutes
        sizes.append(sum(path.stat().st_size for path in tmp_path.glob("*.log")))
    assert one.left == 1
    assert max(sizes) < 64 * 400
    assert 500 / 64 < folder.counts["replace"] < 500 / 32
    assert folder.counts["append"] + folder.counts["replace"] == 500


# -- files ----


def test_files_are_for_the_owner_alone_and_hold_no_key(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    Process.start(FakeClock(), folder, "first-key").send(2, "acme-account")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert len(list(folder.iterdir())) == 4
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
        for secret in ("first-key", "acme-account", "api.example"):
            assert secret not in path.name + path.read_text()


LINKS = ("link", "dangling", "folder")


def spoil(path: Path, how: str, elsewhere: Path) -> None:
    """Put something in the place of a file that is no file of this user."""
    if how == "foreign":
        os.chown(path, 12345, -1)
        return
    path.replace(elsewhere)
    if how == "link":
        path.symlink_to(elsewhere)
    elif how == "dangling":
        path.symlink_to(elsewhere.with_name("nothing"))
    elif how == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()


@pytest.mark.parametrize("how", ["link", "dangling", "pipe", "folder", "foreign"])
@pytest.mark.parametrize("which", ["key-*.log", "key-*.lock", "account-*.log", "account-*.lock"])
def test_nothing_is_read_or_written_through_what_is_no_file_of_ours(
    tmp_path: Path, how: str, which: str
) -> None:
    if how == "foreign" and os.geteuid() != 0:
        pytest.skip("only root can give a file away")
    clock, folder, elsewhere = FakeClock(), tmp_path / "folder", tmp_path / "elsewhere"
    first = Process.start(clock, folder, "first")
    first.send(2, "acme")
    first.limiter.close()
    (path,) = folder.glob(which)
    before = path.read_bytes()
    spoil(path, how, elsewhere)
    one = Process.start(clock, folder, "first")
    one.send(3, "acme")
    # The lock of a key is not needed once its account is known. A lock on a pipe is one, too.
    alone = which.endswith(".log") or (which == "account-*.lock" and how in LINKS)
    assert one.left == (17 if alone else 15)
    kept = path if how == "foreign" else elsewhere
    assert kept.read_bytes() == before
    assert not (tmp_path / "nothing").exists()


@pytest.mark.parametrize(
    "target", ["../evil.log", "/etc/passwd", "key-" + "0" * 64 + ".log", "", 7, None, ["a"]]
)
def test_a_redirect_leads_to_logs_of_accounts_alone(tmp_path: Path, target: object) -> None:
    path = tmp_path / LogNames.of_key("first", API).first
    path.write_text(json.dumps({"version": 3, "moved": target}) + "\n")
    one = Process.start(FakeClock(), tmp_path, "first")
    one.send(2)
    assert one.left == 18
    assert [item.name for item in tmp_path.glob("*.log")] == [path.name]


def test_a_redirect_in_the_log_of_an_account_is_damage_and_leads_nowhere(tmp_path: Path) -> None:
    log, names = key_log(tmp_path, "a"), LogNames.of_key("a", API)
    account = names.of_account("acme")
    (tmp_path / names.first).write_bytes(encode_redirect(account))
    (tmp_path / account).write_bytes(encode_redirect(account))
    one = limiter(FakeClock(), store=log)
    one.release(one.acquire())
    one.close()
    found = decode((tmp_path / account).read_bytes())
    assert isinstance(found, LogText)
    assert len(found.log.slots) == 1


def test_a_redirect_to_a_log_that_is_gone_begins_it_anew(tmp_path: Path) -> None:
    clock = FakeClock()
    Process.start(clock, tmp_path, "first").send(5, "acme")
    next(tmp_path.glob("account-*.log")).unlink()
    one = Process.start(clock, tmp_path, "first")
    one.send(2)
    assert (one.left, Process.start(clock, tmp_path, "first").left) == (18, 18)


def test_a_last_line_that_was_cut_off_costs_only_itself(tmp_path: Path) -> None:
    clock = FakeClock()
    Process.start(clock, tmp_path, "first").send(5)
    (path,) = tmp_path.glob("key-*.log")
    raw = path.read_bytes()
    path.write_bytes(raw[:-9])
    one = Process.start(clock, tmp_path, "first")
    one.send(2)
    assert one.left == 20 - 4 - 2
    assert Process.start(clock, tmp_path, "first").left == 20 - 4 - 2


# -- the log of an earlier plancast ----


def earlier(folder: Path, clock: FakeClock, requests: int) -> Path:
    """The log that an earlier plancast kept for the key `first`."""
    path = folder / LogNames.of_key("first", API).earlier
    document = {
        "version": 2,
        "wall": clock.wall(),
        "monotonic": clock.monotonic(),
        "pause": 0.0,
        "halved": 0.0,
        "slots": [[str(n), 10.0, False] for n in range(requests)]
        + [["", 100.0, False, 4, 9.0, []]],
        "words": [],
    }
    path.write_text(json.dumps(document))
    return path


def test_the_log_of_an_earlier_plancast_is_taken_over_once(tmp_path: Path) -> None:
    clock = FakeClock()
    path = earlier(tmp_path, clock, 3)
    before = path.read_bytes()
    one = Process.start(clock, tmp_path, "first")
    assert one.left == 13
    one.send(1, "acme")
    assert one.left == 12
    assert Process.start(clock, tmp_path, "first").left == 12
    assert path.read_bytes() == before, "an earlier plancast may still use it"
    earlier(tmp_path, clock, 9)
    assert Process.start(clock, tmp_path, "first").left == 12
    clock.advance(895)
    assert one.left == 19, "the time of each request was kept"


@pytest.mark.parametrize("content", [b"", b"{", b'{"version": 2}', b"\xff" * 9, b"[" * 100_000])
def test_a_damaged_log_of_an_earlier_plancast_is_ignored(tmp_path: Path, content: bytes) -> None:
    clock = FakeClock()
    earlier(tmp_path, clock, 3).write_bytes(content)
    one = Process.start(clock, tmp_path, "first")
    one.send(1, "acme")
    assert one.left == 19


# -- any order of processes, keys and answers ----


ACCOUNTS = {"first": "acme", "second": "acme", "third": "beta"}


class Processes(RuleBasedStateMachine):
    """Processes with three keys of two accounts, against sets of requests that are merged."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.clock = FakeClock()
        self.processes: list[tuple[str, Process, list[str]]] = []
        self.owner = {key: key for key in ACCOUNTS}
        self.sent: Counter[str] = Counter()

    def teardown(self) -> None:
        self.folder.cleanup()

    @rule(key=st.sampled_from(sorted(ACCOUNTS)))
    def start(self, key: str) -> None:
        self.processes.append((key, Process.start(self.clock, Path(self.folder.name), key), []))

    @rule(data=st.data())
    def request(self, data: st.DataObject) -> None:
        if self.processes:
            key, process, pending = data.draw(st.sampled_from(self.processes))
            if process.left > 0:
                pending.append(process.limiter.acquire())
                self.sent[self.owner[key]] += 1

    @rule(data=st.data(), named=st.booleans())
    def answer(self, data: st.DataObject, *, named: bool) -> None:
        if self.processes:
            key, process, pending = data.draw(st.sampled_from(self.processes))
            if pending:
                process.limiter.release(pending.pop())
                if named:
                    self.name(key, process)

    def name(self, key: str, process: Process) -> None:
        account = ACCOUNTS[key]
        process.log.belongs_to(account)
        assert process.left >= 0  # the move happens with the next look at the log
        if self.owner[key] != account:
            self.sent[account] += self.sent.pop(key, 0)
            self.owner[key] = account

    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        """A process ends well, or is killed: then its last answers are not written."""
        if self.processes:
            item = data.draw(st.sampled_from(self.processes))
            if data.draw(st.booleans()):
                item[1].limiter.close()
            self.processes.remove(item)

    @rule(seconds=st.floats(0, 3))
    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)  # too short for any request to be forgotten

    @invariant()
    def every_request_is_counted_by_all_that_share(self) -> None:
        for key, process, _ in self.processes:
            assert process.left == max(0, 20 - self.sent[self.owner[key]])


Processes.TestCase.settings = settings(
    max_examples=300 if THOROUGH else 25, stateful_step_count=40, deadline=None
)
TestProcesses = Processes.TestCase
