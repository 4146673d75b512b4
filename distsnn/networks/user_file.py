"""A network from a user's own Python file, which is a program and is executed."""

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
    """Return the function ``build`` of a Python file, whose folder may hold modules of its own.

    Raises InputFileError, which names file and line, for a file that cannot be run or has none.
    """
    if not path.is_file():
        got = "a folder" if path.is_dir() else "a path that does not exist"
        raise InputFileError(
            f"network file {path}: must be a Python file, got {got}. Check the path."
        )
    module = guarded(path, lambda: _run(path))
    build = getattr(module, "build", None)
    if not callable(build):
        raise InputFileError(
            f"network file {path}: has no function build(). Define one that returns a Network."
        )
    return build  # type: ignore[no-any-return]


def _run(path: Path) -> ModuleType:
    name = f"distsnn_network_{path.stem}"
    loader = SourceFileLoader(name, str(path.resolve()))
    specification = spec_from_file_location(name, path.resolve(), loader=loader)
    if specification is None:
        raise InputFileError(f"network file {path}: is no Python file. Name one that ends in .py.")
    module = module_from_spec(specification)
    sys.modules[name] = module
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    loader.exec_module(module)
    return module


def guarded(path: Path, action: Callable[[], Any]) -> Any:
    """Return what ``action`` returns; whatever the user's code raises becomes InputFileError.

    What distsnn itself found wrong keeps its class and says in which line of the file it came up.
    """
    try:
        return action()
    except DistsnnError as error:
        where = _own_line(path, error)
        raise type(error)(
            f"network file {path}: {where}{error}" if where else str(error)
        ) from error
    except (Exception, SystemExit) as error:
        raise InputFileError(_failure(path, error)) from error


def _failure(path: Path, error: BaseException) -> str:
    """Say where it went wrong: the last line of the user's file, else of any file, that was run."""
    kind = f"{type(error).__name__}: {' '.join(str(error).split())}".rstrip(": ")
    if isinstance(error, SyntaxError):
        where = f"line {error.lineno} " if error.lineno else ""
        if error.filename and Path(error.filename).resolve() != path.resolve():
            where = f"{error.filename}, {where}"
        return (
            f"network file {path}: {where}raised {type(error).__name__}: {error.msg}. Correct it."
        )
    where = _own_line(path, error).replace(": ", " ")
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = Path(last.filename).resolve()
    if place != path.resolve() and place.is_file() and path.resolve().parent in place.parents:
        where += f"({place.name}, line {last.lineno}) "
    return f"network file {path}: {where}raised {kind}. Correct it."


def _own_line(path: Path, error: BaseException) -> str:
    """Return ``line 7: ``, the last line of the user's file on the way to the error."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).resolve() == path.resolve()]
    return f"line {own[-1].lineno}: " if own else ""
