"""Signatures of kernels, passing of their arrays, and the mode in which kernels run."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from distsnn.checks import must_be
from distsnn.errors import KernelError

MODES = ("object", "numba", "python", "compile")
DTYPES = {f"{kind}{size}": np.dtype(f"{kind}{size}") for kind in "iuf" for size in (1, 2, 4, 8)
          if (kind, size) != ("f", 1)}  # fmt: skip


def mode() -> str:
    """Return the mode in which kernels run in this process."""
    name = os.environ.get("DISTSNN_KERNELS", "object")
    if name not in MODES:
        limit = f"one of {', '.join(MODES[:3])}"
        raise KernelError(must_be("DISTSNN_KERNELS", limit, name, "Unset it."))
    return name


@dataclass(frozen=True)
class Signature:
    """Arguments of a kernel: ``n_scalars`` int64 values, then arrays of (dtype, dimensions)."""

    text: str
    n_scalars: int
    arrays: tuple[tuple[str, int], ...]

    @classmethod
    def parse(cls, text: str) -> Signature:
        """Parse a text such as ``i8(i8, u4[:], f4[:,:])``."""
        compact = text.replace(" ", "")
        if not (compact.startswith("i8(") and compact.endswith(")")):
            raise KernelError(f"kernel signature {text!r}: must read i8(...).")
        parts = _split_arguments(compact[3:-1])
        scalars = [part for part in parts if "[" not in part]
        if any(part != "i8" for part in scalars) or parts[: len(scalars)] != scalars:
            raise KernelError(f"kernel signature {text!r}: i8 scalars first, then arrays.")
        arrays = tuple((part[:2], part.count(":")) for part in parts[len(scalars) :])
        return cls(text, len(scalars), arrays)


def _split_arguments(text: str) -> list[str]:
    """Split at the commas that are not inside brackets."""
    marked, depth = "", 0
    for letter in text:
        depth += (letter == "[") - (letter == "]")
        marked += ";" if letter == "," and depth == 0 else letter
    return [part for part in marked.split(";") if part]


class Declared(Protocol):
    """A kernel as the compiler and the library see it."""

    @property
    def python(self) -> Callable[..., int]:
        """The declared Python function."""

    @property
    def signature(self) -> Signature:
        """Its signature."""

    @property
    def module(self) -> str:
        """The module that defines it."""

    @property
    def name(self) -> str:
        """Its name in the module."""


def array_table(signature: Signature, arrays: tuple[np.ndarray, ...]) -> np.ndarray:
    """Return the int64 table that compiled entries read: per array its address, then its shape."""
    table: list[int] = []
    for array, (_, n_dims) in zip(arrays, signature.arrays, strict=True):
        table.append(array.ctypes.data)
        table.extend(array.shape[:n_dims])
    return np.array(table or [0], dtype=np.int64)


def is_record(kind: type) -> bool:
    """Return whether a class is a named tuple, which compiled code can make and read by name."""
    return issubclass(kind, tuple) and isinstance(vars(kind).get("_fields"), tuple)
