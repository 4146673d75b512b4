"""Loads a network from a user's own Python file, which is executed as a program."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

from distsnn.errors import DistsnnError, InputFileError


def load_build(path: Path) -> Callable[..., Any]:
    """Return the function ``build`` of a Python file, which may import modules from its own folder.

    Raises InputFileError, naming file and line, if the file cannot be executed or defines no ``build``.
    """
    if not path.is_file():
        got = "a folder" if path.is_dir() else "a path that does not exist"
        raise InputFileError(
            f"network file {path}: must be a Python file, got {got}. Check the path."
        )
    module = guarded(path, lambda: _run(path))
    build = vars(module).get("build")
    if not callable(build):
        raise InputFileError(
            f"network file {path}: has no function build(). Define one that returns a Network."
        )
    return build  # type: ignore[no-any-return]


def _run(path: Path) -> ModuleType:
    """Execute a Python file as a module of its own and return the module."""
    name = f"distsnn_network_{path.stem}"
    loader = SourceFileLoader(name, str(path.resolve()))
    specification = spec_from_file_location(name, path.resolve(), loader=loader)
    if specification is None:
        raise InputFileError(f"network file {path}: is no Python file. Name one that ends in .py.")
    module = module_from_spec(specification)
    # Dataclasses and pickling look a class's module up by name.
    sys.modules[name] = module
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    loader.exec_module(module)
    return module


def guarded(path: Path, action: Callable[[], Any]) -> Any:
    """Return the result of ``action``, which runs a user's code; errors name the file and the line.

    An error raised by distsnn keeps its class. Any other exception becomes an InputFileError.
    """
    try:
        return action()
    except DistsnnError as error:
        location = _own_line(path, error)
        raise type(error)(
            f"network file {path}: {location}{error}" if location else str(error)
        ) from error
    except (Exception, SystemExit) as error:
        raise InputFileError(_failure(path, error)) from error


def _failure(path: Path, error: BaseException) -> str:
    """Return a message with the last line of the user's file that ran before the error."""
    kind = f"{type(error).__name__}: {' '.join(str(error).split())}".rstrip(": ")
    if isinstance(error, SyntaxError):
        location = f"line {error.lineno} " if error.lineno else ""
        if error.filename and Path(error.filename).resolve() != path.resolve():
            location = f"{error.filename}, {location}"
        return f"network file {path}: {location}raised {type(error).__name__}: {error.msg}. Correct it."
    location = _own_line(path, error).replace(": ", " ")
    # If the error was raised in another file of the same folder, that line is named too.
    last = traceback.extract_tb(error.__traceback__)[-1]
    last_file = Path(last.filename).resolve()
    if (
        last_file != path.resolve()
        and last_file.is_file()
        and path.resolve().parent in last_file.parents
    ):
        location += f"({last_file.name}, line {last.lineno}) "
    return f"network file {path}: {location}raised {kind}. Correct it."


def _own_line(path: Path, error: BaseException) -> str:
    """Return text such as ``line 7: ``, the innermost line of the file in the traceback."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).resolve() == path.resolve()]
    return f"line {own[-1].lineno}: " if own else ""
