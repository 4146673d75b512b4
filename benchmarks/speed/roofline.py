"""How near delivery is to what this machine can do.

    python benchmarks/speed/roofline.py --json roofline.json --plot roofline.png

Measured on one core and on all cores at once, the fastest of the repeats:
memory: words read in order from a table far larger than the caches, bytes per second;
adds: synapse words from a cache-resident list added into a ring of 256 KB, per second;
runs: as many words as a segment of a row has, at random places of the table, read, and read and added,
with the prefetching of delivery: what this order of reading leaves of the two;
delivery: the engine's own kernel on one rank of the cortical microcircuit (Potjans & Diesmann 2014),
with spikes at the published rates: synaptic events per second.

An event needs one synapse, with its share of headers, from memory and one add. Whichever of the two
allows fewer events per second is the binding limit. The runs say how much of what is missing to it is
the order in which rows are read.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
from roofline_kernels import add, add_runs, read, read_runs

TABLE_WORDS = 1 << 28  # 1 GB on each core
RING_WORDS = 1 << 16
LIST_WORDS = 1 << 14  # 64 KB of synapses: they stay in the second-level cache beside the ring


def memory_rate(barrier: Any, repeats: int, n_words: int) -> list[float]:
    """Return bytes per second of reading a table, for each repeat."""
    words = np.ones(n_words, dtype=np.int32)
    run = read.bind(words)
    run(1 << 20)
    return [4 * n_words / seconds for seconds in timed(lambda: run(n_words), barrier, repeats)]


def add_rate(barrier: Any, repeats: int, n_words: int) -> list[float]:
    """Return adds per second into a ring that stays in the cache, for each repeat."""
    rng = np.random.default_rng(1)
    words = rng.integers(-(1 << 31), 1 << 31, LIST_WORDS).astype(np.int32)
    ring = np.zeros(RING_WORDS, dtype=np.int32)
    run = add.bind(words, ring)
    n_times = max(1, n_words // LIST_WORDS)
    run(8)
    n_adds = n_times * LIST_WORDS
    return [n_adds / seconds for seconds in timed(lambda: run(n_times), barrier, repeats)]


def runs_rate(
    barrier: Any, repeats: int, n_words: int, n_of_run: int, is_adding: bool
) -> list[float]:
    """Return words per second of runs of n_of_run words at random places, for each repeat."""
    rng = np.random.default_rng(1)
    block = rng.integers(-(1 << 31), 1 << 31, min(n_words, 1 << 20)).astype(np.int32)
    words = np.tile(block, n_words // block.size)
    starts = rng.integers(0, words.size - 64, max(1000, words.size // (16 * n_of_run)))
    ring = np.zeros(RING_WORDS, dtype=np.int32)
    run = add_runs.bind(starts, words, ring) if is_adding else read_runs.bind(starts, words)
    n_read = n_of_run * starts.size
    return [n_read / seconds for seconds in timed(lambda: run(n_of_run), barrier, repeats)]


def timed(work: Callable[[], Any], barrier: Any, repeats: int) -> list[float]:
    """Return seconds of each repeat; all processes begin each of them together."""
    seconds = []
    for _ in range(repeats):
        barrier.wait()
        began = perf_counter()
        work()
        seconds.append(perf_counter() - began)
    return seconds


def _worker(what: str, barrier: Any, queue: Any, *arguments: Any) -> None:
    queue.put(globals()[what](barrier, *arguments))


def on_cores(what: str, n: int, *arguments: Any) -> float:
    """Run a measurement on n processes at once; return the median over processes of their best."""
    context = get_context("fork")
    barrier, queue = context.Barrier(n), context.Queue()
    processes = [
        context.Process(target=_worker, args=(what, barrier, queue, *arguments)) for _ in range(n)
    ]
    for process in processes:
        process.start()
    best = [max(queue.get()) for _ in processes]
    for process in processes:
        process.join()
    return median(best)


def delivery(barrier: Any, repeats: int, n_ranks: int, scale: float) -> list[dict[str, float]]:
    """Return events, bytes of synapses and headers, and seconds of delivery, for each repeat."""
    from roofline_delivery import Delivery

    work = Delivery(n_ranks, scale)
    found = []
    for _ in range(repeats):
        barrier.wait()
        found.append(work.measure())
    return found


def deliver_on_cores(n: int, repeats: int, n_ranks: int, scale: float) -> dict[str, float]:
    """Run delivery on n processes at once; return the median process's best repeat."""
    context = get_context("fork")
    barrier, queue = context.Barrier(n), context.Queue()
    processes = [
        context.Process(target=_worker, args=("delivery", barrier, queue, repeats, n_ranks, scale))
        for _ in range(n)
    ]
    for process in processes:
        process.start()
    best = [max(queue.get(), key=lambda one: one["events_per_s"]) for _ in processes]
    for process in processes:
        process.join()
    return sorted(best, key=lambda one: one["events_per_s"])[len(best) // 2]


def measure(n: int, options: argparse.Namespace) -> dict[str, Any]:
    """Return all rates with n cores at work, each per core, and the binding limit."""
    bytes_per_s = on_cores("memory_rate", n, options.repeats, options.table_words)
    adds_per_s = on_cores("add_rate", n, options.repeats, options.table_words)
    found = deliver_on_cores(n, options.repeats, options.of_ranks, options.scale)
    n_of_run = round(found["synapses_per_segment"])
    runs = [
        on_cores("runs_rate", n, options.repeats, options.table_words, n_of_run, is_adding)
        for is_adding in (False, True)
    ]
    by_memory = bytes_per_s / found["bytes_per_event"]
    binding = "memory" if by_memory < adds_per_s else "adds"
    limit = min(by_memory, adds_per_s)
    return {
        "n_cores": n, "memory_bytes_per_s": bytes_per_s, "adds_per_s": adds_per_s, **found,
        "runs_read_per_s": runs[0], "runs_added_per_s": runs[1],
        "share_of_runs": found["events_per_s"] / runs[1],
        "events_per_s_by_memory": by_memory, "binding": binding,
        "share_of_memory": found["events_per_s"] / by_memory,
        "share_of_adds": found["events_per_s"] / adds_per_s,
        "share_of_binding": found["events_per_s"] / limit,
    }  # fmt: skip


def print_table(rows: list[dict[str, Any]]) -> None:
    """Print what was found."""
    print(
        f"{'per core, with':16s} {'memory GB/s':>11s} {'adds M/s':>9s} {'events M/s':>10s} "
        f"{'runs M/s':>8s} {'+ adds':>6s} {'bytes/event':>11s} {'of memory':>10s} "
        f"{'of adds':>8s} {'of runs':>8s}  binding"
    )
    for row in rows:
        print(
            f"{row['n_cores']:2d} cores at work {row['memory_bytes_per_s'] / 1e9:11.2f} "
            f"{row['adds_per_s'] / 1e6:9.0f} {row['events_per_s'] / 1e6:10.0f} "
            f"{row['runs_read_per_s'] / 1e6:8.0f} {row['runs_added_per_s'] / 1e6:6.0f} "
            f"{row['bytes_per_event']:11.2f} {row['share_of_memory']:10.0%} "
            f"{row['share_of_adds']:8.0%} {row['share_of_runs']:8.0%}  {row['binding']}"
        )


def main() -> None:
    """Measure on one core and on all."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cores", type=int, nargs="+", help="default: 1 and all")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1.0, help="of the microcircuit")
    parser.add_argument("--of-ranks", type=int, default=2, help="ranks that the network is cut for")
    parser.add_argument("--table-words", type=int, default=TABLE_WORDS)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--plot", type=Path)
    options = parser.parse_args()
    cores = options.cores or sorted({1, len(os.sched_getaffinity(0))})
    rows = [measure(n, options) for n in cores]
    print_table(rows)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1) + "\n")
    if options.plot:
        from roofline_picture import draw

        draw(rows, options.plot)


if __name__ == "__main__":
    main()
