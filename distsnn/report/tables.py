"""Tables on a terminal, in plain text of 100 columns elsewhere."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from distsnn.running.display.terminal import is_terminal, say

PLAIN_WIDTH = 100
GAP = "  "
MIN_TEXT = 20  # minimum width of a last column of text, in characters


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table with its title. A table of two columns, or a last one without name, is text."""
    is_text = [
        k == 0 or len(columns) == 2 or (k == len(columns) - 1 and not name)
        for k, name in enumerate(columns)
    ]
    if is_terminal():
        _print_rich(title, columns, rows, is_text)
    else:
        say("\n".join(plain_table(title, columns, rows, is_text)))


def plain_table(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], is_text: Sequence[bool]
) -> list[str]:
    """Return the lines of a table; text of the last column is wrapped, nothing ends in spaces."""
    lines = [title]
    header = [tuple(columns)] if any(columns) else []
    widths = [max(map(len, cells)) for cells in zip(*header, *rows, strict=True)]
    if rows and is_text[-1]:
        widths[-1] = max(MIN_TEXT, PLAIN_WIDTH - sum(w + len(GAP) for w in widths[:-1]))
    for row in [*header, *rows]:
        cells = [
            cell.ljust(width) if text else cell.rjust(width)
            for cell, width, text in zip(row, widths, is_text, strict=True)
        ]
        wrapped = textwrap.wrap(row[-1], widths[-1]) or [""]
        cells[-1] = wrapped[0] if is_text[-1] else cells[-1]
        lines.append(GAP.join(cells).rstrip())
        before = " " * sum(width + len(GAP) for width in widths[:-1])
        lines += [before + text for text in wrapped[1:] if is_text[-1]]
    return [*lines, ""]


def _print_rich(
    title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], is_text: Sequence[bool]
) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False, show_header=any(columns), header_style="dim")
    for column, text in zip(columns, is_text, strict=True):
        table.add_column(column, justify="left" if text else "right")
    for row in rows:
        style = "bold red" if row[-1] == "exceeded" else ""
        table.add_row(*(Text(cell) for cell in row), style=style)
    console.print(Text(title, style="bold"))
    console.print(table)
    console.print()
