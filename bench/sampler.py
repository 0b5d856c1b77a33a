"""Profile of a command by room: the part of its processor time that each room of plancast takes.

`python bench/sampler.py REPORT ARGUMENTS...` runs `plancast ARGUMENTS` in this process. A timer of
the system interrupts it every other millisecond of processor time; each time the room of the
function that runs is counted. The counts are written to the file REPORT, as JSON. That disturbs
the command less than a trace of every call would, so the parts are those of an ordinary run.
"""

from __future__ import annotations

import json
import re
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.processes import Subject

INTERVAL = 0.002
OTHER = "everything else"
IMPORTS = "imports"
_LABELS = (
    (r"plancast/content/yaml_reader\.py$|/yaml/\w+\.py$", "YAML"),
    (r"plancast/content/schema\w*\.py$|/(jsonschema|jsonschema_rs|referencing)/", "JSON Schema"),
    (r"/(httpx|httpcore|h11|anyio|certifi)/|/http/client\.py$|/ssl\.py$", "HTTP client"),
    (r"/json/\w+\.py$", "JSON"),
    (r"/deepdiff/", "deepdiff"),
    (r"/click/", "click"),
)
_ROOM = re.compile(r"plancast/(\w+?)(?:\.py$|/)")
_WAITING = re.compile(r"/(threading|selectors|queue|socket)\.py$|/concurrent/futures/")


def main(arguments: list[str]) -> int:
    """Run a command of plancast, count where its time goes, and write the counts."""
    report, *line = arguments
    counts: Counter[str] = Counter()
    signal.signal(signal.SIGPROF, lambda _, frame: counts.update([_room(frame)]))
    signal.setitimer(signal.ITIMER_PROF, INTERVAL, INTERVAL)
    try:
        from plancast.commands.main import main as plancast  # noqa: PLC0415  # imports count too

        plancast(line, prog_name="plancast")
    except SystemExit as ended:
        return int(ended.code or 0)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        Path(report).write_text(json.dumps(counts), encoding="utf-8")
    return 0


def shares(subject: Subject) -> Mapping[str, float]:
    """Run a command of plancast under the sampler; return the part of each room, largest first.

    Raises BenchError if the command fails.
    """
    from bench.processes import run  # noqa: PLC0415  # the sampled process has no need of it

    arguments = subject.command[3:]  # after `python -m plancast`
    with tempfile.TemporaryDirectory(prefix="plancast-sampler-") as name:
        report = Path(name, "counts.json")
        line = (sys.executable, Path(__file__).resolve(), report, *arguments)
        run(line, subject.folder, subject.environ)
        counts = Counter(json.loads(report.read_text(encoding="utf-8")))
    return {room: number / counts.total() for room, number in counts.most_common()}


def room_of(files: Iterable[str]) -> str:
    """Return the room of a stack, given as the files of its functions, innermost first.

    The standard library counts for the function that calls it. Whatever runs while a module is
    imported counts as imports.
    """
    found = ""
    for file in files:
        if file.startswith("<frozen importlib"):
            return IMPORTS
        found = found or _label(file)
    return found or OTHER


def _label(file: str) -> str:
    for pattern, label in _LABELS:
        if re.search(pattern, file):
            return label
    room = _ROOM.search(file)
    return f"plancast/{room[1]}" if room else ""


def _room(frame: FrameType | None) -> str:
    """Return the room that runs: that of another thread, if this one waits for it."""
    stack = list(_files(frame))
    if stack and _WAITING.search(stack[0]):
        others = (list(_files(other)) for other in sys._current_frames().values())
        stack = next((one for one in others if not _WAITING.search(one[0])), stack)
    return room_of(stack)


def _files(frame: FrameType | None) -> Iterator[str]:
    while frame is not None:
        yield frame.f_code.co_filename
        frame = frame.f_back


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
