"""The page of speed and memory: made of the results alone, and the one in git is that."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from bench import groups as measured_groups
from bench.figures import Results, Usage, summarize
from bench.groups import LARGEST, ROOT, SIZES, START_PAIRS, START_UP, WEIGHED, pairs_of, title_of
from bench.performance_page import LABELS, PAGE, PLOTS, files, megabytes, number, page, seconds
from bench.results_file import Measured, read_results, rounded, write_results
from bench.run import RESULTS, conditions, in_order

CONDITIONS = {
    "python": "3.11.7", "cores": "2", "plancast": "1.0", "peer": "octodns 1.22.0",
    "api": "graphql", "day": "2026-12-01",
}  # fmt: skip
FACTORS = {"plan": 3.0, "plan, warm": 0.5, "octoDNS": 12.0, "octoDNS (json)": 6.0, "parse": 1.0}


def of_size(count: int, names: list[str]) -> Results:
    """Return results in which a post costs the same at each size."""
    runs = {
        name: [Usage(FACTORS.get(name, 2.0) * count / 10_000, count * 10_000)] for name in names
    }
    return summarize(runs, pairs_of(count), WEIGHED, count)


def start(names: Mapping[str, float]) -> Results:
    return summarize(
        {name: [Usage(value, 9_000_000)] for name, value in names.items()}, START_PAIRS
    )


BEGIN = {"python -c pass": 0.01, "--version": 0.05, "--help": 0.06, "validate one post": 0.18}
SUBJECTS = [name for name in LABELS if name not in BEGIN]
ALL = {
    START_UP: Measured(start(BEGIN), CONDITIONS),
    **{
        title_of(count): Measured(of_size(count, SUBJECTS), CONDITIONS)
        for count in (*SIZES, LARGEST)
    },
}


def test_the_page_in_git_is_that_of_the_results_in_git() -> None:
    made = files(read_results(RESULTS))
    assert set(made) == {PAGE, *PLOTS.values()}
    for name, text in made.items():
        assert (ROOT / name).read_text(encoding="utf-8") == text, (
            f"make bench ONLY=start-up: {name}"
        )


def test_the_results_in_git_hold_each_group_of_a_default_run() -> None:
    wanted = {group.title for group in measured_groups.groups("default", "graphql", None)}
    results = read_results(RESULTS)
    assert wanted <= set(results)
    for title, group in results.items():
        assert group.results.left_out == [], title


def test_results_say_nothing_that_identifies_a_machine() -> None:
    assert set(conditions("graphql")) == set(CONDITIONS)
    text = RESULTS.read_text(encoding="utf-8")
    assert not re.search(r"/(home|root|tmp|Users)\b|https?:", text)


def test_results_read_back_as_they_were_written(tmp_path: Path) -> None:
    write_results(tmp_path / "one.json", ALL)
    once = read_results(tmp_path / "one.json")
    write_results(tmp_path / "two.json", once)
    assert read_results(tmp_path / "two.json") == once
    assert files(once) == files(ALL)


def test_groups_keep_their_order_whichever_was_measured_last() -> None:
    assert list(in_order(dict(reversed(ALL.items())))) == list(ALL)


def test_figures_are_kept_with_the_digits_that_mean_something() -> None:
    assert rounded({"a": 1.23456, "b": {"c": 0.000123456}, "d": 123456, "e": ["x"]}) == {
        "a": 1.235, "b": {"c": 0.0001235}, "d": 123456, "e": ["x"],
    }  # fmt: skip


def test_the_summary_states_the_ratios() -> None:
    text = " ".join(page(ALL).split())
    assert (
        "**A plan of 10,000 posts** of which one in a hundred was changed takes 3 s of processor "
        "time and 95 MB of memory. That is 3.00 times what it takes to parse the files; "
        "[octoDNS](https://github.com/octodns/octodns), which plans as many DNS records, takes "
        "4.00 times as long."
    ) in text
    assert "takes 500 ms; octoDNS takes 24.0 times as long." in text
    assert "a post costs a plan of 100,000 posts 1.00 times what it costs one of 1,000" in text
    assert "for up to 100,000 posts" in text
    assert (
        "Measured with plancast 1.0 on 2 cores with Python 3.11.7, beside octoDNS 1.22.0, on "
        "2026-12-01; rounds: start-up (1), 1,000 posts (1), 10,000 posts (1), 100,000 posts (1)."
    ) in text


def test_each_subject_has_its_rows() -> None:
    rows = [line.split(" | ")[0] for line in page(ALL).splitlines() if line.startswith("| ")]
    for name in SUBJECTS:
        assert rows.count(f"| {LABELS[name]}") >= 2, name
    assert all(f"| {LABELS[name]}" in rows for name in BEGIN)


@pytest.mark.parametrize("kept", [(), (START_UP,), ("1,000 posts",), (START_UP, "10,000 posts")])
def test_groups_that_were_not_measured_have_no_rows(kept: tuple[str, ...]) -> None:
    made = files({title: ALL[title] for title in kept})
    tables = [line for line in made[PAGE].splitlines() if line.startswith("|")]
    assert bool(tables) == bool(kept)
    assert ("## Starting" in made[PAGE]) == (START_UP in kept)
    assert "nan" not in made[PAGE]


def test_without_the_peer_nothing_is_compared_with_it() -> None:
    alone = {
        title_of(10_000): Measured(
            of_size(10_000, [name for name in SUBJECTS if not name.startswith("octoDNS")]),
            CONDITIONS,
        )
    }
    text = page(alone)
    assert "[octoDNS]" not in text
    assert LABELS["octoDNS"] not in text
    assert "3.00 times what it takes to parse the files." in " ".join(text.split())


def test_a_plan_slower_than_the_peer_is_called_that() -> None:
    names = ["parse", "plan", "octoDNS"]
    runs = {name: [Usage(value, 10)] for name, value in zip(names, (1.0, 6.0, 4.0), strict=True)}
    slow = summarize(runs, pairs_of(10_000))
    text = " ".join(page({title_of(10_000): Measured(slow, CONDITIONS)}).split())
    assert "parse the files, and 1.50 times what [octoDNS]" in text


def test_groups_of_several_days_are_listed_with_their_conditions() -> None:
    other = {**ALL, START_UP: Measured(start(BEGIN), {**CONDITIONS, "day": "2026-12-09"})}
    text = page(other)
    assert "on 2026-12-09; rounds: start-up (1)." in " ".join(text.split())
    assert "on 2026-12-01; rounds: 1,000 posts (1), 10,000 posts (1)" in " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        (seconds(0.0123), "12 ms"),
        (seconds(0.9994), "999 ms"),
        (seconds(0.9996), "1 s"),
        (seconds(2.96), "3 s"),
        (seconds(12.34), "12.3 s"),
        (seconds(1234.5), "1,234 s"),
        (megabytes(1832.6), "1,833 MB"),
        (number(0.251), "0.25"),
        (number(9.996), "10.0"),
        (number(123.4), "123"),
    ],
)
def test_figures_have_three_digits(text: str, wanted: str) -> None:
    assert text == wanted
