"""Command lines of people who know Terraform: read as they mean them, or refused with ours."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from plancast.commands._shared import terraform
from plancast.commands._shared.flags import DURATION
from plancast.commands._shared.terraform import NotOurs, ours
from plancast.commands.main import main
from plancast.model.exit_codes import ExitCode
from tests.commands.workspace_dir import WorkspaceDir, post

OPTIONS = {
    "--auto-approve",
    "--destroy",
    "--detailed-exitcode",
    "--directory",
    "--format",
    "--lock-timeout",
    "--no-color",
    "--out",
    "--target",
    "-o",
    "-q",
    "-v",
}
VALUES = {"-o", "--out", "--target", "--format", "-C"}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("-auto-approve", "--auto-approve"),
        ("-out=plan.json", "--out=plan.json"),
        ("-out plan.json", "--out plan.json"),
        ("-target=launch/*", "--target=launch/*"),
        ("-target launch/* -destroy", "--target launch/* --destroy"),
        ("-json", "--format json"),
        ("--json", "--format json"),
        ("-chdir=posts", "--directory=posts"),
        ("-lock-timeout=10s", "--lock-timeout=10s"),
        ("-no-color -detailed-exitcode", "--no-color --detailed-exitcode"),
        ("-help", "--help"),
        ("-qv", "-qv"),
        ("-q -v -o plan.json", "-q -v -o plan.json"),
        ("-oplan.json", "-oplan.json"),
        ("-o -out", "-o -out"),
        ("-- -auto-approve", "-- -auto-approve"),
        ("- -1 -é --out=x", "- -1 -é --out=x"),
    ],
)
def test_an_option_is_read_as_terraform_means_it(written: str, read: str) -> None:
    assert ours(written.split(), OPTIONS | {"--help"}, VALUES) == read.split()


@pytest.mark.parametrize(
    "word", [f"-{name}=x" for name in terraform.REFUSED] + ["-oplan", "-output=x"]
)
def test_an_option_that_means_nothing_here_is_refused_with_what_to_do(word: str) -> None:
    with pytest.raises(NotOurs) as refusal:
        ours([word], OPTIONS, VALUES)
    assert str(refusal.value).startswith(f"{word.partition('=')[0]}")


def test_an_option_of_a_verb_is_never_refused_as_a_word_of_terraform() -> None:
    assert ours(["-input=x"], {"--input"}, ()) == ["--input=x"]


@pytest.mark.parametrize("verb", terraform.VERBS)
def test_a_verb_of_terraform_is_answered_with_ours(verb: str, tmp_path: Path) -> None:
    ran = WorkspaceDir.tiny(tmp_path).process(verb)
    assert ran.code == ExitCode.ERROR
    assert f"There is no `{verb}`: " in ran.err


def test_a_loop_in_the_spelling_of_terraform(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, hello=post())
    saved = workspace.run("plan", f"-out={tmp_path / 'saved.json'}")
    assert saved.code == ExitCode.DONE, saved.err
    assert (tmp_path / "saved.json").exists()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith("ut=")]
    assert workspace.run("plan", "-json").json["summary"]["create"] == 1
    assert workspace.run("apply", "-auto-approve", "-lock-timeout=2s").code == ExitCode.DONE
    assert workspace.texts() == ["Hello."]


def test_the_flags_of_plancast_may_follow_the_verb(tmp_path: Path) -> None:
    workspace = WorkspaceDir.tiny(tmp_path, hello=post())
    before = workspace.process("-q", "apply", "--auto-approve", "-h").out
    assert before == workspace.process("apply", "-q", "--auto-approve", "-h").out
    there = workspace.process("plan", "-C", str(tmp_path / "nowhere"))
    assert there.code == ExitCode.ERROR
    assert "nowhere" in there.err
    assert workspace.process("apply", "--auto-approve", "-q").err == ""


@pytest.mark.parametrize(
    ("before", "shown"),
    [
        ("-chdir={}", "No changes"),
        ("-q -chdir={}", "No changes"),
        ("--log-file {}/-chdir=x -C {}", "No changes"),
        ("-C {} --", "No changes"),
        ("-version", "plancast"),
        ("-help", "Usage: "),
    ],
)
def test_flags_before_the_verb_are_read_as_terraform_means_them(
    before: str, shown: str, tmp_path: Path
) -> None:
    WorkspaceDir.tiny(tmp_path)
    words = [word.replace("{}", str(tmp_path)) for word in before.split()]
    ran = CliRunner().invoke(main, [*words, "plan"])
    assert ran.exit_code == ExitCode.DONE, ran.output
    assert shown in ran.output


@pytest.mark.parametrize(
    ("written", "seconds"), [("10", 10.0), ("10s", 10.0), ("2m", 120.0), ("1.5h", 5400.0)]
)
def test_a_duration_may_have_a_unit(written: str, seconds: float) -> None:
    assert DURATION.convert(written, None, None) == seconds


@pytest.mark.parametrize("written", ["", "s", "10d", "-1s", "ten", "1e9m", "nan", "inf"])
def test_what_is_no_duration_is_refused(written: str) -> None:
    with pytest.raises(click.BadParameter, match="seconds"):
        DURATION.convert(written, None, None)
