"""How a kernel is declared, bound to its arrays and called.

``@kernel("i8(i8, u4[:], f4[:,:])")`` declares a kernel: it returns an int64, takes first the int64
scalars that change from call to call, then C-contiguous arrays. ``bind(arrays)`` fixes the arrays
and gives the form for a time loop, a call of which costs about half a microsecond.

``DISTSNN_KERNELS`` chooses how kernels run: ``object`` (the default: compiled once per machine,
loaded from object code), ``numba`` (compiled by this process), ``python`` (not compiled: for
debugging). ``compile`` is set by the compiling process itself.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np

from distsnn.errors import KernelError
from distsnn.kernels.compile.signature import DTYPES, Signature, array_table, mode


@dataclass
class Kernel:
    """One declared kernel; call it, or ``bind`` it for a loop."""

    python: Callable[..., int]
    signature: Signature
    module: str
    name: str
    _bound_function: Any = field(default=None, repr=False)

    def __call__(self, *arguments: Any) -> int:
        """Run once: first the scalars, then the arrays."""
        n_scalars = self.signature.n_scalars
        scalars, arrays = arguments[:n_scalars], arguments[n_scalars:]
        if mode() != "object":
            return self._bind(arrays)(*scalars)
        self._check(arrays)
        table = array_table(self.signature, arrays)
        return self._object_function()(*scalars, ctypes.c_void_p(table.ctypes.data))

    def bind(self, *arrays: np.ndarray) -> Callable[..., int]:
        """Bind the arrays; return a function of the scalars. The arrays are kept alive.

        The values that a kernel from outside the package reads are those of now: in a notebook they
        may have changed since it was declared.
        """
        if not self.module.startswith("distsnn."):
            self._bound_function = None
        return self._bind(arrays)

    def _bind(self, arrays: tuple[np.ndarray, ...]) -> Callable[..., int]:
        self._check(arrays)
        how = mode()
        if how == "object":
            return _bind_table(self._object_function(), self.signature, arrays)
        function = self.python if how == "python" else self._numba_function()
        return lambda *scalars: int(function(*scalars, *arrays))

    def _check(self, arrays: tuple[np.ndarray, ...]) -> None:
        wanted = self.signature.arrays
        if len(arrays) != len(wanted):
            raise KernelError(
                f"kernel {self.name}: must be bound to {len(wanted)} arrays, got {len(arrays)}. "
                f"Its signature is {self.signature.text}."
            )
        for place, (array, (dtype, n_dims)) in enumerate(zip(arrays, wanted, strict=True)):
            is_right = (
                isinstance(array, np.ndarray)
                and (array.dtype is DTYPES[dtype] or array.dtype == DTYPES[dtype])
                and array.ndim == n_dims
                and array.flags.c_contiguous
            )
            if not is_right:
                got = (
                    f"{array.dtype}[{array.ndim}d{'' if array.flags.c_contiguous else ', strided'}]"
                    if isinstance(array, np.ndarray)
                    else type(array).__name__
                )
                raise KernelError(
                    f"kernel {self.name}: array {place} must be a contiguous {dtype} with {n_dims} "
                    f"dimensions, got {got}. Convert it first."
                )

    def _object_function(self) -> Any:
        if self._bound_function is None:
            from distsnn.kernels.compile.library import function_address

            address = function_address(self)
            arguments = [ctypes.c_int64] * self.signature.n_scalars + [ctypes.c_void_p]
            self._bound_function = ctypes.CFUNCTYPE(ctypes.c_int64, *arguments)(address)
        return self._bound_function

    def _numba_function(self) -> Callable[..., int]:
        if self._bound_function is None:
            from distsnn.kernels.compile.compiler import jit

            self._bound_function = jit(self.python)
        return self._bound_function


def _bind_table(
    function: Any, signature: Signature, arrays: tuple[np.ndarray, ...]
) -> Callable[..., int]:
    table = array_table(signature, arrays)
    kept = (table, arrays)
    address = ctypes.c_void_p(table.ctypes.data)
    if signature.n_scalars == 0:

        def call0(_kept: object = kept) -> int:
            return function(address)

        bound: Any = call0
    elif signature.n_scalars == 1:

        def call1(first: int, _kept: object = kept) -> int:
            return function(first, address)

        bound = call1
    else:

        def call(*scalars: int, _kept: object = kept) -> int:
            return function(*scalars, address)

        bound = call
    # for programs of kernels, which call it by its address
    bound.code = ctypes.cast(function, ctypes.c_void_p).value
    bound.table = table.ctypes.data
    return cast(Callable[..., int], bound)


def kernel(text: str) -> Callable[[Callable[..., int]], Kernel]:
    """Declare the decorated function as a kernel with the signature ``text``."""
    signature = Signature.parse(text)

    def declare(function: Callable[..., int]) -> Kernel:
        return Kernel(function, signature, function.__module__, function.__name__)

    return declare


def device(function: Callable[..., Any]) -> Callable[..., Any]:
    """Declare a small function that kernels may call.

    It is inlined into them whatever its size: a call inside a loop would keep it from vectorising.
    """
    if mode() in ("numba", "compile"):
        from distsnn.kernels.compile.compiler import jit

        return jit(function, forceinline=True)
    return function
