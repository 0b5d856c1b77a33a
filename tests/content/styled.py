"""YAML as people write it: the same values in any style, with comments and blanks anywhere.

`texts()` draws a text that reads back as a post, or as several, in a spelling that no tool made.
"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from plancast.content.yaml_reader import read

HOSTILE = [
    "", "no", "true", "~", "12", "007", "12:30", "2026-12-01", "- a", "@launch", "*a", "&a", "!a",
    "'", '"', "a: b", "a:", "a #b", "#", "a, b", "[a]", "{a}", " lead", "trail ", "a\n", "a\nb",
    "a\n\nb", "a\n  b\nc", "\\", "...", "---", "\x07", "\x85", "\u00a0", "\u2028", "\U0001f680",
]  # fmt: skip
VALUES = st.text(st.sampled_from("aeinost  \n.,-:#'\"é🎉"), max_size=40) | st.lists(
    st.sampled_from(HOSTILE), max_size=3
).map("".join)
TIMES = st.sampled_from(
    ["2026-12-01 09:30", "2026-12-01T09:30:00", "2026-12-01 09:30:10", "2026-12-01 09:30+0100",
     "2026-12-01 09:30Z", "queue", "soon"]
)  # fmt: skip
URLS = st.sampled_from(["https://a.example/1.png", "https://b.example/?q=1&x=[2],3", "http://c/#d"])
NAMES = st.sampled_from(["acme-x", "@launch", "li", "007"])
LINKS = URLS | st.fixed_dictionaries({"url": URLS}, optional={"title": VALUES, "thumbnail": URLS})
IMAGES = st.lists(URLS | st.fixed_dictionaries({"url": URLS}, optional={"alt": VALUES}), max_size=3)
PARTS = st.lists(
    VALUES
    | st.fixed_dictionaries(
        {}, optional={"text": VALUES, "link": LINKS, "images": IMAGES, "odd": VALUES}
    ),
    max_size=3,
)
VIDEOS = URLS | st.fixed_dictionaries(
    {"url": URLS}, optional={"title": VALUES, "cover_ms": st.integers(0, 9000)}
)
METADATA = st.dictionaries(
    st.sampled_from(["facebook", "youtube", "myspace"]),
    st.fixed_dictionaries(
        {}, optional={"type": VALUES, "title": VALUES, "link": URLS, "embeddable": st.booleans()}
    ),
    max_size=2,
)
SCHEDULES = TIMES | st.fixed_dictionaries({"at": TIMES}, optional={"fold": st.just("later")})
_KEYS: dict[str, st.SearchStrategy[Any]] = {
    "text": VALUES, "link": LINKS, "images": IMAGES, "schedule": SCHEDULES, "tags":
    st.lists(VALUES, max_size=3), "campaign": VALUES, "shorten": st.booleans(), "unknown": VALUES,
    "thread": PARTS, "video": VIDEOS, "first_comment": VALUES, "metadata": METADATA,
    "stage": st.sampled_from(["draft", "scheduled"]),
}  # fmt: skip
VARIANTS = st.dictionaries(NAMES, st.fixed_dictionaries({}, optional=_KEYS), max_size=2)
POSTS = st.fixed_dictionaries(
    {},
    optional={
        **_KEYS, "id": NAMES, "profiles": st.lists(NAMES, max_size=4), "variants": VARIANTS,
        "timezone": st.none() | VALUES,
    },
)  # fmt: skip


class _Pen:
    """Writes values in styles that are drawn. What it writes may be broken: `texts` checks."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.notes = 0

    def one_of(self, *choices: Any) -> Any:
        return self.draw(st.sampled_from(choices))

    def comment(self) -> str:
        self.notes += 1
        return f"#{self.one_of('', ' ', '# ')}note {self.notes}"

    def aside(self) -> str:
        blanks = self.one_of(" ", "  ", "\t")
        return f"{blanks}{self.comment()}" if self.one_of(*[False] * 5, True) else ""

    def between(self, indent: int) -> str:
        """Empty lines and comments, at any depth."""
        lines = []
        while self.one_of(*[False] * 4, True):
            depth = self.one_of(indent, indent, 0, indent + 2)
            lines.append(self.one_of("\n", " " * depth + self.comment() + "\n"))
        return "".join(lines)

    def scalar(self, value: Any, *, flow: bool) -> str:
        if not isinstance(value, str):
            return json.dumps(value) if value is not None else "null"
        folded = value.replace("'", "''").replace("\n", "\n\n")
        quotes = json.dumps(value, ensure_ascii=False)
        tried = read(f"k: [{value}]\n" if flow else f"k: {value}\n")[0] if value else ()
        meant = {"k": [value] if flow else value}
        plain = value if tried and tried[0].value == meant else quotes
        return str(self.one_of(plain, plain, quotes, f"'{folded}'" if not flow else quotes))

    def flow(self, value: Any) -> str:
        sep = self.one_of(", ", ",  ", ",\n        ")
        if isinstance(value, list):
            return f"[{sep.join(map(self.flow, value))}]"
        if isinstance(value, dict):
            parts = [f"{self.scalar(k, flow=True)}: {self.flow(v)}" for k, v in value.items()]
            return f"{{{sep.join(parts)}}}"
        return self.scalar(value, flow=True)

    def value(self, value: Any, indent: int) -> str:
        """Return the text behind a key or a dash, with its line end."""
        step = self.one_of(1, 2, 4)
        if isinstance(value, dict) and value and self.one_of(True, True, False):
            return f"{self.aside()}\n{self.mapping(value, indent + step)}"
        if isinstance(value, list) and value and self.one_of(True, True, False):
            return f"{self.aside()}\n{self.sequence(value, indent + step)}"
        if isinstance(value, dict | list):
            return f" {self.flow(value)}{self.aside()}\n"
        if isinstance(value, str) and value and self.one_of(True, False):
            sign = self.one_of("|", "|-", "|+", ">", ">-", "|2", ">2")
            body = "".join(
                f"{' ' * (indent + 2)}{line}\n" if line else "\n" for line in value.split("\n")
            )
            return f" {sign}{self.aside()}\n{body}"
        return f" {self.scalar(value, flow=False)}{self.aside()}\n"

    def mapping(self, value: dict[str, Any], indent: int) -> str:
        text = ""
        for key in self.draw(st.permutations(sorted(value))):
            text += self.between(indent)
            name = self.scalar(key, flow=False)
            text += f"{' ' * indent}{name}:{self.value(value[key], indent)}"
        return text + self.between(indent)

    def sequence(self, value: list[Any], indent: int) -> str:
        text = ""
        for item in value:
            text += self.between(indent)
            if isinstance(item, dict) and item and self.one_of(True, False):
                inner = self.mapping(item, indent + 2)
                if inner.startswith(" " * (indent + 2)) and inner.strip()[:1] != "#":
                    text += f"{' ' * indent}- {inner[indent + 2 :]}"
                    continue
            text += f"{' ' * indent}-{self.value(item, indent)}"
        return text


@st.composite
def texts(draw: st.DrawFn) -> str:
    """One post or a few, in a spelling that is drawn; only such as the reader takes."""
    pen = _Pen(draw)
    posts = draw(st.lists(POSTS, min_size=1, max_size=2))
    parts = [pen.mapping(post, 0) or "{}\n" for post in posts]
    marks = [pen.one_of("---\n", f"---{pen.aside()}\n", "---\n# apart\n---\n") for _ in posts]
    text: str = pen.one_of("", "---\n", "# top\n\n") + parts[0]
    for mark, part in zip(marks[1:], parts[1:], strict=True):
        text += mark + part
    documents, flaws = read(text)
    if flaws or not documents or not all(isinstance(item.value, dict) for item in documents):
        return "{}\n"
    return text
