"""Prefetch hints for the memory system."""

from __future__ import annotations

from typing import Any

from distsnn.kernels.compile.signature import mode

if mode() in ("numba", "compile"):
    from distsnn.kernels.compile.compiler import prefetch
else:

    def prefetch(array: Any, index: Any) -> None:
        """Do nothing: stands in for the prefetch of the cache line of ``array[index]``."""


__all__ = ["prefetch"]
