"""`doctor --probe`: asked first, remembered, used by the plan, and private where it is public."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from typing import Any

import pytest

from plancast.app.console import Console
from plancast.app.context import Runtime
from plancast.commands.main import main
from plancast.model.exit_codes import ExitCode
from plancast.model.findings import Question
from plancast.sandbox import Fault, FaultKind
from tests.commands.keyed import KEY, keyed
from tests.commands.test_current_api import changes, set_, workspace
from tests.commands.workspace_dir import (
    LINKEDIN,
    Result,
    WorkspaceDir,
    X,
    post,
    wait_for_the_question,
)

PROBE = ("doctor", "--probe", "x")
MARKER = re.compile(r"plancast probe \S+")


def probed(one: WorkspaceDir, *args: str) -> Result:
    return one.run(*PROBE, "--yes", *args)


def state(one: WorkspaceDir) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(one.state_file.read_text(encoding="utf-8"))
    return document


def broken_off(one: WorkspaceDir, skip: int = 3) -> Result:
    """A probe that loses its connection for good, after the account and `skip` more requests."""
    with one.person() as world:
        world.arm(Fault(FaultKind.LOST_REQUEST, "*", skip=skip + 2, times=0))
    result = probed(one)
    with one.person() as world:
        world.clear_faults()
    return result


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def typed(one: WorkspaceDir, words: str, *args: str) -> Result:
    """Run a command in a terminal, where a person types `words`."""
    out, err = io.StringIO(), io.StringIO()

    def make(*, directory: str, quiet: bool, verbose: bool, **_rest: object) -> Runtime:
        console = Console(Terminal(words), out, err, quiet=quiet, verbose=verbose)
        return Runtime(one.folder / directory, dict(one.environ), console)

    with pytest.raises(SystemExit) as end:
        main(list(args), obj=make)
    return Result(int(end.value.code or 0), out.getvalue(), err.getvalue())


# -- asking ----


def test_nothing_is_made_before_a_person_says_yes(tmp_path: Path) -> None:
    one = workspace(tmp_path, a=post())
    refused = one.run(*PROBE)
    assert (refused.code, refused.codes) == (ExitCode.ERROR, ["PC848"])
    declined = typed(one, "no\n", *PROBE)
    assert declined.code == ExitCode.ERROR
    assert "Nothing was done." in declined.err
    assert changes(one) == 0
    assert not one.state_file.exists()
    agreed = typed(one, "yes\n", *PROBE)
    assert agreed.code == 0, agreed.err
    assert changes(one) > 0


@pytest.mark.parametrize("scheduled", [False, True])
def test_it_says_first_what_it_does_and_what_it_costs(tmp_path: Path, scheduled: bool) -> None:
    one = workspace(tmp_path, a=post())
    shown = typed(one, "no\n", *PROBE, *(["--scheduled"] if scheduled else [])).err
    least, most = map(int, re.findall(r"make (\d+) to (\d+) requests", shown)[0])
    assert "On twitter acme it will" in shown
    assert ("schedule a post for 2027-11-30" in shown) is scheduled
    with one.person() as world:
        before = sum(world.requests().received.values())
    result = probed(one, *(["--scheduled"] if scheduled else []))
    assert result.code == 0, result.err
    with one.person() as world:
        requests = sum(world.requests().received.values()) - before
    account = 2
    assert least <= requests - account <= most


@pytest.mark.parametrize(
    ("channel", "code"),
    [("nope", "PC303"), ("ig", "PC851"), ("gone", "PC303")],
)
def test_a_channel_that_cannot_be_probed_is_refused(
    tmp_path: Path, channel: str, code: str
) -> None:
    one = workspace(tmp_path, a=post())
    one.edit(
        "plancast.yaml", "  li:", "  ig: {service: instagram}\n  gone: {service: tiktok}\n  li:"
    )
    result = one.run("doctor", "--probe", channel, "--yes")
    assert (result.code, result.codes) == (ExitCode.ERROR, [code])
    assert changes(one) == 0


def test_a_network_that_needs_more_than_a_text_is_named_with_its_rule(tmp_path: Path) -> None:
    one = workspace(tmp_path, a=post())
    one.edit("plancast.yaml", "  li:", "  ig: {service: instagram}\n  li:")
    refused = one.run("doctor", "--probe", "ig", "--yes").err
    assert "takes no post of a text alone (PC" in " ".join(refused.split())


@pytest.mark.parametrize("trouble", ["disconnected", "locked"])
def test_a_channel_that_cannot_post_is_refused(tmp_path: Path, trouble: str) -> None:
    one = workspace(tmp_path, a=post())
    with one.person() as world:
        world.set_profile(X, **{trouble: True})  # type: ignore[arg-type]
    result = probed(one)
    assert result.codes == ["PC851"]
    assert trouble in result.err


def test_a_channel_can_be_named_by_its_id(tmp_path: Path) -> None:
    one = workspace(tmp_path, a=post())
    assert one.run("doctor", "--probe", LINKEDIN, "--yes").code == 0


def test_api_v1_has_nothing_to_probe(tmp_path: Path) -> None:
    one = WorkspaceDir.tiny(tmp_path, a=post())
    result = probed(one)
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC849"])


@pytest.mark.parametrize("flag", ["--scheduled", "--yes"])
def test_flags_of_a_probe_need_one(tmp_path: Path, flag: str) -> None:
    result = workspace(tmp_path, a=post()).run("doctor", flag)
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC809"])


def test_a_state_about_another_account_is_not_probed_with(tmp_path: Path) -> None:
    one = workspace(tmp_path, a=post())
    assert one.apply().code == 0
    one.edit(
        ".plancast/state.json", '"account_id": "4eb854340acb04e870000001"', '"account_id": "x"'
    )
    before = changes(one)
    result = probed(one)
    assert (result.code, result.codes) == (ExitCode.REFUSED, ["PC704"])
    assert changes(one) == before


def test_a_probe_waits_for_no_run_that_holds_the_state(tmp_path: Path) -> None:
    one = workspace(tmp_path, a=post())
    other = one.start("apply")
    try:
        wait_for_the_question(other)
        before = changes(one)
        refused = one.process(*PROBE, "--yes")
        assert (refused.code, refused.codes) == (ExitCode.LOCKED, ["PC605"])
        assert changes(one) == before
    finally:
        other.kill()
        other.communicate()


# -- showing ----


def test_the_table_names_every_question(tmp_path: Path) -> None:
    one = workspace(tmp_path, a=post())
    shown = probed(one).out.splitlines()
    assert shown[0].split(maxsplit=2) == ["QUESTION", "ANSWER", "WHAT FOLLOWS"]
    named = [line.split()[0] for line in shown[1:] if not line.startswith(" ")]
    assert named == [question.value for question in Question]
    assert sum("not asked" in line for line in shown) == 5
    assert "not asked" not in probed(one, "--scheduled").out


def test_json_holds_nothing_of_the_account(tmp_path: Path) -> None:
    """The answers are to be pasted into an issue in public."""
    one = workspace(tmp_path, a=post("A text of the account."))
    for switch in ("payload", "errors", "other"):
        set_(one, delete_unknown=switch)
        result = probed(one, "--scheduled", "--format", "json")
        assert result.code == 0, result.err
        with one.person() as world:
            profiles = world.profiles()
        known = state(one)
        private = {
            *(value for p in profiles for value in (p.id, p.service_username, p.service_id)),
            *(p.formatted_username for p in profiles),
            known["findings"]["account_id"],
            known["lineage"],
            "sandbox-token",
            "A text of the account",
            str(tmp_path),
            "plancast probe",
        } - {""}
        assert {text for text in private if text in result.out} == set()
        assert not re.search(r"[0-9a-f]{16}|@|[0-9]{4}-[0-9]{2}-[0-9]{2}", result.out)
        assert result.json["network"] == "twitter"
        assert result.json["complete"] is True
        asked = {item["question"]: item["answer"] for item in result.json["questions"]}
        assert asked == known["findings"]["answers"]


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        ("Document not found", True),
        ("Post 4eb854340acb04e870000010 not found", False),
        ("No such post of Acme", False),
        ("See https://buffer.com", False),
        ("", False),
    ],
)
def test_words_of_the_server_are_shown_if_they_are_plain(words: str, shown: bool) -> None:
    from plancast.commands._shared.account_probe import public_words  # noqa: PLC0415

    assert public_words(words, ("acme", "id-1")) == (words if shown else "")


# -- remembering ----


def test_answers_are_remembered_and_the_next_probe_adds_to_them(tmp_path: Path) -> None:
    one = workspace(tmp_path, a=post())
    assert one.apply().code == 0
    owned = state(one)["resources"]
    assert probed(one, "--scheduled").code == 0
    set_(one, edit_mode="patch", graphql_duplicates=False)
    assert probed(one).code == 0
    known = state(one)
    assert known["findings"]["answers"]["edit"] == "patches", "asked again"
    assert known["findings"]["answers"]["duplicate"] == "refused", "not asked again"
    assert (known["resources"], known["lease"], known.get("probes")) == (owned, None, None)
    assert one.run("plan", "--detailed-exitcode").code == 0
    assert "11 of 11 questions" in one.run("doctor").out


def test_a_probe_that_breaks_off_says_so_and_the_next_one_cleans_up(tmp_path: Path) -> None:
    one = workspace(tmp_path, a=post())
    broken = broken_off(one)
    assert (broken.code, broken.codes) == (ExitCode.PARTIAL, ["PC804", "PC850"])
    assert "1 object" in broken.err
    (left,) = state(one)["probes"]
    assert left["remote_id"]
    assert MARKER.match(left["marker"])
    doctor = one.run("doctor")
    assert "PC850" in doctor.out
    assert len(one.live()) == 1
    again = probed(one)
    assert again.code == 0, again.err
    assert "remove what an earlier probe left, 1 object at most" in again.err
    assert one.live() == ()
    assert "probes" not in state(one)
    assert "PC850" not in one.run("doctor").out


def test_plan_apply_and_import_leave_alone_what_a_probe_left(tmp_path: Path) -> None:
    one = workspace(tmp_path, a=post())
    assert broken_off(one).code == ExitCode.PARTIAL
    plan = one.plan()
    assert plan["unmanaged"] == []
    assert {key: value for key, value in plan["summary"].items() if value} == {"create": 1}
    assert one.apply().code == 0
    imported = one.run("import", "--auto-approve")
    assert "Nothing to import" in imported.out
    assert sorted(state(one)["resources"]) == ["a@x"]
    assert len(state(one)["probes"]) == 1, "an apply keeps the record"
    assert one.run("status").code == 0
    assert probed(one).code == 0
    assert one.texts() == ["Hello."]


def test_a_post_file_with_the_text_of_a_probe_does_not_adopt_it(tmp_path: Path) -> None:
    one = workspace(tmp_path, a=post())
    assert broken_off(one).code == ExitCode.PARTIAL
    (draft,) = one.live()
    due = draft.scheduled_at
    assert due is not None
    one.write("a.yaml", post(draft.content.text, at="2026-12-01 09:30", more="stage: draft\n"))
    summary = one.summary()
    assert summary.get("adopt", 0) == 0


# -- using ----


def test_if_repeated_texts_are_accepted_the_plan_does_not_hold_them_back(tmp_path: Path) -> None:
    posts = {"a": "2026-12-01 09:30", "b": "2026-12-08 09:30"}
    one = workspace(tmp_path, **{name: post("The same.", at) for name, at in posts.items()})
    assert one.summary()["deferred"] == 1
    set_(one, graphql_duplicates=False)
    assert probed(one, "--scheduled").code == 0
    assert one.summary() == {"create": 2}
    assert one.apply().code == 0
    assert one.texts() == ["The same.", "The same."]


def test_if_far_times_are_refused_the_plan_warns_of_strict(tmp_path: Path) -> None:
    one = workspace(tmp_path, policy="{safety: strict}", a=post())
    assert "PC852" not in one.run("plan").codes
    set_(one, graphql_far_times="refuse")
    assert probed(one).code == 0
    assert "PC852" in one.run("plan").codes
    set_(one, graphql_far_times="keep")
    assert probed(one).code == 0
    assert "PC852" not in one.run("plan").codes


# -- the real thing ----


def test_over_a_socket_with_a_key_that_appears_nowhere(tmp_path: Path) -> None:
    with keyed(WorkspaceDir.tiny(tmp_path, a=post())) as (one, world):
        result = one.process(*PROBE, "--yes", "--scheduled", "--format", "json")
        assert result.code == 0, result.err
        assert result.json["complete"] is True
        assert world.snapshot() == ()
        everything = result.out + result.err + one.state_file.read_text(encoding="utf-8")
        assert KEY not in everything


def test_a_probe_that_is_killed_is_cleaned_up_by_the_next(tmp_path: Path) -> None:
    with keyed(WorkspaceDir.tiny(tmp_path, a=post())) as (one, world):
        world.arm(Fault(FaultKind.SLOW, "mutation createPost", seconds=30))
        running = one.start(*PROBE, "--yes")
        while not world.snapshot():
            assert running.poll() is None
        running.kill()
        running.communicate()
        assert len(state(one)["probes"]) == 1
        world.clear_faults()
        result = one.run(*PROBE, "--yes")
        assert result.code == 0, result.err
        assert world.snapshot() == ()
        assert "probes" not in state(one)
