"""From one layer to the next: packets to other ranks, and counters of the mesh."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from distsnn.comm import Outbox
from distsnn.convnet.engine.counts import Counts
from distsnn.convnet.engine.layers import Layer
from distsnn.convnet.engine.parts import Arrivals
from distsnn.convnet.engine.plan import ConvPlan
from distsnn.kernels.conv.send import HERE, NOWHERE, send_spikes, sort_packets
from distsnn.kernels.mesh import load_routing, routed

SALT = 1 << 40  # of the digest: images are numbered below it, connections in steps of it


@dataclass(frozen=True)
class Sender:
    """State that all connections of a rank share.

    image_ids: int64 [images of a batch], numbers of the images that are shown.
    """

    plan: ConvPlan
    rank: int
    counts: Counts
    image_ids: np.ndarray
    outbox: Outbox

    @cached_property
    def slot_of_core(self) -> np.ndarray:
        """Row of the outbox for each core, int32 [cores]; HERE for cores of this rank."""
        n_ranks = 1 + max(int(self.plan.rank_of_core.max()), self.rank)
        # core -> rank -> row of the outbox
        slot_of_rank = np.full(n_ranks, NOWHERE, dtype=np.int32)
        destinations = self.outbox.destinations
        reached = destinations < n_ranks  # the others have no core
        slot_of_rank[destinations[reached]] = np.flatnonzero(reached)
        slot_of_rank[self.rank] = HERE
        return slot_of_rank[self.plan.rank_of_core]


class Connection:
    """Carries the spikes that this rank has of the layer ``source`` to the layer ``target``.

    ``send`` counts packets, puts those for other ranks into the outbox, and keeps own ones;
    ``arrive`` sorts own and received packets for the target's part. spikes: uint32, of the source's
    part. counts_spikes: whether the spikes themselves are counted here; one connection of a layer
    does. is_delivered: whether the target needs the spikes, not only the counts.
    """

    def __init__(
        self,
        number: int,
        source: Layer,
        target: Layer,
        sender: Sender,
        spikes: np.ndarray,
        counts_spikes: bool,
        is_delivered: bool,
    ) -> None:
        self.number, self.source, self.target = number, source, target
        self.counts_spikes = counts_spikes
        self.own = np.empty(spikes.size if is_delivered else 1, dtype=np.uint32)
        self.n_own = 0
        n_cores = sender.plan.chip.n_cores
        slots = sender.slot_of_core if is_delivered else np.full(n_cores, NOWHERE, dtype=np.int32)
        # Patches of both layers: where a spike is from, and which cores it reaches.
        before, after = sender.plan.layers[source.name], sender.plan.layers[target.name]
        counts, outbox = sender.counts, sender.outbox
        self._send = routed(send_spikes, load_routing(sender.plan.chip.routing)).bind(
            spikes,
            sender.image_ids,
            np.array([source.n_maps, source.width, target.n_maps], dtype=np.int64),
            np.ascontiguousarray(before.core_of_position, dtype=np.int32),
            target.reach(source.height, target.height),
            target.reach(source.width, target.width),
            after.patches.row_ends,
            after.patches.column_ends,
            np.ascontiguousarray(after.core_of_patch, dtype=np.int32),
            slots,
            np.zeros(n_cores, dtype=np.int64),
            np.zeros(outbox.counts.size + 1, dtype=np.int64),
            *(outbox.counts, outbox.packets, self.own),
            *(counts.differences, counts.per_core, counts.spikes_of_core),
            *(counts.per_image[number], counts.digest),
        )

    def send(self, n_spikes: int) -> None:
        """Send the first ``n_spikes`` spikes of the source's part."""
        self.n_own = self._send(
            n_spikes, self.number * SALT, self.source.bits, int(self.counts_spikes)
        )

    def bind_arrivals(self, arrivals: Arrivals, inbox: np.ndarray) -> None:
        """Set the arrays that ``arrive`` sorts from and to."""
        self._sort = sort_packets.bind(self.own, inbox, arrivals.starts, arrivals.indices)

    def arrive(self, n_received: int, n_images: int, n_bins: int) -> None:
        """Sort the packets that have arrived by image and bin."""
        self._sort(self.n_own, n_received, n_images, n_bins, self.source.bits)
