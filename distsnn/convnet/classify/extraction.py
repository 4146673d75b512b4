"""Features of many images, block by block, the blocks distributed over the replicas."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from distsnn.convnet.classify.features import Features
from distsnn.convnet.engine.counts import Counted
from distsnn.convnet.engine.network import ConvNetwork
from distsnn.convnet.machine import Machine

BLOCK = 2048  # images


@dataclass
class Extracted:
    """On rank 0: rows int16 [images, columns]; per_image int64 [images, connections, 3] (spikes,
    packets, synaptic events); counts of the mesh over all images. Elsewhere empty.
    """

    rows: np.ndarray
    per_image: np.ndarray
    counts: Counted | None


Piece = dict[str, np.ndarray]
ARRAYS = {
    "rows": np.int16, "per_image": np.int64, "links": np.int64, "per_core": np.int64,
    "numbers": np.int64, "spikes": np.uint64,
}  # fmt: skip


def extract(
    network: ConvNetwork,
    machine: Machine,
    ids: np.ndarray,
    report: Callable[[int, int], None] = lambda n, total: None,
    find: Callable[[int], Piece | None] = lambda number: None,
    keep: Callable[[int, Piece], None] = lambda number, piece: None,
) -> Extracted:
    """Return the features of images ``ids``. Collective over all ranks.

    report(images done, all) is called after each block. find(block) on rank 0 returns what an earlier
    run has kept of a block; keep(block, piece) is called there with each new one.
    """
    n_blocks = -(-len(ids) // BLOCK)
    kept = {number: find(number) for number in range(n_blocks)} if machine.is_root else {}
    # Blocks that no earlier run has left.
    missing = machine.world.broadcast([n for n, piece in kept.items() if piece is None])
    features = Features(network)
    for first in range(0, len(missing), machine.replicas):
        # Round robin: one block per replica and round.
        numbers = missing[first : first + machine.replicas]  # one block for each replica
        piece = None
        if machine.group < len(numbers):
            start = numbers[machine.group] * BLOCK
            piece = _extract_block(network, features, ids[start : start + BLOCK])
        pieces = _gather(machine, piece)
        if machine.is_root:
            for number, gathered in zip(numbers, pieces, strict=True):
                kept[number] = gathered
                keep(number, gathered)
            done = sum(min(BLOCK, len(ids) - n * BLOCK) for n, p in kept.items() if p is not None)
            report(done, len(ids))
    pieces = [piece for _, piece in sorted(kept.items()) if piece is not None]
    return _joined(pieces, network)


def _extract_block(network: ConvNetwork, features: Features, ids: np.ndarray) -> Piece | None:
    """Run one block through this group's network; return it on its rank 0. Collective over it."""
    rows, per_image = [], []
    # Counters of anything shown before are not of this block.
    network.counts.take()
    for first in range(0, len(ids), network.batch):
        batch = ids[first : first + network.batch]
        features.begin()
        network.present(batch, features)
        own_rows = features.collect(len(batch))
        counted = np.ascontiguousarray(
            network.counts.finish_batch()[:, : len(batch)].swapaxes(0, 1)
        )
        per_image.append(network.comm.reduce_sum(counted))
        if own_rows is not None:
            rows.append(own_rows)
    total = network.counts.take()
    if total is None:
        return None
    return {
        "rows": np.concatenate(rows),
        "per_image": np.concatenate(per_image),
        **total.arrays(),
    }


def _gather(machine: Machine, piece: Piece | None) -> list[Piece]:
    """Return the pieces of all groups on rank 0, by group; other ranks have None. Collective."""
    if machine.world.n_ranks == 1:
        return [] if piece is None else [piece]
    own = piece or {name: np.empty(0, dtype) for name, dtype in ARRAYS.items()}
    gathered = {name: machine.world.gather_arrays(own[name]) for name in ARRAYS}
    groups = [rank for rank, rows in enumerate(gathered["rows"]) if len(rows)]
    return [{name: gathered[name][rank] for name in ARRAYS} for rank in groups]


def _joined(pieces: list[Piece], network: ConvNetwork) -> Extracted:
    if not pieces:
        return Extracted(np.empty((0, 0), np.int16), np.empty((0, 0, 3), np.int64), None)
    counted = [Counted.from_arrays(piece, network.plan.chip) for piece in pieces]
    return Extracted(
        np.concatenate([piece["rows"] for piece in pieces]),
        np.concatenate([piece["per_image"] for piece in pieces]),
        sum(counted[1:], counted[0]),
    )
