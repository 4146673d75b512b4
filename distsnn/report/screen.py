"""Printing that does not end a run when nobody reads on."""

from __future__ import annotations

import os
import sys


def say(text: str) -> None:
    """Print a line at once. If the reader has gone (``| head``), this and what follows is dropped."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
