"""A kernel as data: the code of all functions that it reaches and the values that they read.

The compiling process never runs a file of the user's: a script without a guard would start again, and
a notebook has no file. It gets a parcel, made of what the functions are in this process. The same
parcel says when machine code is stale: whatever a kernel depends on is in it, wherever it was defined,
and nothing else; neither file names nor line numbers count. Functions of this room, of numpy and of
``math`` travel by name.
"""

from __future__ import annotations

import hashlib
import importlib
import sys
from dataclasses import dataclass
from types import CodeType, FunctionType, ModuleType
from typing import Any

import numpy as np

from distsnn.errors import KernelError
from distsnn.kernels.compile.signature import is_record

ROOM = "distsnn.kernels"
# What these define does not change between two versions of the compiler, or is digested with it.
BY_NAME = ("numpy", "math", "cmath", "operator", "builtins", "numba")
PLAIN = (type(None), bool, int, float, complex, str, bytes, type(Ellipsis))

Node = tuple[Any, ...]


@dataclass(frozen=True)
class Parcel:
    """functions[0] is the kernel; see ``_Packer`` for what a record and a value look like.

    Everything in it is plain data or a code object, so that ``marshal`` carries it from one process
    to another of the same Python.
    """

    name: str
    signature: str
    functions: tuple[Node, ...]

    def digest(self) -> bytes:
        """Return a digest of all that the machine code depends on."""
        facts = (self.name, self.signature, _facts(self.functions))
        return hashlib.sha256(repr(facts).encode("utf-8", "surrogatepass")).digest()


def pack(function: FunctionType, name: str, signature: str) -> Parcel:
    """Return a kernel's parcel. Raises KernelError if it reads a value that compiled code cannot."""
    return Parcel(name, signature, _Packer(name).pack(function))


def _facts(node: Any) -> Any:
    """Return a node without file names, line numbers and set order, which do not affect the code."""
    if isinstance(node, CodeType):
        return (
            node.co_argcount, node.co_posonlyargcount, node.co_kwonlyargcount, node.co_flags,
            node.co_code, getattr(node, "co_exceptiontable", b""), node.co_names, node.co_varnames,
            node.co_freevars, node.co_cellvars, _facts(node.co_consts),
        )  # fmt: skip
    if isinstance(node, tuple):
        return tuple(_facts(part) for part in node)
    if isinstance(node, frozenset):
        return ("set", *sorted(repr(part) for part in node))
    return node


class _Packer:
    """Collects functions in the order in which they are encountered.

    A function: (code, defaults, cells, globals, options); defaults and cells are tuples of values,
    globals of (name, value). options: of numba's decorator, where the user wrote it. A value is one
    of

        ("plain", value)  ("tuple", values)  ("scalar", dtype, bytes)  ("array", dtype, shape, bytes)
        ("module", name)  ("name", module, name)  ("space", name, attributes)  ("function", number)
        ("record", name, fields)  ("unknown", type)
    """

    def __init__(self, kernel: str) -> None:
        self.kernel = kernel
        self.functions: list[Node] = []
        self._numbers: dict[int, int] = {}
        self._kept: list[Any] = []  # kept alive, so that no other object gets the same id
        self._open: set[int] = set()  # modules and classes that are being looked through

    def pack(self, function: FunctionType) -> tuple[Node, ...]:
        """Return the records of a function and of all that it reaches."""
        self._function(function, ())
        return tuple(self.functions)

    def _function(self, function: FunctionType, options: Node) -> Node:
        if id(function) in self._numbers:
            return ("function", self._numbers[id(function)])
        number = self._numbers[id(function)] = len(self.functions)
        self._kept.append(function)
        self.functions.append(())
        names = names_of(function.__code__)
        values = [self.value(value, names) for value in function.__defaults__ or ()]
        self.functions[number] = (
            function.__code__,
            tuple(values),
            tuple(self._cell(function, cell, names) for cell in function.__closure__ or ()),
            tuple(
                (name, self.value(function.__globals__[name], names))
                for name in names
                if name in function.__globals__
            ),
            options,
        )
        return ("function", number)

    def _cell(self, function: FunctionType, cell: Any, names: tuple[str, ...]) -> Node:
        try:
            return self.value(cell.cell_contents, names)
        except ValueError:
            raise KernelError(
                f"kernel {self.kernel}: {function.__name__} reads a name that has no value yet. "
                "Define it before."
            ) from None

    def value(self, value: Any, names: tuple[str, ...]) -> Node:
        """Return a value as data. names: what the code may ask a module or class for."""
        if isinstance(value, PLAIN):
            return ("plain", _plain(value))
        if isinstance(value, np.generic):
            return ("scalar", value.dtype.str, value.tobytes())
        if isinstance(value, np.ndarray) and value.dtype.kind in "biufc":
            return ("array", value.dtype.str, value.shape, np.ascontiguousarray(value).tobytes())
        if type(value) is tuple:
            return ("tuple", tuple(self.value(part, names) for part in value))
        if isinstance(value, ModuleType) and _travels_by_name(value.__name__):
            return ("module", value.__name__)
        named = _named(value)
        if named is not None:
            return ("name", *named)
        if isinstance(value, FunctionType):
            return self._function(value, ())
        if isinstance(getattr(value, "py_func", None), FunctionType):
            return self._function(value.py_func, _options_of(value))
        if isinstance(value, type) and is_record(value):
            return ("record", value.__name__, value._fields)
        if isinstance(value, (ModuleType, type)):
            return self._space(value, names)
        return ("unknown", type(value).__name__)

    def _space(self, space: Any, names: tuple[str, ...]) -> Node:
        """Return those attributes of a user's module or class that the code may ask for."""
        if id(space) in self._open:  # a cycle
            return ("unknown", type(space).__name__)
        self._open.add(id(space))
        held = vars(space)
        found = tuple((name, self.value(held[name], names)) for name in names if name in held)
        self._open.remove(id(space))
        return ("space", space.__name__, found)


def _plain(value: Any) -> Any:
    """Return a value of exactly a plain type: an ``IntEnum`` is its number."""
    for kind in (bool, int, float, complex, str, bytes):
        if isinstance(value, kind):
            return kind(value)
    return value


def names_of(code: CodeType) -> tuple[str, ...]:
    """Return every name that a function's code reads, of globals and of attributes, sorted."""
    found = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found.update(names_of(constant))
    return tuple(sorted(found))


def _travels_by_name(module: str) -> bool:
    return module.partition(".")[0] in BY_NAME or f"{module}.".startswith(f"{ROOM}.")


def _named(value: Any) -> tuple[str, str] | None:
    """Return module and name of an object that the compiling process can import."""
    if isinstance(value, np.ufunc):
        places = [("numpy", value.__name__)]
    elif type(value).__module__.partition(".")[0] == "numba" and not hasattr(value, "py_func"):
        places = [("numba", str(value))]  # a type, such as numba.int64
    else:
        module, name = getattr(value, "__module__", None), getattr(value, "__name__", None)
        if not isinstance(module, str) or not isinstance(name, str):
            return None
        places = [(module, name)]
    for module, name in places:
        if _travels_by_name(module):
            known = sys.modules.get(module) or importlib.import_module(module)
            if getattr(known, name, None) is value:
                return module, name
    return None


def _options_of(dispatcher: Any) -> Node:
    """Return the options that a user passed to numba's decorator."""
    options = getattr(dispatcher, "targetoptions", {})
    kept = [(k, v) for k, v in options.items() if isinstance(v, PLAIN) and k != "nopython"]
    return tuple(sorted(kept, key=lambda pair: pair[0]))
