"""Posts that are validated again, on other profiles: the result is that of a first validation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest

from plancast.content.loader import load
from plancast.content.validate import validate
from plancast.model.features import PLAIN, Features
from plancast.model.limits import NetworkLimits
from plancast.model.profile import Board, Profile
from plancast.model.workspace import ProviderSettings
from plancast.networks.registry import LIMITS
from plancast.providers import features
from plancast.reconcile.selectors import assume

WORKSPACE = """version: 1
timezone: Europe/Berlin
content: posts
profiles:
  x: {service: twitter, username: acme}
  pin: {service: pinterest, username: acme}
  li: {service: linkedin, username: acme}
"""
POSTS = {
    "fine": "profiles: [x, li]\ntext: Hello.",
    "long": f"profiles: [x, li]\ntext: {'w' * 300}",
    "longest": f"profiles: [x, li]\ntext: {'w' * 30_000}",
    "thread": f"profiles: [x]\ntext: One.\nthread: [{'w' * 300}, Three.]",
    "link": "profiles: [x, li]\ntext: Look at https://example.com/page now",
    "short": "profiles: [li]\ntext: Shorter.\nshorten: true",
    "board": "profiles: [pin]\ntext: A pin.\nimages: [{url: https://example.com/a.jpg, alt: A}]\n"
    "metadata: {pinterest: {board: Ideas}}",
    "page": "profiles: [x]\ntext: Hi.\nimages: [https://github.com/a/b/blob/main/c.png]",
    "draft": f"profiles: [x]\nstatus: draft\ntext: {'v' * 300}",
    "broken": "profiles: [x, li]\ntext: Hello, hello.\nimages: 7",
    "nowhere": "profiles: [li]\ntext: For some.\nvariants: {twitter: {text: Others.}}",
}
ASSUMED, LIVE, PREMIUM, SHORTENING, ELSEWHERE = (
    "assumed", "live", "premium", "shortening", "elsewhere",
)  # fmt: skip


def profiles_of(case: str, assumed: Mapping[str, Profile]) -> Mapping[str, Profile]:
    if case == ASSUMED:
        return assumed
    live = {alias: replace(one, id=f"id-{alias}") for alias, one in assumed.items()}
    live["pin"] = replace(live["pin"], boards=(Board("1", "Plans"),))
    limit = 25_000 if case == PREMIUM else 280
    live["x"] = replace(live["x"], text_limit=limit)
    if case == SHORTENING:
        live["li"] = replace(live["li"], shortens="buff.ly")
    if case == ELSEWHERE:
        live["li"] = replace(live["li"], service="mastodon")
    return live


CASES = (ASSUMED, LIVE, PREMIUM, SHORTENING, ELSEWHERE)
ABILITIES = (PLAIN, features(ProviderSettings("buffer-graphql")))
RAISED = {**LIMITS, "linkedin": replace(LIMITS["linkedin"], text=30_000)}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "plancast.yaml").write_text(WORKSPACE, encoding="utf-8")
    (tmp_path / "posts").mkdir()
    for name, text in POSTS.items():
        (tmp_path / "posts" / f"{name}.yaml").write_text(f"{text}\n", encoding="utf-8")
    return tmp_path


Question = tuple[str, Mapping[str, NetworkLimits], Features]
SEVERAL: tuple[Question, ...] = (
    *((case, LIMITS, ABILITIES[1]) for case in CASES),
    (LIVE, RAISED, ABILITIES[1]),
    (LIVE, LIMITS, ABILITIES[0]),
)


def test_a_further_validation_says_what_a_first_one_would(root: Path) -> None:
    fresh = load(root)
    assumed = assume(fresh.workspace.profiles).profiles

    def asked(loaded: object, question: Question) -> object:
        case, limits, able = question
        known = case != ASSUMED
        return validate(loaded, profiles_of(case, assumed), limits, able, accounts_known=known)  # type: ignore[arg-type]

    firsts = {n: asked(replace(fresh), question) for n, question in enumerate(SEVERAL)}
    assert len({repr(first) for first in firsts.values()}) > len(CASES), "the cases differ"
    for one, two in permutations(range(len(SEVERAL)), 2):
        loaded = replace(fresh)
        asked(loaded, SEVERAL[one])
        assert asked(loaded, SEVERAL[two]) == firsts[two], (SEVERAL[one][0], SEVERAL[two][0])


def test_rules_judge_an_entry_again_only_where_its_profile_differs(root: Path) -> None:
    loaded = load(root)
    assumed = assume(loaded.workspace.profiles).profiles
    validate(loaded, assumed, features=ABILITIES[1], accounts_known=False)
    (earlier,) = loaded.validations
    live = profiles_of(LIVE, assumed)
    context = replace(earlier.context, accounts_known=True)
    settled = earlier.settled(live, context)
    again = {str(one.address) for one in earlier.expanded.desired if not settled(one)}
    # X has another limit now, Pinterest other boards, and the rest had problems before.
    assert {"fine@x", "board@pin", "longest@li"} <= again
    assert "fine@li" not in again
    assert "fine@li" in {str(one.address) for one in earlier.expanded.desired}


def test_a_changed_copy_of_the_posts_begins_without_a_validation(root: Path) -> None:
    loaded = load(root)
    validate(loaded, assume(loaded.workspace.profiles).profiles)
    assert loaded.validations
    assert not replace(loaded, posts=loaded.posts[1:]).validations
