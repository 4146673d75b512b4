"""From one layer to the next: packets to other ranks, and counts of what the mesh carries."""

from __future__ import annotations

import numpy as np

from distsnn.comm import Outbox
from distsnn.convnet.engine.counts import Counts
from distsnn.convnet.engine.layers import Layer
from distsnn.convnet.engine.parts import Arrivals
from distsnn.convnet.engine.plan import ConvPlan
from distsnn.kernels.conv.route import HERE, NOWHERE, route
from distsnn.kernels.conv.sort import sort_packets
from distsnn.kernels.mesh.routing import load_routing, routed

SALT = 1 << 40  # images are numbered below it, links in steps of it


class Link:
    """The way from the layer ``source`` to ``target`` for the spikes that this rank has.

    counts_spikes: spikes themselves are counted here, not on another link of their layer.
    ``send`` counts packets, puts those for other ranks into the outbox, and keeps own ones;
    ``arrive`` sorts own and received packets for the target's part, where it has one.
    """

    def __init__(
        self,
        number: int,
        source: Layer,
        target: Layer,
        plan: ConvPlan,
        rank: int,
        counts: Counts,
        spikes: np.ndarray,
        image_ids: np.ndarray,
        outbox: Outbox | None,
        counts_spikes: bool,
    ) -> None:
        self.counts_spikes = counts_spikes
        self.number, self.source, self.target = number, source, target
        before, after = plan.places[source.name], plan.places[target.name]
        shape = np.array([source.maps, source.width, target.maps], dtype=np.int64)
        slots = np.full(plan.chip.n_cores, NOWHERE, dtype=np.int32)
        if outbox is None:
            outbox = Outbox(np.empty(0, dtype=np.int64), 1)
            self.own = np.empty(1, dtype=np.uint32)
        else:
            self.own = np.empty(spikes.size, dtype=np.uint32)
            slot_of_rank = np.full(int(plan.rank_of_core.max()) + 1, NOWHERE, dtype=np.int32)
            known = outbox.destinations < slot_of_rank.size
            slot_of_rank[outbox.destinations[known]] = np.flatnonzero(known)
            if rank < slot_of_rank.size:
                slot_of_rank[rank] = HERE
            slots = slot_of_rank[plan.rank_of_core]
        order = load_routing(plan.chip.routing)
        self._route = routed(route, order).bind(
            spikes,
            image_ids,
            shape,
            np.ascontiguousarray(before.core_of_place, dtype=np.int32),
            target.reach(source.height, target.height),
            target.reach(source.width, target.width),
            after.tiles.row_ends,
            after.tiles.column_ends,
            np.ascontiguousarray(after.core_of_tile, dtype=np.int32),
            np.ascontiguousarray(slots, dtype=np.int32),
            np.zeros(plan.chip.n_cores, dtype=np.int64),
            np.zeros(outbox.counts.size + 1, dtype=np.int64),
            outbox.counts,
            outbox.packets,
            self.own,
            counts.differences,
            counts.per_core,
            counts.per_image[number],
            counts.digest,
        )
        self.n_own = 0

    def send(self, n_spikes: int) -> None:
        """Send the first ``n_spikes`` spikes of the source's part."""
        self.n_own = self._route(
            n_spikes, self.number * SALT, self.source.bits, int(self.counts_spikes)
        )

    def bind_arrivals(self, arrivals: Arrivals, inbox: np.ndarray) -> None:
        """Say where arriving spikes go."""
        self._sort = sort_packets.bind(self.own, inbox, arrivals.starts, arrivals.indices)

    def arrive(self, n_received: int, n_images: int, n_bins: int) -> None:
        """Sort what has arrived."""
        self._sort(self.n_own, n_received, n_images, n_bins, self.source.bits)
