"""The options that providers share, as values and as refusals."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from plancast.content.schema import accepts
from plancast.model.exit_codes import Stop
from plancast.net.rate_windows import LimiterWindow
from plancast.providers import options
from plancast.providers.options import Options

MINUTE = {"requests": 60, "seconds": 60}
DAY = {"requests": 250, "seconds": 86_400}


def test_a_limit_of_one_window_or_of_several() -> None:
    assert options.rate_limits({}) == ()
    assert options.rate_limits({"rate_limit": MINUTE}) == (LimiterWindow(60, 60.0),)
    found = options.rate_limits({"rate_limit": [MINUTE, DAY]})
    assert found == (LimiterWindow(60, 60.0), LimiterWindow(250, 86_400.0))
    assert all(window.chosen for window in found), "the server does not raise what a person wants"
    assert options.rate_limit({"rate_limit": MINUTE}) == LimiterWindow(60, 60.0)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [(None, None), ("0s", 0.0), ("90s", 90.0), ("15m", 900.0), ("1h", 3600.0)],
)
def test_how_long_to_wait(value: str | None, seconds: float | None) -> None:
    assert options.max_wait({"max_wait": value}) == seconds


NUMBERS = (0, -1, 1, 1.0, 1.5, 60, 60.0, 1e999, 1e308, 1_000_000, 1_000_001, 2_678_400, 2_678_401,
           10**99, True, "60", None)  # fmt: skip


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("place", ["requests", "seconds", "in a list", "queue_limit"])
def test_a_number_that_the_schema_takes_is_one_that_the_provider_takes(
    place: str, number: object
) -> None:
    window = {**MINUTE, place: number}
    places: dict[str, Options] = {
        "requests": {"rate_limit": window},
        "seconds": {"rate_limit": window},
        "in a list": {"rate_limit": [{**MINUTE, "seconds": number}]},
        "queue_limit": {"queue_limit": number},
    }
    given = places[place]
    provider = {"name": "buffer-graphql", **given}
    document = {"version": 1, "provider": provider, "profiles": {"x": {"service": "twitter"}}}
    is_valid = accepts("workspace", document)
    try:
        options.rate_limits(given)
        options.queue_limit(given)
    except Stop:
        assert not is_valid
    else:
        # Without a value the option is as good as absent; the schema wants the key removed.
        assert is_valid or (place == "queue_limit" and number is None)


def test_texts_and_words() -> None:
    assert options.text({}, "organization") is None
    assert options.text({"organization": " a1 "}, "organization") == "a1"
    assert options.choice({}, "grouping", ("off", "on")) is None
    assert options.choice({"grouping": "on"}, "grouping", ("off", "on")) == "on"


def grouping(given: Options) -> str | None:
    return options.choice(given, "grouping", ("off", "aliases"))


def organization(given: Options) -> str | None:
    return options.text(given, "organization")


@pytest.mark.parametrize(
    ("read", "given", "code", "words"),
    [
        (options.rate_limits, {"rate_limit": 60}, "PC202", "rate_limit"),
        (options.rate_limits, {"rate_limit": "60/60"}, "PC202", "rate_limit"),
        (options.rate_limits, {"rate_limit": []}, "PC203", "1 to 4"),
        (options.rate_limits, {"rate_limit": [MINUTE] * 5}, "PC203", "1 to 4"),
        (options.rate_limits, {"rate_limit": [MINUTE, MINUTE]}, "PC203", "different"),
        (options.rate_limits, {"rate_limit": [MINUTE, {}]}, "PC202", "rate_limit[1]"),
        (
            options.rate_limits,
            {"rate_limit": [{"requests": 0, "seconds": 9}]},
            "PC203",
            "rate_limit[0].requests",
        ),
        (options.rate_limit, {"rate_limit": [MINUTE]}, "PC202", "rate_limit"),
        (options.max_wait, {"max_wait": 90}, "PC202", "max_wait"),
        (options.max_wait, {"max_wait": "soon"}, "PC202", "max_wait"),
        (options.max_wait, {"max_wait": "-1s"}, "PC202", "max_wait"),
        (options.max_wait, {"max_wait": "1d"}, "PC202", "max_wait"),
        (organization, {"organization": 5}, "PC202", "organization"),
        (organization, {"organization": " "}, "PC203", "organization"),
        (grouping, {"grouping": False}, "PC202", "grouping"),
        (grouping, {"grouping": "alias"}, "PC203", "off or aliases"),
    ],
)
def test_what_is_no_use_is_refused_by_name(
    read: Callable[[Options], object], given: Options, code: str, words: str
) -> None:
    with pytest.raises(Stop) as caught:
        read(given)
    (problem,) = caught.value.diagnostics
    assert problem.code == code
    assert words in problem.detail
