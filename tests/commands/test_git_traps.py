"""Programs that a repository would like git to run: no command of plancast runs one of them.

Each trap is committed by an author, and cloned by a person whose environment has a key. First plain
git has to run the program, or else the silence of plancast would prove nothing.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.commands.workspace_dir import WorkspaceDir, post, workspace_yaml
from tests.store.gits import ENVIRON, Remote, git

KEYS = {"BUFFER_API_KEY": "key-of-the-person", "BUFFER_ACCESS_TOKEN": "token-of-the-person"}
COMMANDS = [
    ("plan", "--offline"),
    ("apply", "--auto-approve"),
    ("plan", "--offline"),
    ("status",),
    ("doctor",),
    ("state", "list"),
    ("state", "log"),
    ("state", "pull"),
]


@dataclass(frozen=True)
class Trap:
    """Files of the author, by name. PROGRAM in them is the program that must not run.

    `settings` are in the git configuration of the person, and `variables` in the environment.
    `control` is what plain git is asked to do, in `control_folder`. `inside` is the workspace.
    """

    files: Mapping[str, str]
    control: tuple[str, ...]
    control_folder: str = "."
    settings: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)
    inside: str = "social"


def bare(folder: str, config: str) -> dict[str, str]:
    """Files that git takes for a bare repository."""
    return {
        f"{folder}/HEAD": "ref: refs/heads/main\n",
        f"{folder}/objects/.keep": "",
        f"{folder}/refs/.keep": "",
        f"{folder}/config": "[core]\n\tbare = true\n\trepositoryformatversion = 0\n" + config,
    }


UPLOAD = '[remote "origin"]\n\turl = .\n\tuploadpack = "PROGRAM; true"\n'
HELPER = '[remote "origin"]\n\turl = ext::PROGRAM\n[protocol "ext"]\n\tallow = always\n'
SUBMODULE = '[submodule "sub"]\n\tpath = sub\n\turl = ext::PROGRAM\n'
HOOKED = "[core]\n\thooksPath = hooks\n"
SCRIPT = "#!/bin/sh\nPROGRAM\n"
LIST = ("ls-remote", "origin")

TRAPS = {
    "a bare repository in the workspace": Trap(bare("social", UPLOAD), LIST, "social"),
    "a bare repository above the workspace": Trap(
        bare("social", UPLOAD), LIST, "social/acme", inside="social/acme"
    ),
    # A hook of a bare repository has GIT_DIR=. in its environment.
    "a bare repository at the top": Trap(bare(".", UPLOAD), LIST, variables={"GIT_DIR": "."}),
    "a bare repository with a remote helper": Trap(bare("social", HELPER), LIST, "social"),
    "a hook of the work tree": Trap(
        {"hooks/reference-transaction": SCRIPT},
        ("update-ref", "refs/a/b", "HEAD"),
        settings=HOOKED,
    ),
    "a hook before a push": Trap(
        {"hooks/pre-push": SCRIPT}, ("push", "-q", "origin", "HEAD:refs/a/b"), settings=HOOKED
    ),
    "a hook that the surrounding git names": Trap(
        {"hooks/reference-transaction": SCRIPT},
        ("update-ref", "refs/a/b", "HEAD"),
        variables={"GIT_CONFIG_PARAMETERS": "'core.hooksPath=hooks'"},
    ),
    "a hook that a variable names": Trap(
        {"hooks/reference-transaction": SCRIPT},
        ("update-ref", "refs/a/b", "HEAD"),
        variables={
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": "core.hooksPath",
            "GIT_CONFIG_VALUE_0": "hooks",
        },
    ),
    "a monitor of the file system": Trap(
        {"watch": SCRIPT}, ("status",), settings="[core]\n\tfsmonitor = ./watch\n"
    ),
    "another repository in the environment": Trap(
        bare("other", UPLOAD), LIST, variables={"GIT_DIR": "other", "GIT_WORK_TREE": "other"}
    ),
    "a filter of the work tree": Trap(
        {".gitattributes": "* filter=own\n", "clean": SCRIPT},
        ("add", "--renormalize", "."),
        settings='[filter "own"]\n\tclean = ./clean\n',
    ),
    "a submodule": Trap(
        {".gitmodules": SUBMODULE},
        ("submodule", "update", "--init"),
        settings='[protocol "ext"]\n\tallow = always\n[fetch]\n\trecurseSubmodules = true\n'
        "[push]\n\trecurseSubmodules = on-demand\n[submodule]\n\trecurse = true\n",
    ),
}


def published(remote: Remote, trap: Trap, program: str) -> None:
    """Commit the workspace and the trap, as their author."""
    author = remote.clone("author")
    files = {
        **{name: text.replace("PROGRAM", program) for name, text in trap.files.items()},
        f"{trap.inside}/plancast.yaml": workspace_yaml() + "state: {backend: git}\n",
        f"{trap.inside}/a.yaml": post(),
    }
    for name, text in files.items():
        path = author / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if text.startswith("#!"):
            path.chmod(0o755)
    git(author, "add", ".")
    if ".gitmodules" in files:
        head = git(author, "rev-parse", "HEAD")
        git(author, "update-index", "--add", "--cacheinfo", f"160000,{head},sub")
    git(author, "commit", "-q", "-m", "Posts")
    git(author, "push", "-q", "origin", "HEAD:main")


def person(folder: Path, trap: Trap) -> dict[str, str]:
    """The environment of the person who cloned it."""
    settings = folder / "gitconfig"
    # A newer git may refuse embedded bare repositories by itself.
    settings.write_text("[safe]\n\tbareRepository = all\n" + trap.settings, encoding="utf-8")
    return {**ENVIRON, "GIT_CONFIG_GLOBAL": str(settings), **trap.variables, **KEYS}


def by_plain_git(folder: Path, args: tuple[str, ...], environ: Mapping[str, str]) -> None:
    """Run git without any precaution. How it ends does not matter."""
    line = ["/usr/bin/env", "git", *args]  # finds git as a shell does
    subprocess.run(line, cwd=folder, check=False, capture_output=True, env=dict(environ))


@pytest.mark.part(4)
@pytest.mark.parametrize("name", TRAPS)
def test_no_command_runs_a_program_of_the_repository(name: str, tmp_path: Path) -> None:
    trap = TRAPS[name]
    sprung = tmp_path / "sprung"
    remote = Remote.make(tmp_path / "server")
    # No blanks and no quotes in it: `ext::` splits its command at blanks.
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\nenv > {sprung}\n", encoding="utf-8")
    program.chmod(0o755)
    published(remote, trap, str(program))
    clone = remote.clone("victim")
    environ = person(tmp_path, trap)

    by_plain_git(clone / trap.control_folder, trap.control, environ)
    assert KEYS["BUFFER_API_KEY"] in sprung.read_text(), "the trap works"
    sprung.unlink()

    workspace = WorkspaceDir(clone / trap.inside, environ)
    for command in COMMANDS:
        result = workspace.run(*command)
        assert not sprung.exists(), f"{command} ran it"
        assert result.code == 0, (command, result.err, result.out)
    assert workspace.run("state", "list").out == "a@x\n"


def test_nor_does_a_process_of_its_own_whose_path_leads_there(tmp_path: Path) -> None:
    """`.` in PATH is the folder that plancast runs in, and the one that git does."""
    script = "#!/bin/sh\nPROGRAM\n"
    files = {"git": script, "social/git": script}
    trap = Trap(files, ("version",))
    sprung = tmp_path / "sprung"
    remote = Remote.make(tmp_path / "server")
    published(remote, trap, f"env > {sprung}")
    clone = remote.clone("victim")
    environ = person(tmp_path, trap)
    environ["PATH"] = f".:{environ['PATH']}"
    by_plain_git(clone / "social", trap.control, environ)
    assert sprung.exists(), "the trap works"
    sprung.unlink()
    result = WorkspaceDir(clone / trap.inside, environ).process("apply", "--auto-approve")
    assert (result.code, sprung.exists()) == (0, False), result.err
