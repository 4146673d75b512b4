"""Finds, builds and loads the object code of kernels.

One process per machine compiles (file lock), the others wait and then only load. An object file's name
is a digest of all that it depends on: the text of every file of this room, the versions of Python,
compiler and numpy, the processor, and for kernels from elsewhere all code and values that they reach
(``parcel``). What lies in the cache is checked before it is used (``object_file``).
"""

from __future__ import annotations

import ctypes
import hashlib
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from distsnn.errors import KernelError
from distsnn.kernels.compile import object_file
from distsnn.kernels.compile.cache import CHOICE_OF_PROCESSOR, CHOOSE, cache_folder, writing
from distsnn.kernels.compile.object_file import Kernels
from distsnn.kernels.compile.parcel import ROOM, pack
from distsnn.kernels.compile.signature import Declared, mode

C_FUNCTIONS = {
    "libc.so.6": ("memset", "memcpy", "memmove"),
    "libm.so.6": (
        "exp", "expf", "exp2", "expm1", "expm1f", "log", "logf", "log1p", "log1pf", "log2", "pow",
        "powf", "sin", "cos", "tanh", "floor", "ceil", "fmod", "lgamma", "round", "erf", "erfc",
    ),
}  # fmt: skip

# Symbols for Python exceptions in every compiled entry, which kernels never raise. An unresolved symbol
# would leave all others unresolved, so they are mapped to abort.
NEVER_CALLED = (
    "numba_gil_ensure", "numba_gil_release", "numba_unpickle", "numba_do_raise",
    "numba_runtime_build_excinfo_struct",
)  # fmt: skip

_engines: list[Any] = []  # loaded code stays alive until the process ends
_addresses: dict[str, dict[str, int]] = {}  # by key and name
_checked: dict[str, Kernels] = {}  # read and verified, not loaded yet; by key


@dataclass(frozen=True)
class Unit:
    """The kernels that are compiled to one object file.

    title: what messages call it. stem: how its file's name begins; the same kernel in another file
    of the user's is the same object. content: as the compiling process gets it.
    """

    title: str
    stem: str
    key: str
    content: tuple[object, ...]

    @property
    def path(self) -> Path:
        """Path of its object file."""
        return cache_folder() / f"{self.stem}-{self.key}{object_file.SUFFIX}"


@lru_cache(maxsize=1)
def _common_digest() -> bytes:
    import llvmlite.binding as llvm
    import numpy as np

    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parents[1].rglob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    features = llvm.get_host_cpu_features().flatten()
    versions = (version("numba"), version("llvmlite"), np.__version__, sys.version)
    chosen = (os.environ.get(name, "") for name in CHOICE_OF_PROCESSOR)
    for fact in (*versions, llvm.get_host_cpu_name(), features, *chosen):
        digest.update(fact.encode("utf-8", "surrogateescape") + b"\0")
    return digest.digest()


def unit_of(item: str | Declared) -> Unit:
    """Return the unit of a module of this room, or of a kernel from anywhere."""
    if isinstance(item, str):
        return _unit_of_module(item)
    if item.module.startswith(f"{ROOM}."):
        module = sys.modules.get(item.module)
        if getattr(module, item.name, None) is item:
            return _unit_of_module(item.module)
    # Created each time: any value that the kernel reads may have changed, as in a notebook.
    parcel = pack(item.python, item.name, item.signature.text)  # type: ignore[arg-type]
    key = hashlib.sha256(_common_digest() + parcel.digest()).hexdigest()[:32]
    content = ("parcel", parcel.name, parcel.signature, parcel.functions)
    return Unit(f"{item.module.rpartition('.')[2]}.{item.name}", item.name, key, content)


@cache
def _unit_of_module(name: str) -> Unit:
    if not name.startswith(f"{ROOM}."):
        raise KernelError(f"kernel module {name}: must be one of {ROOM}. Give its kernels.")
    key = hashlib.sha256(_common_digest() + name.encode()).hexdigest()[:32]
    stem = name.rpartition(".")[2]
    return Unit(stem, stem, key, ("module", name))


def ensure_compiled(items: Iterable[str | Declared]) -> bool:
    """Compile units without a valid object file; return whether this process compiled any.

    items: names of modules of this room, and kernels from elsewhere. Only object code is compiled
    beforehand (``DISTSNN_KERNELS``).
    """
    if mode() != "object":
        return False
    units = {unit.key: unit for unit in map(unit_of, items)}
    missing = [unit for unit in units.values() if not _is_at_hand(unit)]
    if not missing:
        return False
    wanted = ", ".join(unit.title for unit in missing[:3]) + ", ..." * (len(missing) > 3)
    with writing(cache_folder(), wanted):
        missing = [unit for unit in missing if not _is_at_hand(unit)]
        if missing:
            _compile(missing)
    return bool(missing)


def _is_at_hand(unit: Unit) -> bool:
    """Return whether a unit is loaded, or was read from the cache and verified."""
    if unit.key in _addresses or unit.key in _checked:
        return True
    found = object_file.read(unit.path, unit.key)
    if found is not None:
        _checked[unit.key] = found
    return found is not None


def _compile(units: list[Unit]) -> None:
    from distsnn.kernels.compile.build import build

    print(
        f"distsnn: compiling {len(units)} kernel files for this machine (once) ...",
        file=sys.stderr,
        flush=True,
    )
    requests = tuple((unit.title, str(unit.path), unit.key, *unit.content) for unit in units)
    build(requests, [unit.title for unit in units])
    for unit in units:
        if not _is_at_hand(unit):
            raise KernelError(
                f"kernel cache {unit.path}: must be readable after it was written. {CHOOSE}"
            )


def function_address(kernel: Declared) -> int:
    """Return the address of a compiled kernel, compiling and loading it if need be."""
    unit = unit_of(kernel)
    if unit.key not in _addresses:
        _load(unit, kernel)
    return _addresses[unit.key][kernel.name]


@lru_cache(maxsize=1)
def _offer_c_functions() -> None:
    """Register the C functions that compiled code may call; the loader does not find all of them."""
    import llvmlite.binding as llvm

    for library, names in C_FUNCTIONS.items():
        functions = ctypes.CDLL(library)
        for name in names:
            address = ctypes.cast(getattr(functions, name), ctypes.c_void_p).value
            llvm.add_symbol(name, address)
    abort = ctypes.cast(ctypes.CDLL("libc.so.6").abort, ctypes.c_void_p).value
    for name in NEVER_CALLED:
        if llvm.address_of_symbol(name) is None:
            llvm.add_symbol(name, abort)


def _load(unit: Unit, kernel: Declared) -> None:
    import llvmlite.binding as llvm

    ensure_compiled([kernel])
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    _offer_c_functions()
    compiled = _checked.pop(unit.key)
    machine = llvm.Target.from_default_triple().create_target_machine()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    for _, code in compiled.values():
        engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    _addresses[unit.key] = {
        name: engine.get_function_address(symbol) for name, (symbol, _) in compiled.items()
    }
    _engines.append(engine)
