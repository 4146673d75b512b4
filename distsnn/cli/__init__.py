"""The command line: the only place that parses arguments.

A command is a module of this package with ``HELP``, ``add_arguments(parser)`` and
``run(options) -> int``. Modules import nothing heavy before ``run``, so that ``-h`` is quick and
never starts MPI.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import NoReturn

from distsnn import __version__
from distsnn.comm.environment import find_launcher
from distsnn.errors import UsageError

COMMANDS = ("run", "traffic", "plan", "models", "gallery", "sdnn", "lsm", "camera")


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, on one rank."""

    def error(self, message: str) -> NoReturn:
        """Raise UsageError instead of printing the usage on every rank."""
        raise UsageError(f"{self.prog}: {message}. Try {self.prog} -h.")

    def print_help(self, file: object = None) -> None:
        """Print the help on the first rank only."""
        if find_launcher().rank == 0:
            super().print_help(sys.stdout)


def run_command(arguments: Sequence[str]) -> int:
    """Parse a command line and do what it says; return the exit code."""
    parser = Parser(
        prog="distsnn",
        description="Spiking networks simulated the way a neuromorphic chip runs them.",
        epilog="Under mpirun every command runs on all ranks. Each has its own -h.",
    )
    parser.add_argument("--version", action="version", version=f"distsnn {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    for name in COMMANDS:
        if find_spec(f"distsnn.cli.{name}") is not None:
            module = import_module(f"distsnn.cli.{name}")
            command = subparsers.add_parser(name, help=module.HELP, description=module.HELP)
            module.add_arguments(command)
    options = parser.parse_args(arguments)
    if options.command is None:
        parser.print_help()
        return 0
    return int(import_module(f"distsnn.cli.{options.command}").run(options))
