"""The limiter's file: shared by processes, and no reason to stop if it cannot be used."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from filelock import FileLock

from plancast.model.plan import RateWindow
from plancast.net.limiter_log import LogNames
from plancast.net.rate_limiter import LONGEST_PAUSE, LimiterWindow, RateReport
from plancast.testing.fakes import FakeClock
from tests.net.log_folder import file_log
from tests.net.pace import RollingServer, limiter


def test_two_limiters_share_a_file(tmp_path: Path) -> None:
    clock, path = FakeClock(), tmp_path / "new" / "folder" / "log.json"
    one, other = (limiter(clock, store=file_log(path)) for _ in range(2))
    for _ in range(40):
        one.release(one.acquire())
    assert other.remaining()[0].remaining == 20
    for _ in range(20):
        other.release(other.acquire())
    assert clock.slept == []
    one.acquire()
    assert clock.slept == [60.25]
    assert [item.suffix for item in path.parent.iterdir() if item.name.startswith(".")] == []


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe\x00",
        b'{"version": 3}',
        b'{"version": 2}',
        b'{"version": 1}',
        b'{"version":3,"wall":1,"monotonic":1,"pause":0,"halved":0,"slots":[]}',
        b'{"version":1,"wall":1,"monotonic":1,"pause":"x","halved":0,"slots":[]}',
        b'{"version":1,"wall":NaN,"monotonic":1,"pause":0,"halved":0,"slots":[]}',
        b'{"version":1,"wall":1,"monotonic":1,"pause":0,"halved":0,"slots":{}}',
        b'{"version":1,"wall":1,"monotonic":1,"pause":0,"halved":0,"slots":[[1,2]]}',
        b'{"version":1,"wall":1,"monotonic":1,"pause":0,"halved":0,"slots":[[1,2,false]]}',
        b'{"version":2,"wall":1,"monotonic":1,"pause":0,"halved":0,"slots":[],"words":{}}',
        b'{"version":2,"wall":1,"monotonic":1,"pause":0,"halved":0,"slots":[],"words":[[1]]}',
        b'{"version":2,"wall":1,"monotonic":1,"pause":0,"halved":0,"slots":[["a",0,false,"1",0]]}',
        b'{"version":2,"wall":1,"monotonic":1,"pause":0,"halved":0,"slots":[["a",0,false,1,0,7]]}',
        b"[" * 100_000,
        b" " * (5 * 1024 * 1024),
    ],
)
def test_a_damaged_file_begins_anew(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "log.json"
    path.write_bytes(content)
    clock = FakeClock()
    one = limiter(clock, store=file_log(path))
    one.release(one.acquire())
    assert clock.slept == []
    assert len(json.loads(path.read_bytes())["slots"]) == 1


def test_a_file_that_claims_nonsense_holds_nobody_up_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "log.json"
    clock = FakeClock()
    document = {
        "version": 1,
        "wall": clock.wall(),
        "monotonic": clock.monotonic(),
        "pause": 1e300,
        "halved": 1e300,
        "slots": [["a", -1e300, True]] * 60,
    }
    path.write_text(json.dumps(document))
    limiter(clock, store=file_log(path)).acquire()
    assert sum(clock.slept) <= LONGEST_PAUSE


def test_a_file_of_the_version_before_is_read(tmp_path: Path) -> None:
    path, clock = tmp_path / "log.json", FakeClock()
    document = {
        "version": 1,
        "wall": clock.wall() - 30,
        "monotonic": clock.monotonic() - 30,
        "pause": 0.0,
        "halved": 0.0,
        "slots": [["a", 0.0, False], ["b", 20.0, False], ["c", 40.0, False]],
    }
    path.write_text(json.dumps(document))
    one = limiter(clock, store=file_log(path))
    one.release(one.acquire())
    assert one.remaining()[0].remaining == 60 - 3, "one of them is more than a minute old"
    one.close()
    assert json.loads(path.read_bytes().splitlines()[0])["version"] == 3


def test_what_the_server_said_is_said_to_all_and_counted_by_all(tmp_path: Path) -> None:
    clock, path = FakeClock(), tmp_path / "log.json"
    one, other = (limiter(clock, store=file_log(path)) for _ in range(2))
    earlier = other.acquire()
    late = one.acquire()
    one.release(
        one.acquire(), [RateReport(60.0, 50, 10, 30.0), RateReport(3600.0, 400, 300, 100.0)]
    )
    one.close()
    expected = [RateWindow(50, 60, 8), RateWindow(400, 3600, 298)]
    assert list(other.remaining()) == expected == list(one.remaining())
    other.release(other.acquire())
    assert one.remaining()[0].remaining == 7
    other.release(earlier, [RateReport(60.0, 50, 12, 30.0)])
    other.close()
    assert one.remaining()[0].remaining == 12 - 3, "more was left when it came: it came first"
    one.release(late)
    fresh = limiter(clock, store=file_log(path))
    assert fresh.remaining() == one.remaining()


def test_nonsense_in_a_file_is_not_believed_beyond_reason(tmp_path: Path) -> None:
    path, clock = tmp_path / "log.json", FakeClock()
    document = {
        "version": 2,
        "wall": clock.wall(),
        "monotonic": clock.monotonic(),
        "pause": 0,
        "halved": 0,
        "slots": [["", 1.0, False, 1e300, 1e300, [[1, 2]]]],
        "words": [[-5, 60.0, -1e300, 1e300, -1e300]] * 100,
    }
    path.write_text(json.dumps(document))
    limiter(clock, store=file_log(path)).acquire()
    assert sum(clock.slept) <= 61.0


def test_where_the_file_cannot_be_used_the_process_paces_itself(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    clock, path = FakeClock(), tmp_path / "file" / "log.json"
    one = limiter(clock, (LimiterWindow(2, 10.0),), file_log(path))
    for _ in range(2):
        one.release(one.acquire())
    assert one.remaining()[0].remaining == 0
    (tmp_path / "file").unlink()
    fresh = limiter(clock, (LimiterWindow(2, 10.0),), file_log(path))
    assert fresh.remaining()[0].remaining == 2
    assert one.remaining()[0].remaining == 0, "what it sent while it was alone still counts"
    assert fresh.remaining()[0].remaining == 0, "and is told to the others now"


def test_groups_are_kept_and_not_counted_twice_after_a_time_alone(tmp_path: Path) -> None:
    clock, folder = FakeClock(), tmp_path / "folder"
    windows = (LimiterWindow(100, 900.0), LimiterWindow(500, 86_400.0))
    one, other = (limiter(clock, windows, file_log(folder / "log.json")) for _ in range(2))
    for _ in range(30):
        one.release(one.acquire())
    clock.advance(1000)
    one.release(one.acquire(), [RateReport(900.0, 100, 90, 800.0)])
    assert other.remaining()[1].remaining == 500 - 31
    one.close()
    assert other.remaining()[0].remaining == 90
    folder.rename(tmp_path / "elsewhere")
    folder.write_text("in the way")
    for _ in range(5):
        clock.advance(1)
        one.release(one.acquire())
    folder.unlink()
    (tmp_path / "elsewhere").rename(folder)
    clock.advance(1)
    other.release(other.acquire())
    assert [window.remaining for window in one.remaining()] == [90 - 6, 500 - 37]
    assert other.remaining() == one.remaining()


def test_a_log_from_before_a_start_with_a_clock_that_was_set_back_runs_out(tmp_path: Path) -> None:
    ahead, clock, path = FakeClock(), FakeClock(), tmp_path / "log.json"
    ahead.advance(1_000_000)
    before = limiter(ahead, (LimiterWindow(2, 10.0),), file_log(path))
    for _ in range(2):
        before.release(before.acquire())
    before.close()
    # The machine was started anew: both of its clocks show less than in the log.
    after = limiter(clock, (LimiterWindow(2, 10.0),), file_log(path))
    assert after.remaining()[0].remaining == 0
    clock.advance(11)
    assert after.remaining()[0].remaining == 2


def test_without_a_home_nothing_is_written_into_the_current_folder() -> None:
    """A path that begins with "~" stays so if the system knows no home of this user."""
    clock, path = FakeClock(), Path("~") / "pacing" / "log.json"
    one = limiter(clock, (LimiterWindow(1, 10.0),), file_log(path))
    one.release(one.acquire())
    assert one.remaining()[0].remaining == 0
    assert not path.parent.parent.exists()


def test_a_lock_that_nobody_gives_back_does_not_stop_the_work(tmp_path: Path) -> None:
    clock, path = FakeClock(), tmp_path / "log.json"
    with FileLock(path.with_suffix(".lock")):
        one = limiter(clock, (LimiterWindow(1, 10.0),), file_log(path, patience=0.01))
        one.release(one.acquire())
        assert one.remaining()[0].remaining == 0


def test_the_name_of_the_file_tells_nothing() -> None:
    names = LogNames.of_key("1/secret", "https://api.example/1")
    account = names.of_account("4eb8543")
    for shown in (names.first, names.earlier, account):
        assert not any(word in shown for word in ("secret", "example", "4eb8543"))
    assert names.first == LogNames.of_key("1/secret", "https://api.example:443").first
    assert account == LogNames.of_key("1/other", "https://api.example").of_account("4eb8543")
    for other in (
        LogNames.of_key("1/other", "https://api.example/1"),
        LogNames.of_key("1/secret", "https://api.example:444/1"),
    ):
        assert other.first != names.first
    elsewhere = LogNames.of_key("1/secret", "https://api.other/1")
    assert elsewhere.of_account("4eb8543") != account, "origins never share"


# -- real time, real processes ----

_WORKER = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from plancast.net.limiter_files import DiskFolder
from plancast.net.limiter_log import FileLog, LogNames
from plancast.net.rate_limiter import Limiter, PacedTransport, LimiterWindow
from plancast.net.transport import HttpxTransport, Request

class Clock:
    def now(self): return datetime.now(UTC)
    def monotonic(self): return time.monotonic()
    def sleep(self, seconds): time.sleep(seconds)

url, path, requests = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
log = FileLog(DiskFolder(path.parent), LogNames("http://x", path.name, ""))
limiter = Limiter((LimiterWindow(20, 0.5),), log, Clock(), time.time)
transport = HttpxTransport(url, "token-for-tests")
paced = PacedTransport(transport, limiter, time.time)
for _ in range(requests):
    paced.send(Request("GET", "/user.json", idempotent=True))
transport.close()
"""


class _Counting(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    gate = threading.Lock()
    counter = RollingServer((LimiterWindow(20, 0.5),))
    seen = 0

    def do_GET(self) -> None:
        with _Counting.gate:
            _Counting.seen += 1
            passed = _Counting.counter.arrive(time.monotonic())
        self.send_response(200 if passed else 429)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


def test_processes_together_are_never_refused(tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Counting) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}/1"
        command = [sys.executable, "-c", _WORKER, url, str(tmp_path / "log.json"), "45"]
        workers = [subprocess.Popen(command, stderr=subprocess.PIPE) for _ in range(2)]
        errors = [worker.communicate(timeout=60)[1] for worker in workers]
        server.shutdown()
    assert [worker.returncode for worker in workers] == [0, 0], errors
    assert _Counting.seen == 90
    assert _Counting.counter.refused == 0
