"""Hints to the memory system."""

from __future__ import annotations

from typing import Any

from distsnn.kernels.declare import mode

if mode() in ("numba", "compile"):
    from distsnn.kernels.compiler import fence, prefetch
else:

    def prefetch(array: Any, index: Any) -> None:
        """Ask for the cache line of ``array[index]``; changes no value."""

    def fence() -> None:
        """Let what was written before be seen before what is read afterwards."""


__all__ = ["fence", "prefetch"]
