"""Line charts as SVG: figures over sizes, both axes logarithmic, for light and dark pages.

Pure: lines in, text out. Each line is labelled at its end, so there is no legend to decode. A chart
has a ground of its own and follows the reader's colour scheme, so its text can be read on any page.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 430, 300
LEFT, RIGHT, TOP, BOTTOM = 70, 152, 60, 44
LARGE, FONT, SMALL, LABEL_STEP = 15, 13, 12, 17
"""Sizes of text, and the least distance between the middles of two labels, in pixels."""

CHARACTER = 0.56
"""The width of a character as a part of the size of its font: that of wide system fonts."""

Point = tuple[float, float]
"""A size and a figure, both above 0."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a chart. `role` is its style: `plan`, `warm`, `peer` or `floor`."""

    name: str
    role: str
    points: Sequence[Point]


@dataclass(frozen=True, slots=True)
class Text:
    """A text in a chart: its class, where its anchor stands, and which end of it that is."""

    role: str
    x: float
    y: float
    anchor: str
    words: str
    size: int = FONT

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Return the left, top, right and bottom edge, as wide as the text is at most."""
        width = len(self.words) * self.size * CHARACTER
        left = self.x - {"start": 0.0, "middle": width / 2, "end": width}[self.anchor]
        return left, self.y - 0.8 * self.size, left + width, self.y + 0.25 * self.size

    def svg(self) -> str:
        """Return the element."""
        return (
            f'<text class="{self.role}" x="{self.x:.1f}" y="{self.y:.1f}" '
            f'text-anchor="{self.anchor}" font-size="{self.size}">{escape(self.words)}</text>'
        )


@dataclass(frozen=True, slots=True)
class Scale:
    """A logarithmic axis: decades of figures onto pixels."""

    low: int
    high: int
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the pixel of a figure."""
        part = (math.log10(value) - self.low) / (self.high - self.low)
        return self.start + part * (self.end - self.start)

    @property
    def decades(self) -> list[float]:
        """Return the figures at which the axis has a mark."""
        return [10.0**power for power in range(self.low, self.high + 1)]


_STYLE = """\
svg { --ground: #ffffff; --edge: #d1d9e0; --grid: #e7ebef; --text: #1f2328; --muted: #59636e;
  --plan: #0b5cc4; --warm: #08715a; --peer: #b1470b; --floor: #6e7781; }
@media (prefers-color-scheme: dark) {
  svg { --ground: #0d1117; --edge: #3d444d; --grid: #21262d; --text: #f0f6fc; --muted: #9ba5b0;
    --plan: #6cb0ff; --warm: #4ccfa6; --peer: #f5a15b; --floor: #a3adb8; }
}
text { font-family: system-ui, -apple-system, "Segoe UI", sans-serif; fill: var(--muted); }
.title { fill: var(--text); font-weight: 600; }
.ground { fill: var(--ground); stroke: var(--edge); }
.grid { stroke: var(--grid); }
path { fill: none; stroke-width: 2.5; stroke-linejoin: round; }
path.plan { stroke: var(--plan); } path.warm { stroke: var(--warm); stroke-dasharray: 7 4; }
path.peer { stroke: var(--peer); } path.floor { stroke: var(--floor); stroke-dasharray: 2 4; }
circle { stroke: var(--ground); stroke-width: 1.5; }
circle.plan, text.plan { fill: var(--plan); } circle.warm, text.warm { fill: var(--warm); }
circle.peer, text.peer { fill: var(--peer); } circle.floor, text.floor { fill: var(--floor); }
text.plan, text.peer { font-weight: 600; }"""


def chart(title: str, subtitle: str, lines: Sequence[Line], unit: Callable[[float], str]) -> str:
    """Return a chart. `unit` writes a figure with its unit, such as `1.5 s`."""
    across = _scale([x for line in lines for x, _ in line.points], LEFT, WIDTH - RIGHT)
    up = _scale([y for line in lines for _, y in line.points], HEIGHT - BOTTOM, TOP)
    marks = [
        *(f'<path class="{line.role}" d="{_path(line.points, across, up)}"/>' for line in lines),
        *(
            f'<circle class="{line.role}" cx="{across(x):.1f}" cy="{up(y):.1f}" r="4"/>'
            for line in lines
            for x, y in line.points
        ),
    ]
    words = "; ".join(
        f"{line.name}: " + ", ".join(f"{unit(y)} at {x:,.0f}" for x, y in line.points)
        for line in lines
    )
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" '
            f'viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="title words">',
            f'<title id="title">{escape(title)}</title>',
            f'<desc id="words">{escape(words)}</desc>',
            f"<style>\n{_STYLE}\n</style>",
            f'<rect class="ground" x="0.5" y="0.5" width="{WIDTH - 1}" height="{HEIGHT - 1}" '
            'rx="8"/>',
            *_grid(across, up),
            *marks,
            *(text.svg() for text in texts(title, subtitle, lines, unit)),
            "</svg>\n",
        ]
    )


def texts(
    title: str, subtitle: str, lines: Sequence[Line], unit: Callable[[float], str]
) -> list[Text]:
    """Return every text of a chart; none overlaps another."""
    across = _scale([x for line in lines for x, _ in line.points], LEFT, WIDTH - RIGHT)
    up = _scale([y for line in lines for _, y in line.points], HEIGHT - BOTTOM, TOP)
    ordered = sorted(lines, key=lambda line: up(line.points[-1][1]))
    places = spread([up(line.points[-1][1]) for line in ordered], LABEL_STEP, HEIGHT - BOTTOM)
    beside = max(across(line.points[-1][0]) for line in lines) + 11
    return [
        Text("title", 16, 25, "start", title, LARGE),
        Text("subtitle", 16, 43, "start", subtitle, SMALL),
        *(
            Text("tick", across(x), HEIGHT - BOTTOM + 19, "middle", f"{x:,.0f}", SMALL)
            for x in across.decades
        ),
        Text("axis", (LEFT + WIDTH - RIGHT) / 2, HEIGHT - 9, "middle", "posts", SMALL),
        *(Text("tick", LEFT - 9, up(y) + 4.5, "end", unit(y), SMALL) for y in up.decades),
        *(
            Text(line.role, beside, y + 4.5, "start", f"{line.name} {unit(line.points[-1][1])}")
            for line, y in zip(ordered, places, strict=True)
        ),
    ]


def spread(places: Sequence[float], step: float, bottom: float) -> list[float]:
    """Move sorted places apart until two neighbours have this distance, none below `bottom`."""
    moved: list[float] = []
    for place in places:
        moved.append(max(place, moved[-1] + step) if moved else place)
    # From below upwards again: what was pushed over the edge pushes back.
    limit = bottom
    for index in reversed(range(len(moved))):
        moved[index] = min(moved[index], limit)
        limit = moved[index] - step
    return moved


def _scale(values: Sequence[float], start: float, end: float) -> Scale:
    """Return the axis of whole decades that holds these values."""
    # A value that is a decade up to an error of rounding is that decade.
    low = math.floor(math.log10(min(values)) + 1e-9)
    high = math.ceil(math.log10(max(values)) - 1e-9)
    return Scale(low, max(high, low + 1), start, end)


def _path(points: Sequence[Point], across: Scale, up: Scale) -> str:
    return "M" + " L".join(f"{across(x):.1f},{up(y):.1f}" for x, y in points)


def _grid(across: Scale, up: Scale) -> list[str]:
    lines: list[tuple[float, float, float, float]] = [
        *((LEFT, up(y), WIDTH - RIGHT, up(y)) for y in up.decades),
        *((across(x), TOP, across(x), HEIGHT - BOTTOM) for x in across.decades),
    ]
    return [
        f'<line class="grid" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'
        for x1, y1, x2, y2 in lines
    ]
