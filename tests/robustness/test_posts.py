"""Post files and plancast.yaml that are almost right, as YAML, and the bytes around them."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from plancast.content.loader import load
from plancast.content.yaml_reader import Marks, read
from tests.commands.workspace_dir import SANDBOX, WorkspaceDir, workspace_yaml
from tests.robustness.ends import must_end_well
from tests.robustness.mutation import TEXTS, examples, mutants

WORKSPACE: dict[str, Any] = {
    "version": 1,
    "provider": {
        "name": "sandbox",
        "api": "graphql",
        "clock": "2026-11-30T08:00:00Z",
        "rate_limit": [{"requests": 100, "seconds": 900}],
        "queue_limit": 10,
        "max_wait": "90s",
        "grouping": "aliases",
        "ownership_tag": "ours",
        "seed": "seed.json",
    },
    "timezone": "Europe/Berlin",
    "content": ["."],
    "profiles": {"x": {"service": "twitter", "timezone": "UTC"}, "li": {"service": "linkedin"}},
    "groups": {"all": ["x", "li"]},
    "defaults": {"profiles": ["x"], "variants": {"li": {"text": "T"}}},
    "policy": {
        "max_destroy": "20%",
        "due_soon": "5m",
        "min_lead": "999999d",
        "missed": "warn",
        "history_before": "2026-01-01",
        "on_drift": "overwrite",
        "quiet_period": "999999d",
        "freeze": [{"from": "2026-12-24", "to": "2026-12-27", "reason": "r"}],
        "min_gap": "30m",
        "max_per_day": 5,
    },
    "state": {"backend": "local"},
}
SEED: dict[str, Any] = {
    "account": {"token": "sandbox-token", "timezone": "UTC", "queue_limit": 10},
    "profiles": [
        {
            "id": "p1",
            "service": "twitter",
            "timezone": "UTC",
            "schedules": [{"days": ["mon"], "times": ["09:00"]}],
            "statistics": {"followers": 3},
        },
        {"id": "p2", "service": "linkedin", "service_username": "acme-inc", "extras": {}},
    ],
    "tags": [{"id": "t", "name": "n", "color": "#000000"}],
    "posts": [
        {
            "profile": "p1",
            "text": "x",
            "scheduled_at": "2026-12-05T09:00:00Z",
            "media": {"link": "https://a.example/"},
            "extra_media": [],
            "tags": ["n"],
        },
        {"profile": "p1", "text": "y", "status": "error", "error": "no"},
    ],
    "rate_limit": {"requests": 0},
    "switches": {"character_limits": {"twitter": 280}, "token_places": ["header"]},
}
POSTS: tuple[dict[str, Any], ...] = (
    {"profiles": ["x"], "text": "Hi", "schedule": "2026-12-01 09:30"},
    {
        "id": "t",
        "profiles": ["x", "@all"],
        "text": "T",
        "schedule": {"at": "2026-12-01 10:30", "timezone": "Europe/Berlin", "fold": "earlier"},
        "thread": ["one", {"text": "two", "images": ["https://a.example/2.png"]}],
        "variants": {"li": {"thread": [], "schedule": "queue"}, "twitter": {"skip": False}},
    },
    {
        "profiles": ["li"],
        "video": {"url": "https://a.example/1.mp4", "title": "V", "cover_ms": 3},
        "text": "v",
        "schedule": {"queue": "top"},
        "first_comment": "fc",
        "tags": ["t", "u"],
        "campaign": "c",
        "stage": "draft",
        "protect": True,
        "on_drift": "keep",
    },
    {
        "profiles": ["x"],
        "images": [{"url": "https://a.example/1.png", "alt": "A"}, {"file": "i.png"}],
        "link": {"url": "https://a.example/", "title": "T", "thumbnail": "https://a.example/t.png"},
        "text": "i",
        "schedule": "2026-12-04 10:00",
        "metadata": {"twitter": {"ai_generated": True}},
        "shorten": True,
        "link_card": False,
    },
)
SIGNS = (
    b"\n", b": ", b"- ", b"&a ", b"*a ", b"!!str ", b"!!python/object:os.system ", b"#", b"|", b">",
    b"%YAML 9.9\n", b"---\n", b"...\n", b"\t", b'"', b"'", b"{", b"[", b"\xff", b"\x00",
    b"\xc2\x85", b"\xef\xbb\xbf", b"<<: ", b"? ", b".inf", b".nan", b"1e999", b"\xe2\x80\xa8",
    b"0x1F", b"1_000",
    b"12:30:45", b"2026-12-01", b"~", b'"\\ud800"', b'"\\0"', b"\r", b"&a [*a]", b"[" * 2000,
)  # fmt: skip


@st.composite
def yaml_bytes(draw: st.DrawFn, document: Any, most: int = 2) -> bytes:
    """A mutant as YAML, which JSON is; signs that mean something there are put in now and then."""
    mutant = draw(mutants(document, most)) if draw(st.integers(0, 4)) else document
    indent = draw(st.sampled_from([None, 1]))
    text = json.dumps(mutant, indent=indent, ensure_ascii=draw(st.booleans()))
    content = text.encode("utf-8", "surrogatepass")
    for _ in range(draw(st.sampled_from([0, 0, 0, 1, 2]))):
        place = draw(st.integers(0, len(content)))
        content = content[:place] + draw(st.sampled_from(SIGNS)) + content[place:]
    return content


@settings(max_examples=examples(100))
@given(st.sampled_from(POSTS).flatmap(yaml_bytes))
def test_a_text_is_documents_or_flaws_that_have_a_place(content: bytes) -> None:
    text = content.decode("utf-8", "replace")
    documents, flaws = read(text)
    marks = Marks(text)
    for flaw in flaws:
        assert flaw.line >= 1
        assert flaw.column >= 1
    for document in documents:
        marks.find(document.number, ())
        json.dumps(document.value, ensure_ascii=False).encode()


@st.composite
def folders(draw: st.DrawFn) -> dict[str, bytes]:
    """The files of a workspace, of which one or a few are not as they should be."""
    files = {"plancast.yaml": workspace_yaml(provider=SANDBOX).encode(), "seed.json": b"{}"}
    if draw(st.integers(0, 2)) == 0:
        files["plancast.yaml"] = draw(yaml_bytes(WORKSPACE))
        files["seed.json"] = draw(yaml_bytes(SEED))
    names = st.lists(
        st.sampled_from(["a.yaml", "b.md", "sub/_defaults.yaml", "sub/c.yml", "d.yaml"]),
        min_size=1,
        max_size=3,
        unique=True,
    )
    for name in draw(names):
        content = draw(yaml_bytes(draw(st.sampled_from(POSTS))))
        if name.endswith(".md"):
            end = draw(st.sampled_from([b"\n---\n", b"\n---\r\n", b"", b"\n--- x\n"]))
            body = draw(st.sampled_from(TEXTS)).encode("utf-8", "surrogatepass")
            content = b"---\n" + content + end + body
        files[name] = content
    return files


def laid_out(folder: str, files: dict[str, bytes]) -> WorkspaceDir:
    workspace = WorkspaceDir(Path(folder))
    for name, content in files.items():
        (workspace.folder / name).parent.mkdir(exist_ok=True)
        (workspace.folder / name).write_bytes(content)
    return workspace


@settings(max_examples=examples(40))
@given(folders())
def test_a_workspace_is_loaded_and_what_is_wrong_has_a_place(files: dict[str, bytes]) -> None:
    with TemporaryDirectory(prefix="robust-") as folder:
        workspace = laid_out(folder, files)
        loaded = load(workspace.folder)
        for item in loaded.diagnostics:
            assert item.code.startswith("PC")
            f"{item.detail}{item.hint}{item.source and item.source.text}".encode()
        assert workspace.files() == files


LOOKING = (
    ("validate",),
    ("validate", "--format", "json"),
    ("validate", "--format", "github"),
    ("validate", "--format", "sarif"),
    ("plan", "--offline"),
    ("plan", "--format", "json"),
    ("plan", "--format", "markdown"),
    ("plan", "--format", "html"),
    ("status",),
    ("doctor",),
    ("profiles",),
    ("fmt", "--check"),
)
CHANGING = (
    ("apply", "--auto-approve", "--no-wait"),
    ("fmt",),
    ("pull", "--auto-approve"),
    ("import", "--auto-approve"),
    ("migrate", "--to", "buffer-graphql", "--auto-approve"),
    ("sandbox", "reset", "--auto-approve"),
)


@settings(max_examples=examples(15))
@given(folders(), st.sampled_from(LOOKING), st.sampled_from(CHANGING))
def test_commands_on_a_workspace(
    files: dict[str, bytes], looking: tuple[str, ...], changing: tuple[str, ...]
) -> None:
    with TemporaryDirectory(prefix="robust-") as folder:
        workspace = laid_out(folder, files)
        must_end_well(workspace, *looking)
        assert workspace.files() == files
        must_end_well(workspace, *changing)
