"""A network on its cores: one rank's part of all layers, and how images pass through them."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from distsnn.checks import must_be
from distsnn.comm import Outbox, open_fabric, rank_grid
from distsnn.convnet.engine.connections import Connection, Sender
from distsnn.convnet.engine.counts import Counts
from distsnn.convnet.engine.layers import build_layers
from distsnn.convnet.engine.parts import Arrivals, ConvPart, InputPart, PoolPart
from distsnn.convnet.engine.plan import make_plan, own_panels
from distsnn.convnet.filters import input_filters
from distsnn.convnet.machine import Machine
from distsnn.convnet.settings import SdnnSettings
from distsnn.errors import UsageError
from distsnn.kernels import ensure_compiled
from distsnn.kernels.formats import AXON_BITS, MAX_BATCH
from distsnn.kernels.mesh import load_routing

MAX_WORDS = 1 << 26  # spikes that one buffer may have to hold
KERNELS = ("input", "layer", "learn", "pool", "send", "readout", "svm")
KERNEL_MODULES = (
    *(f"distsnn.kernels.conv.{name}" for name in KERNELS),
    "distsnn.kernels.mesh.link_loads", "distsnn.kernels.mesh.block_sums",
    "distsnn.kernels.mesh.anneal", "distsnn.kernels.comm.packing",
    "distsnn.kernels.loop.program", "distsnn.kernels.comm.barrier", "distsnn.kernels.comm.window",
    "distsnn.kernels.comm.forwarding",
)  # fmt: skip


class Reader(Protocol):
    """Reads the features of each image and layer while the parts hold its state."""

    def read(self, part: ConvPart | PoolPart, image: int, first: int, end: int) -> None:
        """Read one image of the batch: spikes first .. end - 1 of the part are those of the image."""
        ...


class ConvNetwork:
    """One rank's part of a network. Building it is collective over ``machine.comm``.

    images: uint8 [n, height, width], the same on all ranks. batch: images that pass through the layers
    together; None takes as many as fit. ``present`` shows a batch; the parts then hold what their
    layers did.
    """

    def __init__(
        self,
        settings: SdnnSettings,
        images: np.ndarray,
        machine: Machine,
        batch: int | None = None,
    ) -> None:
        ensure_compiled(KERNEL_MODULES)
        self.settings, self.comm = settings, machine.comm
        self.n_bins = settings.input.bins
        if images.ndim != 3 or images.dtype != np.uint8:
            raise UsageError(must_be("images", "uint8 [n, height, width]", images, "Convert them."))
        height, width = images.shape[1:]
        n_channels = input_filters(settings.input).shape[0]
        # Layers and plan are the same on all ranks.
        self.layers = build_layers(settings, height, width, n_channels)
        self.plan = make_plan(
            self.layers, machine.chip, self.comm.n_ranks, machine.placement,
            machine.neurons_per_core, settings.seed,
        )  # fmt: skip
        self.batch = batch or self._fitting_batch()
        # Own part: buffers for one batch, parts of layers, connections.
        self.image_ids = np.zeros(self.batch, dtype=np.int64)
        self.counts = Counts(self.comm, self.plan.chip, len(self.layers) - 1, self.batch)
        pixels = np.ascontiguousarray(images.reshape(len(images), -1))
        max_images = -(-self.batch // self.comm.n_ranks)
        self.input = InputPart(settings.input, self.layers[0], pixels, max_images)
        self._make_parts()
        self._open(machine.group_fabric)

    @property
    def steps_per_image(self) -> int:
        """Steps of the chip for an image: its bins, and one more for each layer after the input."""
        return self.n_bins + len(self.layers) - 1

    @property
    def convolutions(self) -> list[ConvPart]:
        """The parts that learn, in order."""
        return [part for part in self.parts.values() if isinstance(part, ConvPart)]

    def _fitting_batch(self) -> int:
        """Return the images per batch: their number shares the bits of a packet with the neurons."""
        chain = [layer for layer in self.layers if layer.kind != "readout"]
        # Of the 25 bits of an axon, a layer's neurons leave these for the image.
        free_bits = AXON_BITS - max(layer.bits for layer in chain)
        max_neurons = max(layer.n_neurons for layer in chain)
        return max(1, min(MAX_BATCH, 1 << free_bits, MAX_WORDS // max_neurons))

    def _make_parts(self) -> None:
        is_own = self.plan.rank_of_core == self.comm.rank
        of_name = {layer.name: layer for layer in self.layers}
        sources = {layer.source for layer in self.layers}
        self.parts: dict[str, ConvPart | PoolPart] = {}
        self._arrivals: dict[str, Arrivals] = {}
        for layer in self.layers:
            if layer.kind not in ("conv", "pool"):
                continue
            panels = own_panels(self.plan.layers[layer.name], is_own)
            arrivals = Arrivals(of_name[layer.source], self.batch, self.n_bins)
            self._arrivals[layer.name] = arrivals
            if layer.kind == "pool":
                self.parts[layer.name] = PoolPart(layer, panels, arrivals)
            else:
                self.parts[layer.name] = ConvPart(layer, panels, arrivals, layer.name in sources)

    def _open(self, fabric: str) -> None:
        """Make the connections, and the fabric that all of them use."""
        comm, plan = self.comm, self.plan
        others = np.array([r for r in range(comm.n_ranks) if r != comm.rank], dtype=np.int64)
        room = max(self.input.spikes.size, *(p.spikes.size for p in self.parts.values()))
        # All connections share one outbox, as large as the largest part needs.
        outbox = Outbox(others, room if others.size else 1)
        sender = Sender(plan, comm.rank, self.counts, self.image_ids, outbox)
        of_name = {layer.name: layer for layer in self.layers}
        self.connections: dict[str, Connection] = {}
        counted: set[str] = set()  # each spike is counted on one connection
        for number, layer in enumerate(self.layers[1:]):
            source = of_name[layer.source]
            part = self.input if source.kind == "input" else self.parts[source.name]
            self.connections[layer.name] = Connection(
                number, source, layer, sender, part.spikes,
                source.name not in counted, layer.kind != "readout",
            )  # fmt: skip
            counted.add(source.name)
        grid = rank_grid(comm.n_ranks, plan.chip.width, plan.chip.height)
        order = load_routing(plan.chip.routing)
        self.fabric = open_fabric(fabric, comm, grid, outbox, order=order)
        for name, arrivals in self._arrivals.items():
            self.connections[name].bind_arrivals(arrivals, self.fabric.inbox)

    def present(
        self, ids: np.ndarray, reader: Reader | None = None, up_to: str | None = None
    ) -> None:
        """Show a batch of images, numbered as in ``images``. Collective.

        reader: reads each image of each layer. up_to: a layer at which the spikes only arrive, since
        it is going to learn from them. Raises UsageError for more images than a batch holds.
        """
        # Stage 1 of a batch: images to spikes.
        n = self._n_shown(ids)
        self.image_ids[:n] = ids
        comm = self.comm
        n_spikes = 0
        # The input is not cut by position: each rank encodes every n_ranks-th image.
        for k in range(comm.rank, n, comm.n_ranks):
            n_spikes = self.input.run(int(ids[k]), k, n_spikes)
        for name, part in self.parts.items():
            # One exchange per layer and batch, whatever the number of images in it.
            connection = self.connections[name]
            connection.send(n_spikes)
            connection.arrive(self.fabric.exchange(), n, self.n_bins)
            if name == up_to:
                break
            # Stage 2, per layer: send, exchange, sort by image and bin, run.
            n_spikes = self._run_part(part, n, reader)
            for layer in self.layers:
                if layer.kind == "readout" and layer.source == name:
                    self.connections[layer.name].send(n_spikes)

    def _n_shown(self, ids: np.ndarray) -> int:
        """Return the number of images; raise UsageError unless all of them fit into a batch."""
        ids = np.asarray(ids)
        n_images = len(self.input.images)
        is_right = ids.ndim == 1 and ids.size <= self.batch and ids.dtype.kind in "iu"
        if not is_right or (ids.size and not (ids.min() >= 0 and ids.max() < n_images)):
            limit = f"at most {self.batch} whole numbers from 0 to {n_images - 1}"
            raise UsageError(must_be("images of a batch", limit, ids, "Choose among the images."))
        return int(ids.size)

    def _run_part(self, part: ConvPart | PoolPart, n_images: int, reader: Reader | None) -> int:
        """Run all images through a part; return the number of its spikes."""
        n_spikes = 0
        for k in range(n_images):
            n_before = n_spikes
            n_spikes = part.run(k, n_before)
            if reader is not None:
                reader.read(part, k, n_before, n_spikes)
        return n_spikes

    def close(self) -> None:
        """Close the fabric. Collective."""
        self.fabric.close()
