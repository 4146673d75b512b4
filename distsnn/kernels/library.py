"""Finds, builds and loads the object code of kernel modules.

One process per machine compiles a module (file lock), the others wait and then only load. The
object file's name is a digest of all that it depends on: the module's text, the text of every file
of this room, the compiler's versions and the processor. Files are written beside and renamed, so a
reader sees a whole file or none.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import hashlib
import os
import pickle
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from distsnn.errors import KernelError

C_FUNCTIONS = {
    "libc.so.6": ("memset", "memcpy", "memmove"),
    "libm.so.6": (
        "exp", "expf", "exp2", "expm1", "expm1f", "log", "logf", "log1p", "log1pf", "log2", "pow",
        "powf", "sin", "cos", "tanh", "floor", "ceil", "fmod", "lgamma", "round", "erf", "erfc",
    ),
}  # fmt: skip

# Named in every compiled entry for Python exceptions, which kernels never raise. One name that is
# not found would leave all others unresolved, so they lead to an abort.
NEVER_CALLED = (
    "numba_gil_ensure", "numba_gil_release", "numba_unpickle", "numba_do_raise",
    "numba_runtime_build_excinfo_struct",
)  # fmt: skip

_engines: list[Any] = []  # loaded code lives as long as the process
_addresses: dict[tuple[str, str], int] = {}


def cache_folder() -> Path:
    """Return the private folder of object files (``DISTSNN_CACHE`` overrides it)."""
    chosen = os.environ.get("DISTSNN_CACHE")
    if chosen:
        folder = Path(chosen)
    else:
        base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
        folder = Path(base) / "distsnn"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise KernelError(
            f"kernel cache: cannot make {folder} ({error.strerror}). "
            "Set DISTSNN_CACHE to a folder that can be written."
        ) from error
    _require_private(folder)
    return folder


def _require_private(folder: Path) -> None:
    """Object files are executed: nobody else may be able to put one there."""
    status = folder.stat()
    if status.st_uid != os.getuid() or status.st_mode & 0o022:
        raise KernelError(
            f"kernel cache: {folder} can be written by others. "
            f"Run chmod 700 on it, or set DISTSNN_CACHE to a folder of your own."
        )


@lru_cache(maxsize=1)
def _common_digest() -> bytes:
    import llvmlite.binding as llvm

    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    features = llvm.get_host_cpu_features().flatten()
    for fact in (version("numba"), version("llvmlite"), llvm.get_host_cpu_name(), features):
        digest.update(fact.encode() + b"\0")
    digest.update(sys.version.encode())
    return digest.digest()


def module_file(module: str) -> Path:
    """Return the source file of a module name or of ``file:PATH:NAME``."""
    if module.startswith("file:"):
        return Path(module[len("file:") :].rpartition(":")[0])
    loaded = sys.modules.get(module)
    if loaded is not None and loaded.__file__:
        return Path(loaded.__file__)
    return Path(__file__).parents[2].joinpath(*module.split(".")).with_suffix(".py")


def object_file(module: str) -> Path:
    """Return where the object code of ``module`` is or will be."""
    digest = hashlib.sha256(_common_digest() + module_file(module).read_bytes()).hexdigest()[:32]
    return cache_folder() / f"{module.rpartition('.')[2].rpartition(':')[2]}-{digest}.obj"


@contextlib.contextmanager
def _compile_lock() -> Iterator[None]:
    with open(cache_folder() / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def ensure_compiled(modules: Iterable[str]) -> bool:
    """Compile what has no object file yet; return whether anything was compiled here."""
    located = [_locatable(name) for name in modules]
    missing = [name for name in located if not object_file(name).exists()]
    if not missing:
        return False
    with _compile_lock():
        missing = [name for name in missing if not object_file(name).exists()]
        if missing:
            _compile(missing)
    return bool(missing)


def _compile(modules: list[str]) -> None:
    print(
        f"distsnn: compiling {len(modules)} kernel files for this machine (once) ...",
        file=sys.stderr,
        flush=True,
    )
    pairs = [f"{name}={object_file(name)}" for name in modules]
    environment = {**os.environ, "DISTSNN_KERNELS": "compile"}
    root = str(Path(__file__).parents[2])
    environment["PYTHONPATH"] = os.pathsep.join([root, environment.get("PYTHONPATH", "")])
    command = [sys.executable, "-m", "distsnn.kernels.compiler", *pairs]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        lines = [line for line in done.stderr.strip().splitlines() if line.strip()]
        raise KernelError(
            f"kernels {', '.join(modules)}: do not compile: {lines[-1] if lines else 'no reason'}. "
            f"Run with DISTSNN_KERNELS=numba to see where.\n{done.stderr[-4000:]}"
        )


def function_address(module: str, name: str) -> int:
    """Return the address of a compiled kernel, compiling and loading its module if need be."""
    if (module, name) not in _addresses:
        _load(_locatable(module))
    return _addresses[module, name]


def _locatable(module: str) -> str:
    """A module from outside the package is found again by its path."""
    if module.startswith("distsnn."):
        return module
    file = getattr(sys.modules.get(module), "__file__", None)
    return f"file:{file}:{module}" if file else module


@lru_cache(maxsize=1)
def _offer_c_functions() -> None:
    """Name the C functions that the compiler may call: the loader finds not all by itself."""
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


def _load(module: str) -> None:
    import llvmlite.binding as llvm

    ensure_compiled([module])
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    _offer_c_functions()
    with open(object_file(module), "rb") as file:
        compiled: dict[str, tuple[str, bytes]] = pickle.load(file)
    machine = llvm.Target.from_default_triple().create_target_machine()
    engine = llvm.create_mcjit_compiler(llvm.parse_assembly(""), machine)
    for _, code in compiled.values():
        engine.add_object_file(llvm.ObjectFileRef.from_data(code))
    engine.finalize_object()
    plain_name = module.rpartition(":")[2] if module.startswith("file:") else module
    for name, (symbol, _) in compiled.items():
        _addresses[plain_name, name] = engine.get_function_address(symbol)
    _engines.append(engine)
