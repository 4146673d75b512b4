"""Modules with kernels that lie outside the package: a user's own rule, a rule made from text."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

from distsnn.errors import InputFileError, KernelError, NetworkError
from distsnn.kernels.library import cache_folder


def import_file(path: Path, prefix: str) -> ModuleType:
    """Import a file under a name of its own, which starts with ``prefix`` and changes with its text.

    Raises InputFileError where it cannot be read, NetworkError where it fails at import.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputFileError(
            f"file {path}: cannot be read ({error.strerror}). Check the path."
        ) from error
    full = path.resolve()
    digest = hashlib.sha256(str(full).encode() + b"\0" + content).hexdigest()[:16]
    name = f"{prefix}_{path.stem}_{digest}"
    if name in sys.modules:
        return sys.modules[name]
    specification = importlib.util.spec_from_file_location(name, full)
    if specification is None or specification.loader is None:
        raise InputFileError(f"file {path}: is not a Python file. Name it with .py.")
    module = importlib.util.module_from_spec(specification)
    sys.modules[name] = module
    try:
        specification.loader.exec_module(module)
    except Exception as error:
        del sys.modules[name]
        raise NetworkError(
            f"file {path}: fails at import with {type(error).__name__}: {error}. "
            "Run it with python to see where."
        ) from error
    return module


def module_of_text(text: str, prefix: str) -> ModuleType:
    """Return the module that ``text`` defines; it is kept as a file beside the object code.

    Every rank writes the same file under a name of its own and renames it, so a reader sees a whole
    file or none.
    """
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    path = cache_folder() / f"{prefix}_{digest}.py"
    if not path.exists():
        temporary = path.with_suffix(f".{os.getpid()}")
        try:
            temporary.write_text(text, encoding="utf-8")
            os.replace(temporary, path)
        except OSError as error:
            raise KernelError(
                f"kernel cache: cannot write {path} ({error.strerror}). "
                "Set DISTSNN_CACHE to a folder that can be written."
            ) from error
    return import_file(path, prefix)
