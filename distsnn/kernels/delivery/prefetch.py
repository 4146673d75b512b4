"""Hints to the memory system."""

from __future__ import annotations

from typing import Any

from distsnn.kernels.compile.signature import mode

if mode() in ("numba", "compile"):
    from distsnn.kernels.compile.compiler import prefetch
else:

    def prefetch(array: Any, index: Any) -> None:
        """Ask for the cache line of ``array[index]``; changes no value."""


__all__ = ["prefetch"]
