"""Parses the command line and runs the command that it names."""

from __future__ import annotations

import argparse
import difflib
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NoReturn

from distsnn.comm.launch.environment import find_launcher
from distsnn.errors import CapacityError, InputFileError, UsageError
from distsnn.version import __version__

COMMANDS = ("run", "traffic", "plan", "models", "gallery", "sdnn", "lsm", "camera", "nir", "sonata")
MAX_NAME = 100  # characters of a path in a message


class Parser(argparse.ArgumentParser):
    """Reports errors in one line, on one rank; accepts no abbreviated options."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{**settings, "allow_abbrev": False})

    def error(self, message: str) -> NoReturn:
        """Raise UsageError instead of printing the usage on every rank."""
        text = " ".join(message.split())
        raise UsageError(f"{_name(self)}: {text}. Try {self.prog} -h.")

    def _get_values(self, action: argparse.Action, arg_strings: list[str]) -> Any:
        """Return the values of an argument; argparse would take ``--name=--`` for no value at all."""
        if action.option_strings and "--" in arg_strings:
            raise argparse.ArgumentError(action, "must be a value, got '--'")
        return super()._get_values(action, arg_strings)  # type: ignore[misc]

    def _print_message(self, message: str, file: Any = None) -> None:
        """Print help and version on the first rank only."""
        if find_launcher().rank == 0:
            super()._print_message(message, file or sys.stdout)


def make_parser() -> tuple[Parser, dict[str, Parser]]:
    """Return the parser of the whole command line, and those of the commands by name."""
    parser = Parser(
        prog="distsnn",
        description="Spiking networks simulated the way a neuromorphic chip runs them.",
        epilog="Under mpirun every command runs on all ranks. Each has its own -h.",
    )
    parser.add_argument("--version", action="version", version=f"distsnn {__version__}")
    subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    commands = {}
    for name in COMMANDS:
        if find_spec(f"distsnn.cli.{name}") is not None:
            module = import_module(f"distsnn.cli.{name}")
            commands[name] = subparsers.add_parser(name, help=module.HELP, description=module.HELP)
            module.add_arguments(commands[name])
    return parser, commands


def run_command(arguments: Sequence[str]) -> int:
    """Parse a command line and run its command; return the exit code."""
    parser, commands = make_parser()
    for argument in arguments:
        if "\0" in argument:
            raise UsageError(
                f"argument {argument!r}: must be text without null characters. Retype it."
            )
    _require_known_command(arguments, list(commands))
    options, unknown = parser.parse_known_args(arguments)
    if unknown:
        _refuse(commands.get(options.command, parser), unknown[0])
    if options.command is None:
        parser.print_help()
        return 0
    command = import_module(f"distsnn.cli.{options.command}")
    with refusals():
        return int(command.run(options))


@contextmanager
def refusals() -> Iterator[None]:
    """Turn errors of the operating system, at any depth, into one-line errors of the user."""
    try:
        yield
    except OSError as error:
        if error.filename is None or isinstance(error, BlockingIOError):
            raise
        name, reason = os.fsdecode(error.filename), error.strerror
        raise InputFileError(
            f"{name[:MAX_NAME]}: must be usable, got {reason!r}. Check the path."
        ) from error
    except MemoryError as error:
        got = str(error) or "more than there is"
        raise CapacityError(
            f"memory: must be enough for what was asked for, got {got!r}. Ask for less."
        ) from error


def _require_known_command(arguments: Sequence[str], commands: list[str]) -> None:
    if arguments and not arguments[0].startswith("-") and arguments[0] not in commands:
        from distsnn.checks import must_be

        hint = _hint(arguments[0], commands) or "Try distsnn -h."
        known = ", ".join(commands)
        raise UsageError(must_be("command", f"one of {known}", arguments[0], hint))


def _refuse(parser: argparse.ArgumentParser, argument: str) -> NoReturn:
    """Raise UsageError for an argument that the command does not take."""
    if not argument.startswith("-"):
        raise UsageError(
            f"{_name(parser)}: argument: must be left out, got {argument!r}. Try {parser.prog} -h."
        )
    known = [name for action in parser._actions for name in action.option_strings]
    hint = _hint(argument.partition("=")[0], known) or f"Try {parser.prog} -h."
    raise UsageError(f"{_name(parser)}: option: must be a known name, got {argument!r}. {hint}")


def _name(parser: argparse.ArgumentParser) -> str:
    """Return the command, such as ``lsm train``, without the name of the program."""
    return parser.prog.removeprefix("distsnn").strip() or "command line"


def _hint(got: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(got, known, 1)
    return f"Did you mean {near[0]}?" if near else ""
