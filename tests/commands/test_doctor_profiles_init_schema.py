"""Beginning and looking around: init, profiles, doctor, schema."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from plancast.commands.doctor import Finding, key_life
from plancast.content.ci_templates import EDITION
from plancast.model.exit_codes import ExitCode
from plancast.providers.registry import BUFFER_GRAPHQL
from plancast.sandbox.faults import Fault, FaultKind
from tests.commands.keyed import keyed
from tests.commands.workspace_dir import LINKEDIN, WorkspaceDir, X, post, served, workspace_yaml

# -- init ----


def test_init_makes_a_workspace_that_is_valid_and_plans_nothing(tmp_path: Path) -> None:
    workspace = WorkspaceDir(tmp_path)
    begun = workspace.run("init")
    assert begun.code == 0, begun.err
    assert workspace.run("validate").code == 0
    assert workspace.summary() == {}
    assert workspace.run("doctor").code == 0
    assert ".plancast/" in (tmp_path / ".gitignore").read_text(encoding="utf-8")
    for name in begun.out.split("Wrote ")[1:]:
        assert (tmp_path / name.strip()).is_file()


def test_the_first_post_goes_out_once_it_is_no_draft(tmp_path: Path) -> None:
    workspace = WorkspaceDir(tmp_path)
    workspace.run("init")
    text = (tmp_path / "posts" / "hello.yaml").read_text(encoding="utf-8")
    workspace.write("posts/hello.yaml", text.replace("status: draft", "status: ready"))
    assert workspace.apply().code == 0
    assert len(workspace.live()) >= 1


def test_with_a_token_init_takes_the_profiles_of_the_account(tmp_path: Path) -> None:
    profiles = [
        {"id": "1" * 24, "service": "mastodon", "service_username": "@one@example.social"},
        {"id": "2" * 24, "service": "mastodon", "service_username": "@one@example.social"},
        {"id": "3" * 24, "service": "twitter"},
    ]
    new = WorkspaceDir(tmp_path / "new")
    with served(WorkspaceDir(tmp_path / "other"), profiles=profiles) as (online, _):
        new.folder.mkdir()
        new.environ = online.environ
        assert new.run("init").code == 0
        assert "provider: buffer" in (new.folder / "plancast.yaml").read_text(encoding="utf-8")
        listed = new.run("profiles", "--format", "json").json
    assert [item["id"] for item in listed] == ["1" * 24, "2" * 24, "3" * 24]
    assert len({item["alias"] for item in listed} - {None}) == 3


def test_init_writes_no_token(tmp_path: Path) -> None:
    workspace = WorkspaceDir(tmp_path / "new")
    workspace.folder.mkdir()
    with served(WorkspaceDir(tmp_path / "other"), token="very-secret") as (online, _):
        workspace.environ = online.environ
        assert workspace.run("init").code == 0
    assert all(b"very-secret" not in content for content in workspace.files().values())


@pytest.mark.parametrize("content", ["", "version: 1\n", "not yaml: ["])
def test_init_never_overwrites_a_workspace(tmp_path: Path, content: str) -> None:
    workspace = WorkspaceDir(tmp_path)
    workspace.write("plancast.yaml", content)
    result = workspace.run("init")
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC007"])
    assert workspace.files() == {"plancast.yaml": content.encode()}


def test_init_leaves_other_files_as_they_are(tmp_path: Path) -> None:
    workspace = WorkspaceDir(tmp_path)
    workspace.write(".gitignore", "mine\n")
    workspace.write("posts/hello.yaml", post("Mine.", "2030-12-01 09:30", on="acme-x"))
    workspace.write("README.md", "Mine.\n")
    content = workspace.files()
    assert workspace.run("init").code == 0
    assert {name: workspace.files()[name] for name in content} == content
    assert (tmp_path / ".gitignore").read_text(encoding="utf-8").startswith("mine\n")


def test_init_inside_a_workspace_makes_one_of_its_own(tmp_path: Path) -> None:
    outer = WorkspaceDir.tiny(tmp_path, a=post())
    (tmp_path / "inner").mkdir()
    assert outer.run("-C", "inner", "init").code == 0
    assert (tmp_path / "inner" / "plancast.yaml").is_file()
    assert WorkspaceDir(tmp_path / "inner").run("validate").code == 0


def test_without_a_profile_there_is_nothing_to_begin_with(tmp_path: Path) -> None:
    workspace = WorkspaceDir(tmp_path / "new")
    workspace.folder.mkdir()
    with served(WorkspaceDir(tmp_path / "other"), profiles=[]) as (online, _):
        workspace.environ = online.environ
        result = workspace.run("init")
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC303"])
    assert workspace.files() == {}


# -- profiles ----


@pytest.fixture
def workspace(tmp_path: Path) -> WorkspaceDir:
    return WorkspaceDir.tiny(tmp_path, a=post())


def test_profiles_shows_what_can_be_selected_and_what_is(workspace: WorkspaceDir) -> None:
    listed = workspace.run("profiles", "--format", "json").json
    assert {item["alias"]: item["id"] for item in listed if item["alias"]} == {
        "x": X,
        "li": LINKEDIN,
    }
    shown = workspace.run("profiles").out
    for item in listed:
        assert f"{{id: {item['id']}}}" in shown


def test_what_profiles_prints_selects_that_profile(workspace: WorkspaceDir) -> None:
    for item in workspace.run("profiles", "--format", "json").json:
        selector = f"{{id: {item['id']}}}"
        workspace.write(
            "plancast.yaml",
            f"version: 1\nprovider: sandbox\ntimezone: UTC\nprofiles:\n  me: {selector}\n",
        )
        workspace.write("a.yaml", post(at="2030-01-31 09:30", on="me", more="status: draft\n"))
        listed = workspace.run("profiles", "me", "--format", "json").json
        assert [found["id"] for found in listed] == [item["id"]]


@pytest.mark.parametrize(
    ("name", "id_"), [("x", X), (X, X), ("li", LINKEDIN), (LINKEDIN, LINKEDIN)]
)
def test_one_profile_by_alias_or_id(workspace: WorkspaceDir, name: str, id_: str) -> None:
    (found,) = workspace.run("profiles", name, "--format", "json").json
    assert found["id"] == id_


@pytest.mark.parametrize("name", ["y", "0" * 24, "../user", "a/b?c=d"])
def test_a_profile_that_is_not_there_is_an_error(workspace: WorkspaceDir, name: str) -> None:
    result = workspace.run("profiles", name)
    assert result.code == ExitCode.ERROR
    assert result.codes in (["PC303"], ["PC808"])
    assert result.out == ""


SELECTORS = {
    "it fits none": ("{service: pinterest}", "PC303"),
    "it fits several": ("{service: mastodon}", "PC304"),
    "another alias means the same": (f"{{id: {X}}}", "PC305"),
}


@pytest.mark.parametrize("case", SELECTORS)
def test_a_selector_must_fit_one_profile(workspace: WorkspaceDir, case: str) -> None:
    selector, code = SELECTORS[case]
    workspace.write(
        "seed.json",
        json.dumps(
            {
                "profiles": [
                    {"id": X, "service": "twitter"},
                    {"id": LINKEDIN, "service": "linkedin"},
                    {"service": "mastodon", "service_username": "@one@a.example"},
                    {"service": "mastodon", "service_username": "@two@a.example"},
                ]
            }
        ),
    )
    text = workspace_yaml(provider="{name: sandbox, seed: seed.json, clock: 2026-11-30T08:00:00Z}")
    workspace.write("plancast.yaml", text.replace("profiles:\n", f"profiles:\n  new: {selector}\n"))
    for command in (("plan",), ("apply", "--auto-approve")):
        result = workspace.run(*command)
        assert (result.code, result.errors) == (ExitCode.ERROR, [code]), result.err
        assert "plancast.yaml:" in result.err
    assert workspace.live() == ()


def test_nothing_that_one_came_for_is_cut(workspace: WorkspaceDir) -> None:
    name = "a-very-long-name-" * 8
    workspace.write(
        "seed.json",
        json.dumps(
            {
                "profiles": [
                    {"id": X, "service": "twitter"},
                    {"id": LINKEDIN, "service": "linkedin", "service_username": name},
                ]
            }
        ),
    )
    workspace.write("plancast.yaml", workspace_yaml(provider="{name: sandbox, seed: seed.json}"))
    assert f"{{id: {LINKEDIN}}}" in workspace.run("profiles").out
    workspace.state_file.parent.mkdir()
    workspace.state_file.write_text("{}", encoding="utf-8")
    assert str(workspace.state_file) in workspace.run("doctor").out


BOARDS = [{"name": "Recipes"}, {"name": "Tools"}]


@pytest.mark.parametrize("provider", ["{name: buffer, api: v3}", "{options: 1}", "[buffer]"])
@pytest.mark.parametrize("command", ["profiles", "report"])
def test_of_settings_that_cannot_be_read_no_other_provider_is_guessed(
    tmp_path: Path, provider: str, command: str
) -> None:
    """The default is the sandbox, whose profiles the user did not ask for."""
    workspace = WorkspaceDir(tmp_path)
    workspace.write("plancast.yaml", workspace_yaml(provider=provider))
    result = workspace.run(command)
    assert (result.code, result.out) == (ExitCode.ERROR, "")
    assert not (tmp_path / ".plancast-sandbox").exists()


CHANNELS = [
    {"id": "1" * 24, "service": "twitter", "disconnected": True, "paused": True, "shortens": False},
    {"id": "2" * 24, "service": "linkedin", "locked": True, "shortens": True},
    {"id": "3" * 24, "service": "instagram", "shortens": False, "extras": {"reminders": True}},
    {"id": "4" * 24, "service": "pinterest", "shortens": False, "extras": {"boards": BOARDS}},
]
TROUBLES = {
    "1": ("disconnected", "paused"),
    "2": ("locked", "shortens links to buff.ly"),
    "3": ("only reminds",),
    "4": (),
}


def test_profiles_shows_the_boards_what_holds_a_profile_up_and_the_organization(
    tmp_path: Path,
) -> None:
    with keyed(WorkspaceDir(tmp_path), profiles=CHANNELS, switches={"graphql_shortens": True}) as (
        workspace,
        _,
    ):
        shown = workspace.run("profiles")
        pins = workspace.run("profiles", "4" * 24, "--format", "json").json[0]
        inside = workspace.run("doctor").out.partition("organization ")[2].split()[0]
    known = {word for words in TROUBLES.values() for word in words}
    for item in CHANNELS:
        line = _line(shown.out, str(item["id"]))
        troubles = TROUBLES[str(item["id"])[0]]
        assert {word for word in known if word in line} == set(troubles)
        assert ", ".join(troubles) in line
    assert [board["name"] for board in pins["boards"]] == ["Recipes", "Tools"]
    for board in pins["boards"]:
        assert board["name"] in _line(shown.out, board["id"])
    assert f"Organization: {inside}" in shown.err


def _line(text: str, word: str) -> str:
    (line,) = (line for line in text.splitlines() if word in line)
    return line


# -- doctor ----


def test_the_doctor_warns_of_what_holds_the_profiles_of_the_workspace_up(tmp_path: Path) -> None:
    with keyed(WorkspaceDir(tmp_path), profiles=CHANNELS, switches={"graphql_shortens": True}) as (
        workspace,
        _,
    ):
        workspace.write("a.yaml", post(at="2030-01-31 09:30"))
        document = {
            item["check"]: item for item in workspace.run("doctor", "--format", "json").json
        }
        assert workspace.run("doctor").code == ExitCode.DONE
    assert document["channels"]["verdict"] == "warning"
    for word in (*TROUBLES["1"], *TROUBLES["2"]):
        assert word in document["channels"]["detail"]
    assert "only reminds" not in document["channels"]["detail"], "no alias means that one"
    assert document["profiles"]["detail"] == "2 selected"


def test_the_doctor_says_where_the_budget_is_used_up(tmp_path: Path) -> None:
    with keyed(WorkspaceDir(tmp_path)) as (workspace, _):
        provider = "{name: buffer-graphql, rate_limit: [{requests: 2, seconds: 900}]}"
        workspace.write("plancast.yaml", workspace_yaml(provider=provider))
        workspace.write("a.yaml", post(at="2030-01-31 09:30"))
        document = {
            item["check"]: item for item in workspace.run("doctor", "--format", "json").json
        }
    assert document["requests"]["verdict"] == "warning"
    assert document["requests"]["detail"] == "0 of 2 left in 15 min"


def found(workspace: WorkspaceDir) -> dict[str, str]:
    return {
        item["check"]: item["verdict"] for item in workspace.run("doctor", "--format", "json").json
    }


def test_the_doctor_finds_nothing_where_all_is_well(workspace: WorkspaceDir) -> None:
    workspace.apply()
    assert workspace.run("doctor").code == 0
    assert set(found(workspace).values()) == {"ok"}


GITHUB = [f".github/workflows/plancast-{name}.yml" for name in ("plan", "apply", "nightly")]


def doctor(workspace: WorkspaceDir) -> list[dict[str, str]]:
    found: list[dict[str, str]] = workspace.run("doctor", "--format", "json").json
    return found


def workflows(workspace: WorkspaceDir) -> tuple[str, str]:
    """Return what the doctor says of files for CI: the verdict and the words, "" if nothing."""
    found = [
        item
        for item in workspace.run("doctor", "--format", "json").json
        if item["check"] == "workflows"
    ]
    assert len(found) <= 1
    return (found[0]["verdict"], found[0]["detail"]) if found else ("", "")


def test_the_doctor_names_the_workflows_that_an_older_plancast_wrote(
    workspace: WorkspaceDir,
) -> None:
    (workspace.folder / ".git").mkdir()
    assert workflows(workspace) == ("", "")
    assert workspace.run("init", "--ci", "github").code == 0
    assert workflows(workspace) == ("ok", "3 of the edition that this plancast writes")
    written = {name: (workspace.folder / name).read_text(encoding="utf-8") for name in GITHUB}

    for name in GITHUB[1:]:
        workspace.write(name, written[name].replace(f", edition {EDITION}", ""))
    verdict, words = workflows(workspace)
    assert verdict == "warning"
    assert words.startswith("PC846 A file for CI is older than this plancast: ")
    old = " ".join(GITHUB[1:])
    assert f"`git rm {old} && plancast init --ci github` renews it" in words
    assert GITHUB[0] not in words
    assert workspace.run("doctor").code == 0, "it works as it did"

    for name in GITHUB[1:]:
        (workspace.folder / name).unlink()
    assert workspace.run("init", "--ci", "github").code == 0
    assert workflows(workspace)[0] == "ok"


@pytest.mark.parametrize(
    "text",
    [
        f"# Written by `plancast init --ci github`, edition {EDITION}.\non: push\njobs: {{}}\n",
        f"# Written by `plancast init --ci github`, edition {EDITION + 1}.\n",
    ],
    ids=["changed below its first line", "of a newer plancast"],
)
def test_the_doctor_leaves_workflows_to_their_authors(workspace: WorkspaceDir, text: str) -> None:
    (workspace.folder / ".git").mkdir()
    workspace.write(GITHUB[0], text)
    assert workflows(workspace)[0] == "ok"
    workspace.write(GITHUB[0], "on: push\njobs: {}\n")
    assert workflows(workspace) == ("", ""), "plancast did not write it"


def test_the_doctor_reads_no_workflow_through_a_link(
    workspace: WorkspaceDir, tmp_path: Path
) -> None:
    (workspace.folder / ".git").mkdir()
    outside = tmp_path / "outside.yml"
    outside.write_text("# Written by `plancast init --ci github`.\n", encoding="utf-8")
    link = workspace.folder / GITHUB[0]
    link.parent.mkdir(parents=True)
    link.symlink_to(outside)
    os.mkfifo(workspace.folder / GITHUB[1])
    assert workflows(workspace) == ("", "")


@pytest.mark.parametrize("forge", ["github", "gitlab"])
def test_the_doctor_names_files_for_ci_of_a_folder_that_was_renamed(
    tmp_path: Path, forge: str
) -> None:
    (tmp_path / ".git").mkdir()
    old = WorkspaceDir(tmp_path / "social")
    old.write("plancast.yaml", workspace_yaml())
    assert old.run("init", "--ci", forge).code == 0
    assert workflows(old)[0] == "ok"
    old.folder.rename(tmp_path / "marketing")
    new = WorkspaceDir(tmp_path / "marketing")
    found = [one for one in doctor(new) if one["check"] == "workflows"]
    written = [path for path in tmp_path.rglob("plancast-social*.yml") if path.is_file()]
    assert len(found) == len(written) > 0
    for one, path in zip(found, sorted(written), strict=True):
        name = path.relative_to(tmp_path).as_posix()
        assert one["verdict"] == "warning"
        assert one["detail"].startswith("PC847")
        assert f"{name} is about social" in one["detail"]
        assert f"`git rm {name}`" in one["detail"]
    assert new.run("init", "--ci", forge).code == 0
    for path in written:
        path.unlink()
    assert workflows(new)[0] == "ok"


def test_the_doctor_changes_nothing(workspace: WorkspaceDir) -> None:
    workspace.run("doctor")
    assert workspace.requests() == {}
    assert not workspace.state_file.exists()


def test_the_doctor_tells_each_trouble_and_goes_on(workspace: WorkspaceDir) -> None:
    workspace.apply()
    workspace.write("b.yaml", "profiles: [x]\nschedule: soon\ntext: B.\n")
    workspace.state_file.write_text("{", encoding="utf-8")
    assert workspace.run("doctor").code == ExitCode.ERROR
    verdicts = found(workspace)
    assert (verdicts["files"], verdicts["state"], verdicts["token"]) == ("error", "error", "ok")
    assert "PC601" in workspace.run("doctor").out


def test_the_doctor_knows_a_state_of_another_account(workspace: WorkspaceDir) -> None:
    workspace.apply()
    state = json.loads(workspace.state_file.read_text(encoding="utf-8"))
    workspace.state_file.write_text(json.dumps({**state, "account_id": "other"}), encoding="utf-8")
    assert found(workspace)["account"] == "error"


@pytest.mark.parametrize("name", ["BUFFER_ACCESS_TOKEN", "BUFFER_API_KEY"])
def test_the_doctor_sees_a_wrong_clock_and_a_wrong_token(tmp_path: Path, name: str) -> None:
    serving = keyed if name == "BUFFER_API_KEY" else served
    with serving(WorkspaceDir(tmp_path)) as (workspace, world):
        workspace.write("a.yaml", post(at="2030-01-31 09:30"))
        assert found(workspace)["clock"] == "ok"
        world.advance(90)
        assert found(workspace)["clock"] == "error"
        workspace.environ = {**workspace.environ, name: "wrong"}
        assert found(workspace)["token"] == "error"
        assert workspace.run("doctor").code == ExitCode.ERROR


def test_the_doctor_says_how_long_a_key_lives(tmp_path: Path) -> None:
    with keyed(WorkspaceDir(tmp_path)) as (workspace, _):
        (key,) = [
            item
            for item in workspace.run("doctor", "--format", "json").json
            if item["check"] == "key"
        ]
    assert key["verdict"] == "ok"
    assert key["detail"] == (
        "keys live a year at most; Buffer does not report when this one expires"
    )
    with served(WorkspaceDir(tmp_path / "v1")) as (classic, _):
        assert "key" not in found(classic), "a token of API v1 does not expire"


NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("days", "verdict", "words"),
    [
        (31, "ok", "expires on 2027-01-01 (in 31 days)"),
        (29, "warning", "expires on 2026-12-30 (in 29 days). Make a new one before that."),
        (-1, "warning", "expires on 2026-11-30 (1 day ago). Make a new one before that."),
    ],
)
def test_the_doctor_shows_when_a_key_expires_if_the_provider_reports_it(
    days: int, verdict: str, words: str
) -> None:
    found = list(key_life(NOON + timedelta(days=days), BUFFER_GRAPHQL, NOON))
    assert found == [Finding("key", verdict, words)]


def test_the_doctor_says_what_is_not_settled(workspace: WorkspaceDir) -> None:
    with workspace.person() as world:
        world.arm(Fault(FaultKind.LOST_REQUEST, "POST *"))
    workspace.apply("--no-wait")
    assert found(workspace)["state"] == "warning"


def test_the_doctor_needs_a_network_only_for_what_is_there(tmp_path: Path) -> None:
    workspace = WorkspaceDir(
        tmp_path, {"BUFFER_ACCESS_TOKEN": "t", "PLANCAST_API_URL": "http://127.0.0.1:1/1"}
    )
    workspace.write("plancast.yaml", workspace_yaml(provider="buffer"))
    workspace.write("a.yaml", post(at="2030-01-31 09:30"))
    assert workspace.run("doctor").code == ExitCode.ERROR
    verdicts = found(workspace)
    assert (verdicts["files"], verdicts["state"]) == ("ok", "ok")
    assert "error" in verdicts.values()


# -- schema ----


@pytest.mark.parametrize("name", ["post", "workspace", "moves", "plan", "state", "event"])
def test_a_schema_is_printed_as_it_is_used(tmp_path: Path, name: str) -> None:
    workspace = WorkspaceDir(tmp_path)
    assert name in workspace.run("schema").out.split()
    schema = workspace.run("schema", name).json
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"].endswith(f"/{name}.schema.json")


@pytest.mark.parametrize("name", ["posts", "", "../post", "Post"])
def test_a_schema_that_does_not_exist_is_told_with_those_that_do(tmp_path: Path, name: str) -> None:
    result = WorkspaceDir(tmp_path).run("schema", name)
    assert (result.code, result.codes) == (ExitCode.ERROR, ["PC203"])
    assert "workspace" in result.err
