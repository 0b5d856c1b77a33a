"""What the comment says where no plan could be made."""

from __future__ import annotations

from collections.abc import Iterable

from plancast.model.diagnostics import Diagnostic, Severity
from plancast.render.markdown.escape import span
from plancast.render.markdown.fitting import Section, fit
from plancast.render.markdown.parts import problem_list
from plancast.render.options import ViewOptions
from plancast.render.text import count


def render_problems(diagnostics: Iterable[Diagnostic], options: ViewOptions) -> str:
    """The problems of the files, or that there are none and still no plan. One line end."""
    found = tuple(diagnostics)
    errors = sum(1 for item in found if item.severity is Severity.ERROR)
    if errors:
        head = f"### ❌ No plan: {count(errors, 'error')} in the files"
        rest = "Nothing changes in the queue before this is mended."
    else:
        head = "### ❌ No plan could be made"
        rest = "The files are in order; what went wrong stands in the log of the run."
    lines = [head, "", rest]
    if options.revision:
        lines += ["", f"for {span(options.revision[:10])}"]
    sections = [
        Section(("\n".join(lines),), 0),
        problem_list(found, 1, options.files),
        Section((f"---\n\nThe run: {options.run}",) if options.run else (), 0),
    ]
    return fit(sections, options.limit)
