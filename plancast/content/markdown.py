"""The conversion of Markdown to plain text, for networks that show no Markdown.

`convert` returns the text that is sent under `markdown: plain`, and `first_syntax` the first place
that a network would show as signs under `markdown: literal`. markdown-it-py parses, as CommonMark
has it, with `~~strike~~`. Two rules differ from CommonMark, because the text goes to networks: a
line end stays a line end, and `_`, `*` and `~` inside an address, a mention or a hashtag stay.

Nothing that a reader would see is lost. What has no plain form is kept as it is written, and
reported in `PlainText.kept`. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline
    from markdown_it.tree import SyntaxTreeNode

_WEB = re.compile(r"https?://\S+")

LONGEST = 65_536
"""Characters up to which a body is converted: more than any network takes, and parsed in seconds
at the worst."""

_DEEPEST = 40
"""How deep lists and quotes may nest. The parser drops what lies deeper, so we do not convert."""

RULE = "———"
BULLET = "•"

_SIGNS = re.compile(r"[*_`~\[<\\&|\0\r]")
_LINE_SIGNS = re.compile(r"[ \t]|[-+>=#]|\d+[.)]")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_REACHABLE = re.compile(r"(?:https?://|mailto:|tel:|sms:)\S+", re.IGNORECASE)
_FOOTNOTE = re.compile(r"\[\^[^\]\s]+\]")
_COMMENT_TARGETS = ("#", "")
"""Targets of link definitions that people write as comments: `[//]: # (a note)`."""


@dataclass(frozen=True, slots=True)
class BodyPlace:
    """A place in a body. Both numbers count from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class KeptMarkdown:
    """Markdown that has no plain form and is sent as it is written, at its first place."""

    what: str
    place: BodyPlace


@dataclass(frozen=True, slots=True)
class BodyImage:
    """An image of the body: it becomes an image of the post."""

    url: str
    alt: str
    place: BodyPlace


@dataclass(frozen=True, slots=True)
class BodySection:
    """A block at the top of a body: its lines there, and its lines in the text.

    `start` is the first line in the body, `first` and `last` are the lines of the text, the last
    one excluded. They are the same for what is not shown, such as a comment.
    """

    start: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class PlainText:
    """A body as plain text: `text` without outer blanks, and `lines` as they were made."""

    text: str
    images: tuple[BodyImage, ...] = ()
    kept: tuple[KeptMarkdown, ...] = ()
    lines: tuple[str, ...] = ()
    sections: tuple[BodySection, ...] = ()


def convert(body: str) -> PlainText:
    """Return a body as plain text. Never raises: what cannot be converted is kept, and reported."""
    if len(body) > LONGEST:
        return _unconverted(body, f"a text of more than {LONGEST:,} characters")
    if not may_have_signs(body):
        text = body.strip()
        return PlainText(text, lines=tuple(text.split("\n")))
    try:
        parsed = _parse(body)
        if parsed is None:
            return _unconverted(body, "lists or quotes that are nested too deeply")
        return _Writer(parsed).written()
    except RecursionError:
        return _unconverted(body, "signs that are nested too deeply")


def is_web_address(url: str) -> bool:
    """Return whether an image of a body can become an image of its post."""
    return _WEB.fullmatch(url) is not None


def first_syntax(body: str) -> BodyPlace | None:
    """Return the first place whose signs a network would show; None if there is none.

    Lists, quotes and rules do not count: their signs are read as such in a plain text as well.
    """
    if len(body) > LONGEST or not may_have_signs(body):
        return None
    try:
        parsed = _parse(body)
        places = [] if parsed is None else [*_syntax(parsed)]
    except RecursionError:
        return None
    return min(places, key=lambda place: (place.line, place.column), default=None)


def may_have_signs(body: str) -> bool:
    """Return False if a body is plain text already. Most posts are, and need no parser."""
    return _SIGNS.search(body) is not None or any(
        _LINE_SIGNS.match(line) or line.endswith((" ", "\t")) for line in body.split("\n")
    )


def _unconverted(body: str, what: str) -> PlainText:
    text = body.strip()
    return PlainText(
        text, kept=(KeptMarkdown(what, BodyPlace(1, 1)),), lines=tuple(text.split("\n"))
    )


# -- parsing --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Parsed:
    """A body with its tree. `definitions` are those of link targets: (label, target, lines)."""

    lines: Sequence[str]
    root: SyntaxTreeNode
    definitions: Sequence[tuple[str, str, tuple[int, int]]]

    def place(self, inline: SyntaxTreeNode, offset: int) -> BodyPlace:
        """Return the place of an offset in the content of an inline node."""
        before = inline.content[:offset].split("\n")
        number = inline.map[0] + len(before) - 1 if inline.map else 0
        shown = inline.content.split("\n")[len(before) - 1].strip()
        source = self.lines[number] if number < len(self.lines) else ""
        return BodyPlace(number + 1, max(0, source.find(shown)) + len(before[-1].lstrip()) + 1)


def _parse(body: str) -> _Parsed | None:
    """Parse a body; None if it is nested too deeply."""
    from markdown_it.tree import SyntaxTreeNode  # noqa: PLC0415

    env: dict[str, Any] = {}
    tokens = _parser().parse(body, env)
    if any(token.level >= _DEEPEST - 1 for token in tokens):
        return None
    named = [(label, entry) for label, entry in env.get("references", {}).items()]
    # Of two definitions of one label the first counts, so nothing uses the second.
    named += [("", entry) for entry in env.get("duplicate_refs", ())]
    definitions = [(label, entry["href"], tuple(entry["map"])) for label, entry in named]
    lines = body.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return _Parsed(lines, SyntaxTreeNode(tokens), definitions)


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt  # noqa: PLC0415

    class AsWritten(MarkdownIt):
        """Addresses are sent as they are written: no percent signs, no punycode."""

        def normalizeLink(self, url: str) -> str:  # noqa: N802
            return url

        def normalizeLinkText(self, link: str) -> str:  # noqa: N802
            return link

    parser = AsWritten("commonmark", {"maxNesting": _DEEPEST, "store_labels": True})
    # Escapes stay apart from the text around them, so that `first_syntax` sees them.
    parser.enable("strikethrough").disable("text_join")
    parser.inline.ruler.before("strikethrough", "addresses", _in_address)
    return parser


def _in_address(state: StateInline, silent: bool) -> bool:
    """Take a sign of emphasis as a plain character if it stands inside an address or a name."""
    if state.src[state.pos] not in "_*~" or state.pos not in _protected(state.src):
        return False
    if not silent:
        state.pending += state.src[state.pos]
    state.pos += 1
    return True


_RUN = re.compile(r"[^\s<>\[\]\\`\"]+")
_ADDRESS = re.compile(r"https?://|[a-z0-9]\.[a-z]{2,}/", re.IGNORECASE)
_NAME = re.compile(r"(?<!\w)[@#]\w+")
_PRODUCT = re.compile(r"(?<=\d)\*(?=\d)")


@lru_cache(maxsize=8)
def _protected(source: str) -> frozenset[int]:
    """Return the positions of `_`, `*` and `~` that are a part of an address, a name or a product.

    Such signs at the end of an address are left to Markdown: `*https://acme.example/*`. So are
    those at the end of a name, unless it begins with one as well.
    """
    spans: list[tuple[int, int]] = [match.span() for match in _PRODUCT.finditer(source)]
    for run in _RUN.finditer(source):
        address = _ADDRESS.search(source, run.start(), run.end())
        if address is not None:
            trimmed = source[address.start() : run.end()].rstrip("*_~.,;:!?')")
            spans.append((address.start(), address.start() + len(trimmed)))
    for name in _NAME.finditer(source):
        word = name.group()
        kept = word if word[1] == "_" else word.rstrip("_")
        spans.append((name.start(), name.start() + len(kept)))
    return frozenset(
        position
        for start, end in spans
        for position in range(start, end)
        if source[position] in "_*~"
    )


# -- writing --------------------------------------------------------------------------------------


class _Address(str):
    """An address that stands for itself: letters beside it would become a part of it."""

    __slots__ = ()


_Piece = str | None
"""A part of a line; None stands for what is not shown: a comment, or an image."""


@dataclass(slots=True)
class _Writer:
    """The writer of one body: gathers images and what is kept while it writes the text."""

    parsed: _Parsed
    images: list[BodyImage] = field(default_factory=list)
    kept: dict[str, BodyPlace] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    def written(self) -> PlainText:
        """Return the whole body as plain text."""
        blocks = [self._top(node) for node in self.parsed.root.children]
        # Which definitions are used is known now that all links are written.
        blocks += [self._definition(*definition) for definition in self.parsed.definitions]
        lines: list[str] = []
        sections: list[BodySection] = []
        in_order = sorted(blocks, key=lambda block: (block.start, block.stop))
        for block, written in _stacked(in_order, self):
            lines.extend(written)
            first = len(lines) - len(block.lines)
            sections.append(BodySection(block.start, first, len(lines)))
        text = "\n".join(lines).strip()
        if all(block.verbatim for block in blocks):
            text = "\n".join(self.parsed.lines).strip()
        kept = tuple(KeptMarkdown(what, place) for what, place in self.kept.items())
        images = tuple(
            sorted(self.images, key=lambda image: (image.place.line, image.place.column))
        )
        return PlainText(text, images, kept, tuple(lines), tuple(sections))

    def _top(self, node: SyntaxTreeNode) -> _Block:
        """Write a block at the top; a paragraph without any Markdown keeps its blanks, too."""
        start, stop = self._span(node)
        lines = self._block(node)
        inline = node.children[0] if node.type == "paragraph" else None
        verbatim = inline is not None and all(
            child.type in ("text", "softbreak") for child in inline.children
        )
        if verbatim:
            lines = list(self.parsed.lines[start:stop])
        return _Block(start, stop, lines, verbatim)

    def _definition(self, label: str, target: str, lines: tuple[int, int]) -> _Block:
        """Write the definition of a link target: nothing, unless no link shows it."""
        start, stop = lines
        shown = [line.strip() for line in self.parsed.lines[start:stop]]
        while shown and not shown[-1]:
            shown.pop()
        is_footnote = label.startswith("^")
        if not is_footnote and (label in self.used or target in _COMMENT_TARGETS):
            return _Block(start, stop, [])
        what = "a footnote" if is_footnote else "a definition of a link that nothing uses"
        self._keep(what, BodyPlace(start + 1, 1))
        return _Block(start, stop, shown)

    def _keep(self, what: str, place: BodyPlace) -> None:
        known = self.kept.get(what)
        if known is None or (place.line, place.column) < (known.line, known.column):
            self.kept[what] = place

    def _span(self, node: SyntaxTreeNode) -> tuple[int, int]:
        """Return the lines of a block in the body, without empty ones at its end."""
        start, stop = node.map or (0, 0)
        while stop > start + 1 and self.is_blank(stop - 1):
            stop -= 1
        return start, stop

    def is_blank(self, number: int) -> bool:
        """Return whether a line of the body is empty, or holds only the signs of a quote."""
        lines = self.parsed.lines
        return number >= len(lines) or not lines[number].strip(" \t>")

    def _blocks(self, nodes: Sequence[SyntaxTreeNode]) -> list[str]:
        """Write the blocks inside a quote or an item, with the empty lines that were between."""
        blocks = []
        for node in nodes:
            start, stop = self._span(node)
            blocks.append(_Block(start, stop, self._block(node)))
        return [line for _, written in _stacked(blocks, self) for line in written]

    def _block(self, node: SyntaxTreeNode) -> list[str]:
        start, stop = self._span(node)
        # Headings without words, and what no rule of this parser makes, stay as they are written.
        lines = [line.strip() for line in self.parsed.lines[start:stop]]
        match node.type:
            case "paragraph":
                lines = self._paragraph(node.children[0])
            case "heading" if node.children[0].content:
                lines = self._paragraph(node.children[0])
            case "bullet_list" | "ordered_list":
                lines = self._list(node)
            case "blockquote":
                lines = [f"> {line}".rstrip() for line in self._blocks(node.children)] or [">"]
            case "fence" if not _is_closed(node):
                # A reader would see the sign, and take the rest of the text for words.
                self._keep("a block of code without an end", BodyPlace(start + 1, 1))
            case "fence" | "code_block":
                code = node.content.split("\n")
                lines = code[:-1] if code[-1] == "" else code
            case "hr":
                lines = [RULE]
            case "html_block":
                lines = self._html_block(node)
        return lines

    def _list(self, node: SyntaxTreeNode) -> list[str]:
        """Write a list; numbers stay as written, unless all are the same: those count up."""
        items = node.children
        numbers = [item.info for item in items]
        if len(items) > 1 and len(set(numbers)) == 1 and node.type == "ordered_list":
            numbers = [str(int(numbers[0]) + place) for place in range(len(items))]
        blocks = []
        for item, number in zip(items, numbers, strict=True):
            sign = f"{number}{item.markup}" if node.type == "ordered_list" else BULLET
            first, *more = self._blocks(item.children) or [""]
            lines = [f"{sign} {first}".rstrip(), *(f"  {line}".rstrip() for line in more)]
            blocks.append(_Block(*self._span(item), lines))
        return [line for _, written in _stacked(blocks, self) for line in written]

    def _html_block(self, node: SyntaxTreeNode) -> list[str]:
        """Leave out the comments of a block of HTML, and keep the rest of it."""
        rest = _without_comments(node.content).strip("\n")
        if not rest.strip():
            return []
        self._keep("HTML", BodyPlace((node.map or (0, 0))[0] + 1, 1))
        return rest.split("\n")

    def _paragraph(self, inline: SyntaxTreeNode) -> list[str]:
        for number, line in enumerate(inline.content.split("\n")):
            if number and {"|", "-"} <= {*line} <= {*" |:-\t"}:  # the line below a table's head
                start = inline.map[0] if inline.map else 0
                self._keep("a table", BodyPlace(start + number + 1, 1))
        for child in inline.children:
            footnote = _FOOTNOTE.search(child.content) if child.type == "text" else None
            if footnote is not None:
                offset = max(0, inline.content.find(footnote.group()))
                self._keep("a footnote", self.parsed.place(inline, offset))
        return _lines(self._pieces(inline, inline))

    def _pieces(self, node: SyntaxTreeNode, inline: SyntaxTreeNode) -> list[_Piece]:
        return [piece for child in node.children for piece in self._piece(child, inline)]

    def _piece(self, node: SyntaxTreeNode, inline: SyntaxTreeNode) -> list[_Piece]:
        pieces: list[_Piece] = [node.content]  # text, an escape, an entity, code
        match node.type:
            case "softbreak" | "hardbreak":
                pieces = ["\n"]
            case "em" | "strong" | "s":
                pieces = self._pieces(node, inline)
            case "link":
                pieces = self._link(node, inline)
            case "image":
                pieces = self._image(node, inline)
            case "html_inline" if _COMMENT.fullmatch(node.content):
                pieces = [None]
            case "html_inline":
                place = self.parsed.place(inline, max(0, inline.content.find(node.content)))
                self._keep("HTML", place)
        return pieces

    def _link(self, node: SyntaxTreeNode, inline: SyntaxTreeNode) -> list[_Piece]:
        """Write a link as `words (address)`, or as the address if the words are the same."""
        pieces = self._pieces(node, inline)
        label = str(node.meta.get("label", ""))
        if label.startswith("^"):
            start = inline.content.find(f"[{label.lower()}]")
            self._keep("a footnote", self.parsed.place(inline, max(0, start)))
            return ["[", *pieces, "]"]
        self.used.add(label)
        target = str(node.attrs.get("href", ""))
        address = target.removeprefix("mailto:")
        words = "".join(piece for piece in pieces if piece).strip()
        if target and node.markup != "autolink" and not _REACHABLE.fullmatch(target):
            place = self.parsed.place(inline, max(0, inline.content.find("[")))
            self._keep(f"the target `{target}`, which is no web address", place)
        if not address:
            return pieces
        if words in ("", address, address.removeprefix("https://").removesuffix("/")):
            hidden: list[_Piece] = [piece for piece in pieces if piece is None]
            return [*hidden, _Address(address)]
        return [*pieces, f" ({address})"]

    def _image(self, node: SyntaxTreeNode, inline: SyntaxTreeNode) -> list[_Piece]:
        label = str(node.meta.get("label", ""))
        if label.startswith("^"):
            return [f"![{node.content}]"]
        self.used.add(label)
        alt = " ".join(_lines(_alternative(node)))
        place = self.parsed.place(inline, max(0, inline.content.find(f"![{node.content}")))
        self.images.append(BodyImage(str(node.attrs.get("src", "")), alt, place))
        return [None]


def _without_comments(html: str) -> str:
    """Return HTML without its comments, in linear time.

    Behind the last `-->` the pattern would search the rest of the text again for each `<!--`.
    """
    end = html.rfind("-->") + len("-->") if "-->" in html else 0
    return _COMMENT.sub("", html[:end]) + html[end:]


def _is_closed(fence: SyntaxTreeNode) -> bool:
    """Return whether a block of code ends with a fence, not with the text."""
    start, stop = fence.map or (0, 0)
    return (
        stop - start
        == len(fence.content.removesuffix("\n").split("\n") if fence.content else "") + 2
    )


def _alternative(node: SyntaxTreeNode) -> list[_Piece]:
    """Return the words of an alternative text, without any Markdown in it."""
    if node.type in ("softbreak", "hardbreak"):
        return ["\n"]
    if node.children:
        return [piece for child in node.children for piece in _alternative(child)]
    if node.type == "html_inline" and _COMMENT.fullmatch(node.content):
        return [None]
    return [node.content]


@dataclass(slots=True)
class _Block:
    """A block as it is written, with its lines in the body; `verbatim` if both are the same."""

    start: int
    stop: int
    lines: list[str]
    verbatim: bool = False


def _stacked(blocks: Sequence[_Block], writer: _Writer) -> Iterator[tuple[_Block, list[str]]]:
    """Yield each block with its lines, below as many empty lines as there are in the body.

    Around a block that is not shown, the larger gap counts.
    """
    end, gap, is_first = -1, 0, True
    for block in blocks:
        if end >= 0:
            between = sum(writer.is_blank(number) for number in range(end, block.start))
            gap = max(gap, between)
        end = max(end, block.stop)
        empty = [] if is_first or not block.lines else [""] * gap
        yield block, [*empty, *block.lines]
        if block.lines:
            gap, is_first = 0, False


def _lines(pieces: Sequence[_Piece]) -> list[str]:
    """Return the lines of a paragraph. A line on which nothing is shown is left out."""
    rows: list[list[_Piece]] = [[]]
    for piece in pieces:
        if piece is None or "\n" not in piece:
            rows[-1].append(piece)
            continue
        first, *more = piece.split("\n")
        rows[-1].append(first)
        rows.extend([part] for part in more)
    lines = []
    for row in rows:
        line = _joined(row)
        if None not in row:
            lines.append(line)
        elif line.strip():
            lines.append(line.strip(" \t"))
    return lines


def _joined(row: Sequence[_Piece]) -> str:
    """Join the pieces of a line, with one blank for what was left out between blanks."""
    line, is_behind_gap, was_address = "", False, False
    for piece in row:
        if piece is None:
            is_behind_gap = True
            continue
        part = piece
        if is_behind_gap and (not line or line[-1] in " \t"):
            part = piece.lstrip(" \t")
        if not part:
            continue
        is_address = isinstance(piece, _Address)
        if line and ((is_address and _clings(line[-1])) or (was_address and _clings(part[0]))):
            line += " "
        line, is_behind_gap, was_address = line + part, False, is_address
    return line


def _clings(sign: str) -> bool:
    """Return whether a character beside an address would be taken for a part of it."""
    return sign.isalnum() or sign in "@#$/_&-%=~+?"


# -- what would show ------------------------------------------------------------------------------

_SHOWN = {"em", "strong", "s", "code_inline", "image", "text_special"}
_OPENERS = {"code_inline": "`", "image": "![", "link": "[", "text_special": "", "hardbreak": "\\"}


def _syntax(parsed: _Parsed) -> Iterator[BodyPlace]:
    """Yield the first place of each block and paragraph whose signs would show."""
    for node in parsed.root.walk(include_self=False):
        line = node.map[0] if node.map else 0
        if node.type == "inline":
            yield from _inline_syntax(parsed, node)
        elif (
            (node.type == "heading" and node.markup.startswith("#"))
            or node.type == "fence"
            or (node.type == "html_block" and _without_comments(node.content) != node.content)
        ):
            sign = "<!--" if node.type == "html_block" else node.markup
            yield BodyPlace(line + 1, max(0, parsed.lines[line].find(sign)) + 1)
    for _, _, (start, _) in parsed.definitions:
        yield BodyPlace(start + 1, max(0, parsed.lines[start].find("[")) + 1)


def _inline_syntax(parsed: _Parsed, inline: SyntaxTreeNode) -> Iterator[BodyPlace]:
    offset = 0
    for node in inline.children:
        # Everything before the first syntax is text, so its length leads to the place.
        if node.type == "text":
            offset = max(offset, inline.content.find(node.content, offset)) + len(node.content)
        shows = node.type in _SHOWN or (
            (node.type == "link" and not _is_footnote(node))
            or (node.type == "html_inline" and _COMMENT.fullmatch(node.content))
            or (node.type == "hardbreak" and inline.content[offset : offset + 1] == "\\")
        )
        if shows:
            sign = "<" if node.markup == "autolink" else _OPENERS.get(node.type, node.markup)
            sign = node.content if node.type == "html_inline" else sign
            yield parsed.place(inline, max(offset, inline.content.find(sign, offset)))
            return


def _is_footnote(node: SyntaxTreeNode) -> bool:
    return str(node.meta.get("label", "")).startswith("^")
