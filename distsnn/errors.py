"""Every exception that distsnn raises on purpose.

A message is one line, ``OBJECT: must be LIMIT, got VALUE. REMEDY.`` (``checks.must_be`` writes it).
The command line prints it and ends with ``exit_code`` on every rank; there is no traceback for what a
user can cause.
"""

from __future__ import annotations

MAX_MESSAGE = 900  # characters


class DistsnnError(Exception):
    """Base of all errors that a user, a file or a machine can cause."""

    exit_code = 2

    def __init__(self, message: object = "") -> None:
        # One line, whatever a name, a path or a user's own object has in it.
        line = " ".join(str(message).splitlines())
        if len(line) > MAX_MESSAGE:
            line = f"{line[: MAX_MESSAGE // 2]} ... {line[-MAX_MESSAGE // 3 :]}"
        super().__init__(line)

    def __str__(self) -> str:
        """Return the message; what is not printable in a name is written as its code."""
        return "".join(
            letter if letter.isprintable() else letter.encode("unicode_escape").decode()
            for letter in super().__str__()
        )


class UsageError(DistsnnError):
    """A command line or a call asks for something that does not exist or makes no sense."""


class NetworkError(DistsnnError):
    """A network description is wrong: names, sizes, parameters, rules."""


class InputFileError(DistsnnError):
    """A file that the user named cannot be read as what it should be."""


class OutputFileError(DistsnnError):
    """A file or folder that the user named cannot be written."""


class ChipError(DistsnnError):
    """A chip description is wrong."""


class CapacityError(DistsnnError):
    """The network does not fit the chip, the machine or the packet format."""


class LaunchError(DistsnnError):
    """MPI was started in a way that cannot work: launcher and library differ, too many ranks."""


class KernelError(DistsnnError):
    """A kernel was called with arrays of another kind than it was declared for, or failed to build."""


class SimulationError(DistsnnError):
    """The running simulation found a state that it must not go on from (NaN, overflow)."""

    exit_code = 3
