"""Log lines and reports of bugs: without tokens, and harmless on a terminal. Pure."""

import re
import traceback
from collections.abc import Iterable
from urllib.parse import unquote_plus

HIDDEN = "[hidden]"

_TARGET_LENGTH = 300
#: Shorter tokens would match parts of ordinary words.
_TOKEN_LENGTH = 6
_SECRET = re.compile("token|secret|password|code|key|bearer", re.IGNORECASE)
_TOKEN_IN_PATH = re.compile("(token(?:=|%3d)).*", re.IGNORECASE)
_UNPRINTABLE = re.compile(r"[^\x20-\x7e]")


def log_line(  # noqa: PLR0913  # the parts of a line
    *, method: str, target: str, operation: str, outcome: str, seconds: float, note: str = ""
) -> str:
    """Return the line for one request, such as `POST /graphql query account 200 3 ms`.

    `target` comes from `show_target`; `note` says why a request was refused.
    """
    words = [word for word in (method, target, operation, outcome) if word]
    line = f"{' '.join(words)} {seconds * 1000:.0f} ms"
    return printable(f"{line}: {note}" if note else line)


def show_target(path: str, query: str, tokens: Iterable[str]) -> str:
    """Return path and query without secrets, cut to a length that fits a log."""
    shown = _TOKEN_IN_PATH.sub(rf"\1{HIDDEN}", path)
    if query:
        shown += "?" + "&".join(_shown_parameter(part) for part in query.split("&"))
    shown = hide(shown, tokens)
    return shown if len(shown) <= _TARGET_LENGTH else f"{shown[:_TARGET_LENGTH]}..."


def _shown_parameter(part: str) -> str:
    """Return one parameter. If any part of it may be a secret, only a simple name is left of it."""
    name = part.partition("=")[0]
    # Twice: some clients encode what is encoded already.
    if not _SECRET.search(unquote_plus(unquote_plus(part))):
        return part
    return f"{name}={HIDDEN}" if re.fullmatch("[A-Za-z_]{1,30}", name) else HIDDEN


def hide(text: str, tokens: Iterable[str]) -> str:
    """Return a text in which none of the tokens is left, whichever characters are encoded."""
    for token in sorted(set(tokens), key=len, reverse=True):
        if len(token) >= _TOKEN_LENGTH:
            text = re.sub("".join(_any_form(character) for character in token), HIDDEN, text)
    return text


def _any_form(character: str) -> str:
    """Return a pattern for one character: itself, behind a backslash, or percent-encoded."""
    forms = [rf"\\?{re.escape(character)}", _escapes(character.encode("utf-8", "replace"))]
    if character <= "\xff":  # a header is decoded as Latin-1, in whichever encoding it was sent
        forms.append(_escapes(character.encode("latin-1")))
    return f"(?:{'|'.join(forms)})"


def _escapes(raw: bytes) -> str:
    return "".join(f"(?i:%{byte:02x})" for byte in raw)


def bug_report(error: BaseException, request: str, tokens: Iterable[str]) -> str:
    """Return the traceback of a bug, indented so that no line of it looks like one of the log."""
    text = "".join(traceback.format_exception(error))
    lines = [f"  {printable(line)}" for line in hide(text, tokens).splitlines()]
    return "\n".join((printable(f"A bug of the sandbox, in {request}:"), *lines))


def printable(text: str) -> str:
    r"""Return a text in printable ASCII; other characters become escapes such as \x1b."""
    return _UNPRINTABLE.sub(lambda match: match[0].encode("unicode_escape").decode("ascii"), text)
