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
from plancast.model.entry import Address, Entry, Image, Link, QueuePosition, ThreadItem
from plancast.model.limits import NetworkLimits
from plancast.model.media import MediaAnswer, MediaOutcome
from plancast.model.profile import Profile
from plancast.model.workspace import Desired, FreezeWindow, Policy
from plancast.networks.registry import LIMITS
from plancast.providers.buffer_features import CURRENT

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
PICTURE = Image("https://images.acme.example/a.png", alt="A stage")
QUIET = Policy(require_alt="off", duplicates="off")


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


OFFLINE = {
    "the usual length": ("mastodon", None, 500, []),
    "more than usual": ("mastodon", None, 501, ["PC520"]),
    "however much, on a network of servers": ("mastodon", None, 100_000, ["PC520"]),
    "a remembered limit": ("mastodon", 2000, 2000, []),
    "more than a remembered limit": ("mastodon", 2000, 2001, ["PC501"]),
    "more than a remembered limit that is low": ("mastodon", 140, 141, ["PC501"]),
    "as much as a subscription allows": ("twitter", None, 25_000, ["PC520"]),
    "more than any subscription allows": ("twitter", None, 25_001, ["PC501"]),
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
