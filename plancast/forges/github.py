"""GitHub, as a run of Actions sees it (REST API, version 2022-11-28).

A comment on a pull request belongs to the issue of the same number. The file of the event says
which pull request a run is about; after a merge there is only the commit, and GitHub is asked for
the pull request that it came from.

The account of the token: for the token of a person `GET /user` returns it. The tokens of apps, such
as that of Actions, are refused there (403); GraphQL returns their login, and if even that is
refused the token is that of Actions.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property

from plancast.forges.api_client import Credential, ForgeAnswer, Query, Wire, safe_address
from plancast.forges.events import read_event
from plancast.forges.protocol import (
    MERGED,
    Comment,
    ForgeError,
    ReviewRequest,
    Trouble,
    at,
    commit,
    count,
    moment,
    setting,
    token,
    words,
)
from plancast.model.ports import Clock

API = "https://api.github.com"
TOKENS = ("GITHUB_TOKEN", "GH_TOKEN")
ACTIONS = "github-actions[bot]"
BOT = "[bot]"

_HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}
_PAGES = 100
_SLUG = re.compile(r"[A-Za-z0-9_.-]{1,100}/[A-Za-z0-9_.-]{1,100}")
_NEXT = re.compile(r'<([^<>]*)>[^,]*;\s*rel="next"')

_BY_COMMIT = frozenset({"push", "workflow_dispatch", ""})
"""Events that are about a commit. A scheduled run is about none, although it runs on one."""


class GitHub:
    """The forge of one run. It sends no request before a method is called."""

    name = "GitHub"
    noun = "pull request"
    limit = 65_536

    def __init__(self, environ: Mapping[str, str], wire: Wire) -> None:
        self._environ = environ
        self._wire = wire

    @property
    def revision(self) -> str:
        """The head of the pull request, not the temporary merge commit that Actions checks out."""
        head = commit(at(self._event, "pull_request", "head", "sha"))
        return head or commit(self._environ.get("GITHUB_SHA"))

    @property
    def branch(self) -> str:
        """The branch by the full name of the ref, since a tag can have the name of a branch."""
        ref = self._environ.get("GITHUB_REF", "").strip()
        is_queue = ref.startswith("refs/heads/gh-readonly-queue/")
        return "" if is_queue else _below(ref, "refs/heads/")

    @property
    def default_branch(self) -> str:
        """The default branch that the event names."""
        return words(self._event, "repository", "default_branch")

    @property
    def person(self) -> str:
        """The login of the person who started the run, or who started it again."""
        names = (
            self._environ.get(name, "") for name in ("GITHUB_TRIGGERING_ACTOR", "GITHUB_ACTOR")
        )
        return next(filter(None, names), "")

    @property
    def run(self) -> str:
        """The page of this run."""
        server = self._environ.get("GITHUB_SERVER_URL", "").rstrip("/")
        number = self._environ.get("GITHUB_RUN_ID", "")
        if not (server.startswith("https://") and number.isascii() and number.isdecimal()):
            return ""
        return f"{server}/{self._slug}/actions/runs/{number}"

    @property
    def files(self) -> str:
        """The page of a file at this commit, without the path of the file."""
        server = self._environ.get("GITHUB_SERVER_URL", "").rstrip("/")
        if not (server.startswith("https://") and self.revision):
            return ""
        return f"{server}/{self._slug}/blob/{self.revision}"

    def merged(self) -> tuple[ReviewRequest, ...]:
        """Return the merged ones among the requests into this branch that were closed last."""
        branch = self._environ.get("GITHUB_REF_NAME", "").strip()
        sorting = (("state", "closed"), ("sort", "updated"), ("direction", "desc"))
        # The API has no filter for merged requests: twice as many closed ones hold enough of them.
        query = (*sorting, ("per_page", str(2 * MERGED)), *((("base", branch),) if branch else ()))
        items = _list(self._wire.read(f"{self._repo}/pulls", query))
        merged_items = [item for item in items if at(item, "merged_at") and count(item, "number")]
        return tuple(_request(item) for item in merged_items[:MERGED])

    def contains(self, newer: str, older: str) -> bool | None:
        """Return whether `newer` is ahead of `older` or the same: `GET …/compare/OLDER...NEWER`."""
        try:
            answer = self._wire.read(
                f"{self._repo}/compare/{older}...{newer}", (("per_page", "1"),)
            )
        except ForgeError as error:
            if error.status == 404:  # one of the two is not there (any more)
                return None
            raise
        status = words(answer.document, "status")
        return status in ("ahead", "identical") if status else None

    def request(self) -> ReviewRequest | None:
        """Return the request of the event; after a push, the one that the commit is from."""
        pull_request = at(self._event, "pull_request")
        if count(pull_request, "number"):
            return _request(pull_request)
        # A comment on a pull request is an event of an issue.
        issue = at(self._event, "issue")
        if count(issue, "number") and at(issue, "pull_request"):
            return ReviewRequest(count(issue, "number"), words(issue, "html_url"))
        if self._environ.get("GITHUB_EVENT_NAME", "") not in _BY_COMMIT:
            return None
        sha = commit(self._environ.get("GITHUB_SHA"))
        return _merged(list(self._all(f"{self._repo}/commits/{sha}/pulls")), sha) if sha else None

    def is_open(self, request: ReviewRequest) -> bool:
        """Return whether the state is `open`: `GET …/pulls/NUMBER`."""
        document = self._wire.read(f"{self._repo}/pulls/{request.number}").document
        return words(document, "state") == "open"

    def comments(self, request: ReviewRequest) -> tuple[Comment, ...]:
        """Return our comments in the order of their numbers, which is that of their age."""
        path = f"{self._repo}/issues/{request.number}/comments"
        ours = [item for item in self._all(path) if words(item, "user", "login") == self._login]
        ours.sort(key=lambda item: count(item, "id"))
        return tuple(_comment(item) for item in ours)

    def create(self, request: ReviewRequest, body: str) -> Comment:
        """Post a comment: `POST …/issues/N/comments`."""
        path = f"{self._repo}/issues/{request.number}/comments"
        return _comment(self._wire.write("POST", path, {"body": body}).document)

    def edit(self, request: ReviewRequest, comment: Comment, body: str) -> Comment:  # noqa: ARG002
        """Replace the body of a comment: `PATCH …/issues/comments/ID`."""
        path = f"{self._repo}/issues/comments/{comment.id}"
        return _comment(self._wire.write("PATCH", path, {"body": body}).document)

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    # -- inside -------------------------------------------------------------------------------

    @cached_property
    def _slug(self) -> str:
        """The repository as `owner/name`, checked: it becomes part of paths."""
        slug = setting(self._environ, "GITHUB_REPOSITORY")
        if _SLUG.fullmatch(slug) is None or {".", ".."} & set(slug.split("/")):
            raise ForgeError(Trouble.SETTING, f"GITHUB_REPOSITORY names no repository: {slug!r}")
        return slug

    @property
    def _repo(self) -> str:
        return f"/repos/{self._slug}"

    @cached_property
    def _event(self) -> object:
        """The document of the event that started the run; None if there is no file of it."""
        return read_event(self._environ)

    @cached_property
    def _login(self) -> str:
        """The login of the account that the token belongs to."""
        try:
            answer = self._wire.read("/user")
        except ForgeError as error:
            if error.trouble is not Trouble.FORBIDDEN:
                raise
        else:
            return _login_or_error(words(answer.document, "login"))
        return self._app

    @property
    def _app(self) -> str:
        """The login of the app whose token this is."""
        try:
            url = _graphql(self._wire.base)
            answer = self._wire.read(url, document={"query": "query { viewer { login } }"})
        except ForgeError as error:
            if error.trouble not in (Trouble.FORBIDDEN, Trouble.SAID_NO):
                raise
            return ACTIONS
        login = words(answer.document, "data", "viewer", "login")
        if not login:
            return ACTIONS
        # Comments of an app are by `name[bot]`, and the answer may leave the end out.
        return login if login.endswith(BOT) else f"{login}{BOT}"

    def _all(self, path: str) -> Iterator[object]:
        """Yield every item of a list, page by page. Raises ForgeError."""
        target, query = path, (("per_page", "100"),)
        asked: Query = query
        for _ in range(_PAGES):
            answer = self._wire.read(target, asked)
            yield from _list(answer)
            next_page = _NEXT.search(answer.response.header("link") or "")
            if next_page is None:
                return
            # A whole address with a query of its own; `Wire.read` refuses one of another origin.
            target, asked = next_page[1], ()
        raise ForgeError(Trouble.ODD, "the list has no end")


def github(environ: Mapping[str, str], clock: Clock) -> GitHub:
    """Return the forge that the environment of a run describes. Raises ForgeError."""
    name = "GITHUB_API_URL"
    base = safe_address(environ.get(name, "").strip() or API, name)
    missing = f"the environment has neither {TOKENS[0]} nor {TOKENS[1]}"
    credential = Credential(token(environ, *TOKENS), missing)
    return GitHub(environ, Wire(base, credential, clock, headers=_HEADERS))


def _graphql(base: str) -> str:
    """Return the address of GraphQL: `/graphql` below the API, or `/api/graphql` for `/api/v3`."""
    return f"{base.removesuffix('/v3')}/graphql"


def _request(item: object) -> ReviewRequest:
    """Build a request from its JSON."""
    base, head = (
        words(item, "base", "repo", "full_name"),
        words(item, "head", "repo", "full_name"),
    )
    return ReviewRequest(
        number=count(item, "number"),
        url=words(item, "html_url"),
        head=commit(at(item, "head", "sha")),
        # A fork that was deleted has no name any more: that counts as foreign.
        foreign=head.lower() != base.lower(),
        merge=commit(at(item, "merge_commit_sha")) if at(item, "merged_at") else "",
        merged_at=moment(at(item, "merged_at")),
    )


def _below(name: str, above: str) -> str:
    """Return the rest of a name below `above`, "" if it is not below it."""
    return name.removeprefix(above) if name.startswith(above) else ""


def _merged(items: list[object], sha: str) -> ReviewRequest | None:
    """Return the request whose merge made this commit, or the only one that has it; else None."""
    made = [
        item for item in items if words(item, "merge_commit_sha") == sha and at(item, "merged_at")
    ]
    fitting = made or items
    if len(fitting) != 1 or not count(fitting[0], "number"):
        return None
    return _request(fitting[0])


def _comment(item: object) -> Comment:
    """Build a comment from its JSON. Raises ForgeError if it is none."""
    number = count(item, "id")
    if not number:
        # This may be the answer to a write, which then was carried out.
        raise ForgeError(Trouble.UNCLEAR, "the answer shows no comment")
    return Comment(str(number), words(item, "body"), words(item, "html_url"))


def _list(answer: ForgeAnswer) -> list[object]:
    """Return the list of an answer. Raises ForgeError if it is none."""
    if not isinstance(answer.document, list):
        raise ForgeError(Trouble.ODD, "the answer is no list")
    return answer.document


def _login_or_error(login: str) -> str:
    """Return the login. Raises ForgeError if it is empty."""
    if not login:
        raise ForgeError(Trouble.ODD, "it does not say whose token this is")
    return login
