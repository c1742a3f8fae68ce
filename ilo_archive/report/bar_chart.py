"""A bar chart of counts as SVG, by itself: for a paper, a page, a slide."""

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

_BAR, _GAP = 9, 3  # pixels; so is every length here
_HEIGHT = 120
_LABELS = 34  # below the bars
_MARGIN = 6
_LETTER = 6.5  # width of a letter of a label


def bar_chart(counts: Sequence[tuple[str, int]]) -> str:
    """A bar for each count, in their order, with the first, the last and the highest labelled."""
    width = max(2 * _MARGIN + len(counts) * (_BAR + _GAP), 240)
    lines = [*_bars(counts), *_labels(counts, width)]
    body = "\n".join(lines)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{_HEIGHT + _LABELS}"'
        f' viewBox="0 0 {width} {_HEIGHT + _LABELS}" role="img"'
        ' font-family="sans-serif" font-size="11">\n'
        f"<title>{escape(_title(counts))}</title>\n{body}\n</svg>"
    )


def _title(counts: Sequence[tuple[str, int]]) -> str:
    if not counts:
        return "No entries"
    return f"Entries from {counts[0][0]} to {counts[-1][0]}: {sum(n for _, n in counts)}"


def _bars(counts: Sequence[tuple[str, int]]) -> Iterator[str]:
    highest = max((number for _, number in counts), default=0) or 1
    for at, (key, number) in enumerate(counts):
        x = _MARGIN + at * (_BAR + _GAP)
        height = round(number / highest * (_HEIGHT - 20), 1)
        y = round(_HEIGHT - height, 1)
        title = f"<title>{escape(f'{key}: {number}')}</title>"
        place = f'x="{x}" y="{y}" width="{_BAR}" height="{height}"'
        yield f'<rect {place} fill="#1b5a8c">{title}</rect>'


def _labels(counts: Sequence[tuple[str, int]], width: int) -> Iterator[str]:
    if not counts:
        return
    yield f'<line x1="0" y1="{_HEIGHT}" x2="{width}" y2="{_HEIGHT}" stroke="#8e9095"/>'
    yield f'<text x="{_MARGIN}" y="{_HEIGHT + 16}">{escape(counts[0][0])}</text>'
    end = width - _MARGIN
    yield f'<text x="{end}" y="{_HEIGHT + 16}" text-anchor="end">{escape(counts[-1][0])}</text>'
    at, (key, number) = max(enumerate(counts), key=lambda each: each[1][1])
    label = f"{key}: {number}"
    half = len(label) * _LETTER / 2
    x = min(max(_MARGIN + at * (_BAR + _GAP) + _BAR / 2, half), width - half)
    yield f'<text x="{x:.0f}" y="11" text-anchor="middle">{escape(label)}</text>'
