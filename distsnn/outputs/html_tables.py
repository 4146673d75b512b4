"""Tables of HTML, which notebooks show in place of a ``repr``."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

MAX_ROWS = 30


def html_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Return a table with its title above it; of long tables the first ``MAX_ROWS`` rows."""
    head = "".join(f"<th>{escape(name)}</th>" for name in columns)
    lines = [f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows[:MAX_ROWS]]
    # A page must not become slow by a network of thousands of populations.
    if len(rows) > MAX_ROWS:
        left_out = f"{len(rows) - MAX_ROWS:,} more rows"
        lines.append(f'<tr><td colspan="{len(columns)}">{left_out}</td></tr>')
    return (
        f"<div><b>{escape(title)}</b><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )


def _cell(value: object) -> str:
    is_count = isinstance(value, int)
    return f"<td>{value:,}</td>" if is_count else f"<td>{escape(str(value))}</td>"
