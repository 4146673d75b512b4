"""The process that compiles kernels; ``build`` starts it.

It reads requests from its standard input, marshalled tuples of

    (title, file, key, "module", name)    the kernels of a module of this room
    (title, file, key, "parcel", name, signature, functions)

and writes one object file each. It runs no file of the user's. It ends when its parent does.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import marshal
import os
import re
import signal
import sys
from collections import namedtuple
from pathlib import Path
from types import CellType, FunctionType, ModuleType
from typing import Any

import numpy as np

from distsnn.kernels.compile import object_file
from distsnn.kernels.compile.declare import Kernel
from distsnn.kernels.compile.parcel import Node
from distsnn.kernels.compile.signature import Signature

PR_SET_PDEATHSIG = 1
NO_REASON = re.compile(r"(failed in|during:|\[\d+\] during)", re.IGNORECASE)


def main(parent: int) -> None:
    """Compile what standard input asks for; exit with code 2 and one line if it fails."""
    end_with_parent(parent)
    requests = marshal.loads(sys.stdin.buffer.read())
    if len(requests) == 1:  # a twentieth of the time for some memory, which ends with the process
        gc.disable()
    for title, path, key, kind, *content in requests:
        try:
            object_file.write(Path(path), key, compiled(kind, content))
        except Exception as error:
            print(f"{title}: {reason(error)}", file=sys.stderr, flush=True)
            sys.exit(2)


def end_with_parent(parent: int) -> None:
    """Have the operating system kill this process when its parent ends; exit if it has ended."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(1)


def compiled(kind: str, content: list[Any]) -> object_file.Kernels:
    """Return the object code of a request."""
    from distsnn.kernels.compile.compiler import entry

    if kind == "module":
        module = importlib.import_module(content[0])
        found = [item for item in vars(module).values() if isinstance(item, Kernel)]
        kernels = [item for item in found if item.module == module.__name__]
    else:
        name, signature, functions = content
        function = Unpacker(functions).kernel()
        kernels = [Kernel(function, Signature.parse(signature), "", name)]
    code = {}
    for kernel in kernels:
        made = entry(kernel)
        code[kernel.name] = (made.native_name, made._library._get_compiled_object())
    return code


class Unpacker:
    """Recreates the functions of a parcel; those that a kernel calls are compiled functions."""

    def __init__(self, functions: tuple[Node, ...]) -> None:
        self.records = functions
        self.made: dict[int, Any] = {}

    def kernel(self) -> FunctionType:
        """Return the kernel, which calls compiled functions and is not compiled itself."""
        return self._function(0)

    def _function(self, number: int) -> FunctionType:
        from distsnn.kernels.compile.compiler import jit

        code, defaults, cells, names, options = self.records[number]
        around: dict[str, Any] = {"__name__": "distsnn_parcel"}
        closure = tuple(CellType() for _ in cells)
        function = FunctionType(code, around, code.co_name, None, closure or None)
        # Registered before its values are created, since it may call itself.
        chosen = dict(options) or {"forceinline": True}
        self.made[number] = function if number == 0 else jit(function, **chosen)
        function.__defaults__ = tuple(self.value(value) for value in defaults) or None
        for cell, value in zip(closure, cells, strict=True):
            cell.cell_contents = self.value(value)
        for name, value in names:
            if value[0] != "unknown":
                around[name] = self.value(value)
        return function

    def value(self, node: Node) -> Any:
        """Return the object that a value of the parcel represents."""
        kind, *parts = node
        if kind == "plain":
            return parts[0]
        if kind == "tuple":
            return tuple(self.value(part) for part in parts[0])
        if kind == "scalar":
            return np.frombuffer(parts[1], dtype=parts[0])[0]
        if kind == "array":
            return np.frombuffer(parts[2], dtype=parts[0]).reshape(parts[1])
        if kind == "record":
            return namedtuple(parts[0], parts[1])
        if kind == "module":
            return importlib.import_module(parts[0])
        if kind == "name":
            return getattr(importlib.import_module(parts[0]), parts[1])
        if kind == "function":
            return self.made.get(parts[0]) or self._made(parts[0])
        if kind == "space":
            space = ModuleType(parts[0])
            held = [(name, value) for name, value in parts[1] if value[0] != "unknown"]
            vars(space).update({name: self.value(value) for name, value in held})
            return space
        raise TypeError(f"reads a {parts[0]}, which compiled code cannot")

    def _made(self, number: int) -> Any:
        self._function(number)
        return self.made[number]


def reason(error: Exception) -> str:
    """Return the cause and position of a compilation error in one line."""
    if isinstance(error, OSError):
        return f"cannot be written ({error.strerror})"
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(error))
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    places = [line.rstrip(":") for line in lines if re.match('File "[^<]', line)]
    told = [line for line in lines if not NO_REASON.match(line)]
    what = told[0] if told else type(error).__name__
    where = f" ({places[-1]})" if places else ""
    return f"does not compile: {what}{where}. Run with DISTSNN_KERNELS=numba to see more."
