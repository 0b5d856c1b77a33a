"""Rules on what the files ask for."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from plancast.lint.base import LintContext
from plancast.lint.media_answers import check_answers
from plancast.lint.registry import check
from plancast.model.diagnostics import Diagnostic, Pointer, Severity
from plancast.model.entry import (
    Address,
    Entry,
    Image,
    Link,
    QueuePosition,
    Stage,
    ThreadItem,
    Video,
)
from plancast.model.limits import NetworkLimits
from plancast.model.media import MediaAnswer, MediaOutcome
from plancast.model.profile import Profile
from plancast.model.workspace import Desired, FreezeWindow, Policy
from plancast.networks.registry import LIMITS
from plancast.providers.buffer_features import CLASSIC, CURRENT
from plancast.providers.buffer_v1 import translate

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
PICTURE = Image("https://images.acme.example/a.png", alt="A stage")
QUIET = Policy(require_alt="off", duplicates="off")
NEXT = QueuePosition.NEXT


def wanted(name: str, service: str = "linkedin", alias: str = "", **fields: Any) -> Desired:
    entry = Entry(**{"text": name, "due_at": NOON, **fields})
    alias = alias or service
    return Desired(
        Address(name, alias), Profile(f"id-{alias}", service), entry, Pointer(f"{name}.yaml")
    )


def found(*items: Desired, policy: Policy = QUIET, **options: Any) -> list[str]:
    return [item.code for item in check(items, LintContext(policy, LIMITS, **options))]


def one(*items: Desired, policy: Policy = QUIET) -> Diagnostic:
    (trouble,) = check(items, LintContext(policy, LIMITS))
    return trouble


def later(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("item", "codes"),
    [
        (wanted("a", "twitter", text="a" * 280), []),
        (wanted("a", "twitter", text="a" * 281), ["PC501"]),
        (wanted("a", "tumblr", text="a" * 9999), []),
        (wanted("a", ""), []),
        (wanted("a", "instagram"), ["PC502"]),
        (wanted("a", "instagram", images=(PICTURE,)), []),
        (wanted("a", "pinterest", text="", images=(PICTURE,)), ["PC505"]),
        (wanted("a", "twitter", images=(PICTURE,) * 4), []),
        (wanted("a", "twitter", images=(PICTURE,) * 5), ["PC503"]),
        (wanted("a", "twitter", images=(Image(PICTURE.url, alt="a" * 1001),)), ["PC506"]),
        (wanted("a", images=(Image(file="a.png", alt="a"),)), ["PC508"]),
    ],
)
def test_what_a_network_takes(item: Desired, codes: list[str]) -> None:
    assert found(item) == codes


@pytest.mark.parametrize(
    "service", ["facebook", "linkedin", "googlebusiness", "twitter", "threads"]
)
def test_images_that_are_not_sent_beside_a_card_are_a_warning(service: str) -> None:
    """API v1 takes a card or images. plancast sends the card, and says so."""
    item = wanted("a", service, link=Link("https://a.example/launch"), images=(PICTURE,))
    is_lost = service in {"facebook", "linkedin", "googlebusiness"}
    problems = check([item], LintContext(QUIET, LIMITS, CLASSIC))
    detail = f"{service}: API v1 of Buffer sends no images beside the card of a link"
    expected = [("PC513", Severity.WARNING, detail)] if is_lost else []
    assert [(one.code, one.severity, one.detail) for one in problems] == expected
    form = dict(translate.create_form(item.entry, [item.profile]))
    assert ("media[photo]" in form) is not is_lost
    assert found(item, features=CURRENT) == []


SIGNED = "https://images.acme.example/a.png?sig=ab&se="


@pytest.mark.parametrize(
    ("url", "codes"),
    [
        (PICTURE.url, []),
        ("https://images.acme.example/a.webp", ["PC530"]),
        ("https://images.acme.example/a.svg", ["PC530"]),
        ("https://images.acme.example/a.txt", ["PC530"]),
        ("https://images.acme.example/a.mp4", ["PC530"]),
        ("https://github.com/acme/posts/blob/main/a.png", ["PC531"]),
        ("https://drive.google.com/file/d/1aB/view", ["PC532"]),
        ("http://localhost/a.png", ["PC533"]),
        ("https://me:word@images.acme.example/a.png", ["PC534"]),
        (f"{SIGNED}2026-12-01T11:59:00Z", ["PC535"]),
        (f"{SIGNED}2026-12-01T12:30:00Z", ["PC536"]),
    ],
)
def test_what_the_address_of_an_image_says(url: str, codes: list[str]) -> None:
    assert found(wanted("a", images=(Image(url, alt="a"),))) == codes


ANSWERED = MediaOutcome.ANSWERED
MEGABYTE = 1024 * 1024


@pytest.mark.parametrize(
    ("answer", "code", "severity"),
    [
        (MediaAnswer(ANSWERED, 200, "image/png", 10 * MEGABYTE), "", None),
        (MediaAnswer(ANSWERED, 206, "image/jpeg"), "", None),
        (MediaAnswer(ANSWERED, 200, "application/octet-stream"), "", None),
        (MediaAnswer(ANSWERED, 200), "", None),
        (MediaAnswer(ANSWERED, 404), "PC540", Severity.ERROR),
        (MediaAnswer(ANSWERED, 410), "PC540", Severity.ERROR),
        (MediaAnswer(MediaOutcome.NO_NAME, detail="there is no host a"), "PC540", Severity.ERROR),
        (MediaAnswer(ANSWERED, 401), "PC541", Severity.WARNING),
        (MediaAnswer(ANSWERED, 403), "PC541", Severity.WARNING),
        (MediaAnswer(ANSWERED, 429), "PC541", Severity.WARNING),
        (MediaAnswer(ANSWERED, 503), "PC541", Severity.WARNING),
        (MediaAnswer(ANSWERED, 302), "PC541", Severity.WARNING),
        (MediaAnswer(MediaOutcome.UNREACHED, detail="no answer"), "PC541", Severity.WARNING),
        (MediaAnswer(MediaOutcome.NOT_ASKED, detail="only https"), "PC541", Severity.WARNING),
        (MediaAnswer(MediaOutcome.LEFT_OUT, detail="too many"), "PC541", Severity.WARNING),
        (MediaAnswer(ANSWERED, 200, "text/html"), "PC542", Severity.ERROR),
        (MediaAnswer(ANSWERED, 200, "image/webp"), "PC542", Severity.ERROR),
        (MediaAnswer(ANSWERED, 200, "image/svg+xml"), "PC542", Severity.ERROR),
        (MediaAnswer(ANSWERED, 200, "video/mp4"), "PC542", Severity.ERROR),
        (MediaAnswer(ANSWERED, 200, "", 10 * MEGABYTE + 1), "PC543", Severity.WARNING),
        (MediaAnswer(ANSWERED, 200, removed_at=NOON), "PC535", Severity.ERROR),
        (MediaAnswer(ANSWERED, 200, removed_at=NOON + timedelta(seconds=1)), "", None),
    ],
)
def test_what_an_image_answers(answer: MediaAnswer, code: str, severity: Severity | None) -> None:
    item = wanted("a", images=(PICTURE,))
    troubles = check_answers([item], {PICTURE.url: answer}, LintContext(QUIET, LIMITS))
    assert [(one.code, one.severity) for one in troubles] == ([(code, severity)] if code else [])
    for one in troubles:
        assert one.at == Pointer("a.yaml", 0, ("images", 0))
        assert one.detail
        assert one.hint


def test_by_how_much_it_is_too_long() -> None:
    trouble = one(wanted("a", "twitter", text="a" * 281))
    assert trouble.detail == "twitter: 281 of 280, 1 too many"
    assert trouble.at == Pointer("a.yaml", 0, ("text",))


def test_a_link_that_buffer_appends_counts() -> None:
    link = Link("https://example.com/" + "a" * 80)
    assert found(wanted("a", "twitter", text="a" * 256, link=link)) == []
    assert found(wanted("a", "twitter", text="a" * 257, link=link)) == ["PC501"]
    assert found(wanted("a", "facebook", text="a" * 4999, link=link)) == []


def test_a_link_that_is_in_the_text_counts_once() -> None:
    url = "https://example.com/launch"
    assert found(wanted("a", "twitter", text="a" * 256 + " " + url, link=Link(url))) == []


def tags(number: int) -> str:
    return " ".join(f"#t{index}" for index in range(number))


def addresses(number: int) -> str:
    return " ".join(f"https://a.example/{index}" for index in range(number))


CARD = Link("https://b.example/")
CLIP = Video("https://a.example/1.mp4")
ZERO = "\u200b"
CONTENTS: dict[str, tuple[Desired, list[str]]] = {
    "five links": (wanted("a", "threads", text=addresses(5)), []),
    "six links": (wanted("a", "threads", text=addresses(6)), ["PC521"]),
    "six links of which two are one": (
        wanted("a", "threads", text=addresses(5) + " https://a.example/0."), []
    ),
    "a link from www. on": (
        wanted("a", "threads", text=addresses(5) + " www.b.example"), ["PC521"]
    ),
    "a card beside five links of a part": (
        wanted("a", "threads", thread=(ThreadItem(addresses(5), (), CARD),)), ["PC521"]
    ),
    "a card beside the links of another part": (
        wanted("a", "threads", text=addresses(5), thread=(ThreadItem("Two.", (), CARD),)), []
    ),
    "a card beside five links": (wanted("a", "threads", text=addresses(5), link=CARD), ["PC521"]),
    "a card that is in the text": (
        wanted("a", "threads", text=f"{addresses(4)} {CARD.url}", link=CARD), []
    ),
    "six links in two parts": (
        wanted("a", "threads", text=addresses(3), thread=(ThreadItem(addresses(5)),)), []
    ),
    "six links in a part": (
        wanted("a", "threads", thread=(ThreadItem("Two."), ThreadItem(addresses(6)))), ["PC521"]
    ),
    "six links elsewhere": (wanted("a", "facebook", text=addresses(6)), []),
    "thirty hashtags": (wanted("a", "instagram", text=tags(30), images=(PICTURE,)), []),
    "thirty-one": (wanted("a", "instagram", text=tags(31), images=(PICTURE,)), ["PC522"]),
    "thirty in two places": (
        wanted("a", "instagram", text=tags(20), first_comment=tags(10), images=(PICTURE,)), []
    ),
    "thirty-one in two places": (
        wanted("a", "instagram", text=tags(20), first_comment=tags(11), images=(PICTURE,)),
        ["PC522"],
    ),
    "five hashtags on a video": (wanted("a", "tiktok", text=tags(5), video=CLIP), []),
    "six hashtags on a video": (wanted("a", "tiktok", text=tags(6), video=CLIP), ["PC522"]),
    "many hashtags elsewhere": (wanted("a", "linkedin", text=tags(31)), []),
    "a title for photos": (
        wanted("a", "tiktok", images=(PICTURE,), metadata=(("title", "x" * 90),)), []
    ),
    "a title too long for photos": (
        wanted("a", "tiktok", images=(PICTURE,), metadata=(("title", "x" * 91),)), ["PC501"]
    ),
    "a title of emoji": (
        wanted("a", "tiktok", images=(PICTURE,), metadata=(("title", "\U0001f680" * 46),)),
        ["PC501"],
    ),
    "a title of a video": (
        wanted("a", "tiktok", video=CLIP, metadata=(("title", "x" * 91),)), []
    ),
    "a byte order mark": (wanted("a", "twitter", text="One.\ufeff Two."), ["PC523"]),
    "in a part": (wanted("a", "twitter", thread=(ThreadItem("Two\uffff."),)), ["PC523"]),
    "no character": (wanted("a", "twitter", text="One\ufffe."), ["PC523"]),
    "a mark of direction": (wanted("a", "twitter", text="One\u202a."), []),
    "a byte order mark elsewhere": (wanted("a", "mastodon", text="One.\ufeff Two."), []),
    "NUL": (wanted("a", text="One\0."), ["PC524"]),
    "a bell in a part": (wanted("a", "mastodon", thread=(ThreadItem("Two\a."),)), ["PC524"]),
    "a bell in the card of a part": (
        wanted("a", "threads", thread=(ThreadItem("Two.", (), Link("https://a.example", "A\a")),)),
        ["PC524"],
    ),
    "a bell in a comment": (wanted("a", first_comment="Two\a."), ["PC524"]),
    "a bell in an alternative text": (
        wanted("a", images=(Image(PICTURE.url, alt="A\x07."),)), ["PC524"]
    ),
    "a bell in an alternative text of a part": (
        wanted("a", "mastodon", thread=(ThreadItem("b", (Image(PICTURE.url, alt="A\x07."),)),)),
        ["PC524"],
    ),
    "an escape in a setting": (
        wanted("a", "mastodon", metadata=(("spoiler_text", "\x1b[31m"),)), ["PC524"]
    ),
    "an escape in a card": (wanted("a", link=Link("https://a.example", "A\x1b")), ["PC524"]),
    "a delete in what a card says": (
        wanted("a", link=Link("https://a.example", "A", "B\x7f")), ["PC524"]
    ),
    "an escape in the title of a video": (
        wanted("a", video=Video(CLIP.url, "A\x9b")), ["PC524"]
    ),
    "tabs and line ends": (wanted("a", text="One\tTwo\r\nThree\n"), []),
    "a zero-width space": (wanted("a", text=ZERO), ["PC525"]),
    "blanks and fillers": (wanted("a", text="\u2060 \u3164\u00ad\u2800"), ["PC525"]),
    "a zero-width space and a letter": (wanted("a", text=f"{ZERO}a"), []),
    "a zero-width space beside an image": (wanted("a", text=ZERO, images=(PICTURE,)), []),
    "a zero-width space beside a video": (wanted("a", text=ZERO, video=CLIP), []),
    "a zero-width space beside the card of a part": (
        wanted("a", "bluesky", thread=(ThreadItem(ZERO, (), CARD),)), ["PC525"]
    ),
    "a zero-width space before the link of a part": (
        wanted("a", "mastodon", thread=(ThreadItem(ZERO, (), CARD),)), []
    ),
    "a zero-width space beside a card": (wanted("a", text=ZERO, link=CARD), ["PC525"]),
    "a zero-width space before an address": (wanted("a", "twitter", text=ZERO, link=CARD), []),
    "a zero-width space as a part": (
        wanted("a", "bluesky", thread=(ThreadItem(ZERO),)), ["PC525"]
    ),
    "a zero-width space where a text is needed": (
        wanted("a", "pinterest", text=ZERO, images=(PICTURE,)), ["PC525"]
    ),
    "a zero-width space as a comment": (wanted("a", first_comment=ZERO), ["PC525"]),
}  # fmt: skip


@pytest.mark.parametrize("case", CONTENTS)
def test_what_stands_in_texts(case: str) -> None:
    item, codes = CONTENTS[case]
    needed = {"pinterest": (("board", "Ideas"),)}.get(item.profile.service, ())
    item = replace(item, entry=replace(item.entry, metadata=(*item.entry.metadata, *needed)))
    assert found(item, features=CURRENT) == codes


@pytest.mark.parametrize(
    ("item", "detail", "path"),
    [
        (wanted("a", "twitter", text="One.\ufeff"), "twitter: U+FEFF at character 5", ("text",)),
        (
            wanted("a", thread=(ThreadItem("\0"),), service="mastodon"),
            "U+0000 at character 1",
            ("thread", 0, "text"),
        ),
        (wanted("a", "threads", text=addresses(7)), "threads: 7 of 5", ("text",)),
        (
            wanted("a", "instagram", text=tags(29), first_comment=tags(2), images=(PICTURE,)),
            "instagram, with the first comment: 31 of 30",
            ("text",),
        ),
        (
            wanted("a", "tiktok", images=(PICTURE,), metadata=(("title", "x" * 92),)),
            "tiktok, title of photos: 92 of 90, 2 too many",
            ("metadata", "tiktok", "title"),
        ),
    ],
)
def test_where_it_stands(item: Desired, detail: str, path: tuple[str | int, ...]) -> None:
    (trouble, *_) = check([item], LintContext(QUIET, LIMITS, CURRENT))
    assert (trouble.detail, trouble.at and trouble.at.path) == (detail, path)
    assert trouble.severity is Severity.ERROR


def evenly(  # each says how one case differs
    number: int,
    minutes: float,
    service: str = "tiktok",
    name: str = "p",
    start: datetime = NOON,
    **fields: Any,
) -> list[Desired]:
    """So many posts, with the same distance between them."""
    media = {"images": (PICTURE,), **fields}
    times = (start + timedelta(minutes=index * minutes) for index in range(number))
    return [
        replace(
            wanted(f"{name}{index:03}", service, due_at=due_at, **media),
            profile=Profile("p", service),
            address=Address(f"{name}{index:03}", "one"),
        )
        for index, due_at in enumerate(times)
    ]


CAPS = {
    "as many as are taken": (evenly(25, 10), []),
    "one more": (evenly(26, 10), ["p025@one"]),
    "many more are one stretch": (evenly(60, 10), ["p025@one"]),
    "across midnight": (evenly(26, 57), ["p025@one"]),
    "the first is a day ago to the minute": (evenly(26, 57.6), []),
    "and a minute less": (evenly(26, 57.5), ["p025@one"]),
    "two stretches": (
        [*evenly(26, 10), *evenly(26, 10, name="q", start=NOON + timedelta(days=3))],
        ["p025@one", "q025@one"],
    ),
    "drafts do not go out": (evenly(40, 10, stage=Stage.DRAFT), []),
    "another network has another number": (evenly(35, 10, "facebook"), []),
    "that number and one more": (evenly(36, 10, "facebook"), ["p035@one"]),
    "fifty": (evenly(50, 10, "instagram"), []),
    "fifty-one": (evenly(51, 10, "instagram"), ["p050@one"]),
    "a network without a number": (evenly(99, 10, "linkedin"), []),
}  # fmt: skip


@pytest.mark.parametrize("case", CAPS)
def test_how_many_go_out_in_24_hours(case: str) -> None:
    items, over = CAPS[case]
    troubles = check(items[::-1], LintContext(QUIET, LIMITS, CURRENT))
    assert [(one.code, one.address) for one in troubles] == [("PC526", name) for name in over]


def test_two_profiles_do_not_count_together() -> None:
    items = [
        replace(one, address=Address(one.address.post, alias))
        for alias, one in zip(("one", "two") * 20, evenly(40, 10), strict=True)
    ]
    assert check(items, LintContext(QUIET, LIMITS, CURRENT)) == ()


def test_places_in_the_queue_do_not_count() -> None:
    items = [
        replace(one, entry=replace(one.entry, text=one.address.post, due_at=None, queue=NEXT))
        for one in evenly(40, 10)
    ]
    assert check(items, LintContext(QUIET, LIMITS, CURRENT)) == ()


OFFLINE = {
    "the usual length": ("mastodon", None, 500, []),
    "more than usual": ("mastodon", None, 501, ["PC520"]),
    "however much, on a network of servers": ("mastodon", None, 100_000, ["PC520"]),
    "a remembered limit": ("mastodon", 2000, 2000, []),
    "more than a remembered limit": ("mastodon", 2000, 2001, ["PC501"]),
    "more than a remembered limit that is low": ("mastodon", 140, 141, ["PC501"]),
    "as much as a subscription allows": ("twitter", None, 25_000, ["PC520"]),
    "more than any subscription allows": ("twitter", None, 25_001, ["PC501"]),
    "a subscription that is remembered": ("twitter", 25_000, 25_000, []),
    "a network of which all accounts are alike": ("linkedin", None, 3001, ["PC501"]),
    "a network that is not known": ("tumblr", None, 100_000, []),
}


@pytest.mark.parametrize("case", OFFLINE)
def test_a_limit_that_an_account_may_have_is_no_error_until_it_is_known(case: str) -> None:
    service, limit, length, codes = OFFLINE[case]
    profile = Profile("p", service, text_limit=limit)
    for fields in ({"text": "a" * length}, {"thread": (ThreadItem("a" * length),)}):
        if "thread" in fields and not LIMITS.get(service, NetworkLimits(threads=True)).threads:
            continue
        item = replace(wanted("a", service, **fields), profile=profile)
        context = LintContext(QUIET, LIMITS, CURRENT, accounts_known=False)
        troubles = check([item], context)
        assert [trouble.code for trouble in troubles] == codes
        warned = [one.severity is Severity.WARNING for one in troubles if one.code == "PC520"]
        assert all(warned)
        # Once the provider has been asked, what it did not say is the limit of the network.
        known = {"PC520": "PC501"}
        assert found(item, features=CURRENT) == [known.get(code, code) for code in codes]


def test_what_a_state_remembers_raises_no_limit_beyond_what_any_account_has() -> None:
    item = wanted("a", "twitter", text="a" * 25_001)
    item = replace(item, profile=Profile("p", "twitter", text_limit=10**9))
    (trouble,) = check([item], LintContext(QUIET, LIMITS, CURRENT, accounts_known=False))
    assert (trouble.code, trouble.severity) == ("PC501", Severity.ERROR)
    assert found(item, features=CURRENT) == [], "the provider reports it"


def test_the_warning_names_the_usual_limit() -> None:
    item = wanted("a", "mastodon", text="a" * 501, thread=(ThreadItem("a" * 502),))
    troubles = check([item], LintContext(QUIET, LIMITS, CURRENT, accounts_known=False))
    assert [(one.detail, one.at and one.at.path) for one in troubles] == [
        ("mastodon: 501 of 500, 1 too many", ("text",)),
        ("mastodon, part 2: 502 of 500, 2 too many", ("thread", 0, "text")),
    ]


def test_a_file_may_be_enough_for_a_provider() -> None:
    item = wanted("a", images=(Image(file="a.png", alt="a"),))
    assert found(item, public_media_only=False) == []


@pytest.mark.parametrize(
    ("word", "severity"), [("off", None), ("warn", Severity.WARNING), ("error", Severity.ERROR)]
)
@pytest.mark.parametrize("alt", [None, "", "  "])
def test_alternative_texts(alt: str | None, word: str, severity: Severity | None) -> None:
    item = wanted("a", images=(PICTURE, Image(PICTURE.url, alt=alt)))
    troubles = check([item], LintContext(Policy(require_alt=word), LIMITS))
    assert [trouble.severity for trouble in troubles] == ([severity] if severity else [])
    assert all(trouble.at == Pointer("a.yaml", 0, ("images", 1)) for trouble in troubles)


@pytest.mark.parametrize(
    ("first", "second", "codes"),
    [
        (wanted("a", text="t"), wanted("b", text="t"), ["PC206"]),
        (wanted("a", text="t"), wanted("b", "twitter", text="t"), []),
        (wanted("a", text="t"), wanted("b", text="T"), []),
        (wanted("a", text="t"), wanted("b", text="t", due_at=later(1439)), ["PC507"]),
        (wanted("a", text="t"), wanted("b", text="t", due_at=later(1440)), []),
        (wanted("a", text="", images=(PICTURE,)), wanted("b", text="", images=(PICTURE,)), []),
    ],
)
def test_the_same_text_twice(first: Desired, second: Desired, codes: list[str]) -> None:
    policy = Policy(require_alt="off")
    assert found(first, second, policy=policy) == codes
    assert found(second, first, policy=policy) == codes


def test_twice_in_the_queue() -> None:
    waiting: dict[str, Any] = {"text": "t", "due_at": None, "queue": QueuePosition.NEXT}
    assert found(wanted("a", **waiting), wanted("b", **waiting)) == ["PC206"]


def test_the_policy_for_repetitions_does_not_touch_the_error() -> None:
    same = (wanted("a", text="t"), wanted("b", text="t"))
    near = (wanted("a", text="t"), wanted("b", text="t", due_at=later(60)))
    assert found(*same, policy=QUIET) == ["PC206"]
    assert found(*near, policy=QUIET) == []
    trouble = one(*near, policy=Policy(require_alt="off", duplicates="error"))
    assert (trouble.severity, trouble.detail) == (Severity.ERROR, "1.0 hours after a@linkedin")


@pytest.mark.parametrize(
    ("minutes", "codes"), [(-1, []), (0, ["PC407"]), (59, ["PC407"]), (60, [])]
)
def test_a_freeze_begins_with_its_start_and_ends_before_its_end(
    minutes: int, codes: list[str]
) -> None:
    policy = Policy(freeze=(FreezeWindow(NOON, later(60), "a wake"),))
    assert found(wanted("a", due_at=later(minutes)), policy=policy) == codes


def test_a_freeze_does_not_judge_the_queue() -> None:
    policy = Policy(freeze=(FreezeWindow(NOON, later(60)),))
    assert found(wanted("a", due_at=None, queue=QueuePosition.NEXT), policy=policy) == []


def test_a_gap_is_kept_per_profile() -> None:
    policy = Policy(min_gap=timedelta(minutes=30))
    assert found(wanted("a"), wanted("b", due_at=later(29)), policy=policy) == ["PC408"]
    assert found(wanted("a"), wanted("b", due_at=later(30)), policy=policy) == []
    assert found(wanted("a"), wanted("b", "twitter", due_at=later(1)), policy=policy) == []


def test_a_full_day_is_told_once() -> None:
    policy = Policy(max_per_day=2)
    day = [wanted(f"p{index}", due_at=later(index)) for index in range(5)]
    assert found(*day[:2], policy=policy) == []
    assert found(*day, policy=policy) == ["PC409"]


def test_a_day_is_one_of_the_zone() -> None:
    late = datetime(2026, 12, 1, 22, 30, tzinfo=UTC)
    items = [wanted("a", due_at=late), wanted("b", due_at=late + timedelta(hours=1))]
    berlin = [Desired(i.address, i.profile, i.entry, i.at, "Europe/Berlin") for i in items]
    policy = Policy(max_per_day=1)
    assert found(*items, policy=policy) == ["PC409"]
    assert found(*berlin, policy=policy) == []


def test_one_problem_on_several_profiles_is_told_once() -> None:
    picture = (Image(PICTURE.url),)
    items = [wanted("a", alias=alias, images=picture) for alias in ("li-1", "li-2", "li-3")]
    trouble = one(*items, policy=Policy())
    assert (trouble.code, trouble.address) == ("PC210", "a@li-1")
    assert trouble.detail.endswith("(also li-2, li-3)")


def test_nothing_is_wrong_with_nothing() -> None:
    assert found() == []
