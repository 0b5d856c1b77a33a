"""Each network is one file, and everything that speaks of networks reads it there.

The messages name the step of the recipe in CONTRIBUTING.md that was left out.
"""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from plancast import networks as room
from plancast.content.editing.key_order import SETTINGS
from plancast.content.schema import accepts, schema_text, validator
from plancast.lint.base import LintContext
from plancast.lint.registry import check
from plancast.model.diagnostics import Pointer
from plancast.model.entry import Address, Entry, Image, Link, Setting, ThreadItem
from plancast.model.limits import Counting, NetworkLimits
from plancast.model.profile import Profile
from plancast.model.workspace import Desired, Policy
from plancast.networks.base import (
    Layout,
    Network,
    NetworkImages,
    NetworkLinks,
    NetworkLook,
    NetworkSetting,
    NetworkText,
    NetworkVideos,
    Portrait,
    SettingKind,
)
from plancast.networks.counting import WAYS, excess
from plancast.networks.registry import LIMITS, NETWORKS
from plancast.networks.requirements import abilities
from plancast.providers.buffer_features import CURRENT
from plancast.providers.buffer_graphql.wire_networks import ROWS
from plancast.reconcile.slugs import alias_for
from plancast.render.html.network_theme import look, network_styles
from plancast.render.terminal.entry_block import label
from plancast.render.text_length import NO_LINK, length
from plancast.sandbox.services import CLASSIC_SERVICES, GRAPHQL_SERVICES, SERVICES
from tools import gen_docs
from tools.network_tables import PLACES, page, post_schema

PACKAGE = Path(__file__).resolve().parent.parent.parent / "plancast"
GRAPHQL_SCHEMA = "plancast/sandbox/graphql/schema.graphql"
ONLY_V1 = {"google"}
"""Networks that the current API does not know (docs/networks.md#texts)."""

ONLY_CURRENT = {"substack"}
"""Networks that API v1 does not know."""


def networks_in_modules() -> dict[str, tuple[str, Network]]:
    """Return each network that a module of the room defines, by module: its constant, its value."""
    found = {}
    for info in pkgutil.iter_modules(room.__path__):
        if info.name in ("base", "registry"):
            continue
        module = importlib.import_module(f"{room.__name__}.{info.name}")
        for constant, value in vars(module).items():
            if isinstance(value, Network):
                found[info.name] = (constant, value)
    return found


# -- one file, one row ----------------------------------------------------------------------------


@pytest.mark.parametrize("module", networks_in_modules())
def test_each_network_that_a_module_holds_is_registered(module: str) -> None:
    constant, network = networks_in_modules()[module]
    assert network.name == module, f"plancast/networks/{module}.py: its name is {network.name!r}"
    assert constant == module.upper()
    assert NETWORKS.get(module) is network, (
        f'plancast/networks/registry.py: add the row "{module}": {constant}'
    )


@pytest.mark.parametrize("name", NETWORKS)
def test_each_registered_network_has_a_module_of_its_name(name: str) -> None:
    assert NETWORKS[name].name == name, f"plancast/networks/registry.py: the row of {name!r}"
    assert name in networks_in_modules(), f"plancast/networks/{name}.py: add it, with the network"
    assert LIMITS[name] == NETWORKS[name].limits


@pytest.mark.parametrize("name", NETWORKS)
def test_each_network_has_a_row_in_a_provider(name: str) -> None:
    assert name in {*ROWS, *ONLY_V1}, (
        f'plancast/providers/buffer_graphql/wire_networks.py: add the row "{name}" to ROWS'
    )


@pytest.mark.parametrize("name", ROWS)
def test_each_row_of_a_provider_is_that_of_a_known_network(name: str) -> None:
    assert name in NETWORKS, f"plancast/networks/{name}.py: add it, and its row in registry.py"


@pytest.mark.parametrize("name", sorted(ROWS.keys() & NETWORKS.keys()))
def test_a_provider_has_a_word_for_each_setting(name: str) -> None:
    """The settings of Google Business depend on its type, so metadata.py has the words for them."""
    if name == "googlebusiness":
        return
    ours = {setting.name for setting in NETWORKS[name].settings}
    assert {setting.name for setting in ROWS[name].settings} == ours, (
        f'plancast/providers/buffer_graphql/wire_networks.py: the settings in the row "{name}"'
    )


@pytest.mark.parametrize("name", NETWORKS)
def test_each_network_has_a_row_in_the_sandbox(name: str) -> None:
    assert name in SERVICES, f'plancast/sandbox/services.py: add the row "{name}" to SERVICES'
    assert (name in CLASSIC_SERVICES) is (name not in ONLY_CURRENT)
    assert (name in GRAPHQL_SERVICES) is (name not in ONLY_V1), (
        f'plancast/sandbox/services.py: `graphql` in the row "{name}"'
    )


@pytest.mark.parametrize("name", sorted(GRAPHQL_SERVICES.keys() & NETWORKS.keys()))
def test_the_sandbox_says_the_same_of_a_network(name: str) -> None:
    network, service = NETWORKS[name], GRAPHQL_SERVICES[name]
    figures = {
        "characters": (service.characters, network.text.longest),
        "comment": (service.comment, network.first_comment),
        "threaded": (service.threaded, network.threads),
        "link_card": (service.link_card, network.links.cards),
        "metadata": (service.metadata, ROWS[name].typename if name in ROWS else ""),
        "input_key": (service.input_key, ROWS[name].key if name in ROWS else ""),
    }
    assert {key: pair for key, pair in figures.items() if pair[0] != pair[1]} == {}, (
        f'plancast/sandbox/services.py: `graphql` in the row "{name}", or '
        f"plancast/networks/{name}.py and wire_networks.py"
    )


@pytest.mark.parametrize("name", sorted(ROWS))
def test_the_schema_of_the_sandbox_knows_the_words_of_the_provider(name: str) -> None:
    import graphql  # noqa: PLC0415

    schema: Any = graphql.build_schema(schema_of_sandbox())
    types, row = schema.type_map, ROWS[name]
    assert name in types["Service"].values, f"{GRAPHQL_SCHEMA}: add {name} to the enum Service"
    assert row.typename in {one.name for one in types["PostMetadata"].types}, (
        f"{GRAPHQL_SCHEMA}: add the type {row.typename} to the union PostMetadata"
    )
    given = types["PostInputMetaData"].fields
    assert (row.key or name) in given, f"{GRAPHQL_SCHEMA}: add {name} to PostInputMetaData"


def schema_of_sandbox() -> str:
    return (PACKAGE.parent / GRAPHQL_SCHEMA).read_text(encoding="utf-8")


# -- who reads it ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NETWORKS)
def test_the_schema_refuses_a_setting_of_another_type(name: str) -> None:
    for setting in NETWORKS[name].settings:
        for value in (None, {}, {"id": "1"}, [], ["1"], 1.5, 1850000000000000001, ""):
            post = {"metadata": {name: {setting.name: value}}}
            assert not accepts("post", post), (setting.name, value)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_schema_takes_the_settings_of_each_network_and_no_others(name: str) -> None:
    known = validator("post").schema["$defs"]["metadata"]["properties"]
    ours = [setting.name for setting in NETWORKS[name].settings]
    assert list(known.get(name, {}).get("properties", ())) == ours
    assert list(SETTINGS.get(name, ())) == ours


@pytest.mark.parametrize("name", NETWORKS)
def test_each_network_has_its_look_on_the_page(name: str) -> None:
    network, shown = NETWORKS[name], look(name)
    assert (shown.name, shown.letter) == (network.title, network.look.letter)
    assert shown.layout is network.look.layout
    assert f".n-{shown.style} {{ --net: {network.look.colour}; }}\n" in network_styles()


def test_no_two_networks_share_a_title_or_a_word_for_aliases() -> None:
    titles = [network.title for network in NETWORKS.values()]
    assert len(set(titles)) == len(titles)
    words = [one.short or one.name for one in NETWORKS.values() if one.name not in ONLY_V1]
    assert len(set(words)) == len(words)


@pytest.mark.parametrize("name", NETWORKS)
def test_the_label_of_a_setting_is_shown_and_is_the_same_on_each_network(name: str) -> None:
    """Plans name a setting without its network."""
    for setting in NETWORKS[name].settings:
        expected = setting.label or setting.name.replace("_", " ")
        assert label(f"metadata.{setting.name}") == expected


@pytest.mark.parametrize("place", PLACES)
def test_each_place_stands_in_a_page(place: str) -> None:
    """A place that no page has would serve no author."""
    pages = [path.read_text(encoding="utf-8") for path in (PACKAGE.parent / "docs").glob("*.md")]
    assert any(f"<!-- made: {place} -->" in text for text in pages)


def test_every_way_of_counting_is_explained_and_used() -> None:
    assert set(WAYS) == set(Counting)
    assert {network.text.counting for network in NETWORKS.values()} == set(Counting)


POSTS_ON_X = {
    "20": "20",
    " 1460323737035677698 ": "1460323737035677698",
    "https://x.com/acme/status/20": "20",
    "http://twitter.com/Acme_1/status/20/": "20",
    "https://www.twitter.com/acme/statuses/20": "20",
    "https://mobile.twitter.com/acme/status/20?s=20&t=x": "20",
    "https://x.com/i/status/20": "20",
    "https://x.com/i/web/status/20": "20",
    "https://x.com/acme/status/20/photo/1": "20",
    "HTTPS://X.com/acme/status/20#m": "20",
    "": "",
    "020": "",
    "20?s=20": "",
    "20/photo/1": "",
    "\u0662\u0660": "",
    "12345678901234567890": "",
    "https://x.com/acme": "",
    "https://x.com/acme/status/": "",
    "https://x.com/acme/status/20a": "",
    "https://x.com/acme/status/20 21": "",
    "https://not-x.com/acme/status/20": "",
    "https://x.com.example/acme/status/20": "",
    "https://evil.example/x.com/acme/status/20": "",
    "x.com/acme/status/20": "",
}


@pytest.mark.parametrize("reference", POSTS_ON_X)
def test_a_post_on_a_network_is_known_by_its_number_or_its_address(reference: str) -> None:
    assert NETWORKS["twitter"].post_of(reference) == POSTS_ON_X[reference]
    assert NETWORKS["bluesky"].post_of(reference) == "", "none of its settings is a post"


@pytest.mark.parametrize("name", NETWORKS)
def test_what_a_setting_needs_or_excludes_is_there(name: str) -> None:
    network = NETWORKS[name]
    settings = {one.name for one in network.settings}
    for one in network.settings:
        assert {one.needs} - {""} <= settings
        assert {*one.excludes} <= settings | {row.name for row in fields(Entry)}
        assert one.kind is not SettingKind.POST or network.post_reference


# -- a network that does not exist ----------------------------------------------------------------

CAMPFIRE = Network(
    name="campfire",
    title="Campfire",
    short="fire",
    handle_ending=".campfire.example",
    look=NetworkLook("L", "#123456", Layout.PIN, Portrait.SQUARE, outlined=True),
    text=NetworkText(
        40,
        Counting.GRAPHEMES,
        with_video=30,
        for_subscribers=60,
        required=True,
        most_bytes=99,
        warning="type",
        refused="\ufeff",
    ),
    images=NetworkImages(2, alt_text=7, title=3, required=True, alt_counting=Counting.UTF16),
    videos=NetworkVideos(cover=True),
    links=NetworkLinks(in_text=True, most=2),
    threads=True,
    first_comment=9,
    setting_title=5,
    hashtags=3,
    posts_a_day=2,
    settings=(
        NetworkSetting("type", "What kind.", SettingKind.CHOICE, choices=("plain", "poll")),
        NetworkSetting("community", "Where it goes.", required=True, longest=12),
        NetworkSetting("title", "The title."),
        NetworkSetting(
            "ends", "When.", SettingKind.TIME, only_for=("poll",), required_for=("poll",)
        ),
        NetworkSetting("nsfw", "Whether.", SettingKind.FLAG, only_for=("poll",)),
        NetworkSetting("source", "From where.", SettingKind.ADDRESS),
        NetworkSetting("votes", "How many.", SettingKind.NUMBER),
    ),
)
WITH_CAMPFIRE: Mapping[str, Network] = {**NETWORKS, "campfire": CAMPFIRE}
KNOWN: Mapping[str, NetworkLimits] = {**LIMITS, "campfire": CAMPFIRE.limits}
PICTURE = Image("https://a.example/1.png", alt="A stage")
COMMUNITY: tuple[Setting, ...] = (("community", "tools"),)


def wanted(**fields: Any) -> Desired:
    basis = {"text": "One.", "images": (PICTURE,), "metadata": COMMUNITY}
    entry = Entry(due_at=datetime(2026, 12, 1, tzinfo=UTC), **{**basis, **fields})
    return Desired(Address("a", "l"), Profile("p", "campfire"), entry, Pointer("a.yaml"))


@pytest.mark.parametrize(
    ("said", "codes"),
    [
        ({}, []),
        ({"text": "x" * 41}, ["PC501"]),
        ({"text": "x" * 30, "link": Link("https://a.example/x")}, ["PC501"]),
        ({"text": ""}, ["PC505"]),
        ({"images": ()}, ["PC502"]),
        ({"images": (PICTURE,) * 3}, ["PC503"]),
        ({"images": (replace(PICTURE, alt="A stagee"),)}, ["PC506"]),
        ({"thread": (ThreadItem("Two."),)}, []),
        ({"first_comment": "x" * 10}, ["PC501"]),
        ({"metadata": ()}, ["PC510"]),
        ({"metadata": (*COMMUNITY, ("title", "Titles"))}, ["PC501"]),
        ({"metadata": (*COMMUNITY, ("type", "poll"))}, ["PC510"]),
        ({"metadata": (*COMMUNITY, ("nsfw", True))}, ["PC504"]),
    ],
)
def test_a_new_network_is_checked_by_what_its_file_says(
    said: dict[str, Any], codes: list[str]
) -> None:
    item = wanted(**said)
    policy = Policy(require_alt="off", duplicates="off")
    found = {one.code for one in check([item], LintContext(policy, KNOWN, CURRENT))}
    found |= {one.code for one in abilities(item, CAMPFIRE.limits, CURRENT, WITH_CAMPFIRE)}
    assert sorted(found) == codes


def test_limits_are_made_of_all_that_a_network_says() -> None:
    """Each limit that the values can express differs from that of a network that says nothing."""
    network = replace(CAMPFIRE, videos=NetworkVideos(False, True, types=("mp4",), megabytes=5))
    for one in fields(NetworkLimits):
        assert getattr(network.limits, one.name) != getattr(NetworkLimits(), one.name), (
            f"{one.name}: hand it on in `Network.limits` (plancast/networks/base.py), and let "
            "CAMPFIRE here have it"
        )


def test_a_new_network_has_its_look_alias_and_length() -> None:
    assert look("campfire", WITH_CAMPFIRE).name == "Campfire"
    assert look("campfire").style == "other"
    rules = network_styles(WITH_CAMPFIRE).splitlines()
    assert ".n-campfire { --net: #123456; }" in rules
    assert ".avatar.n-campfire { border-radius: 6px; }" in rules
    assert [rule for rule in rules if rule.startswith(".badge.n-campfire {")]
    owner = Profile("p", "campfire", username="acme.campfire.example")
    assert alias_for(owner, (), WITH_CAMPFIRE) == "acme-fire"
    entry = Entry("One.", link=Link("https://a.example/x"))
    shown = length(entry, "campfire", NO_LINK, KNOWN)
    assert (shown.size, shown.limit) == (24, 40)
    assert excess("x" * 41, KNOWN["campfire"]) == (41, 40)


@pytest.mark.parametrize(
    ("key", "value", "valid"),
    [
        ("type", "poll", True),
        ("type", "story", False),
        ("community", "x" * 12, True),
        ("community", "x" * 13, False),
        ("community", "", False),
        ("ends", "2026-12-01T18:00:00+01:00", True),
        ("ends", "soon", False),
        ("nsfw", True, True),
        ("nsfw", "yes", False),
        ("source", "https://a.example", True),
        ("source", "a.example", False),
        ("votes", "12", True),
        ("votes", "many", False),
        ("mood", "good", False),
    ],
)
def test_the_schema_is_made_of_the_settings_of_a_new_network(
    key: str, value: str | bool, valid: bool
) -> None:
    import jsonschema  # noqa: PLC0415

    schema = json.loads(post_schema(schema_text("post"), WITH_CAMPFIRE))
    judge = jsonschema.Draft202012Validator(schema)
    assert judge.is_valid({"metadata": {"campfire": {key: value}}}) is valid


def test_pages_are_made_of_a_new_network() -> None:
    changed = gen_docs.stale(WITH_CAMPFIRE)
    assert set(changed) == set(gen_docs.PLACED), "a file without a place for facts of networks"
    rows = [line for line in changed["docs/networks.md"].splitlines() if "ampfire" in line]
    assert "| `campfire` | 40; 30 with a video; 99 bytes | 9 | 5 | `documented` |" in rows
    assert "| `campfire` | 2 | 7 UTF-16 code units |" in rows
    assert "Bluesky, Campfire" in changed["docs/networks.md"]
    for name, text in changed.items():
        assert "ampfire" in text, name
        if name.endswith(".md"):
            assert page(text, NETWORKS) == (PACKAGE.parent / name).read_text(encoding="utf-8")


# -- and no other module has a list of networks --------------------------------------------------

MAY_NAME = ("networks/", "providers/", "sandbox/", "testing/")
"""Rooms that have words for networks: their facts, the wire, the local Buffer, and examples."""

ELSEWHERE = {
    "model/entry_fields.py": {"threads"},
    "model/limits.py": {"mastodon", "twitter"},
}
"""Other files with a literal that is a network's name: a feature, and two ways of counting."""


def literals(source: str) -> Iterator[str]:
    """Yield the texts of a module that are values, which docstrings are not."""
    tree = ast.parse(source)
    remarks = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    constants = (node for node in ast.walk(tree) if isinstance(node, ast.Constant))
    for node in constants:
        if isinstance(node.value, str) and id(node) not in remarks:
            yield node.value


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ('LIMITS = {"bluesky": 300}', {"bluesky"}),
        ('if service == "twitter":\n    pass', {"twitter"}),
        ('def f(x="mastodon"):\n    return f"{x}"', {"mastodon"}),
        ('CARDS = frozenset(("facebook", "linkedin"))', {"facebook", "linkedin"}),
        ('def f():\n    """bluesky"""', set()),
        ('X = 1\n"""bluesky"""', set()),
        ('hint = "on bluesky and elsewhere"', set()),
        ("bluesky = 1", set()),
    ],
)
def test_a_network_that_is_named_in_code_is_found(source: str, named: set[str]) -> None:
    assert set(literals(source)) & set(NETWORKS) == named


def test_networks_are_named_in_their_own_room_only() -> None:
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        name = path.relative_to(PACKAGE).as_posix()
        named = set(literals(path.read_text(encoding="utf-8"))) & set(NETWORKS)
        if named and not name.startswith(MAY_NAME):
            found[name] = named
    assert found == ELSEWHERE, "read plancast/networks/registry.py in place of a list by hand"


def test_what_is_known_of_a_network_stands_in_its_own_file() -> None:
    shared = [
        path
        for path in sorted((PACKAGE / "networks").glob("*.py"))
        if path.stem not in {*NETWORKS, "registry"}
    ]
    found = {
        path.name: set(literals(path.read_text(encoding="utf-8"))) & set(NETWORKS)
        for path in shared
    }
    assert {name: named for name, named in found.items() if named} == {}, (
        "make it a fact of `Network` in plancast/networks/base.py, and set it in the file of each"
    )


NAMED = re.compile(rf"\b({'|'.join(NETWORKS)})\b")


def test_styles_scripts_and_templates_name_no_network() -> None:
    """The page gets the rules for networks from network_styles()."""
    assert NAMED.search(".n-bluesky { color: red; }")
    assets = [
        path for path in (PACKAGE / "render").rglob("*") if path.suffix in {".css", ".js", ".j2"}
    ]
    assert len(assets) > 10
    found = {path.name: NAMED.findall(path.read_text(encoding="utf-8")) for path in assets}
    assert {name: named for name, named in found.items() if named} == {}
