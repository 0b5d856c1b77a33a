"""Who is who, at a terminal: files are renamed, swapped and edited, and the queue follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.commands.stories import (
    Act,
    Files,
    Story,
    Way,
    in_two_ways,
    nothing,
    over_ways,
    retyped,
    until,
)
from tests.commands.workspace_dir import post

pytestmark = pytest.mark.part(16)  # in ways that take turns

SPRING = "Spring is here, and so is our new collection of garden tools."
SPRING_2 = "Spring is here, and so is our new colection of garden tools."
TEAM = "Meet the team behind the release: seven people and one cat."
TEAM_2 = "Meet the team behind the release: eight people and one cat."
SALE = "The big sale begins on Friday at nine, doors open at eight."
SALE_2 = "The big sale begins on Friday at ten, doors open at eight."
QUIZ = "Which of these four bridges is the oldest? Answers on Sunday."
THANKS = "Thank you for a thousand orders, we did not see that coming."
MONDAY = "Every Monday: five things that we learned."

ONE, TWO, THREE, FOUR = (f"2026-12-0{day} 09:30" for day in (1, 2, 3, 4))
AFTER_ONE = "2026-12-01T12:00:00Z"
"""When what is due at ONE has gone out."""


@dataclass(frozen=True)
class Row:
    """A story: files that are applied, what happens, the files then, and what follows.

    `plan` has what is done, `codes` what is said, `waiting` the queue afterwards, and `again` what
    the next plan says. `requests` are those of an apply in which a create takes one step.
    """

    before: Files
    after: Files
    plan: Sequence[str]
    waiting: Sequence[str]
    requests: int = 0
    between: Act = nothing
    codes: Sequence[str] = ()
    again: Sequence[str] = ()
    policy: str = ""


ROWS: dict[str, Row] = {
    "two files trade their names": Row(
        {"a": post(SPRING, ONE), "b": post(TEAM, TWO)},
        {"a": post(TEAM, TWO), "b": post(SPRING, ONE)},
        ["a@x rename was b@x", "b@x rename was a@x"],
        [f"{ONE} {SPRING}", f"{TWO} {TEAM}"],
    ),
    "two files trade their texts and keep their times": Row(
        {"a": post(SPRING, ONE), "b": post(TEAM, TWO)},
        {"a": post(TEAM, ONE), "b": post(SPRING, TWO)},
        ["a@x update was b@x", "b@x update was a@x"],
        [f"{ONE} {TEAM}", f"{TWO} {SPRING}"],
        requests=2,
    ),
    "each file moves up by a name, the first has gone out": Row(
        {"01": post(SPRING, ONE), "02": post(TEAM, TWO), "03": post(SALE, THREE)},
        {"01": post(TEAM, TWO), "02": post(SALE, THREE)},
        ["01@x forget", "01@x rename was 02@x", "02@x rename was 03@x"],
        [f"{TWO} {TEAM}", f"{THREE} {SALE}"],
        between=until(AFTER_ONE),
    ),
    "the same, each edited": Row(
        {"01": post(SPRING, ONE), "02": post(TEAM, TWO), "03": post(SALE, THREE)},
        {"01": post(TEAM_2, TWO), "02": post(SALE_2, THREE)},
        ["01@x forget", "01@x update was 02@x", "02@x update was 03@x"],
        [f"{TWO} {TEAM_2}", f"{THREE} {SALE_2}"],
        requests=2,
        between=until(AFTER_ONE),
    ),
    "a file is replaced by another in which a typo is mended": Row(
        {"a": post(SPRING, ONE), "c": post(TEAM, TWO)},
        {"b": post(SPRING_2, ONE), "c": post(TEAM, TWO)},
        ["b@x update was a@x"],
        [f"{ONE} {SPRING_2}", f"{TWO} {TEAM}"],
        requests=1,
    ),
    "published, moved to another folder, a typo mended": Row(
        {"old/a": post(SPRING, ONE), "b": post(TEAM, TWO)},
        {"new/a": post(SPRING_2, ONE), "b": post(TEAM_2, TWO)},
        ["b@x update", "new/a@x rename was old/a@x"],
        [f"{TWO} {TEAM_2}"],
        requests=1,
        between=until(AFTER_ONE),
        codes=["PC901"],
    ),
    "a person removed an entry and typed it again": Row(
        {"a": post(SPRING, ONE), "b": post(TEAM, TWO)},
        {"a": post(SPRING, ONE), "b": post(TEAM, TWO)},
        ["a@x adopt", "a@x forget"],
        [f"{ONE} {SPRING}", f"{TWO} {TEAM}"],
        between=retyped(SPRING, "2026-12-01T08:30:00Z"),
    ),
    "the same text again for the queue, and the old file is gone": Row(
        {"a": post(QUIZ, "queue"), "b": post(TEAM, FOUR)},
        {"c": post(QUIZ, "queue"), "b": post(TEAM, FOUR)},
        ["c@x rename was a@x"],
        [f"{FOUR} {TEAM}"],
        between=until("2026-12-02T12:00:00Z"),
        codes=["PC909"],
    ),
    "a text that went out at its time, again for the queue, and the old file is there": Row(
        {"a": post(QUIZ, ONE), "b": post(TEAM, FOUR)},
        {"a": post(QUIZ, ONE), "b": post(TEAM, FOUR), "c": post(QUIZ, "queue")},
        ["c@x create"],
        [f"{FOUR} {TEAM}", f"queue {QUIZ}"],
        requests=1,
        between=until("2026-12-03T12:00:00Z"),
    ),
    "the same text once more at a time of its own, and the old file is gone": Row(
        {"a": post(QUIZ, "queue"), "b": post(TEAM, FOUR)},
        {"c": post(QUIZ, "2026-12-08 09:30"), "b": post(TEAM, FOUR)},
        ["a@x forget", "c@x create"],
        [f"{FOUR} {TEAM}", f"2026-12-08 09:30 {QUIZ}"],
        requests=1,
        between=until("2026-12-02T12:00:00Z"),
    ),
    "renamed, and edited on one of two profiles": Row(
        {"a": post(SPRING, ONE, on="x, li"), "k": post(TEAM, FOUR)},
        {
            "b": post(SPRING, ONE, on="x, li", more=f"variants: {{li: {{text: '{SPRING_2}'}}}}\n"),
            "k": post(TEAM, FOUR),
        },
        ["b@li update was a@li", "b@x rename was a@x"],
        [f"{ONE} {SPRING}", f"{FOUR} {TEAM}", f"li: {ONE} {SPRING_2}"],
        requests=1,
    ),
    "a post is split in two, a part for each profile": Row(
        {"a": post(SPRING, ONE, on="x, li"), "k": post(TEAM, FOUR)},
        {"b": post(SPRING, ONE), "c": post(SPRING, ONE, on="li"), "k": post(TEAM, FOUR)},
        ["b@x rename was a@x", "c@li rename was a@li"],
        [f"{ONE} {SPRING}", f"{FOUR} {TEAM}", f"li: {ONE} {SPRING}"],
    ),
    "history, and a new file with its text for the queue": Row(
        {"a": post(QUIZ, ONE), "b": post(TEAM, FOUR)},
        {"a": post(QUIZ, ONE), "b": post(TEAM, FOUR), "n": post(QUIZ, "queue")},
        ["n@x create"],
        [f"{FOUR} {TEAM}", f"queue {QUIZ}"],
        requests=1,
        between=until("2026-12-03T12:00:00Z"),
        policy="history_before: 2026-12-02",
    ),
    "a text that is said every week moves on by a week": Row(
        {f"week-{n}": post(MONDAY, f"2026-12-{7 * n:02d} 09:30") for n in (1, 2, 3)},
        {f"week-{n}": post(MONDAY, f"2026-12-{7 * n + 7:02d} 09:30") for n in (1, 2, 3)},
        [
            "week-1@x rename was week-2@x",
            "week-2@x rename was week-3@x",
            "week-3@x update was week-1@x",
        ],
        [f"2026-12-{7 * n:02d} 09:30 {MONDAY}" for n in (2, 3, 4)],
        requests=1,
    ),
}


@over_ways(ROWS)
def test_files_change_and_the_queue_follows(name: str, way: Way, tmp_path: Path) -> None:
    row = ROWS[name]
    story = Story.begin(tmp_path, way, row.before)
    if MONDAY in str(row.before):
        story.allow_duplicates()
    by_hand = story.by_hand()
    assert story.workspace.apply().code == 0
    row.between(story)
    if row.policy:
        story.configure(row.policy)
    story.become(row.after)
    sent = story.sent()

    seen = story.plan()
    assert (seen.lines, seen.codes, seen.code) == (sorted(row.plan), sorted(row.codes), 0)
    done, requests = story.apply()
    assert done.code == 0, done.err
    creates = sum(line.endswith(" create") for line in row.plan)
    assert requests == row.requests + (creates if way.safety == "strict" else 0)
    assert story.waiting() == sorted(row.waiting)
    assert (story.sent(), story.by_hand()) == (sent, by_hand)
    again = story.settled()
    assert (again.codes, again.unmanaged) == (list(row.again), 1)


# -- what plancast asks -----------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """The files that answer a question, and what follows."""

    files: Files
    plan: Sequence[str]
    waiting: Sequence[str]
    requests: int = 0
    codes: Sequence[str] = ()
    again: Sequence[str] = ()


@dataclass(frozen=True)
class Question:
    """Files that went out in part, the files then, the code that asks, and all ways to answer."""

    before: Files
    after: Files
    code: str
    answers: Sequence[Answer]


KEPT = {"k": post(TEAM, FOUR)}
STAYS = f"{FOUR} {TEAM}"

QUESTIONS: dict[str, Question] = {
    "in the file of what went out for the queue stands another text": Question(
        {"a": post(QUIZ, "queue"), **KEPT},
        {"a": post(THANKS, "queue"), **KEPT},
        "PC619",
        (
            Answer(
                {"a": post(THANKS, "queue", more="id: a-2\n"), **KEPT},
                ["a-2@x create", "a@x forget"],
                [STAYS, f"queue {THANKS}"],
                requests=1,
            ),
            Answer(
                {"a": post(THANKS, "queue", more="was: a\n"), **KEPT},
                [],
                [STAYS],
                codes=["PC901"],
            ),
        ),
    ),
    "in the file of what went out at its time stands another text": Question(
        {"a": post(QUIZ, ONE), **KEPT},
        {"a": post(THANKS, THREE), **KEPT},
        "PC619",
        (
            Answer(
                {"a": post(QUIZ, ONE), "b": post(THANKS, THREE), **KEPT},
                ["b@x create"],
                [STAYS, f"{THREE} {THANKS}"],
                requests=1,
            ),
            Answer(
                {"a": post(THANKS, THREE, more="was: a\n"), **KEPT},
                [],
                [STAYS],
                codes=["PC901"],
                again=["PC901"],
            ),
        ),
    ),
    "nearly the text of what went out, for the queue, and its file is gone": Question(
        {"a": post(SPRING, ONE), **KEPT},
        {"b": post(SPRING_2, "queue"), **KEPT},
        "PC620",
        (
            Answer(
                {"b": post(SPRING_2, "queue", more="was: a\n"), **KEPT},
                ["b@x rename was a@x"],
                [STAYS],
                codes=["PC901"],
                again=["PC215"],
            ),
            Answer(
                {"b": post(SPRING_2, "2026-12-08 09:30"), **KEPT},
                ["a@x forget", "b@x create"],
                [STAYS, f"2026-12-08 09:30 {SPRING_2}"],
                requests=1,
            ),
            Answer(
                {"a": post(SPRING, ONE), "b": post(SPRING_2, "queue"), **KEPT},
                ["b@x create"],
                [STAYS, f"queue {SPRING_2}"],
                requests=1,
            ),
        ),
    ),
}


ANSWERS = [f"{name}/{n}" for name, one in QUESTIONS.items() for n in range(len(one.answers))]


@over_ways(ANSWERS)
def test_a_question_stops_the_plan_until_the_files_answer_it(
    name: str, way: Way, tmp_path: Path
) -> None:
    named, _, number = name.rpartition("/")
    question, answer = QUESTIONS[named], QUESTIONS[named].answers[int(number)]
    story = Story.applied(tmp_path, way, question.before)
    until(AFTER_ONE)(story)
    story.become(question.after)
    sent, waiting, by_hand = story.sent(), story.waiting(), story.by_hand()
    assert len(sent) == 1

    seen = story.plan()
    assert (seen.codes, seen.code) == ([question.code], 1)
    done, requests = story.apply()
    assert (done.code, requests, story.waiting()) == (1, 0, waiting)

    story.become(answer.files)
    seen = story.plan()
    assert (seen.lines, seen.codes, seen.code) == (sorted(answer.plan), sorted(answer.codes), 0)
    done, requests = story.apply()
    assert done.code == 0, done.err
    assert requests == answer.requests * (2 if way.safety == "strict" else 1)
    assert story.waiting() == sorted(answer.waiting)
    assert (story.sent(), story.by_hand()) == (sent, by_hand)
    assert story.settled().codes == sorted(answer.again)


# -- what authors state -----------------------------------------------------------------------

OTHER = post(THANKS, THREE)
"""Nothing in it is like SPRING at ONE."""


@dataclass(frozen=True)
class Stated:
    """Files with a line about a move, and what follows. `after` is without it."""

    files: Files
    plan: Sequence[str]
    waiting: Sequence[str]
    requests: int = 0
    more: str = ""
    codes: Sequence[str] = ()
    again: Sequence[str] = ("PC215",)
    unmanaged: int = 1


MOVED = "moved:\n  - {from: a, to: b}\n"
AS_ONE = (["b@x update was a@x"], [STAYS, f"{THREE} {THANKS}"], 1)

STATED: dict[str, Stated] = {
    "in the post": Stated({"b": f"was: a\n{OTHER}", **KEPT}, *AS_ONE),
    "in plancast.yaml": Stated({"b": OTHER, **KEPT}, *AS_ONE, more=MOVED),
    "in _moves.yaml": Stated({"b": OTHER, "_moves": MOVED, **KEPT}, *AS_ONE),
    "in all three": Stated(
        {"b": f"was: a\n{OTHER}", "_moves": MOVED, **KEPT},
        *AS_ONE,
        more=MOVED,
        again=["PC215"] * 3,
    ),
    "removed, and kept in Buffer": Stated(
        {"_moves": "removed:\n  - {id: a, keep: true}\n", **KEPT},
        ["a@x forget"],
        [STAYS, f"{ONE} {SPRING}"],
        unmanaged=2,
    ),
    "removed, and not kept": Stated(
        dict(KEPT),
        ["a@x destroy"],
        [STAYS],
        requests=1,
        more="removed:\n  - {id: a, keep: false}\n",
    ),
    "a line that is over": Stated(
        {"a": post(SPRING, ONE), "_moves": "moved:\n  - {from: z, to: a}\n", **KEPT},
        [],
        [STAYS, f"{ONE} {SPRING}"],
        codes=["PC215"],
    ),
    "removed is over": Stated(
        {"a": post(SPRING, ONE), **KEPT},
        [],
        [STAYS, f"{ONE} {SPRING}"],
        more="removed:\n  - {id: z, keep: true}\n",
        codes=["PC215"],
    ),
}


@over_ways(STATED)
def test_what_an_author_states_is_done_once(name: str, way: Way, tmp_path: Path) -> None:
    stated = STATED[name]
    story = Story.applied(tmp_path, way, {"a": post(SPRING, ONE), **KEPT})
    by_hand = story.by_hand()
    story.become(stated.files)
    story.configure(more=stated.more)

    seen = story.plan()
    assert (seen.lines, seen.codes, seen.code) == (stated.plan, list(stated.codes), 0)
    done, requests = story.apply()
    assert (done.code, requests) == (0, stated.requests)
    assert story.waiting() == sorted(stated.waiting)
    assert story.by_hand() == by_hand
    again = story.settled()
    assert (again.codes, again.unmanaged) == (list(stated.again), stated.unmanaged)


@dataclass(frozen=True)
class Slip:
    """A line that cannot be so: its files, where it stands, and its code."""

    files: Files
    code: str
    place: str


SLIPS = {
    "was: an id that never was": Slip({"b": f"{OTHER}was: aa\n"}, "PC214", "b.yaml:4:6"),
    "moved: from an id that never was": Slip(
        {"b": OTHER, "_moves": "moved:\n  - {from: aa, to: b}\n"}, "PC214", "_moves.yaml:2:5"
    ),
    "moved: to an id that no file has": Slip(
        {"b": OTHER, "_moves": "moved:\n  - {from: a, to: bb}\n"}, "PC214", "_moves.yaml:2:5"
    ),
    "removed, and its file is there": Slip(
        {"a": post(SPRING, ONE), "_moves": "removed:\n  - {id: a, keep: true}\n"},
        "PC213",
        "_moves.yaml:2:5",
    ),
}


@over_ways(SLIPS)
def test_a_slip_of_the_pen_is_an_error_where_it_stands(name: str, way: Way, tmp_path: Path) -> None:
    slip = SLIPS[name]
    story = Story.applied(tmp_path, way, {"a": post(SPRING, ONE), **KEPT})
    waiting = story.waiting()
    story.become({**slip.files, **KEPT})
    for command in ("plan", "apply"):
        done = story.workspace.run(command)
        assert (done.code, done.codes) == (1, [slip.code])
        assert f"{slip.place}\n" in done.err
    assert story.waiting() == waiting


# -- documents --------------------------------------------------------------------------------

TIMED = (post(SPRING, ONE), post(TEAM, TWO), post(SALE, THREE))
WEEK = "---\n".join(TIMED)


def with_week(folder: Path, way: Way, posts: Sequence[str], between: Act = nothing) -> Story:
    """One file of documents that name no ids, and a state that knows them by their places.

    Addresses are all that the state remembers of where a post came from.
    """
    names = ("week", "week-2", "week-3")
    story = Story.applied(folder, way, dict(zip(names, posts, strict=True)))
    between(story)
    story.become({"week": "---\n".join(posts)})
    return story


@in_two_ways(0)
def test_documents_that_were_known_by_their_places_get_ids_and_nothing_else(
    way: Way, tmp_path: Path
) -> None:
    story = with_week(tmp_path, way, TIMED)
    waiting = story.waiting()
    refused = story.workspace.run("validate")
    assert (refused.code, refused.codes) == (1, ["PC212", "PC212"])
    assert "`id: week-2`" in refused.err
    assert "`id: week-3`" in refused.err
    assert story.apply()[0].code == 1
    assert story.workspace.run("fmt").out == "week.yaml\n"
    assert story.plan().lines == []
    done, requests = story.apply()
    assert (done.code, requests, story.waiting()) == (0, 0, waiting)
    story.settled()


@in_two_ways(1)
def test_the_first_document_goes_out_and_is_deleted(way: Way, tmp_path: Path) -> None:
    story = with_week(tmp_path, way, TIMED, until(AFTER_ONE))
    assert story.workspace.run("fmt").code == 0
    week = story.workspace.folder / "week.yaml"
    _, _, rest = week.read_text(encoding="utf-8").partition("---\n")
    week.write_text(rest, encoding="utf-8")
    assert story.plan().lines == ["week@x forget"]
    done, requests = story.apply()
    assert (done.code, requests) == (0, 0)
    assert story.waiting() == [f"{TWO} {TEAM}", f"{THREE} {SALE}"]
    story.settled()


QUEUED = (post(SPRING, "queue"), post(TEAM, "queue"), post(SALE, "queue"))


@pytest.mark.parametrize("has_id", [True, False], ids=["with an id", "without one"])
@in_two_ways(2)
def test_a_new_document_comes_in_front_of_those_for_the_queue(
    has_id: bool, way: Way, tmp_path: Path
) -> None:
    """The first document named no id, and is not the first any more."""
    story = with_week(tmp_path, way, QUEUED)
    assert story.workspace.run("fmt").code == 0
    week = story.workspace.folder / "week.yaml"
    new = post(THANKS, "queue", more="id: thanks\n" if has_id else "")
    week.write_text(f"{new}---\n{week.read_text(encoding='utf-8')}", encoding="utf-8")
    refused = story.workspace.run("plan")
    assert (refused.code, refused.codes) == (1, ["PC212"])
    assert story.workspace.run("fmt").code == 0
    story.plan()
    done, requests = story.apply()
    assert done.code == 0, done.err
    assert requests == (2 if way.safety == "strict" else 1)
    assert story.waiting() == sorted(f"queue {text}" for text in (SPRING, TEAM, SALE, THANKS))
    story.settled()


# -- halves -----------------------------------------------------------------------------------

BEYOND = {"b": post(THANKS, ONE), **KEPT}
"""At the minute of SPRING, in another file, with another text: a new post, or not."""

SCOPES = {
    "only creates": ("--only", "create"),
    "only the new one": ("--target", "b@x"),
    "only destroys": ("--only", "destroy"),
    "only the old one": ("--target", "a@x"),
    "creates of all files": ("--only", "create", "--target", "*"),
}


@over_ways(SCOPES)
def test_no_scope_takes_half_of_what_belongs_together(name: str, way: Way, tmp_path: Path) -> None:
    story = Story.applied(tmp_path, way, {"a": post(SPRING, ONE), **KEPT})
    waiting = story.waiting()
    story.become(BEYOND)
    assert story.plan().lines == ["a@x destroy", "b@x create"]
    held_address, other = ("a@x", "b@x") if "old" in name or "destroys" in name else ("b@x", "a@x")
    seen = story.plan(*SCOPES[name])
    assert (seen.lines, seen.held_with, seen.code) == ([], {held_address: [other]}, 0)
    done, requests = story.apply(*SCOPES[name])
    assert (done.code, requests, story.waiting()) == (3, 0, waiting)
    assert f"it belongs together with {other}, which" in done.out
    assert (
        f"Held back: {held_address} belongs together with {other}. Take both, or neither."
        in done.out
    )

    done, requests = story.apply()
    assert (done.code, requests) == (0, 3 if way.safety == "strict" else 2)
    assert story.waiting() == [f"{ONE} {THANKS}", STAYS]
    story.settled()


@in_two_ways(0)
def test_an_edit_under_a_new_name_is_no_create(way: Way, tmp_path: Path) -> None:
    """Topping up a queue must not put the new version beside the old one."""
    story = Story.applied(tmp_path, way, {"a": post(SPRING, ONE), **KEPT})
    waiting = story.waiting()
    story.become({"b": post(SPRING_2, ONE), "n": post(QUIZ, "queue"), **KEPT})
    done, requests = story.apply("--only", "create")
    assert (done.code, requests) == (0, 2 if way.safety == "strict" else 1)
    assert story.waiting() == sorted([*waiting, f"queue {QUIZ}"])
    assert story.apply("--target", "b@x")[1] == 1
    assert story.waiting() == sorted([f"{ONE} {SPRING_2}", STAYS, f"queue {QUIZ}"])
    story.settled()


# -- what was not answered --------------------------------------------------------------------


LOST = {"renamed": SPRING, "renamed and edited": SPRING_2}


@over_ways(LOST)
def test_a_create_that_was_not_answered_is_not_made_again_under_another_name(
    name: str, way: Way, tmp_path: Path
) -> None:
    """In one step it is waited for; in two what comes late cannot go out, and is removed."""
    text = LOST[name]
    story = Story.begin(tmp_path, way, KEPT)
    story.allow_duplicates()
    assert story.apply()[0].code == 0
    story.become({"a": post(SPRING, ONE), **KEPT})
    story.lose_answer()
    done, requests = story.apply("--no-wait")
    assert (done.code, story.waiting()) == (6, [STAYS])
    story.become({"b": post(text, ONE), **KEPT})
    seen = story.plan()
    done, requests = story.apply("--no-wait")
    if way.safety == "direct":
        assert (seen.lines, seen.codes, seen.code) == ([], ["PC904"], 6)
        assert "a create of a@x may still happen until 08:02:00 UTC" in done.out
        assert (done.code, requests, story.waiting()) == (6, 0, [STAYS])
    else:
        assert (seen.lines, seen.codes, seen.code) == (["b@x create"], [], 0)
        assert (done.code, requests, story.waiting()) == (0, 2, [f"{ONE} {text}", STAYS])
    before = len(story.waiting())
    story.deliver()
    assert len(story.waiting()) == before + 1
    until("2026-11-30T08:30:00Z")(story)
    done, requests = story.apply()
    assert done.code == 0, done.err
    assert requests == (0 if way.safety == "direct" and text == SPRING else 1)
    assert story.waiting() == [f"{ONE} {text}", STAYS]
    story.settled()


# -- commands that give a post another name ---------------------------------------------------

DAYS = f"{post(SPRING, ONE)}---\nid: tuesday\n{post(TEAM, TWO)}---\nid: friday\n{post(SALE, THREE)}"

MOVES = {
    "a file": ({"a": post(SPRING, ONE), **KEPT}, "a", "2026/b", {"2026/b@x", "k@x"}),
    "a document": ({"week": DAYS}, "tuesday", "monday", {"week@x", "monday@x", "friday@x"}),
    "a file of documents": ({"week": DAYS}, "week", "days", {"days@x", "tuesday@x", "friday@x"}),
}


@over_ways(MOVES)
def test_a_post_that_plancast_moves_keeps_its_entry(name: str, way: Way, tmp_path: Path) -> None:
    files, old, new, owned = MOVES[name]
    story = Story.applied(tmp_path, way, files)
    ids = story.ids()
    assert story.workspace.run("mv", old, new).code == 0
    assert story.plan().lines == [f"{new}@x rename was {old}@x"]
    done, requests = story.apply()
    assert (done.code, requests, story.ids()) == (0, 0, ids)
    again = story.settled()
    assert (set(again.owned), again.codes) == (owned, ["PC215"])


@in_two_ways(3)
def test_a_post_that_plancast_moved_may_be_rewritten(way: Way, tmp_path: Path) -> None:
    story = Story.applied(tmp_path, way, {"a": post(SPRING, ONE), **KEPT})
    assert story.workspace.run("mv", "a", "b").code == 0
    story.write({"b": f"was: a\n{OTHER}"})
    assert story.plan().lines == ["b@x update was a@x"]
    done, requests = story.apply()
    assert (done.code, requests) == (0, 1)
    assert story.waiting() == [f"{THREE} {THANKS}", STAYS]
    story.settled()


@in_two_ways(2)
def test_an_entry_cannot_be_given_an_address_that_is_none(way: Way, tmp_path: Path) -> None:
    story = Story.applied(tmp_path, way, {"a": post(SPRING, ONE), **KEPT})
    owned = story.plan().owned
    for address in ("é b/../c@x", "../c@x", "b", "b@", "@x", "b c@x", "b@x@x", ""):
        refused = story.workspace.run("state", "mv", "a@x", address)
        assert (refused.code, len(refused.errors)) == (1, 1), address
    assert story.settled().owned == owned


@in_two_ways(1)
def test_what_was_kept_in_buffer_can_be_imported_again(way: Way, tmp_path: Path) -> None:
    keep = {"_moves": "removed:\n  - {id: a, keep: true}\n"}
    story = Story.applied(tmp_path, way, {"a": post(SPRING, ONE), **KEPT})
    story.become({**keep, **KEPT})
    assert story.apply()[0].code == 0
    waiting = story.waiting()
    assert waiting == [f"{ONE} {SPRING}", STAYS]
    with story.world() as world:
        world.person_delete(story.by_hand().id)  # or it would be imported as well
    before = story.changes()
    assert story.workspace.run("import", "--auto-approve").code == 0
    assert (story.changes(), story.waiting()) == (before, waiting)
    assert len(story.settled().owned) == 2


# -- a link that some networks show as a card -------------------------------------------------

URL = "https://acme.example/launch"


@pytest.mark.parametrize(
    ("way", "requests"),
    [(Way("v1", "local", "direct"), 2), (Way("graphql", "local", "strict"), 8)],
    ids=str,
)
def test_networks_without_cards_get_the_link_in_the_text_and_know_it_again(
    way: Way, requests: int, tmp_path: Path
) -> None:
    """They share no request with the others: whether Buffer appends the link is not known."""
    story = Story.begin(
        tmp_path, way, {"a": post("Read it.", ONE, on="x, fb, li, ma", more=f"link: {URL}\n")}
    )
    more = "  li: {service: linkedin}\n  fb: {service: facebook}\n  ma: {service: mastodon}\n"
    story.workspace.edit("plancast.yaml", "  li: {service: linkedin}\n", more)
    done, made = story.apply()
    assert (done.code, made) == (0, requests), done.err
    contents = {item.profile_id: item.content for item in story.live() if item != story.by_hand()}
    named = {profile: (one.text, one.media.get("link")) for profile, one in contents.items()}
    assert sorted(named.values(), key=str) == [
        (f"Read it. {URL}", None),
        (f"Read it. {URL}", None),
        ("Read it.", URL),
        ("Read it.", URL),
    ]
    story.workspace.lose_state()
    assert {line.split()[1] for line in story.plan().lines} == {"adopt"}
    assert story.apply("--allow-new-state")[1] == 0
    story.settled()
