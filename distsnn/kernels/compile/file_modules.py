"""Modules with kernels outside the package: a user's file, a rule generated from text.

A file that is imported is a program that is executed: name only files that you would also run.
"""

from __future__ import annotations

import hashlib
import importlib.util
import linecache
import sys
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from distsnn.checks import must_be, regular_file, shown
from distsnn.errors import InputFileError, NetworkError

MAX_BYTES = 1 << 24  # of a Python file
Defined = TypeVar("Defined")


def import_file(path: Path, prefix: str, kind: str = "file") -> ModuleType:
    """Execute a file under a name of its own, which starts with ``prefix`` and changes with its text.

    The same text at the same place is executed once. kind: what messages call it. Raises
    InputFileError where it cannot be read, NetworkError where it fails at import.
    """
    thing = f"{kind} {path}"
    regular_file(thing, str(path), MAX_BYTES)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputFileError(
            must_be(thing, "readable", error.strerror, "Check its mode.")
        ) from error
    full = path.resolve()
    digest = hashlib.sha256(str(full).encode("utf-8", "surrogateescape") + b"\0" + content)
    name = f"{prefix}_{path.stem}_{digest.hexdigest()[:16]}"
    if name in sys.modules:
        return sys.modules[name]
    specification = importlib.util.spec_from_file_location(name, full)
    if specification is None or specification.loader is None:
        raise InputFileError(must_be(thing, "a Python file", path.name, "Name it with .py."))
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    try:
        specification.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        text = " ".join(str(error).split())
        raise NetworkError(
            f"{thing}: fails at import with {type(error).__name__}: {text}. "
            "Run it with python to see where."
        ) from error
    return module


def module_of_text(text: str, prefix: str) -> ModuleType:
    """Return the module that ``text`` defines. It is kept in memory only; its text names it."""
    name = f"{prefix}_{hashlib.sha256(text.encode()).hexdigest()[:16]}"
    if name not in sys.modules:
        module = ModuleType(name)
        sys.modules[name] = module  # dataclasses in the text look for it there
        try:
            exec(compile(text, f"<{name}>", "exec"), vars(module))
        except BaseException:
            del sys.modules[name]
            raise
        # for tracebacks, and for what reads the source of its functions
        linecache.cache[f"<{name}>"] = (len(text), None, text.splitlines(True), f"<{name}>")
    return sys.modules[name]


def chosen(thing: str, found: dict[str, type[Defined]], wanted: str, what: str) -> type[Defined]:
    """Return the class of that name, or the only one. what: how such a class is written."""
    if wanted in found:
        return found[wanted]
    if len(found) == 1 and not wanted:
        return next(iter(found.values()))
    limit = f"a file with a class {wanted}" if wanted else "a file with one class, or path.py:Name"
    got = shown(", ".join(found)) if found else "none"
    raise NetworkError(f"{thing}: must be {limit}, got {got}. {what}")
