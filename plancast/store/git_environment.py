"""The environment that git receives, decided variable by variable. Pure.

The environment belongs to the user. It says how git reaches a remote (`GIT_SSH_COMMAND`,
`GIT_ASKPASS`, `GIT_SSL_*`, `GIT_HTTP_*`, `GIT_PROXY_*`, proxies), where the configuration is
(`HOME`, `GIT_CONFIG_GLOBAL`, `GIT_CONFIG_SYSTEM`, `GIT_CONFIG_NOSYSTEM`, `GIT_CONFIG_COUNT` with
its keys and values, `GIT_CONFIG_PARAMETERS`), where git keeps its own programs (`GIT_EXEC_PATH`: a
git that was moved finds no `git-remote-https` without it), and what a credential helper reads
(`GITHUB_TOKEN`, `GITLAB_TOKEN`, `GIT_PASSWORD` and other names that git does not know). All of that
is kept.

Three kinds of variables are dropped:

* Those in which a surrounding git describes *its* repository and *its* operation. git sets these
  for a hook, an alias and `rebase --exec`. They are true for the commit or the push that runs the
  hook, and would lead plancast to the state of another workspace.
* Those that make git write or start something that its caller did not ask for: traces, an editor, a
  pager. Its standard error is quoted in our messages, and a trace of a transfer may hold a token.
* The keys of Buffer. git has no use for them, and starts many programs. Those of other providers
  are dropped by the caller, which knows their names.

And git runs at the top of the work tree. A relative path in the environment (`.` in PATH, `HOME=.`)
would name a file of the repository there, so these are dropped too.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping

KEPT_SETTINGS = frozenset({"GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS"})
"""Variables that `git rev-parse --local-env-vars` lists, and that are kept.

CI hands its credential helper over in the first, `git -c` in the second. `git_process` makes sure
that neither overrides our own settings.
"""

_OF_A_REPOSITORY = frozenset(
    {
        # Those that git 2.39 lists itself; a newer git may list more, which `local` adds.
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_COMMON_DIR",
        "GIT_CONFIG",
        "GIT_DIR",
        "GIT_GRAFT_FILE",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_INTERNAL_SUPER_PREFIX",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_REPLACE_REF_BASE",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
        # They change what a pathspec matches, which attributes hold and which refs are seen.
        "GIT_ATTR_SOURCE",
        "GIT_GLOB_PATHSPECS",
        "GIT_ICASE_PATHSPECS",
        "GIT_LITERAL_PATHSPECS",
        "GIT_NAMESPACE",
        "GIT_NOGLOB_PATHSPECS",
        # They bound the search for a repository. Ours was found already.
        "GIT_CEILING_DIRECTORIES",
        "GIT_DISCOVERY_ACROSS_FILESYSTEM",
        # Set for a hook of a push. The first forbids every change of a ref.
        "GIT_QUARANTINE_PATH",
        "GIT_PROTOCOL",
        # Set for a hook of a commit. The state is a commit of its own, by its own author.
        "GIT_AUTHOR_DATE",
        "GIT_AUTHOR_EMAIL",
        "GIT_AUTHOR_NAME",
        "GIT_COMMITTER_DATE",
        "GIT_COMMITTER_EMAIL",
        "GIT_COMMITTER_NAME",
        # Used by `git init` and `git clone` alone, which are never called.
        "GIT_DEFAULT_HASH",
        "GIT_DEFAULT_REF_FORMAT",
        "GIT_TEMPLATE_DIR",
    }
)
_PROGRAMS = frozenset({"GIT_EDITOR", "GIT_EXTERNAL_DIFF", "GIT_PAGER", "GIT_SEQUENCE_EDITOR"})
_DROPPED = _OF_A_REPOSITORY | _PROGRAMS | {"GIT_CURL_VERBOSE"}
_FOLDERS_AND_FILES = frozenset(
    {"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_EXEC_PATH", "HOME", "XDG_CONFIG_HOME"}
)
_COMMANDS = frozenset({"GIT_ASKPASS", "GIT_PROXY_COMMAND", "GIT_SSH", "SSH_ASKPASS"})
"""Each is a path, or the name of a program in PATH."""

_DROPPED_BEGINNINGS = ("BUFFER_", "GIT_PUSH_OPTION_", "GIT_TRACE")

_ALWAYS = {
    "GIT_NO_REPLACE_OBJECTS": "1",  # a commit of the state is what its name says
    "GIT_TERMINAL_PROMPT": "0",  # there is no terminal: see the session in `git_process`
    "LC_ALL": "C",  # `git_refusals` matches the words of git in English
}


def git_environment(environ: Mapping[str, str], local: Collection[str] = ()) -> dict[str, str]:
    """Return the variables of `environ` that git receives, and those that plancast sets for it.

    `local` are the names that `git rev-parse --local-env-vars` lists.
    """
    dropped = _DROPPED | (set(local) - KEPT_SETTINGS)
    kept = {
        name: value
        for name, value in environ.items()
        if name not in dropped
        and not name.startswith(_DROPPED_BEGINNINGS)
        and not _is_in_the_work_tree(name, value)
    }
    if "GIT_ALLOW_PROTOCOL" in kept:
        # It is stronger than every setting, also than `protocol.ext.allow=never`.
        kept["GIT_ALLOW_PROTOCOL"] = _without_ext(kept["GIT_ALLOW_PROTOCOL"])
    return {**kept, "PATH": search_path(environ), **_ALWAYS}


def _is_in_the_work_tree(name: str, value: str) -> bool:
    """Return whether a variable names a path relative to the top of the work tree."""
    if not value or value.startswith("/"):
        return False
    return name in _FOLDERS_AND_FILES or (name in _COMMANDS and "/" in value)


def search_path(environ: Mapping[str, str]) -> str:
    """Return PATH without its relative entries, which would name folders of the repository."""
    entries = environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(entry for entry in entries if entry.startswith("/"))


def _without_ext(protocols: str) -> str:
    """Remove `ext` from a list of protocols: its addresses are commands, which git would run."""
    return ":".join(name for name in protocols.split(":") if name != "ext")
