"""One suite for both forges: one comment, found again, ours, and never posted twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plancast.forges import (
    Done,
    Forge,
    ForgeError,
    Put,
    ReviewRequest,
    Trouble,
    detect,
    newest,
    put,
)
from plancast.reconcile.approvals import Marker
from plancast.testing.fakes import FakeClock
from tests.forges.stand_in import (
    HEAD,
    SHA,
    TOKEN,
    Fault,
    GitHubStandIn,
    GitLabStandIn,
    StandIn,
    serving,
)

KEY = "marketing"
BODY = f"{Marker(KEY, 'f' * 64, HEAD)}\n\n### Plan\n"
OTHER = BODY.replace("Plan", "Receipt")


@pytest.fixture(params=[GitHubStandIn, GitLabStandIn], ids=["github", "gitlab"])
def stand_in(request: pytest.FixtureRequest) -> Iterator[StandIn]:
    made: StandIn = request.param()
    with serving(made):
        yield made


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def forge(stand_in: StandIn, clock: FakeClock, tmp_path: Path) -> Iterator[Forge]:
    found = detect(stand_in.environ(tmp_path), clock)
    assert found is not None
    yield found
    found.close()


def here(forge: Forge) -> ReviewRequest:
    found = forge.request()
    assert found is not None
    return found


def place(forge: Forge, clock: FakeClock, body: str = BODY) -> Put:
    return put(forge, here(forge), KEY, body, clock)


def edits(stand_in: StandIn) -> str:
    return "PATCH" if stand_in.kind == "github" else "PUT"


# -- what the run is about ----


def test_a_run_for_a_request_says_which_without_a_request_of_http(
    forge: Forge, stand_in: StandIn
) -> None:
    request = here(forge)
    assert (request.number, request.head, request.foreign) == (12, HEAD, False)
    assert request.url.endswith("/12")
    assert (forge.revision, forge.run.rpartition("/")[2]) == (HEAD, "77")
    assert stand_in.seen == []


def test_a_request_of_a_fork_is_foreign(
    stand_in: StandIn, clock: FakeClock, tmp_path: Path
) -> None:
    forge = detect(stand_in.environ(tmp_path, fork="mallory/posts"), clock)
    assert forge is not None
    assert here(forge).foreign


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ([], None),
        ([(12, SHA, "2026-11-25")], 12),
        ([(9, "c" * 40, None)], 9),
        ([(9, "c" * 40, "2026-11-20"), (12, SHA, "2026-11-25"), (13, "d" * 40, None)], 12),
        ([(9, "c" * 40, "2026-11-20"), (13, "d" * 40, None)], None),
    ],
    ids=["none", "merged", "only", "merged-of-three", "no-telling"],
)
def test_after_a_merge_the_commit_tells_the_request(
    stand_in: StandIn,
    clock: FakeClock,
    numbers: list[tuple[int, str, str | None]],
    expected: int | None,
) -> None:
    assert isinstance(stand_in, GitHubStandIn | GitLabStandIn)
    stand_in.commits[SHA] = [stand_in.merged(*item) for item in numbers]
    forge = detect(stand_in.after_merge(), clock)
    assert forge is not None
    request = forge.request()
    assert (request.number if request else None) == expected
    assert forge.revision == SHA
    forge.close()


# -- one comment ----


def test_the_first_run_posts_and_the_next_ones_edit(
    forge: Forge, clock: FakeClock, stand_in: StandIn
) -> None:
    first = place(forge, clock)
    assert (first.done, stand_in.sent()) == (Done.CREATED, ["POST"])
    assert first.comment.url.endswith(f"{first.comment.id}")
    again = place(forge, clock, OTHER)
    assert (again.done, again.comment.id) == (Done.EDITED, first.comment.id)
    assert [body.strip() for body in stand_in.bodies()] == [OTHER.strip()]


def test_nothing_is_sent_where_the_comment_reads_like_that_already(
    forge: Forge, clock: FakeClock, stand_in: StandIn
) -> None:
    stand_in.write(stand_in.me, BODY.strip().replace("\n", "\r\n"))
    assert place(forge, clock).done is Done.UNCHANGED
    assert stand_in.sent() == []


def test_a_comment_of_somebody_else_is_neither_edited_nor_believed(
    forge: Forge, clock: FakeClock, stand_in: StandIn
) -> None:
    stand_in.write("mallory", BODY)
    assert newest(forge.comments(here(forge)), KEY) is None
    assert place(forge, clock, OTHER).done is Done.CREATED
    assert stand_in.bodies()[0] == BODY


@pytest.mark.parametrize(
    "body",
    [
        f"Look: {BODY}",
        f"\n{BODY}",
        f"> {BODY}",
        BODY.replace(KEY, "other"),
        BODY.replace("plan=", "plan:"),
        "",
    ],
)
def test_our_comments_without_the_marker_of_this_workspace_are_left_alone(
    forge: Forge, clock: FakeClock, stand_in: StandIn, body: str
) -> None:
    stand_in.write(stand_in.me, body)
    assert place(forge, clock).done is Done.CREATED
    assert stand_in.bodies()[0] == body


def test_of_several_the_newest_is_the_one(
    forge: Forge, clock: FakeClock, stand_in: StandIn
) -> None:
    for text in ("one", "two", "three"):
        stand_in.write(stand_in.me, f"{BODY}{text}")
    stand_in.write("mallory", f"{BODY}four")
    assert place(forge, clock).done is Done.EDITED
    assert [body.strip() for body in stand_in.bodies()] == [
        f"{BODY}one",
        f"{BODY}two",
        BODY.strip(),
        f"{BODY}four",
    ]


def test_it_is_found_behind_many_pages(forge: Forge, clock: FakeClock, stand_in: StandIn) -> None:
    stand_in.page = 3
    stand_in.write(stand_in.me, BODY)
    for number in range(10):
        stand_in.write("talker", f"Number {number}")
    assert place(forge, clock, OTHER).done is Done.EDITED
    assert stand_in.sent() == [edits(stand_in)]


def test_one_that_was_deleted_is_posted_anew(
    forge: Forge, clock: FakeClock, stand_in: StandIn
) -> None:
    note = stand_in.write(stand_in.me, BODY)
    stand_in.faults.append(Fault(edits(stand_in), 404, body='{"message": "gone"}'))
    request = here(forge)
    assert forge.comments(request)
    stand_in.notes.remove(note)
    assert put(forge, request, KEY, OTHER, clock).done is Done.CREATED


# -- what goes wrong ----


@pytest.mark.parametrize("status", [0, 500, 502, 503])
@pytest.mark.parametrize("done", [True, False], ids=["done", "not-done"])
def test_a_post_whose_answer_is_lost_is_looked_for_before_it_is_repeated(
    forge: Forge, clock: FakeClock, stand_in: StandIn, status: int, done: bool
) -> None:
    stand_in.faults.append(Fault("POST", status, done=done))
    found = place(forge, clock)
    assert found.done is Done.CREATED
    assert [body.strip() for body in stand_in.bodies()] == [BODY.strip()]
    assert stand_in.sent() == (["POST"] if done else ["POST", "POST"])
    assert clock.slept == [5.0]


def test_a_post_that_is_lost_for_good_is_given_up_after_two(
    forge: Forge, clock: FakeClock, stand_in: StandIn
) -> None:
    stand_in.faults.extend([Fault("POST")] * 5)
    with pytest.raises(ForgeError) as caught:
        place(forge, clock)
    assert caught.value.trouble is Trouble.UNCLEAR
    assert stand_in.sent() == ["POST", "POST"]
    assert stand_in.seen[-1][0] == "GET", "it looks once more before it gives up"


def test_an_answer_that_is_no_comment_is_looked_into(
    forge: Forge, clock: FakeClock, stand_in: StandIn
) -> None:
    stand_in.faults.append(Fault("POST", 201, body="<html>", done=True))
    assert place(forge, clock).done is Done.CREATED
    stand_in.faults.append(Fault("POST", 201, body="{}", done=True))
    assert len(stand_in.bodies()) == 1


@pytest.mark.parametrize("done", [True, False], ids=["done", "not-done"])
def test_an_edit_whose_answer_is_lost_ends_well(
    forge: Forge, clock: FakeClock, stand_in: StandIn, done: bool
) -> None:
    stand_in.write(stand_in.me, BODY)
    stand_in.faults.append(Fault(edits(stand_in), done=done))
    assert place(forge, clock, OTHER).done is Done.EDITED
    assert [body.strip() for body in stand_in.bodies()] == [OTHER.strip()]


@pytest.mark.parametrize("status", [0, 500, 503])
def test_reading_is_tried_again(
    forge: Forge, clock: FakeClock, stand_in: StandIn, status: int
) -> None:
    stand_in.faults.extend([Fault("GET", status), Fault("GET", status)])
    assert place(forge, clock).done is Done.CREATED
    assert clock.slept == [1.0, 3.0]


def test_reading_is_given_up_at_last(forge: Forge, clock: FakeClock, stand_in: StandIn) -> None:
    stand_in.faults.extend([Fault("GET", 502)] * 9)
    with pytest.raises(ForgeError, match="502") as caught:
        place(forge, clock)
    assert caught.value.trouble is Trouble.UNREACHABLE
    assert (len(stand_in.seen), stand_in.sent()) == (4, [])


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_too_many_requests_are_waited_out(
    forge: Forge, clock: FakeClock, stand_in: StandIn, method: str
) -> None:
    stand_in.faults.append(Fault(method, 429, {"Retry-After": "17"}))
    assert place(forge, clock).done is Done.CREATED
    assert clock.slept == [17.0]
    assert len(stand_in.bodies()) == 1


def test_nobody_waits_an_hour(forge: Forge, clock: FakeClock, stand_in: StandIn) -> None:
    stand_in.faults.append(Fault("GET", 429, {"Retry-After": "3600"}))
    with pytest.raises(ForgeError) as caught:
        place(forge, clock)
    assert (caught.value.trouble, clock.slept) == (Trouble.BUSY, [])


def test_a_token_that_only_reads_is_told_apart(
    forge: Forge, clock: FakeClock, stand_in: StandIn
) -> None:
    stand_in.read_only = True
    with pytest.raises(ForgeError) as caught:
        place(forge, clock)
    assert (caught.value.trouble, caught.value.status) == (Trouble.FORBIDDEN, 403)
    assert stand_in.sent() == ["POST"]


@pytest.mark.parametrize(
    ("status", "body", "trouble"),
    [
        (422, '{"message": "Validation Failed"}', Trouble.SAID_NO),
        (400, '{"message": {"note": ["is too long"]}}', Trouble.SAID_NO),
        (404, '{"message": "Not Found"}', Trouble.FORBIDDEN),
        (401, '{"error": "invalid_token"}', Trouble.REFUSED),
    ],
)
def test_a_refused_post_is_not_sent_again(
    forge: Forge, clock: FakeClock, stand_in: StandIn, status: int, body: str, trouble: Trouble
) -> None:
    stand_in.faults.append(Fault("POST", status, body=body))
    with pytest.raises(ForgeError, match=str(status)) as caught:
        place(forge, clock)
    assert caught.value.trouble is trouble
    assert stand_in.sent() == ["POST"]


@pytest.mark.parametrize("body", ["<html>", "", "{}", "[" * 100_000, '"text"'])
def test_a_list_that_is_none_is_not_taken_for_an_empty_one(
    forge: Forge, clock: FakeClock, stand_in: StandIn, body: str
) -> None:
    """To miss a comment that exists would be to post it twice."""
    request = here(forge)
    forge.comments(request)
    stand_in.faults.append(Fault("GET", 200, body=body))
    with pytest.raises(ForgeError) as caught:
        put(forge, request, KEY, BODY, clock)
    assert caught.value.trouble is Trouble.ODD
    assert stand_in.sent() == []


# -- the token ----


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_to_another_server_is_not_followed(
    forge: Forge, clock: FakeClock, stand_in: StandIn, method: str, status: int
) -> None:
    with serving(type(stand_in)()) as thief:
        to = {"Location": f"{thief.base}/projects/7/merge_requests/12/notes"}
        stand_in.faults.extend([Fault(method, status, to)] * 3)
        with pytest.raises(ForgeError):
            place(forge, clock)
        assert (thief.seen, stand_in.bodies()) == ([], [])


def test_a_redirect_without_end_is_left(forge: Forge, stand_in: StandIn) -> None:
    loop = Fault("GET", 307, {"Location": "/api/round"})
    stand_in.faults.extend([loop] * 9)
    with pytest.raises(ForgeError, match="without end"):
        forge.comments(here(forge))


def test_a_refused_token_is_not_in_the_words_of_the_refusal(
    stand_in: StandIn, clock: FakeClock, tmp_path: Path
) -> None:
    name = "GITHUB_TOKEN" if stand_in.kind == "github" else "GITLAB_TOKEN"
    wrong = "wrong/" + "x" * 400
    forge = detect(stand_in.environ(tmp_path, **{name: wrong}), clock)
    assert forge is not None
    with pytest.raises(ForgeError) as caught:
        place(forge, clock)
    assert caught.value.trouble is Trouble.REFUSED
    assert "(token)" in str(caught.value)
    assert "xxx" not in str(caught.value)
    assert caught.value.__context__ is None
    forge.close()


@pytest.mark.parametrize("token", ["", "  "])
def test_without_a_token_nothing_is_sent(
    stand_in: StandIn, clock: FakeClock, tmp_path: Path, token: str
) -> None:
    name = "GITHUB_TOKEN" if stand_in.kind == "github" else "GITLAB_TOKEN"
    forge = detect(stand_in.environ(tmp_path, **{name: token}), clock)
    assert forge is not None
    with pytest.raises(ForgeError, match=name) as caught:
        place(forge, clock)
    assert (caught.value.trouble, stand_in.seen) == (Trouble.NO_TOKEN, [])


def test_the_token_travels_in_one_header(forge: Forge, clock: FakeClock, stand_in: StandIn) -> None:
    place(forge, clock)
    name = "authorization" if stand_in.kind == "github" else "private-token"
    for headers in stand_in.headers:
        assert [key for key, value in headers.items() if TOKEN in value] == [name]
    assert not any(TOKEN in path for _, path in stand_in.seen)


@pytest.mark.parametrize(
    "address", ["http://github.example/api", "ftp://x", "https://a@b/api", "https://x/?q=1"]
)
def test_an_address_that_no_token_may_go_to_is_refused(
    stand_in: StandIn, clock: FakeClock, tmp_path: Path, address: str
) -> None:
    name = "GITHUB_API_URL" if stand_in.kind == "github" else "CI_API_V4_URL"
    with pytest.raises(ForgeError, match=name) as caught:
        detect(stand_in.environ(tmp_path, **{name: address}), clock)
    assert caught.value.trouble is Trouble.UNSAFE


def test_where_there_is_no_ci_there_is_no_forge(clock: FakeClock) -> None:
    assert detect({}, clock) is None
    assert detect({"GITHUB_ACTIONS": "false", "GITLAB_CI": ""}, clock) is None


def test_the_history_of_a_commit_has_what_came_before_it(forge: Forge, stand_in: StandIn) -> None:
    assert forge.contains(SHA, HEAD) is True
    assert forge.contains(SHA, SHA) is True
    stand_in.apart.add(HEAD)
    assert forge.contains(SHA, HEAD) is False


def test_of_a_commit_that_is_not_there_nobody_knows(forge: Forge, stand_in: StandIn) -> None:
    stand_in.faults.append(Fault("GET", 404))
    assert forge.contains(SHA, HEAD) is None


def test_a_request_that_was_merged_names_its_commit(forge: Forge, stand_in: StandIn) -> None:
    stand_in.closed = [stand_in.merged(13, HEAD), stand_in.merged(14, merged=None)]
    assert [one.merge for one in forge.merged()][:1] == [HEAD]


def test_what_was_merged_or_closed_is_not_open(forge: Forge, stand_in: StandIn) -> None:
    about = forge.request()
    assert about is not None
    assert forge.is_open(about)
    stand_in.closed = [stand_in.merged()]
    assert not forge.is_open(about)


def test_a_request_that_cannot_be_read_is_not_taken_for_an_open_one(
    forge: Forge, stand_in: StandIn
) -> None:
    about = forge.request()
    assert about is not None
    stand_in.faults.append(Fault("GET", 404))
    with pytest.raises(ForgeError):
        forge.is_open(about)
