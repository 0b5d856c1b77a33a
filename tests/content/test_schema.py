"""The schemas, the values that are made by them, and the example that people copy."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from plancast.content.loader import load
from plancast.content.partial import fit
from plancast.content.schema import accepts, schema_text, validator
from plancast.content.validate import validate
from plancast.model.diagnostics import Pointer
from plancast.model.workspace import Policy, PostFields
from plancast.reconcile.selectors import assume

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "content"
OURS = ("post", "workspace", "moves")
ALL = sorted(path.name.partition(".")[0] for path in (ROOT / "schemas").glob("*.schema.json"))
AT = Pointer("a.yaml")


def schema(name: str) -> Any:
    return json.loads(schema_text(name))


@pytest.mark.parametrize("name", OURS)
def test_a_schema_is_one(name: str) -> None:
    found = schema(name)
    Draft202012Validator.check_schema(found)
    assert found["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert found["$id"] == f"https://plancast.dev/schemas/{name}.schema.json"
    assert found["title"]
    assert found["description"]


def mappings(found: Any) -> list[Any]:
    inside = found.values() if isinstance(found, dict) else found if isinstance(found, list) else ()
    below = [item for part in inside for item in mappings(part)]
    return [found, *below] if isinstance(found, dict) and "properties" in found else below


def references(node: Any) -> Iterator[str]:
    """Yield the targets of all `$ref` in a schema."""
    for key, value in node.items() if isinstance(node, dict) else enumerate(node):
        if key == "$ref" and isinstance(value, str):
            yield value
        elif isinstance(value, dict | list):
            yield from references(value)


@pytest.mark.parametrize("name", ALL)
def test_every_definition_that_a_key_refers_to_is_there(name: str) -> None:
    missing = {one for one in references(schema(name)) if one.startswith("#/$defs/")} - {
        f"#/$defs/{key}" for key in schema(name).get("$defs", {})
    }
    assert missing == set(), f"schemas/{name}.schema.json: describe each in `$defs`"


@pytest.mark.parametrize("key", schema("post")["properties"])
def test_an_editor_shows_what_each_key_of_a_post_is_for(key: str) -> None:
    definitions = schema("post")["$defs"]
    found = schema("post")["properties"][key]
    found = definitions.get(found.get("$ref", "").removeprefix("#/$defs/"), found)
    assert found.get("description"), f"schemas/post.schema.json: {key} has no `description`"


@pytest.mark.parametrize("name", OURS)
def test_no_key_is_let_through_unread(name: str) -> None:
    """Except those of a provider, which only it understands."""
    loose = [
        item for item in mappings(schema(name)) if item.get("additionalProperties") is not False
    ]
    provider = schema("workspace")["properties"]["provider"]
    assert loose == ([provider] if name == "workspace" else [])


def test_a_post_and_its_schema_have_the_same_keys() -> None:
    keys = set(schema("post")["properties"]) - {"id", "was", "variants", "markdown"}
    assert keys == {item.name for item in fields(PostFields)}


def test_every_key_of_a_post_and_every_setting_is_described() -> None:
    page = (ROOT / "docs" / "files.md").read_text(encoding="utf-8")
    found = schema("post")
    networks = found["$defs"]["metadata"]["properties"]
    missing = {
        key for key in found["properties"] if f"{key}:" not in page and f"`{key}`" not in page
    }
    for network, spec in networks.items():
        (row,) = [line for line in page.splitlines() if line.startswith(f"| `{network}` |")]
        missing |= {f"{network}.{key}" for key in spec["properties"] if f"`{key}`" not in row}
        words = [word for item in spec["properties"].values() for word in item.get("enum", ())]
        missing |= {f"{network}: {word}" for word in words if word not in row}
    assert missing == set()


def test_the_policy_and_its_schema_have_the_same_keys() -> None:
    keys = set(schema("workspace")["properties"]["policy"]["properties"])
    assert keys == {item.name for item in fields(Policy)} - {
        "max_destroy_percent",
        "max_update_percent",
    }


WORDS = ["", "x", "queue", "5m", "20%", "off", "https://a.example", "2026-12-01 09:30"]
LEAVES = st.sampled_from([None, True, False, -3, 0, 1, 12, 1.5, 3.0, *WORDS])
INNER = st.sampled_from(
    ["url", "file", "at", "queue", "id", "text", "images", "cover_ms", "youtube", "category", "z"]
)
JUNK = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(INNER, inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("name", OURS)
@given(st.data())
def test_both_libraries_give_the_same_verdict(name: str, data: st.DataObject) -> None:
    keys = [*schema(name)["properties"], "zz"]
    document = data.draw(st.dictionaries(st.sampled_from(keys), JUNK | st.text(max_size=5)))
    assert accepts(name, document) == validator(name).is_valid(document)


SPACES = "".join(chr(code) for code in range(sys.maxunicode) if chr(code).isspace())


@pytest.mark.parametrize("sign", [*SPACES, "\ufeff", "\u200b", "\u180e", "\0", "\u0663", "\ud800"])
def test_both_libraries_match_patterns_alike(sign: str) -> None:
    for document in (
        {"link": f"https://a.example/{sign}b"},
        {"link": f"https://a.example/b{sign}"},
        {"id": f"a{sign}"},
        {"metadata": {"googlebusiness": {"start": f"2026-12-0{sign}T18:00:00Z"}}},
    ):
        assert accepts("post", document) == validator("post").is_valid(document)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, 1e300, {1: 2}, b"a", {"a"}])
def test_a_value_that_json_cannot_spell_is_judged_by_jsonschema(value: object) -> None:
    for document in ({"text": value}, {"thread": [value]}, {"metadata": value}):
        assert accepts("post", document) == validator("post").is_valid(document)


@pytest.mark.parametrize("name", OURS)
@given(st.data())
def test_every_fault_is_told_in_our_words_and_at_a_place(name: str, data: st.DataObject) -> None:
    keys = [*schema(name)["properties"], "zz"]
    document = data.draw(st.dictionaries(st.sampled_from(keys), JUNK, max_size=5))
    found = fit(document, name, AT).problems
    assert bool(found) != validator(name).is_valid(document)
    for item in found:
        assert item.code in {"PC201", "PC202", "PC203", "PC204"}
        assert item.detail
        assert item.at is not None
        words = f"{item.detail} {item.hint}"
        assert not any(word in words for word in ("is not of type", "does not match", "schema"))


@pytest.mark.parametrize(
    ("document", "code", "detail", "hint"),
    [
        ({"shedule": 1}, "PC201", "'shedule'", "Did you mean `schedule`?"),
        ({"text": 12}, "PC202", "text: expected a text, found the number 12", "quotes"),
        ({"profiles": "x"}, "PC202", "profiles: expected a list, found a text", "[x]"),
        ({"status": "redy"}, "PC203", "status: 'redy'", "Did you mean `ready`?"),
        ({"link": {"title": "t"}}, "PC204", "`url` in link", ""),
        ({"images": [{"alt": "a"}]}, "PC203", "images[0]", "`url` or `file`"),
        ({"schedule": {"fold": "later"}}, "PC203", "schedule", "`at` or `queue`"),
        ({"variants": {"x": {"profiles": ["a"]}}}, "PC201", "'profiles' in variants.x", ""),
        ({"link": "https://a b"}, "PC203", "link: 'https://a b'", "http://"),
        ({"stage": "drafts"}, "PC203", "stage: 'drafts'", "Did you mean `draft`?"),
        ({"stage": None}, "PC203", "stage: nothing", "One of: scheduled"),
        ({"stage": True}, "PC203", "stage: true", "One of: scheduled"),
        ({"video": {"title": "t"}}, "PC204", "`url` in video", ""),
        ({"thread": ["a"] * 101}, "PC203", "thread: 101 items", "At the most 100."),
        ({"thread": [{"txt": "a"}]}, "PC201", "'txt' in thread[0]", "Did you mean `text`?"),
        (
            {"metadata": {"facebok": {}}}, "PC201", "'facebok' in metadata",
            "Did you mean `facebook`?",
        ),
        (
            {"metadata": {"youtube": {"titel": "t"}}}, "PC201", "'titel' in metadata.youtube",
            "Did you mean `title`?",
        ),
        (
            {"metadata": {"youtube": {"category": 22}}}, "PC202",
            "metadata.youtube.category: expected a text, found the number 22", "quotes",
        ),
        (
            {"metadata": {"youtube": {"category": "music"}}}, "PC203",
            "metadata.youtube.category: 'music'", "three digits",
        ),
        (
            {"metadata": {"googlebusiness": {"start": "2026-12-01 18:00"}}}, "PC203",
            "metadata.googlebusiness.start: '2026-12-01 18:00'", "2026-12-01T18:00:00+01:00",
        ),
    ],
)  # fmt: skip
def test_what_is_said(document: dict[str, Any], code: str, detail: str, hint: str) -> None:
    (found,) = fit(document, "post", AT).problems
    assert (found.code, found.detail) == (code, detail)
    assert hint in found.hint


@pytest.mark.parametrize(
    "document",
    [
        {"text": 12, "shedule": 1, "link": "x", "tags": "t"},
        {"profiles": [], "images": [1], "on_drift": "x", "variants": {"a": {"b": 1}}},
    ],
)
def test_all_faults_at_once(document: dict[str, Any]) -> None:
    assert len(fit(document, "post", AT).problems) == len(document)


# -- the example --------------------------------------------------------------------------------


def test_the_example_is_without_fault() -> None:
    loaded = load(EXAMPLE)
    assert loaded.diagnostics == ()
    checked = validate(loaded, assume(loaded.workspace.profiles).profiles)
    assert checked.diagnostics == ()
    assert len(loaded.posts) >= 13
    assert len(checked.desired) > len(loaded.posts)
    assert len(checked.drafted) >= 1


def test_the_example_shows_what_there_is_to_see() -> None:
    loaded = load(EXAMPLE)
    posts = {post.id: post for post in loaded.posts}
    keys = {key for post in loaded.posts for key in post.variants}
    aliases = {item.alias for item in loaded.workspace.profiles}
    assert keys & aliases
    assert keys - aliases
    fields = [post.fields for post in posts.values()]
    assert any(name.startswith("@") for item in fields for name in item.profiles or ())
    assert any(item.images and all(image.alt for image in item.images) for item in fields)
    assert any(item.link and item.link.title for item in fields)
    assert any(item.schedule and item.schedule.queue for item in fields)
    assert any(item.timezone for item in fields)
    assert any(post.origins for post in loaded.posts)
    assert any(post.at.file.endswith(".md") for post in loaded.posts)
    assert any(post.at.document for post in loaded.posts)


def test_every_example_names_its_schema() -> None:
    files = sorted(EXAMPLE.rglob("*.yaml"))
    assert files
    for path in files:
        first = path.read_text(encoding="utf-8").splitlines()[0]
        prefix, _, target = first.partition("$schema=")
        assert prefix == "# yaml-language-server: ", path
        assert (path.parent / target).resolve().is_file(), path


def test_starting_up_loads_nothing_heavy() -> None:
    code = (
        "import sys, plancast.content.loader, plancast.content.validate\n"
        "heavy = {'jsonschema', 'httpx', 'deepdiff', 'rich', 'regex', 'werkzeug'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    ended = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert ended.stdout.strip() == "[]"


@pytest.mark.parametrize("is_there", [True, False])
def test_valid_posts_need_one_library_of_the_two(is_there: bool) -> None:
    code = (
        "import sys\n"
        f"sys.modules[{'jsonschema' if is_there else 'jsonschema_rs'!r}] = None\n"
        "from pathlib import Path\n"
        "from plancast.content.loader import load\n"
        f"loaded = load(Path({str(EXAMPLE)!r}))\n"
        "print(len(loaded.posts), [item.code for item in loaded.diagnostics])"
    )
    if is_there:
        pytest.importorskip("jsonschema_rs", reason="it has no wheel for this platform")
    ended = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    loaded = load(EXAMPLE)
    assert ended.stdout.split(maxsplit=1) == [str(len(loaded.posts)), "[]\n"]
