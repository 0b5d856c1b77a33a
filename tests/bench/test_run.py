"""The benchmark beside its figures: the order of runs, the baseline, its servers and processes."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from bench import baseline as guard
from bench import groups, run
from bench.figures import Results, Usage
from bench.memory_server import COUNT_PATH, Answer, Key, Recordings
from bench.processes import BenchError, Subject, measure

GROUP = Results({}, {}, {"a / b": 1.23456}, {"a": 5.0})


def test_subjects_take_turns_in_both_directions() -> None:
    order = []

    def usage_of(subject: Subject) -> Usage:
        order.append(subject.name)
        return Usage(float(len(order)), 1)

    runs = groups.in_turns([Subject(name, (), Path()) for name in "abc"], 3, usage_of)
    assert "".join(order) == "abccbaabc"
    assert [usage.seconds for usage in runs["a"]] == [1.0, 6.0, 7.0]


def test_every_figure_of_a_default_run_has_a_baseline() -> None:
    weighed = {f"peak memory of {name}" for name in groups.WEIGHED}
    growth = groups.growth_pairs()
    wanted = {
        groups.START_UP: {pair.name for pair in groups.START_PAIRS},
        **{
            groups.title_of(count): {pair.name for pair in groups.pairs_of(count)} | weighed
            for count in groups.SIZES
        },
        **{title: {growth[title].name} for title in ("creates", "lists")},
    }
    baseline, _ = guard.read_baseline(run.BASELINE)
    assert {title: set(figures) for title, figures in baseline.items()} == wanted
    assert [group.title for group in groups.groups("default", run.API, None)] == list(wanted)


def test_a_run_of_each_scale_measures_more() -> None:
    quick, default, full = (
        [group.title for group in groups.groups(scale, run.API, None)]
        for scale in ("quick", "default", "full")
    )
    assert quick == [groups.START_UP, "1,000 posts"]
    assert set(quick) < set(default) < set(full)
    assert {"100,000 posts", "creates, largest", "lists, largest"} <= set(full)


@pytest.mark.parametrize(("count", "rounds"), [(1_000, 5), (4_000, 3), (10_000, 3), (100_000, 2)])
def test_large_sizes_are_measured_less_often(count: int, rounds: int) -> None:
    assert groups.rounds_at(run.USUAL, count) == rounds
    assert groups.rounds_at(run.QUICK, count) == min(rounds, 3)


def test_the_baseline_keeps_the_groups_that_were_not_measured() -> None:
    kept = {"start-up": {"x / y": 2.0}, "1,000 posts": {"old / b": 1.0}}
    assert guard.renewed(kept, {"1,000 posts": GROUP}) == {
        "start-up": {"x / y": 2.0},
        "1,000 posts": {"a / b": 1.235, "peak memory of a": 5.0},
    }


@pytest.mark.parametrize(
    ("ratio", "code", "words"),
    [
        (1.1, 0, "No figure is more than 20 % above"),
        (1.0, 1, "  1,000 posts: a / b: 1.23, 23 % above the baseline 1.00"),
    ],
)
def test_a_figure_above_the_baseline_fails_the_check(
    ratio: float, code: int, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    baseline = {"1,000 posts": {"a / b": ratio, "peak memory of a": 5.0}}
    assert guard.report({"1,000 posts": GROUP}, baseline) == code
    output = capsys.readouterr()
    assert words in (output.err if code else output.out).splitlines()[-1 if not code else 2]


def test_a_failed_check_says_what_else_is_not_as_it_was(capsys: pytest.CaptureFixture[str]) -> None:
    before = {"python": "3.11.7", "peer": "octodns 1.22.0"}
    note = guard.other_conditions({**before, "python": "3.13.1"}, before)
    assert note == "The baseline was measured with python 3.11.7, not 3.13.1."
    assert guard.other_conditions(before, before) == guard.other_conditions(before, {}) == ""
    assert guard.report({"1,000 posts": GROUP}, {}, note) == 1
    assert capsys.readouterr().err.splitlines()[-1] == note


def test_a_check_without_a_baseline_fails(tmp_path: Path) -> None:
    assert guard.read_baseline(tmp_path / "baseline.json") == ({}, {})
    assert guard.report({"1,000 posts": GROUP}, {}) == 1


@pytest.mark.parametrize("flag", ["--check", "--write-baseline"])
@pytest.mark.parametrize("other", [["--api", "v1"], ["--full"]])
def test_the_baseline_is_that_of_one_api_and_the_usual_sizes(
    flag: str, other: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        run.main([*other, flag])
    assert "the baseline is that of --api graphql" in capsys.readouterr().err


def test_an_answer_is_asked_for_once_and_a_refusal_each_time() -> None:
    asked: list[str] = []

    def ask(key: Key, headers: Mapping[str, str]) -> Answer:
        asked.append(f"{key[1]} {headers['Authorization']}")
        if key[1] == "/ended":
            raise ConnectionRefusedError("ended")
        return (200 if key[1] == "/a" else 429), "text/plain", key[2]

    recordings = Recordings(ask)
    answers = [
        recordings.answer(("POST", path, body), {"Authorization": "t"})
        for path, body in (("/a", b"1"), ("/a", b"1"), ("/a", b"2"), ("/b", b""), ("/b", b""))
    ]
    assert [answer[0] for answer in answers] == [200, 200, 200, 429, 429]
    assert [answer[2] for answer in answers[:3]] == [b"1", b"1", b"2"]
    assert asked == ["/a t", "/a t", "/b t", "/b t"]
    assert recordings.answer(("GET", COUNT_PATH, b""), {})[2] == b"5"
    status, _, content = recordings.answer(("GET", "/ended", b""), {"Authorization": "t"})
    assert (status, content) == (
        501, b"not recorded, and the server that knows it has ended: /ended (ended)",
    )  # fmt: skip


def test_a_process_is_measured_with_its_children(tmp_path: Path) -> None:
    child = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'x = b\"a\" * 2**26'])"
    alone = measure(Subject("alone", (sys.executable, "-c", "pass"), tmp_path))
    parent = measure(Subject("parent", (sys.executable, "-c", child), tmp_path))
    assert parent.peak > alone.peak + 2**25
    assert alone.seconds > 0


def test_a_process_that_fails_is_no_figure(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match=r"^broken: no such post"):
        measure(Subject("broken", (sys.executable, "-c", "exit('no such post')"), tmp_path))


def test_a_process_that_changes_its_folder_changes_a_copy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("before", encoding="utf-8")
    change = "import os; assert open('file').read() == 'before'; open('file', 'w').write('after')"
    subject = Subject("change", (sys.executable, "-c", change), tmp_path, repeats=2, fresh=True)
    assert measure(subject).seconds > 0
    assert (tmp_path / "file").read_text(encoding="utf-8") == "before"


def test_each_warm_process_finds_the_cache_as_it_was_prepared(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / "row").write_text("kept", encoding="utf-8")
    use = (
        "import os, pathlib; home = pathlib.Path(os.environ['XDG_CACHE_HOME']); "
        "row = home / 'row'; assert row.read_text() == 'kept'; row.unlink()"
    )
    line = (sys.executable, "-c", use)
    measure(Subject("warm", line, tmp_path, repeats=2, cache=cache))
    assert [path.name for path in cache.iterdir()] == ["row"]
    with pytest.raises(BenchError, match="FileNotFoundError"):
        measure(Subject("cold", line, tmp_path))
