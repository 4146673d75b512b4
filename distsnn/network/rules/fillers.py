"""Sources for given numbers of synapses, with and without repeats: what several rules end with."""

from __future__ import annotations

import numpy as np

from distsnn.kernels.draw.distinct import fill_distinct_sources
from distsnn.kernels.draw.sources import fill_sources
from distsnn.kernels.numbers.threefry import CHUNK
from distsnn.network.rules.ends import Ends, Streams

MIN_TABLE = 64


def fill_repeating(
    ends: Ends,
    streams: Streams,
    start: int,
    counts: np.ndarray,
    autapses: bool,
    out: np.ndarray,
) -> None:
    """Write sources that are all equally likely, whatever was drawn before."""
    # source = floor(u n), and from the target on one more if it must not be its own source
    low, high = streams.key("sources")
    without_self = ends.excludes_self(autapses)
    spare = np.empty(CHUNK, dtype=np.uint32)
    fill_sources(low, high, start, ends.n_source, without_self, counts, spare, out)


def fill_distinct(
    ends: Ends,
    streams: Streams,
    start: int,
    counts: np.ndarray,
    autapses: bool,
    out: np.ndarray,
) -> None:
    """Write sources that are different for each target; all sets are equally likely."""
    low, high = streams.key("sources")
    without_self = ends.excludes_self(autapses)
    table = np.empty(max(MIN_TABLE, 4 * int(counts.max(initial=0))), dtype=np.uint32)
    spare = np.empty(CHUNK, dtype=np.uint32)
    fill_distinct_sources(low, high, start, ends.n_source, without_self, counts, table, spare, out)
