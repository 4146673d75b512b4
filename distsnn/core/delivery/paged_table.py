"""A table of integers by gid, in memory only for the ranges of gids that a rank uses."""

from __future__ import annotations

import numpy as np

from distsnn.kernels.delivery.rows import PAGE_BITS, PAGE_MASK, PAGE_SIZE, count_sources


class PagedTable:
    """A uint32 for each gid, in pages of 1,024 gids, each allocated when it is first written to.

    page_of: int32 [pages of the network], row of each page in ``pages``, or -1 if it is not allocated.
    pages: uint32 [allocated pages, 1024]; gid = [page | index in the page].
    """

    def __init__(self, n_neurons: int) -> None:
        self.page_of = np.full((n_neurons >> PAGE_BITS) + 1, -1, dtype=np.int32)
        self.pages = np.zeros((64, PAGE_SIZE), dtype=np.uint32)
        self._n_used = np.zeros(1, dtype=np.int64)

    @property
    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """The arrays page_of and pages, in the order in which kernels take them."""
        return self.page_of, self.pages

    def count(self, sources: np.ndarray, gid_start: int) -> None:
        """Add 1 to the entry of each source; a source is a uint32, its gid minus ``gid_start``."""
        # The kernel stops at the first source that needs a page when none is left.
        done = 0
        while done < sources.size or not sources.size:
            done = count_sources(done, gid_start, sources, *self.arrays, self._n_used)
            if done == sources.size:
                return
            self.pages = np.concatenate([self.pages, np.zeros_like(self.pages)])

    def number(self, gids: np.ndarray) -> None:
        """Replace all entries: that of gids[k] becomes k. gids: ascending."""
        used = np.unique(gids >> PAGE_BITS)
        self.page_of[used] = np.arange(used.size, dtype=np.int32)
        self.pages = np.zeros((max(1, used.size), PAGE_SIZE), dtype=np.uint32)
        self.pages[self.page_of[gids >> PAGE_BITS], gids & PAGE_MASK] = np.arange(gids.size)

    def non_zero(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the gids with a non-zero entry, ascending, and these entries, both uint32."""
        used = np.flatnonzero(self.page_of >= 0)
        used_pages = self.pages[self.page_of[used]]
        page, within = np.nonzero(used_pages)
        return ((used[page] << PAGE_BITS) + within).astype(np.uint32), used_pages[page, within]
