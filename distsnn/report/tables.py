"""Tables on a terminal, in plain text elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from distsnn.comm.environment import find_launcher

PLAIN_WIDTH = 100


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table with its title. A table of two columns, or a last one without name, is text."""
    from rich.console import Console
    from rich.table import Table

    # Launchers show a terminal to the ranks wherever the output really goes.
    if sys.stdout.isatty() and find_launcher().n_ranks == 1:
        console = Console(highlight=False)
    else:
        console = Console(highlight=False, width=PLAIN_WIDTH, color_system=None)
    table = Table(box=None, pad_edge=False, show_header=any(columns))
    for k, column in enumerate(columns):
        is_text = k == 0 or len(columns) == 2 or (k == len(columns) - 1 and not column)
        table.add_column(column, justify="left" if is_text else "right")
    for row in rows:
        table.add_row(*row)
    console.print(title, style="bold")
    console.print(table)
    console.print()
