"""What a script shows of an error that it does not catch: one line, and where it was."""

from __future__ import annotations

import os
import sys
from types import TracebackType

from distsnn.errors import DistsnnError

PACKAGE = os.path.dirname(os.path.abspath(__file__)) + os.sep


def install() -> None:
    """Show errors of distsnn in one line when a script ends by one; all else is left as it is.

    Not where a person types at a prompt, nor where another program shows errors in its own way.
    ``DISTSNN_TRACEBACK=1`` shows where in distsnn an error was found.
    """
    is_typed = hasattr(sys, "ps1") or sys.flags.interactive
    wants_trace = os.environ.get("DISTSNN_TRACEBACK", "") not in ("", "0")
    if sys.excepthook is sys.__excepthook__ and not is_typed and not wants_trace:
        sys.excepthook = show


def show(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Print an error that nobody caught; a DistsnnError ends the program with its exit code."""
    if not isinstance(error, DistsnnError):
        sys.__excepthook__(kind, error, trace)
        return
    print(f"distsnn: {error}{_place(trace)}", file=sys.stderr, flush=True)
    raise SystemExit(error.exit_code)


def _place(trace: TracebackType | None) -> str:
    """Return the line of the user's program that the error came from, in brackets."""
    place = ""
    while trace is not None:
        path = trace.tb_frame.f_code.co_filename
        if not os.path.abspath(path).startswith(PACKAGE):
            place = f" [{os.path.basename(path)}, line {trace.tb_lineno}]"
        trace = trace.tb_next
    return place
