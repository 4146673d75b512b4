"""A network on its cores: one rank's part of all layers, and how images pass through them."""

from __future__ import annotations

from typing import Any

import numpy as np

from distsnn.checks import must_be
from distsnn.chip import Chip
from distsnn.comm import Outbox, open_fabric, rank_grid
from distsnn.convnet.engine.counts import Counts
from distsnn.convnet.engine.layers import build_layers
from distsnn.convnet.engine.links import Link
from distsnn.convnet.engine.panels import own_panels
from distsnn.convnet.engine.parts import Arrivals, ConvPart, InputPart, PoolPart
from distsnn.convnet.engine.plan import make_plan
from distsnn.convnet.filters import input_filters
from distsnn.convnet.settings import SdnnSettings
from distsnn.errors import UsageError
from distsnn.kernels import ensure_compiled
from distsnn.kernels.formats import AXON_BITS, MAX_BATCH
from distsnn.kernels.mesh.routing import load_routing

MAX_WORDS = 1 << 26  # spikes that one buffer may have to hold
KERNELS = ("input", "sort", "layer", "learn", "pool", "route", "cells", "svm")
KERNEL_MODULES = (
    *(f"distsnn.kernels.conv.{name}" for name in KERNELS),
    "distsnn.kernels.mesh.link_loads", "distsnn.kernels.mesh.anneal", "distsnn.kernels.comm.packing",
    "distsnn.kernels.loop.program", "distsnn.kernels.comm.window", "distsnn.kernels.comm.forwarding",
)  # fmt: skip


class ConvNetwork:
    """One rank's part of a network. Building it is collective over ``comm``.

    images: uint8 [n, height, width], the same on all ranks. ``present`` shows a batch; the parts
    then hold what their layers did.
    """

    def __init__(
        self,
        settings: SdnnSettings,
        images: np.ndarray,
        comm: Any,
        chip: Chip,
        fabric: str | None = None,
        placement: str = "rows",
        neurons_per_core: int | None = None,
        batch: int | None = None,
    ) -> None:
        ensure_compiled(KERNEL_MODULES)
        self.settings, self.comm = settings, comm
        self.n_bins = settings.input.bins
        if images.ndim != 3 or images.dtype != np.uint8:
            raise UsageError(must_be("images", "uint8 [n, height, width]", images, "Convert them."))
        height, width = images.shape[1:]
        n_channels = input_filters(settings.input).shape[0]
        self.layers = build_layers(settings, height, width, n_channels)
        self.plan = make_plan(
            self.layers, chip, rank_grid, comm.n_ranks, placement, neurons_per_core, settings.seed
        )
        self.batch = batch or self._fitting_batch()
        self.image_ids = np.zeros(self.batch, dtype=np.int64)
        n_links = sum(layer.kind != "input" for layer in self.layers)
        self.counts = Counts(self.plan.chip, n_links, self.batch)
        pixels = np.ascontiguousarray(images.reshape(len(images), -1))
        most_images = -(-self.batch // comm.n_ranks)
        self.input = InputPart(settings.input, self.layers[0], pixels, most_images)
        self._make_parts()
        self._open(fabric)

    @property
    def steps_per_image(self) -> int:
        """Steps of the chip for an image: its bins, and one more for each layer on the way."""
        return self.n_bins + sum(layer.kind != "input" for layer in self.layers)

    @property
    def convolutions(self) -> list[ConvPart]:
        """The parts that learn, in order."""
        return [part for part in self.parts.values() if isinstance(part, ConvPart)]

    def _fitting_batch(self) -> int:
        """Return how many images go through together: they share the bits of a packet."""
        chain = [layer for layer in self.layers if layer.kind != "cells"]
        free_bits = AXON_BITS - max(layer.bits for layer in chain)
        most_neurons = max(layer.n_neurons for layer in chain)
        return max(1, min(MAX_BATCH, 1 << free_bits, MAX_WORDS // most_neurons))

    def _make_parts(self) -> None:
        is_own = self.plan.rank_of_core == self.comm.rank
        of_name = {layer.name: layer for layer in self.layers}
        listened_to = {layer.source for layer in self.layers}
        self.parts: dict[str, ConvPart | PoolPart] = {}
        self._arrivals: dict[str, Arrivals] = {}
        for layer in self.layers:
            if layer.kind not in ("conv", "pool"):
                continue
            source = of_name[layer.source]
            panels = own_panels(self.plan.places[layer.name], is_own)
            arrivals = self._arrivals[layer.name] = Arrivals(source, self.batch, self.n_bins)
            common = (layer, source, panels, arrivals, self.n_bins, self.batch)
            if layer.kind == "pool":
                self.parts[layer.name] = PoolPart(*common)
            else:
                self.parts[layer.name] = ConvPart(*common, layer.name in listened_to)

    def _open(self, fabric: str | None) -> None:
        """Make the links and the fabric that all of them use."""
        comm, plan = self.comm, self.plan
        others = np.array([r for r in range(comm.n_ranks) if r != comm.rank], dtype=np.int64)
        most = max(self.input.spikes.size, *(p.spikes.size for p in self.parts.values()))
        outbox = Outbox(others, most if others.size else 1)
        of_name = {layer.name: layer for layer in self.layers}
        self.links: dict[str, Link] = {}
        for layer in self.layers[1:]:
            source = of_name[layer.source]
            is_first = all(link.source is not source for link in self.links.values())
            part = self.input if source.kind == "input" else self.parts[source.name]
            self.links[layer.name] = Link(
                len(self.links), source, layer, plan, comm.rank, self.counts, part.spikes,
                self.image_ids, None if layer.kind == "cells" else outbox, is_first,
            )  # fmt: skip
        grid = rank_grid(comm.n_ranks, plan.chip.width, plan.chip.height)
        name = fabric or ("serial" if comm.n_ranks == 1 else "mesh")
        order = load_routing(plan.chip.routing)
        self.fabric = open_fabric(name, comm, grid, outbox, order=order)
        for name, arrivals in self._arrivals.items():
            self.links[name].bind_arrivals(arrivals, self.fabric.inbox)

    def present(self, ids: np.ndarray, readout: Any = None, up_to: str | None = None) -> None:
        """Show a batch of images, numbered as in ``images``. Collective.

        readout: told of each image and layer (see ``Features``). up_to: a layer at which the
        spikes only arrive, since it is going to learn from them.
        """
        n = self._n_shown(ids)
        self.image_ids[:n] = ids
        comm = self.comm
        n_spikes = 0
        for k in range(comm.rank, n, comm.n_ranks):
            n_spikes = self.input.run(int(ids[k]), k, n_spikes)
        for name, part in self.parts.items():
            link = self.links[name]
            link.send(n_spikes)
            link.arrive(self.fabric.exchange(), n, self.n_bins)
            if name == up_to:
                break
            n_spikes = self._run_part(part, n, readout)
            for layer in self.layers:
                if layer.kind == "cells" and layer.source == name:
                    self.links[layer.name].send(n_spikes)

    def _n_shown(self, ids: np.ndarray) -> int:
        """Return the number of images; raise UsageError unless a batch can have them all."""
        ids = np.asarray(ids)
        n_images = len(self.input.images)
        is_right = ids.ndim == 1 and ids.size <= self.batch and ids.dtype.kind in "iu"
        if not is_right or (ids.size and not (ids.min() >= 0 and ids.max() < n_images)):
            limit = f"at most {self.batch} whole numbers from 0 to {n_images - 1}"
            raise UsageError(must_be("images of a batch", limit, ids, "Choose among the images."))
        return int(ids.size)

    def _run_part(self, part: ConvPart | PoolPart, n_images: int, readout: Any) -> int:
        """Run all images through a part; return the number of its spikes."""
        n_spikes = 0
        for k in range(n_images):
            n_before = n_spikes
            n_spikes = part.run(k, n_before)
            if readout is not None:
                readout.read(part, k, n_before, n_spikes)
        return n_spikes

    def close(self) -> None:
        """Give the fabric back. Collective."""
        self.fabric.close()
