"""Every field of an entry has a row in the table, and every room does with it what the row says.

The tests are run for each field of the class. Their values come from the kind of the field, so that
a new one is tested without a line here.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from enum import Enum
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import plancast
from plancast.codec.entries import entry_from_dict, entry_to_dict
from plancast.codec.reader import Reader
from plancast.content import parse
from plancast.content.editing.emitter import NONE, post_to_yaml
from plancast.content.editing.pull_entry import taken
from plancast.content.schema import schema_text
from plancast.content.yaml_reader import read
from plancast.model import entry_fields
from plancast.model.diagnostics import Pointer
from plancast.model.entry import Entry, Image, Link, LiveEntry, ThreadItem, Video
from plancast.model.entry_fields import (
    ENTRY_FIELDS,
    FIELD,
    PARTS,
    AnyField,
    Comparison,
    EntryField,
    Kind,
    Loss,
    Presence,
    defaults,
    file_parts,
    in_documents,
    unlisted,
)
from plancast.model.features import Features
from plancast.model.plan import Action, Change, ProfileRef
from plancast.model.workspace import Post, PostFields, Selector, Workspace
from plancast.networks.registry import LIMITS
from plancast.networks.requirements import abilities
from plancast.providers.buffer_features import CURRENT
from plancast.providers.registry import BUILT_IN
from plancast.reconcile.compare import as_asked, drift, field_diffs
from plancast.reconcile.diff import DiffContext, diff
from plancast.reconcile.expand import expand
from plancast.reconcile.match import How, Pair
from plancast.render.formats import render_plan
from plancast.render.options import ViewOptions
from plancast.render.terminal.entry_block import label
from plancast.testing import builders
from plancast.testing.builders import DUE, NOW, ZONE, change, moment, plan
from tests.reconcile.making import as_it_is, binding, desired, owner
from tests.render.rendering import COMPLETE

ROOT = Path(__file__).resolve().parents[2]
NAMES = [item.name for item in fields(Entry)]
every_field = pytest.mark.parametrize("name", NAMES)
BASE = Entry("Base words.", moment(DUE))


def row(name: str) -> EntryField:
    """Return the row of a field; the first test says more about one that is missing."""
    assert name in FIELD, unlisted(Entry, ENTRY_FIELDS)
    return FIELD[name]


# -- values by kind -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Samples:
    """Two values of a kind, neither of them usual, and words that show the first one in a view."""

    one: Any
    two: Any
    words: tuple[str, ...] = ()


def _word(field: EntryField) -> Samples:
    assert field.words is not None, f"{field.name}: a WORD needs `words` in its row"
    usual = defaults(Entry)[field.name]
    others = [word for word in field.words if word is not usual]
    return Samples(others[-1], others[0])


SAMPLES: Mapping[Kind, Callable[[EntryField], Samples]] = {
    Kind.TEXT: lambda field: Samples(f"one {field.name}", f"two {field.name}", (field.name,)),
    Kind.NUMBER: lambda _: Samples(71077, 5, ("71077",)),
    Kind.FLAG: lambda field: Samples(
        not defaults(Entry)[field.name], not defaults(Entry)[field.name]
    ),
    Kind.MOMENT: lambda _: Samples(
        moment("2026-12-03 10:00"), moment("2026-12-04 10:00"), ("3 Dec 2026",)
    ),
    Kind.WORD: _word,
    Kind.LINK: lambda _: Samples(
        Link("https://one.example", "link-title", "link-words", "https://one.example/1.png"),
        Link("https://two.example", "t", "w", "https://two.example/2.png"),
        ("https://one.example", "link-title", "link-words", "https://one.example/1.png"),
    ),
    Kind.IMAGES: lambda _: Samples(
        (Image("https://one.example/i.png", "alt-words"),),
        (Image("https://two.example/i.png", "other"),),
        ("https://one.example/i.png", "alt-words"),
    ),
    Kind.VIDEO: lambda _: Samples(
        Video("https://one.example/v.mp4", "video-title", 1500),
        Video("https://two.example/v.mp4", "other", 2500),
        ("https://one.example/v.mp4", "video-title", "1.5 s"),
    ),
    Kind.THREAD: lambda _: Samples(
        (
            ThreadItem(
                "part-words",
                (Image("https://one.example/t.png", "part-alt"),),
                Link("https://one.example/part", "part-title"),
            ),
        ),
        (
            ThreadItem(
                "other",
                (Image("https://two.example/t.png", "other"),),
                Link("https://two.example/part"),
            ),
        ),
        (
            *("part-words", "https://one.example/t.png", "part-alt"),
            *("https://one.example/part", "part-title"),
        ),
    ),
    Kind.SETTINGS: lambda _: Samples(
        (("topic", "one topic"),), (("topic", "two"),), ("one topic",)
    ),
    Kind.NAMES: lambda _: Samples(("one-name", "other-name"), ("two-name",), ("one-name",)),
}


def usual_for(name: str) -> Entry:
    """Return an entry without the field: one that is in the queue, for its place in there."""
    return replace(BASE, due_at=None) if row(name).compared is Comparison.PLACEMENT else BASE


def samples(name: str) -> Samples:
    return SAMPLES[row(name).kind](row(name))


def having(name: str, value: Any) -> Entry:
    return replace(usual_for(name), **{name: value})


def heads(leaves: Any) -> set[str]:
    return {leaf.path.split(".")[0].split("[")[0] for leaf in leaves}


# -- the table ------------------------------------------------------------------------------------


OWNERS: list[tuple[type, tuple[AnyField, ...]]] = [(Entry, ENTRY_FIELDS), *PARTS.items()]
every_owner = pytest.mark.parametrize(
    ("owner_type", "table"), OWNERS, ids=[owner_type.__name__ for owner_type, _ in OWNERS]
)


@every_owner
def test_the_table_and_the_class_agree(owner_type: type, table: tuple[AnyField, ...]) -> None:
    assert unlisted(owner_type, table) == []


@every_owner
def test_a_table_without_one_of_its_rows_is_found(
    owner_type: type, table: tuple[AnyField, ...]
) -> None:
    for removed in table:
        (complaint,) = unlisted(owner_type, [one for one in table if one is not removed])
        assert f"{owner_type.__name__}.{removed.name} has no row" in complaint


@every_field
def test_a_run_with_a_table_that_forgets_a_field_is_refused(name: str) -> None:
    source = Path(entry_fields.__file__).read_text(encoding="utf-8")
    body, call, rest = source.rpartition("\n_require_complete()\n")
    assert (call, rest) != ("", source)
    shorter = f"ENTRY_FIELDS = tuple(row for row in ENTRY_FIELDS if row.name != {name!r})\n"
    module = ModuleType("entry_fields_without_a_row")
    sys.modules[module.__name__] = module
    with pytest.raises(TypeError, match=rf"Entry\.{name} has no row"):
        exec(compile(body + "\n" + shorter + call, module.__name__, "exec"), vars(module))
    del sys.modules[module.__name__]


@every_owner
def test_a_row_too_many_is_found(owner_type: type, table: tuple[AnyField, ...]) -> None:
    assert unlisted(owner_type, (*table, table[0]))
    (complaint,) = unlisted(owner_type, (*table, replace(table[0], name="zzz")))
    assert f"{owner_type.__name__}.zzz, which is no field" in complaint


def test_every_value_inside_an_entry_has_its_parts_in_the_table() -> None:
    inside = {kind: SAMPLES[kind](FIELD["text"]).one for kind in Kind if kind is not Kind.WORD}
    found = {type(part) for value in inside.values() for part in _each(value)}
    found |= {Image}
    assert {one for one in found if hasattr(one, "__dataclass_fields__")} == set(PARTS)


def _each(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


@every_field
def test_a_value_of_a_sample_is_not_the_usual_one(name: str) -> None:
    found = samples(name)
    assert found.one != defaults(Entry)[name] != found.two


# -- parts ----------------------------------------------------------------------------------------

HOLDERS = {Link: "link", Image: "images", Video: "video", ThreadItem: "thread"}
"""A field that holds a value of the class."""

IN_FILES = [(owner_type, name) for owner_type in PARTS for name in file_parts(owner_type)]
every_part = pytest.mark.parametrize(
    ("owner_type", "part"), IN_FILES, ids=[f"{one.__name__}.{name}" for one, name in IN_FILES]
)


def without(owner_type: type, part: str) -> tuple[Entry, Entry]:
    """Return an entry with all parts of a value, and the same with another word for one of them."""
    name = HOLDERS[owner_type]
    whole = samples(name).one
    only = whole[0] if isinstance(whole, tuple) else whole
    if part == "file":
        only = replace(only, url="", file="shots/one.png")
    found = getattr(only, part)
    other: Any = (Image("https://other.example"),) if isinstance(found, tuple) else f"{found}-other"
    if isinstance(found, Link):
        other = replace(found, url="https://other.example")
    changed = replace(only, **{part: found + 1 if isinstance(found, int) else other})
    one, two = ((value,) if isinstance(whole, tuple) else value for value in (only, changed))
    return having(name, one), having(name, two)


@pytest.mark.parametrize("owner_type", PARTS)
def test_a_sample_says_every_part(owner_type: type) -> None:
    whole = samples(HOLDERS[owner_type]).one
    only = whole[0] if isinstance(whole, tuple) else whole
    usual = defaults(owner_type)
    silent = [name for name in file_parts(owner_type) if getattr(only, name) == usual.get(name)]
    assert silent == (["file"] if owner_type is Image else []), "an image is a file or an address"


@every_part
def test_an_edit_of_a_part_is_an_update(owner_type: type, part: str) -> None:
    before, after = without(owner_type, part)
    leaves = field_diffs(before, after)
    assert leaves
    assert all(leaf.path.startswith(HOLDERS[owner_type]) for leaf in leaves)
    there = builders.live(content=before, due_at=before.due_at)
    assert between(before, after, there).action is Action.UPDATE


@every_part
def test_a_part_survives_codec_and_file(owner_type: type, part: str) -> None:
    for asked in without(owner_type, part):
        assert entry_from_dict(Reader(json.loads(json.dumps(entry_to_dict(asked))))) == asked
        text = post_to_yaml(["acme-threads"], asked, ZONE, services=["threads"])
        assert asked_by(text) == asked


@every_part
@pytest.mark.parametrize("form", COMPLETE)
def test_a_new_entry_shows_the_part(form: str, owner_type: type, part: str) -> None:
    one, two = (shown(form, after=asked) for asked in without(owner_type, part))
    assert one != two, f"{form} does not show {owner_type.__name__}.{part}"


# -- functions by kind ----------------------------------------------------------------------------

ENUMS: tuple[type[Enum], ...] = (Kind, Comparison, Loss)


@cache
def modules() -> tuple[ModuleType, ...]:
    names = (found.name for found in pkgutil.walk_packages(plancast.__path__, "plancast."))
    return tuple(importlib.import_module(name) for name in names if not name.endswith("__main__"))


def by_members(module: ModuleType) -> Iterator[tuple[str, type[Enum], set[Any]]]:
    """Yield the dictionaries of a module whose keys are members of one of the enumerations."""
    for name, value in vars(module).items():
        if isinstance(value, Mapping) and value:
            kinds = {type(key) for key in value}
            if len(kinds) == 1 and (kind := kinds.pop()) in ENUMS:
                yield f"{module.__name__}.{name}", kind, set(value)


def test_every_room_has_a_function_for_each_member() -> None:
    found = [one for module in modules() for one in by_members(module)]
    missing = {
        f"{name} has none for {member}"
        for name, kind, keys in found
        for member in kind
        if member not in keys
    }
    assert missing == set()
    rooms = {name.split(".")[1] for name, _, _ in found}
    assert {"codec", "commands", "content", "reconcile"} <= rooms


def test_a_member_without_a_function_would_be_found() -> None:
    module = ModuleType("plancast.example")
    module.READERS = {Kind.TEXT: str}  # type: ignore[attr-defined]
    ((name, kind, keys),) = by_members(module)
    assert (name, set(kind) - keys) == ("plancast.example.READERS", set(Kind) - {Kind.TEXT})


# -- comparing ------------------------------------------------------------------------------------

OTHER_ACTIONS = {"queue": Action.ADOPT}
"""The place in the queue has no effect once the entry is there: the state alone changes."""


def between(applied: Entry, edited: Entry, there: LiveEntry) -> Change:
    """Return the change that an edit needs, by a provider that rewrites nothing."""
    wanted, owned = desired(content=edited), binding(applied=applied)
    pair = Pair(wanted.address, How.SAME, wanted, owned, there)
    context = DiffContext(NOW, as_it_is, {"p-acme-x": ProfileRef("acme-x", "p-acme-x", "twitter")})
    return diff(pair, context)


@every_field
def test_an_edit_of_a_field_is_an_update(name: str) -> None:
    edited = having(name, samples(name).one)
    assert heads(field_diffs(usual_for(name), edited)) >= {name}, f"{name} is not compared"
    usual = usual_for(name)
    there = builders.live(content=usual, due_at=usual.due_at)
    found = between(usual, edited, there)
    assert found.action is OTHER_ACTIONS.get(name, Action.UPDATE)
    assert found.action is not Action.UPDATE or name in heads(found.fields)


@every_field
def test_what_a_person_changes_in_buffer_is_drift(name: str) -> None:
    field = row(name)
    asked, seen = having(name, samples(name).one), having(name, samples(name).two)
    if field.compared is Comparison.RANK:
        asked, seen = usual_for(name), having(name, samples(name).one)
    found = drift(asked, asked, builders.live(content=seen, due_at=seen.due_at))
    assert heads(found) == ({name} if field.compared.is_read_back else set())


@every_field
def test_what_was_asked_for_survives_the_comparison(name: str) -> None:
    asked = having(name, samples(name).one)
    kept = getattr(as_asked(asked, asked), name)
    usual = defaults(Entry)[name]
    assert kept == (samples(name).one if row(name).compared.is_read_back else usual)


# -- documents ------------------------------------------------------------------------------------


@every_field
def test_a_field_survives_the_codec(name: str) -> None:
    asked = having(name, samples(name).one)
    plain = json.loads(json.dumps(entry_to_dict(asked)))
    assert name in plain
    assert entry_from_dict(Reader(plain)) == asked
    usual = entry_to_dict(usual_for(name))
    assert (name in usual) == (row(name).presence is not Presence.IF_SET)


@pytest.mark.parametrize("schema", ["plan", "state"])
def test_the_schemas_of_documents_have_the_fields(schema: str) -> None:
    found = json.loads(schema_text(schema))["$defs"]["entry"]
    rows = in_documents(Entry, ENTRY_FIELDS)
    place = f"entry in schemas/{schema}.schema.json: run `make docs`"
    assert list(found["properties"]) == [one.name for one in rows], place
    always = [one.name for one in rows if one.presence is not Presence.IF_SET]
    assert found["required"] == always, place


def _parts_of_schema(schema: str) -> dict[type, dict[str, Any]]:
    definitions = json.loads(schema_text(schema))["$defs"]
    entry = definitions["entry"]["properties"]
    return {
        Link: definitions["link"]["properties"],
        Image: definitions["image"]["properties"],
        Video: entry["video"]["properties"],
        ThreadItem: entry["thread"]["items"]["properties"],
    }


@pytest.mark.parametrize("schema", ["plan", "state"])
@pytest.mark.parametrize("part", PARTS)
def test_the_schemas_of_documents_have_the_parts(schema: str, part: type) -> None:
    names = {one.name for one in in_documents(part, PARTS[part])}
    assert set(_parts_of_schema(schema)[part]) == names


# -- files ----------------------------------------------------------------------------------------

POST: dict[str, Any] = json.loads(schema_text("post"))
PROFILE = replace(owner("acme-threads"), service="threads")
CONTEXT = Workspace(".", profiles=(Selector("acme-threads", service="threads"),), timezone=ZONE)


@every_field
def test_a_field_has_a_key_in_posts_and_in_variants(name: str) -> None:
    key = row(name).file_key
    assert key in POST["properties"], f"schemas/post.schema.json has no {key}"
    assert key in POST["$defs"]["variant"]["properties"], f"its variants have no {key}"
    assert key in {item.name for item in fields(PostFields)}, f"PostFields has no {key}"


@pytest.mark.parametrize("part", PARTS)
def test_a_part_has_a_key_in_posts(part: type) -> None:
    places = {
        Link: POST["$defs"]["link"],
        Image: POST["$defs"]["images"]["items"],
        Video: POST["$defs"]["video"],
        ThreadItem: POST["$defs"]["thread"]["items"],
    }
    assert set(places[part]["properties"]) == set(file_parts(part))


def asked_by(text: str) -> Entry:
    """Return what a post file asks for."""
    (document,), flaws = read(text)
    assert not flaws
    post = Post("a", Pointer("a.yaml"), parse.fields(document.value))
    found = expand(CONTEXT, [post], {"acme-threads": PROFILE}, CURRENT)
    assert found.diagnostics == ()
    (item,) = found.desired
    return item.entry


@every_field
def test_a_post_that_is_written_asks_for_the_field(name: str) -> None:
    asked = having(name, samples(name).one)
    if asked.due_at is None and asked.queue is None:
        asked = replace(asked, queue=samples("queue").two)
    text = post_to_yaml(["acme-threads"], asked, ZONE, services=["threads"])
    assert row(name).file_key in text
    assert asked_by(text) == asked


@every_field
def test_a_post_can_take_back_what_defaults_say(name: str) -> None:
    key = row(name).file_key
    if key not in NONE:
        assert key == "schedule" or row(name).kind in (Kind.LINK, Kind.VIDEO, Kind.SETTINGS)
        return
    lines = {"text": "text: a\n", "images": "images: [https://a.example/1.png]\n", key: NONE[key]}
    asked = asked_by("profiles: [acme-threads]\n" + "".join(lines.values()))
    assert getattr(asked, name) == defaults(Entry)[name]


@every_field
def test_what_a_person_changed_can_be_pulled(name: str) -> None:
    field = row(name)
    asked, seen = having(name, samples(name).one), having(name, samples(name).two)
    if field.compared is Comparison.RANK:
        asked, seen = usual_for(name), having(name, samples(name).one)
    if field.kind is Kind.NAMES or not field.compared.is_read_back:
        return  # a name that is gone is refused; what is not read back cannot drift
    there = builders.live(content=seen, due_at=seen.due_at)
    drifted = drift(asked, asked, there)
    found = change(
        Action.UPDATE, before=seen, after=asked, fields=drifted, drift=drifted, live=there
    )
    assert taken(found, asked, lambda entry: entry) == seen


# -- what a provider needs ------------------------------------------------------------------------


@every_field
def test_the_feature_of_a_field_is_one(name: str) -> None:
    feature = row(name).feature
    assert not feature or feature in {item.name for item in fields(Features)}, (
        f"Features (model/features.py) has no {feature}"
    )
    assert feature or not row(name).lack


def test_every_feature_is_about_a_field() -> None:
    features = {item.name for item in fields(Features)} - {"title", "api", "link_cards", "repeats"}
    assert features == {one.feature for one in ENTRY_FIELDS} - {""}


@pytest.mark.parametrize("feature", sorted({one.feature for one in ENTRY_FIELDS} - {""}))
def test_a_provider_that_comes_with_plancast_has_the_feature(feature: str) -> None:
    """A field whose feature no provider has is refused everywhere, and no other test sees it."""
    able = [info.features_with({}) for info in BUILT_IN.values()]
    assert any(getattr(one, feature) for one in able), (
        f"plancast/providers/buffer_features.py: `{feature}` is True for none of the APIs"
    )


NOT_REFUSED = {
    "tags": "they stay in the file",
    "shorten": "a warning says what becomes of the links (PC512)",
}
"""Fields that a provider without the feature does not refuse, and what becomes of them."""


@every_field
def test_a_field_with_a_feature_says_what_a_provider_without_it_lacks(name: str) -> None:
    assert not row(name).feature or row(name).lack or name in NOT_REFUSED, (
        f"plancast/model/entry_fields.py: the row of {name} has no `lack`, so a provider without "
        f"`{row(name).feature}` would drop the field in silence"
    )
    assert not (row(name).lack and name in NOT_REFUSED)


@every_field
def test_the_page_about_providers_says_which_one_has_the_field(name: str) -> None:
    page = (ROOT / "docs" / "providers.md").read_text(encoding="utf-8")
    table = page.split("\n## What each can do\n")[1].split("\n## ")[0]
    assert not row(name).feature or f"`{row(name).file_key}`" in table, (
        f"docs/providers.md: no row of `What each can do` names `{row(name).file_key}`"
    )


@every_field
def test_a_provider_without_the_feature_refuses_the_field(name: str) -> None:
    field = row(name)
    item = replace(desired(content=having(name, samples(name).one)), profile=PROFILE)
    lacking: dict[str, Any] = {field.feature: False} if field.feature else {}
    refused = abilities(item, LIMITS["threads"], replace(CURRENT, **lacking))
    found = [one.path[0] for one in refused if one.code == "PC509"]
    assert found == ([field.file_key] if field.lack else [])


# -- views ----------------------------------------------------------------------------------------


def shown(form: str, **fields: Any) -> str:
    """Return a plan of one change in a view, without the digests that differ whatever differs."""
    text = render_plan(plan(change(**fields)), form, ViewOptions(now=NOW, zone=ZONE, width=200))
    return re.sub(r"\b[0-9a-f]{32,}\b", "", text)


@pytest.mark.parametrize("form", COMPLETE)
@every_field
def test_a_new_entry_shows_the_field(form: str, name: str) -> None:
    asked = having(name, samples(name).one)
    text = shown(form, after=asked)
    assert text != shown(form, after=usual_for(name)), f"{form} does not show {name}"
    if form != "json":
        assert [words for words in samples(name).words if words not in text] == []


@pytest.mark.parametrize("form", COMPLETE)
@every_field
def test_an_update_shows_what_differs(form: str, name: str) -> None:
    before, after = usual_for(name), having(name, samples(name).one)
    leaves = [leaf for leaf in field_diffs(before, after) if heads([leaf]) == {name}]
    text = shown(form, action=Action.UPDATE, before=before, after=after, fields=leaves)
    assert leaves
    for leaf in leaves:
        names = {leaf.path, label(leaf.path), label(leaf.path, brief=True)}
        assert name == "text" or any(one in text for one in names), f"{form}: {leaf.path}"
    plain = shown(form, action=Action.UPDATE, before=before, after=after)
    assert text != plain


@every_field
def test_a_field_has_a_label(name: str) -> None:
    assert row(name).label
    assert label(name) == row(name).label


@every_field
def test_a_field_of_a_plan_is_described(name: str) -> None:
    page = (ROOT / "docs" / "reference" / "json-plan.md").read_text(encoding="utf-8")
    assert f"`{name}`" in page, f"docs/reference/json-plan.md does not mention {name}"
