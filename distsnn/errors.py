"""The exceptions that distsnn raises deliberately.

A message is one line, ``OBJECT: must be LIMIT, got VALUE. REMEDY.`` (``checks.must_be`` writes it).
The command line prints it and exits with ``exit_code`` on every rank, without a traceback.
"""

from __future__ import annotations

MAX_MESSAGE = 900  # characters


class DistsnnError(Exception):
    """Base of all errors that a user, a file or a machine can cause."""

    exit_code = 2

    def __init__(self, message: object = "") -> None:
        # One line, whatever characters a name, a path or a user's object contains.
        line = " ".join(str(message).splitlines())
        if len(line) > MAX_MESSAGE:
            line = f"{line[: MAX_MESSAGE // 2]} ... {line[-MAX_MESSAGE // 3 :]}"
        super().__init__(line)

    def __str__(self) -> str:
        """Return the message; unprintable characters are escaped."""
        return "".join(
            letter if letter.isprintable() else letter.encode("unicode_escape").decode()
            for letter in super().__str__()
        )


class UsageError(DistsnnError):
    """Invalid arguments of a command or a call."""


class NetworkError(DistsnnError):
    """Invalid network description: names, sizes, parameters or rules."""


class InputFileError(DistsnnError):
    """A file named by the user is missing, unreadable or of the wrong format."""


class OutputFileError(DistsnnError):
    """A file or folder named by the user cannot be written."""


class ChipError(DistsnnError):
    """Invalid chip description."""


class CapacityError(DistsnnError):
    """The network does not fit the chip, the machine or the packet format."""


class LaunchError(DistsnnError):
    """Invalid MPI launch: launcher and library differ, or there are too many ranks."""


class KernelError(DistsnnError):
    """A kernel was called with arrays of the wrong type, or could not be compiled."""


class SimulationError(DistsnnError):
    """A running simulation reached an invalid state (NaN, overflow)."""

    exit_code = 3
