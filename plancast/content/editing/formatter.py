"""The formatter: the canonical form of a post file, so that a diff of files is about posts.

Keys stand in the order of `key_order.KEYS`, indented by two blanks, without empty lines. Texts of
several lines are `|` blocks, short lists stand in brackets, and a mapping that the author wrote in
braces stays in braces if it fits on a line. Blanks, quotes, line ends and order may change; the
meaning and the comments may not. Both are verified: the new text is read by the same reader as the
old one and compared, and so are the comments. If either differs, the file is left as it is and
reported (PC009).

A comment moves with its key. Comments at the top of a document stay at the top if an empty line
parts them from the first key, or if an editor expects them there (the modeline).

A text with anchors, tags or directives counts as formatted: its author chose a construction that
has no canonical form.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from plancast.content.editing.cst import (
    BLOCK,
    Branch,
    CommentNode,
    Item,
    Leaf,
    Node,
    Notes,
    Odd,
    Sheet,
    comments,
    notes,
    sheets,
)
from plancast.content.editing.emitter import scalar
from plancast.content.editing.key_order import KEYS, SETTINGS, WIDTH
from plancast.content.editing.scalars import (
    block,
    folded,
    is_text,
    is_wall_clock,
    one_line,
    quoted,
    shows_itself,
    text_block,
    wall_clock,
)
from plancast.content.source import PostText
from plancast.content.yaml_reader import read
from plancast.model.entry import Image, Link, ThreadItem, Video
from plancast.model.entry_fields import ENTRY_FIELDS, Kind, file_parts

_ORDERS = {
    "post": KEYS,
    "variant": KEYS,
    "link": file_parts(Link),
    "image": file_parts(Image),
    "video": file_parts(Video),
    "part": file_parts(ThreadItem),
    "schedule": ("at", "queue", "timezone", "fold"),
    "metadata": tuple(SETTINGS),
    **{f"metadata {service}": keys for service, keys in SETTINGS.items()},
}
_ROLES: Mapping[Kind, str] = {
    Kind.TEXT: "text",
    Kind.NUMBER: "",
    Kind.FLAG: "",
    Kind.MOMENT: "",
    Kind.WORD: "",
    Kind.LINK: "link",
    Kind.IMAGES: "images",
    Kind.VIDEO: "video",
    Kind.THREAD: "thread",
    Kind.SETTINGS: "metadata",
    Kind.NAMES: "",
}
"""The role of a value of each kind: it decides on order, folding and trimming. "": none."""

_ROLE_OF = {row.file_key: _ROLES[row.kind] for row in ENTRY_FIELDS}
_ROLE_OF |= {"schedule": "schedule", "variants": "variants"}
_TEXTS = {key for key, role in _ROLE_OF.items() if role == "text"}
_WORDS = {"text", "part"}
"""Two sets: keys whose values mean the same without outer blanks; the roles of such values."""

_MODELINE = "yaml-language-server:"
_ALWAYS_BLOCK = {"post", "variants", "images", "thread", "metadata"}
_ALWAYS_FLOW = {"schedule"}


@dataclass(frozen=True, slots=True)
class FormattedText:
    """A file in canonical form, or unchanged with a reason.

    `odd`: the text has syntax without a canonical form. `differs`: formatting would lose something.
    """

    text: str
    odd: str = ""
    differs: str = ""


def canonical(file: PostText) -> FormattedText:
    """Format a whole file. `yaml_reader.read` must find no flaw in its YAML.

    Of a Markdown file the front matter is formatted; of the text below only line ends change.
    """
    made = formed(file.yaml.replace("\r\n", "\n"))
    if made.odd or made.differs:
        return replace(made, text=file.text)
    if file.body is None:
        return made
    body = file.body.rstrip("\n")
    return FormattedText(f"---\n{made.text}---\n" + (f"{body}\n" if body.strip() else ""))


def formed(source: str) -> FormattedText:
    """Format YAML whose line ends are LF."""
    try:
        documents = sheets(source)
    except Odd as odd:
        return FormattedText(source, odd=str(odd))
    if any(sheet.root is not None and not _is_mapping(sheet.root) for sheet in documents):
        return FormattedText(source, odd="it is not a mapping")
    text = "---\n".join(_documents(source, documents))
    return FormattedText(text, differs=_difference(source, text))


def _is_mapping(node: Node) -> bool:
    return isinstance(node, Branch) and node.is_mapping


def _documents(source: str, documents: Iterable[Sheet]) -> list[str]:
    """Format each document; the comments of an empty one go to the next, or to the last."""
    texts: list[str] = []
    waiting: list[str] = []
    for sheet in documents:
        attached = notes(source, sheet)
        if not isinstance(sheet.root, Branch):
            waiting.extend(note.text for note in attached.loose)
            continue
        lines = [*waiting, *_Page(source, attached).document(sheet.root)]
        texts.append("".join(f"{line}\n" for line in lines))
        waiting = []
    rest = "".join(f"{line}\n" for line in waiting)
    return [*texts[:-1], texts[-1] + rest] if texts else [rest]


def _difference(before: str, after: str) -> str:
    """Compare two texts by meaning and comments: return what would be lost, "" if nothing."""
    (old, _), (new, flaws) = read(before), read(after)
    if flaws or [meaning(item.value) for item in old] != [meaning(item.value) for item in new]:
        return "its values would not read back as they are"
    counts = [
        Counter(note.text for sheet in sheets(text) for note in comments(text, sheet))
        for text in (before, after)
    ]
    return "" if counts[0] == counts[1] else "its comments would not all be kept"


def meaning(value: Any, key: str = "") -> Any:
    """Reduce a document to its meaning: texts without outer blanks, times in one spelling.

    The order of lists and of variants counts, that of other keys does not.
    """
    if isinstance(value, dict):
        plain = {name: meaning(item, name) for name, item in value.items()}
        return list(plain.items()) if key == "variants" else plain
    if isinstance(value, list):
        return [meaning(item, "text" if key == "thread" else "") for item in value]
    if isinstance(value, str) and key in _TEXTS:
        return value.strip()
    clock = isinstance(value, str) and key in ("schedule", "at")
    return wall_clock(value.strip()) if clock else value


@dataclass(slots=True)
class _Page:
    """The writer of one document. `moved` are the starts of comments that are written already."""

    source: str
    notes: Notes
    moved: set[int] = field(default_factory=set)

    def document(self, root: Branch) -> list[str]:
        """Return the lines of a document: its head, its keys, and the comments below them."""
        loose = [[note.text for note in self.notes.loose if note.start < root.start]]
        loose += [[note.text for note in self.notes.loose if note.start > root.start]]
        head = self._head(root)
        empty = [] if root.items else ["{}"]
        return [*loose[0], *head, *empty, *self._branch(root, 0, "post"), *loose[1]]

    def _head(self, root: Branch) -> list[str]:
        """Return the comments that stay at the top, whatever key comes first after sorting."""
        # An empty line ends the head: all comments up to the last one with such a line stay. A
        # comment behind `---` stays as well.
        first = self.notes.above.get(root.items[0].mark, []) if root.items else []
        apart = [n + 1 for n, note in enumerate(first) if note.blank_after or not note.alone]
        parted = max(apart, default=0)
        lines = [note for note in first if _is_modeline(note)]
        lines += [note for note in first[:parted] if not _is_modeline(note)]
        self.moved.update(note.start for note in lines)
        shown: list[str] = []
        for note in lines:
            shown.append(note.text)
            if note.blank_after:
                shown.append("")
        return shown

    def _above(self, item: Item, indent: int, role: str) -> list[str]:
        """Return the comments above an item, and those beside it that its line has no room for."""
        above = [*self.notes.above.get(item.mark, ())]
        # A line has room for one comment; a value over several lines can have had more.
        above += self.notes.beside.get(item.mark, [])[1:]
        # The first key of an entry stands behind the dash, so its comments go above the dash.
        while isinstance(item.value, Branch) and item.key is None and item.value.items:
            item = _ordered(item.value, role)[0]
            above += self.notes.above.get(item.mark, [])
        lines = [" " * indent + note.text for note in above if note.start not in self.moved]
        self.moved.update(note.start for note in above)
        return lines

    def _branch(self, branch: Branch, indent: int, role: str) -> list[str]:
        """Return every item below its comments, then the comments at the end of the branch."""
        lines: list[str] = []
        for item in _ordered(branch, role):
            inner = _role(role, item.key)
            lines.extend(self._above(item, indent, inner))
            if item.key is None:
                lines.extend(self._entry(item, indent, inner))
            else:
                lines.extend(self._pair(item, item.key, indent, inner))
        below = self.notes.below.get(branch.start, ())
        return [*lines, *(" " * indent + note.text for note in below)]

    def _pair(self, item: Item, key: Leaf, indent: int, role: str) -> list[str]:
        name = f"{' ' * indent}{one_line(key, key.value, self.source)}:"
        value = item.value
        if isinstance(value, Leaf):
            inline, *more = self._leaf(value, indent + 2, role)
            return [self._beside(item, f"{name} {inline}".rstrip(" ")), *more]
        short = self._short(value, role)
        if short is not None and len(name) + 1 + len(short) <= WIDTH:
            return [self._beside(item, f"{name} {short}")]
        return [self._beside(item, name), *self._branch(value, indent + 2, role)]

    def _entry(self, item: Item, indent: int, role: str) -> list[str]:
        """Return an item of a list: its lines one step further in, a dash before the first."""
        dash, value = f"{' ' * indent}- ", item.value
        if isinstance(value, Leaf):
            inline, *more = self._leaf(value, indent + 2, role)
            return [self._beside(item, f"{dash}{inline}".rstrip(" ")), *more]
        short = self._short(value, role)
        if short is not None and len(dash) + len(short) <= WIDTH:
            return [self._beside(item, f"{dash}{short}")]
        # The line of the dash holds the first key as well, so a comment behind it goes above.
        aside = [" " * indent + note.text for note in self.notes.beside.get(item.mark, ())[:1]]
        first, *rest = self._branch(value, indent + 2, role)
        return [*aside, f"{dash}{first[indent + 2 :]}", *rest]

    def _beside(self, item: Item, line: str) -> str:
        """Append an item's comment to its line, with as many blanks between as there were."""
        beside = self.notes.beside.get(item.mark)
        return f"{line}{' ' * max(1, beside[0].gap)}{beside[0].text}" if beside else line

    def _leaf(self, leaf: Leaf, indent: int, role: str) -> list[str]:
        """Spell a scalar: the part behind its key, then the lines below.

        A text of a post (`is_words`) may lose its outer blanks; any other value may not.
        """
        if is_text(leaf) and role in ("schedule", "at"):
            return [_clock(leaf.value)]
        is_words = role in _WORDS
        value = leaf.value.strip() if is_words else leaf.value
        if not value or not (leaf.style in BLOCK or (is_words and "\n" in value)):
            return [one_line(leaf, value, self.source)]
        # In a block the author would no longer see characters that quotes spell out.
        if leaf.style not in BLOCK and not shows_itself(value):
            return [quoted(value)]
        if leaf.style == ">":
            kept = folded(leaf, self.source, indent)
            # With `+` the empty lines below belong to the value, and those are not kept.
            if kept is not None and (is_words or "+" not in kept[0]):
                return [">", *kept[1:]] if is_words else kept
        lines = text_block(value, indent) if is_words else block(value, indent)
        return lines or [scalar(value)]

    def _short(self, branch: Branch, role: str) -> str | None:
        """Return a branch on one line if form or author want that and no comment is in the way."""
        leaves = all(isinstance(item.value, Leaf) for item in branch.items)
        wanted = branch.flow or role in _ALWAYS_FLOW or (not branch.is_mapping and leaves)
        if not branch.items:
            return "{}" if branch.is_mapping else "[]"
        return self._flow(branch, role) if wanted and role not in _ALWAYS_BLOCK else None

    def _flow(self, branch: Branch, role: str) -> str | None:
        # A comment ends its line, so nothing that holds one can stand on one line.
        if self.notes.below.get(branch.start):
            return None
        parts: list[str] = []
        for item in _ordered(branch, role):
            if self.notes.above.get(item.mark) or self.notes.beside.get(item.mark):
                return None
            inner = _role(role, item.key)
            value = self._inline(item.value, inner)
            if value is None:
                return None
            key = item.key and one_line(item.key, item.key.value, self.source, flow=True)
            parts.append(value if key is None else f"{key}: {value}")
        joined = ", ".join(parts)
        return f"{{{joined}}}" if branch.is_mapping else f"[{joined}]"

    def _inline(self, node: Node, role: str) -> str | None:
        if isinstance(node, Branch):
            return self._flow(node, role) if node.items else ("{}" if node.is_mapping else "[]")
        lines = self._leaf(node, 0, role)
        if len(lines) > 1 or node.style in BLOCK or role in ("schedule", "at"):
            return lines[0] if len(lines) == 1 else None
        value = node.value.strip() if role in _WORDS else node.value
        return one_line(node, value, self.source, flow=True)


def _is_modeline(note: CommentNode) -> bool:
    return note.text.lstrip("# ").startswith(_MODELINE)


def _clock(text: str) -> str:
    """Spell a time canonically; spell anything else (`queue`, a mistake) like any text."""
    return wall_clock(text) if is_wall_clock(text) else scalar(text.strip())


def _role(role: str, key: Leaf | None) -> str:
    """Return the role of a value, by its key and the role around it; "" if it has none."""
    name = key.value if key else ""
    if role in ("post", "variant"):
        return "" if (role, name) == ("variant", "variants") else _ROLE_OF.get(name, "")
    inner = {("variants", True): "variant", ("images", False): "image", ("thread", False): "part"}
    if role == "schedule" and name == "at":
        return "at"
    if role == "part":
        return name if name in ("text", "link", "images") else ""
    if role == "metadata" and name in SETTINGS:
        return f"metadata {name}"
    return inner.get((role, key is not None), "")


def _ordered(branch: Branch, role: str) -> list[Item]:
    """Sort the items of a branch by the order of its role; unknown keys last, as they came."""
    order = _ORDERS.get(role, ())
    if not branch.is_mapping or not order:
        return list(branch.items)
    places = {name: place for place, name in enumerate(order)}
    return sorted(
        branch.items, key=lambda item: places.get(item.key.value if item.key else "", len(order))
    )
