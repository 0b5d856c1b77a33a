"""Problems on the lines of a pull request: what the runner and SARIF make of them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.model.diagnostics import Pointer, Severity, SourceRange, problem
from plancast.render.annotations import render_github, render_sarif
from plancast.render.terminal.style import safe

PLACE = SourceRange("posts/a,b: 100%.yaml", 3, 11, 15, "schedule: 2026-13-01")
ONE = problem("PC401", "'2026-13-01'", address="a@x", source=PLACE)
NASTY = (
    "::error::owned",
    "a\nb\r\n::set-output name=x::y",
    "100%0A%25",
    "x,line=9::",
    "\x1b[2J\u202e",
)
texts = st.one_of(st.sampled_from(NASTY), st.text(max_size=60))


def undone(text: str) -> str:
    """As the runner undoes a property."""
    for sign, code in ((":", "%3A"), (",", "%2C"), ("\r", "%0D"), ("\n", "%0A"), ("%", "%25")):
        text = text.replace(code, sign)
    return text


def understood(line: str) -> tuple[str, dict[str, str], str]:
    """A workflow command as the runner reads it: the word, its properties, the message."""
    match = re.fullmatch(r"::([a-z]+) ([^\n]*?)::([^\n]*)", line)
    assert match is not None, line
    properties = dict(part.split("=", 1) for part in match[2].split(","))
    return match[1], {name: undone(value) for name, value in properties.items()}, undone(match[3])


def test_a_problem_stands_on_its_line() -> None:
    word, properties, message = understood(render_github([ONE]).removesuffix("\n"))
    assert word == "error"
    assert properties == {
        "title": "PC401: The time cannot be read",
        "file": "posts/a,b: 100%.yaml",
        "line": "3",
        "col": "11",
        "endColumn": "15",
    }
    assert message == "'2026-13-01' (a@x)\nWrite it as 2026-12-01 09:30."


def test_a_problem_without_a_line_is_put_on_its_file_or_on_the_workspace() -> None:
    at = problem("PC002", "gone", at=Pointer("social/acme/posts/a.yaml"))
    assert "file=social/acme/posts/a.yaml" in render_github([at])
    assert "file=plancast.yaml" in render_github([problem("PC006", "posts")])


def test_severities_have_their_words_and_the_worst_comes_first() -> None:
    found = [
        problem("PC006", "a", severity=Severity.INFO),
        problem("PC006", "b"),
        problem("PC401", "c"),
    ]
    words = [understood(line)[0] for line in render_github(found).splitlines()]
    assert words == ["error", "warning", "notice"]


def test_nothing_is_said_of_nothing() -> None:
    assert render_github([]) == ""


@given(texts, texts, texts)
def test_no_text_becomes_a_command_of_its_own(detail: str, address: str, file: str) -> None:
    source = SourceRange(file, 3, 1, 1)
    (line,) = render_github([problem("PC401", detail, address=address, source=source)]).splitlines()
    word, properties, message = understood(line)
    assert word == "error"
    assert set(properties) == {"title", "file", "line", "col"}
    assert properties["file"] == safe(file)
    assert safe(detail) in message


# -- SARIF ----


def run_of(text: str) -> dict[str, Any]:
    log = json.loads(text)
    assert log["version"] == "2.1.0"
    (run,) = log["runs"]
    assert isinstance(run, dict)
    return run


def test_sarif_has_rules_results_and_places() -> None:
    run = run_of(render_sarif([ONE, problem("PC006", "posts")], "1.2.3"))
    driver = run["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("plancast", "1.2.3")
    assert [rule["id"] for rule in driver["rules"]] == ["PC006", "PC401"]
    first, second = run["results"]
    assert (first["ruleId"], first["level"], second["level"]) == ("PC401", "error", "warning")
    place = first["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {
        "uri": "posts/a%2Cb%3A%20100%25.yaml",
        "uriBaseId": "%SRCROOT%",
    }
    assert place["region"] == {"startLine": 3, "startColumn": 11, "endColumn": 15}


def test_a_problem_keeps_its_fingerprint_when_its_line_moves() -> None:
    def print_of(line: int, text: str) -> str:
        source = SourceRange("a.yaml", line, 1, 5, text)
        (result,) = run_of(render_sarif([problem("PC401", "x", source=source)], "1"))["results"]
        return str(result["partialFingerprints"]["plancast/v1"])

    assert print_of(3, "schedule: x") == print_of(9, "schedule: x")
    assert print_of(3, "schedule: x") != print_of(3, "schedule: y")


def test_a_file_whose_name_is_no_unicode_has_an_address_all_the_same() -> None:
    source = SourceRange("posts/\udcff.yaml", 1, 1)
    (result,) = run_of(render_sarif([problem("PC401", "x", source=source)], "1"))["results"]
    place = result["locations"][0]["physicalLocation"]["artifactLocation"]
    assert place["uri"] == "posts/%FF.yaml"


@pytest.mark.parametrize("number", [0, 1, 2000])
def test_sarif_of_any_size_is_whole(number: int) -> None:
    found = [problem("PC401", f"case {index}") for index in range(number)]
    run = run_of(render_sarif(found, "1"))
    assert len(run["results"]) == number
    assert len(run["tool"]["driver"]["rules"]) == min(number, 1)


@given(texts, texts)
def test_every_result_points_at_its_rule_and_says_something(detail: str, file: str) -> None:
    found = [problem("PC401", detail, source=SourceRange(file, 1, 1)), problem("PC006", detail)]
    run = run_of(render_sarif(found, "1"))
    for result in run["results"]:
        assert run["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        assert re.fullmatch(
            r"[A-Za-z0-9/._~%-]*",
            result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
        )
