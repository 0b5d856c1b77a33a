"""GitLab, as a job of its CI sees it (REST API v4).

Comments are *notes* of a merge request. In a pipeline for a merge request the variables say which
one it is; a pipeline after the merge has only the commit. A pipeline of a fork runs in the fork, so
notes are written to the project of the merge request, not to that of the job.

The token of the job itself may not write notes: `GITLAB_TOKEN` is a project access token (or that
of a person or a group) with the scope `api`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from urllib.parse import quote

from plancast.forges.api_client import Credential, Wire, safe_address
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

TOKEN = "GITLAB_TOKEN"  # noqa: S105  # the name of the variable

_PAGES = 100


class GitLab:
    """The forge of one job. It sends no request before a method is called."""

    name = "GitLab"
    noun = "merge request"
    limit = 1_000_000

    def __init__(self, environ: Mapping[str, str], wire: Wire) -> None:
        self._environ = environ
        self._wire = wire

    @property
    def revision(self) -> str:
        """The head of the source branch. A pipeline of merged results runs on another commit."""
        source = commit(self._environ.get("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA"))
        return source or commit(self._environ.get("CI_COMMIT_SHA"))

    @property
    def run(self) -> str:
        """The page of this job, or of its pipeline."""
        names = ("CI_JOB_URL", "CI_PIPELINE_URL")
        urls = (self._environ.get(name, "").strip() for name in names)
        return next((url for url in urls if url.startswith("https://")), "")

    @property
    def files(self) -> str:
        """The page of a file at this commit, without the path of the file."""
        page = self._environ.get("CI_PROJECT_URL", "").rstrip("/")
        if not (page.startswith("https://") and self.revision):
            return ""
        return f"{page}/-/blob/{self.revision}"

    @property
    def branch(self) -> str:
        """The branch of the job; GitLab sets this variable for branches only."""
        return self._environ.get("CI_COMMIT_BRANCH", "").strip()

    @property
    def default_branch(self) -> str:
        """The default branch of the job's project."""
        return self._environ.get("CI_DEFAULT_BRANCH", "").strip()

    @property
    def person(self) -> str:
        """The login of the person who started the job."""
        return self._environ.get("GITLAB_USER_LOGIN", "").strip()

    def contains(self, newer: str, older: str) -> bool | None:
        """Return whether `older` is the merge base of both: `GET …/repository/merge_base`."""
        query = (("refs[]", older), ("refs[]", newer))
        try:
            answer = self._wire.read(f"{self._project}/repository/merge_base", query)
        except ForgeError as error:
            if error.status in (400, 404):  # one of the two is not there (any more)
                return None
            raise
        base = words(answer.document, "id")
        return base == older if base else None

    def merged(self) -> tuple[ReviewRequest, ...]:
        """Return the merged requests into this branch that were updated last."""
        branch = self._environ.get("CI_COMMIT_BRANCH", "").strip()
        query = (
            *(("state", "merged"), ("order_by", "updated_at"), ("per_page", str(MERGED))),
            *((("target_branch", branch),) if branch else ()),
        )
        items = self._wire.read(f"{self._project}/merge_requests", query).document
        if not isinstance(items, list):
            raise ForgeError(Trouble.ODD, "the answer is no list")
        return tuple(_request(item) for item in items[:MERGED] if count(item, "iid"))

    def request(self) -> ReviewRequest | None:
        """Return the request of the variables; after a push, the one that the commit is from."""
        number = self._environ.get("CI_MERGE_REQUEST_IID", "")
        if number.isascii() and number.isdecimal() and int(number):
            page = self._environ.get("CI_MERGE_REQUEST_PROJECT_URL", "").rstrip("/")
            return ReviewRequest(
                number=int(number),
                url=f"{page}/-/merge_requests/{number}" if page else "",
                head=self.revision,
                foreign=self._is_foreign,
            )
        sha = commit(self._environ.get("CI_COMMIT_SHA"))
        # A scheduled run is about no request, although it runs on a commit.
        if not sha or self._environ.get("CI_PIPELINE_SOURCE") == "schedule":
            return None
        path = f"{self._project}/repository/commits/{sha}/merge_requests"
        return _merged(list(self._all(path)), sha)

    def is_open(self, request: ReviewRequest) -> bool:
        """Return whether the state is `opened`; a request that is being merged is `locked`."""
        document = self._wire.read(f"{self._project}/merge_requests/{request.number}").document
        return words(document, "state") == "opened"

    def comments(self, request: ReviewRequest) -> tuple[Comment, ...]:
        """Return our notes in the order of their numbers, which is that of their age."""
        path = f"{self._project}/merge_requests/{request.number}/notes"
        ours = [
            item
            for item in self._all(path)
            if not at(item, "system") and count(item, "author", "id") == self._user
        ]
        ours.sort(key=lambda item: count(item, "id"))
        return tuple(_comment(item, request) for item in ours)

    def create(self, request: ReviewRequest, body: str) -> Comment:
        """Post a note: `POST …/merge_requests/N/notes`."""
        path = f"{self._project}/merge_requests/{request.number}/notes"
        return _comment(self._wire.write("POST", path, {"body": body}).document, request)

    def edit(self, request: ReviewRequest, comment: Comment, body: str) -> Comment:
        """Replace the body of a note: `PUT …/merge_requests/N/notes/ID`."""
        path = f"{self._project}/merge_requests/{request.number}/notes/{comment.id}"
        return _comment(self._wire.write("PUT", path, {"body": body}).document, request)

    def close(self) -> None:
        """Close the connections."""
        self._wire.close()

    # -- inside -------------------------------------------------------------------------------

    @cached_property
    def _project(self) -> str:
        """The path of the project that is written to, its number or name quoted."""
        wanted = self._environ.get("CI_MERGE_REQUEST_PROJECT_ID", "").strip()
        number = wanted or setting(self._environ, "CI_PROJECT_ID")
        # A name may stand for the number. Without dots no part of it can be `..`.
        return f"/projects/{quote(number, safe='').replace('.', '%2E')}"

    @property
    def _is_foreign(self) -> bool:
        source = self._environ.get("CI_MERGE_REQUEST_SOURCE_PROJECT_ID", "").strip()
        target = self._environ.get("CI_MERGE_REQUEST_PROJECT_ID", "").strip()
        return bool(source and target) and source != target

    @cached_property
    def _user(self) -> int:
        """The number of the account that the token belongs to."""
        number = count(self._wire.read("/user").document, "id")
        if not number:
            raise ForgeError(Trouble.ODD, "it does not say whose token this is")
        return number

    def _all(self, path: str) -> Iterator[object]:
        """Yield every item of a list, page by page. Raises ForgeError."""
        page = "1"
        for _ in range(_PAGES):
            answer = self._wire.read(path, (("per_page", "100"), ("page", page)))
            if not isinstance(answer.document, list):
                raise ForgeError(Trouble.ODD, "the answer is no list")
            yield from answer.document
            page = (answer.response.header("x-next-page") or "").strip()
            if not page:
                return
        raise ForgeError(Trouble.ODD, "the list has no end")


def gitlab(environ: Mapping[str, str], clock: Clock) -> GitLab:
    """Return the forge that the environment of a job describes. Raises ForgeError."""
    name = "CI_API_V4_URL"
    base = safe_address(setting(environ, name), name)
    missing = f"the environment has no {TOKEN}; the token of the job itself may not write notes"
    credential = Credential(token(environ, TOKEN), missing, "PRIVATE-TOKEN", "")
    return GitLab(environ, Wire(base, credential, clock))


def _merged(items: list[object], sha: str) -> ReviewRequest | None:
    """Return the request whose merge made this commit, or the only one that has it; else None."""
    made = [
        item
        for item in items
        if at(item, "state") == "merged"
        and sha in (words(item, key) for key in ("merge_commit_sha", "squash_commit_sha", "sha"))
    ]
    fitting = made or items
    if len(fitting) != 1 or not count(fitting[0], "iid"):
        return None
    return _request(fitting[0])


def _request(item: object) -> ReviewRequest:
    """Build a request from its JSON."""
    source, target = count(item, "source_project_id"), count(item, "target_project_id")
    return ReviewRequest(
        number=count(item, "iid"),
        url=words(item, "web_url"),
        head=commit(at(item, "sha")),
        foreign=source != target,
        merge=_merge(item),
        merged_at=moment(at(item, "merged_at")),
    )


def _merge(item: object) -> str:
    """Return the commit that a merge made, "" if it was not merged.

    Depending on the project's merge method that is a merge commit, a squash commit, or the last
    commit of the request itself.
    """
    if at(item, "state") != "merged":
        return ""
    commits = (commit(at(item, name)) for name in ("merge_commit_sha", "squash_commit_sha", "sha"))
    return next(filter(None, commits), "")


def _comment(item: object, request: ReviewRequest) -> Comment:
    """Build a comment from the JSON of a note. Raises ForgeError if it is none."""
    number = count(item, "id")
    if not number:
        # This may be the answer to a write, which then was carried out.
        raise ForgeError(Trouble.UNCLEAR, "the answer shows no note")
    return Comment(str(number), words(item, "body"), f"{request.url}#note_{number}")
