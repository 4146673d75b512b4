"""Lines on the screen, and what kind of screen it is."""

from __future__ import annotations

import os
import sys

from distsnn.comm.launch.environment import find_launcher


def say(text: str) -> None:
    """Print a line at once. If this fails (``| head``), this and all later output is dropped."""
    try:
        print(text, flush=True)
    except OSError:
        # All that is printed from now on goes to the null device.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def is_terminal() -> bool:
    """Return whether the output of this process goes to a terminal.

    A launcher gives its ranks a terminal even if the output goes to a file.
    """
    return sys.stdout.isatty() and find_launcher().n_ranks == 1


def is_notebook() -> bool:
    """Return whether the output of this process goes to a cell of a notebook."""
    # Notebooks have loaded it; importing rich would take time for nothing.
    if "IPython" not in sys.modules:
        return False
    from rich.console import Console

    return Console().is_jupyter
