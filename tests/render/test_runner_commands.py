"""Commands for CI runners, and that no text of others is one: on any stream, in any format."""

from __future__ import annotations

import io
import json
import re
from typing import TextIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plancast.model.diagnostics import Diagnostic, Pointer, Severity, SourceRange, problem
from plancast.model.events import ChangeFinished, Event, Outcome
from plancast.model.plan import Plan
from plancast.reconcile.status import Standing, StatusRow
from plancast.render.annotations import render_github, render_sarif
from plancast.render.html import SCRIPTS, STYLES, _joined
from plancast.render.markdown import render_problems, render_receipt, render_status
from plancast.render.runner_commands import Disarmer, disarm, entity
from plancast.render.streams import Controls, GuardedStream, guard
from plancast.render.terminal.live_region import Outlook
from plancast.render.terminal.problems import diagnostics_to_json, render_diagnostics
from plancast.render.terminal.progress import JsonSink, LiveSink, PlainSink, RecordSink
from plancast.render.terminal.status import render_status as render_status_for_people
from plancast.render.terminal.style import safe, safe_json, to_json
from plancast.render.terminal.tables import render_table
from plancast.testing.builders import NOW
from tests import strategies
from tests.render.rendering import COMPLETE, options, rendered
from tests.runners import Command, github, obeyed
from tests.strategies import COMMANDS

every_renderer = pytest.mark.parametrize("renderer", COMPLETE)


def printed(*pieces: str, controls: Controls = Controls.NONE) -> str:
    """Return the log of a run that prints these."""
    log = io.StringIO()
    stream = guard(log, controls)
    for piece in pieces:
        stream.write(piece)
    return log.getvalue()


# -- what is obeyed -------------------------------------------------------------------------------

OBEYED = [
    "::add-mask::x",
    "  \t::stop-commands::abc.md",
    "\u3000\u00a0::error file=a,line=1::b",
    "text\n::debug::x",
    "text\r::debug::x",
    "\r\n::debug::x",
    "::group::",
    "a ##[add-mask]x",
    "##[stop-commands]abc",
    "#####[x]",
    "##vso[task.setvariable variable=a]b",
    "a ##teamcity[buildStop]",
    "section_start:1:a\r\x1b[0K",
]
HARMLESS = [
    "a ::add-mask::x",
    "std::vector<int>::iterator",
    ":: is a scope, and so is std::cout\n",
    "::1 is this machine\n",
    "::before { color: red }\n",
    "Two lines\n\n:: of reStructuredText\n",
    "# [x](y) ## [y] #[z]",
    "## Heading [1]",
    "10::30 and ##",
    "C:\\a::b",
    "Emoji :smile::tada:",
    "日本語::add-mask::x\n",
    "  │ ::add-mask::x\n",
]


@pytest.mark.parametrize("text", OBEYED)
def test_what_a_runner_obeys_is_made_visible(text: str) -> None:
    assert obeyed(text)
    shown = printed(text)
    assert not obeyed(shown)
    assert re.search(r"<U\+00(3A|5B|0D|1B)>", shown)


@pytest.mark.parametrize("sign", ["\u200b", "\ufeff", "\u200d", "\u00ad", "\U000e0020"])
def test_what_a_runner_may_pass_over_is_no_shelter(sign: str) -> None:
    """How it compares a begin depends on its libraries: some ignore what has no shape."""
    assert printed(f"{sign}::error::a\n") == f"{sign}:<U+003A>error::a\n"


@pytest.mark.parametrize("text", HARMLESS)
def test_what_no_runner_obeys_stays_as_it_is(text: str) -> None:
    assert printed(text) == text


def test_only_the_sign_that_makes_a_command_is_replaced() -> None:
    assert disarm("::stop-commands::abc.md\n") == ":<U+003A>stop-commands::abc.md\n"
    assert disarm("a ##[group]b") == "a ##<U+005B>group]b"
    assert disarm("a ##[group]b", entity) == "a ##&#91;group]b"


@given(strategies.texts)
def test_nothing_that_is_printed_is_obeyed(text: str) -> None:
    assert obeyed(printed(text)) == []


@given(st.lists(strategies.texts | st.sampled_from([":", "#", "[", "\n", " ", "::", "##"])))
def test_nothing_is_obeyed_that_comes_in_pieces(pieces: list[str]) -> None:
    assert obeyed(printed(*pieces)) == []


@given(st.lists(st.text(":#[]ab \n", max_size=4), max_size=12))
def test_pieces_of_commands_make_no_command(pieces: list[str]) -> None:
    disarmer = Disarmer()
    assert obeyed("".join(map(disarmer.feed, pieces))) == []


@given(st.lists(st.text("ab:# \n", max_size=6), max_size=6))
def test_whole_lines_are_the_same_in_pieces(lines: list[str]) -> None:
    whole = [f"{line}\n" for line in lines]
    disarmer = Disarmer()
    assert "".join(map(disarmer.feed, whole)) == disarm("".join(whole))


# -- every view -----------------------------------------------------------------------------------


@every_renderer
@given(plan=strategies.plans(), color=st.booleans(), verbose=st.booleans())
def test_no_plan_is_obeyed(renderer: str, plan: Plan, color: bool, verbose: bool) -> None:
    text = rendered(plan, renderer, color=color, verbose=verbose)
    assert obeyed(printed(text, controls=Controls.COLORS if color else Controls.NONE)) == []


@given(plan=strategies.plans())
def test_the_guard_changes_nothing_in_json_and_in_a_page(plan: Plan) -> None:
    """There a code point in brackets would be another value, or a tag."""
    for renderer in ("json", "html"):
        text = rendered(plan, renderer)
        assert printed(text) == text


@given(found=st.lists(strategies.diagnostics(), max_size=4))
def test_no_problem_is_obeyed(found: list[Diagnostic]) -> None:
    views = (
        render_diagnostics(found),
        diagnostics_to_json(found),
        render_sarif(found, "1"),
        render_problems(found, options()),
    )
    assert [obeyed(printed(view)) for view in views] == [[]] * len(views)


@given(events=st.lists(strategies.events, max_size=6), color=st.booleans())
def test_no_event_is_obeyed(events: list[Event], color: bool) -> None:
    log, file = io.StringIO(), io.StringIO()
    stream = guard(log)
    sinks = (
        JsonSink(stream),
        PlainSink(stream, options(color=color)),
        LiveSink(stream, options(color=color), Outlook((), lambda: NOW)),
        RecordSink(PlainSink(stream, options()), file, lambda reason: None),
    )
    for sink in sinks:
        for event in events:
            sink.emit(event)
        sink.close()
    assert obeyed(log.getvalue()) == []
    assert obeyed(file.getvalue()) == []


@given(plan=strategies.plans(), messages=st.lists(strategies.texts, min_size=1, max_size=3))
def test_no_receipt_is_obeyed(plan: Plan, messages: list[str]) -> None:
    finished = [
        ChangeFinished(NOW, item.address, item.action, Outcome.FAILED, 1, 1, 0, "id", message)
        for item, message in zip(plan.changes, messages, strict=False)
    ]
    assert obeyed(printed(render_receipt(plan, finished, options()))) == []


@given(
    rows=st.lists(
        st.builds(
            StatusRow,
            strategies.addresses,
            st.sampled_from(Standing),
            st.none() | strategies.moments,
            strategies.texts,
            strategies.texts,
        ),
        max_size=3,
    )
)
def test_no_status_is_obeyed(rows: list[StatusRow]) -> None:
    assert obeyed(printed(render_status_for_people(rows, options()))) == []
    assert obeyed(printed(render_status(rows, options()))) == []


@given(rows=st.lists(st.tuples(strategies.texts, strategies.texts), max_size=3))
def test_no_table_is_obeyed(rows: list[tuple[str, str]]) -> None:
    table = render_table(("ONE", "TWO"), rows, color=False, width=60)
    assert obeyed(printed(table)) == []


@given(
    st.recursive(
        strategies.texts | st.none() | st.integers(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(strategies.texts, inner),
        max_leaves=6,
    )
)
def test_json_is_the_same_value_and_is_not_obeyed(value: object) -> None:
    text = to_json(value, indent=2)
    assert json.loads(text) == value
    assert obeyed(text) == []
    assert printed(text) == text
    assert safe_json(text) == text


def test_what_stands_in_every_page_is_not_touched() -> None:
    for names in (STYLES, SCRIPTS):
        assert printed(_joined(names)) == _joined(names)


# -- our own commands -----------------------------------------------------------------------------


def commands_for(found: list[Diagnostic], *before: str) -> list[Command]:
    """Return the commands that the runner reads when problems are written as commands."""
    log = io.StringIO()
    stream: TextIO = guard(log)
    for text in before:
        stream.write(text)
    assert isinstance(stream, GuardedStream)
    stream.write_commands(render_github(found))
    return github(log.getvalue())


@given(found=st.lists(strategies.diagnostics(), max_size=4, unique=True), before=strategies.texts)
def test_every_problem_is_one_command_and_there_is_no_other(
    found: list[Diagnostic], before: str
) -> None:
    commands = commands_for(found, before)
    assert len(commands) == len(set(found))
    assert {command.name for command in commands} <= {"error", "warning", "notice"}
    assert {command.properties["title"][:5] for command in commands} == {
        item.code for item in found
    }
    names = {"title", "file", "line", "col", "endColumn"}
    assert [command for command in commands if not set(command.properties) <= names] == []


@pytest.mark.parametrize("order", COMMANDS)
def test_a_command_says_what_the_problem_says(order: str) -> None:
    place = SourceRange(f"a{order}.yaml", 3, 5, 9, "text")
    (command,) = commands_for([problem("PC401", f"b{order}", hint=f"c{order}", source=place)])
    assert command.name == "error"
    assert unbroken(command.data) == safe(f"b{order}\nc{order}")
    assert unbroken(command.properties["file"]) == safe(f"a{order}.yaml")
    assert command.properties["line"] == "3"


def unbroken(text: str) -> str:
    """The text with the older form of a command put together again."""
    return text.replace("<U+005B>", "[")


def test_commands_begin_a_line_of_their_own() -> None:
    found = [problem("PC002", "a", at=Pointer("a"), severity=Severity.WARNING)]
    assert [command.name for command in commands_for(found, "An unfinished line")] == ["warning"]


# -- the stream -----------------------------------------------------------------------------------


def test_a_stream_without_colours_keeps_no_control_character() -> None:
    assert printed("\x1b[31mred\x1b[0m\x07\r\n\u202e") == (
        "<U+001B>[31mred<U+001B>[0m<U+0007>\n<U+202E>"
    )


def test_a_stream_with_colours_keeps_ours_alone() -> None:
    text = "\x1b[1;38;5;160mred\x1b[0m \x1b[8mhidden\x1b[0m \x1b]0;title\x07"
    assert printed(text, controls=Controls.COLORS) == (
        "\x1b[1;38;5;160mred\x1b[0m <U+001B>[8mhidden\x1b[0m <U+001B>]0;title<U+0007>"
    )


def test_a_second_guard_knows_what_the_first_one_wrote() -> None:
    log = io.StringIO()
    first = guard(log)
    first.write("::a")
    guard(first, Controls.COLORS).write(" #")
    guard(first).write("#[b]")
    assert log.getvalue() == ":<U+003A>a ##<U+005B>b]"


def test_a_stream_in_another_encoding_takes_no_sign_for_more_than_a_blank() -> None:
    """In UTF-8 these two are one blank, and a runner skips it."""
    file = io.BytesIO()
    stream = guard(io.TextIOWrapper(file, encoding="cp1252"))
    stream.write("\u00c2\u00a0::add-mask::x\n")
    stream.flush()
    assert file.getvalue() == b"\xc2\xa0:<U+003A>add-mask::x\n"
    assert obeyed(file.getvalue().decode("utf-8")) == []


def test_bytes_are_no_text() -> None:
    stream = guard(io.StringIO())
    with pytest.raises(TypeError):
        stream.write(b"::a::")  # type: ignore[arg-type]
    assert not hasattr(stream, "buffer")
