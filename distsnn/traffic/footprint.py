"""Traffic and events per spike of every neuron: the slopes of all that grows with the firing rate."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from distsnn.chip import Chip
from distsnn.traffic.account import MeshTraffic, account
from distsnn.traffic.matrix_file import TrafficMatrix
from distsnn.traffic.step_time import StepTime, core_ns, step_time


@dataclass(frozen=True)
class Footprint:
    """Traffic and events caused by one spike of every neuron.

    packets: packets by pair of cores, as lists or int [n_cores, n_cores]: the number of neurons of
    the source core that have a synapse on the target core. synaptic_events: synapses onto each
    core, int [n_cores]. neurons: neurons on each core, int [n_cores]; lines that play given spikes into
    the chip are none.
    """

    chip: Chip
    packets: TrafficMatrix | np.ndarray
    synaptic_events: np.ndarray
    neurons: np.ndarray

    @cached_property
    def traffic(self) -> MeshTraffic:
        """One step in which every neuron spikes."""
        return account(
            self.chip,
            self.packets,
            synaptic_events=self.synaptic_events,
            neurons=self.neurons,
            spikes=self.neurons,
        )

    @cached_property
    def core_ns(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Work of each core in an idle step, and more per spike of every neuron; ns [n_cores]."""
        counters = self.traffic.counters
        # ns of a core at s spikes per neuron and step: idle + s spiking
        idle = core_ns(self.chip, neuron_updates=self.neurons)
        spiking = core_ns(
            self.chip,
            synaptic_events=self.synaptic_events,
            spikes=self.neurons,
            packets_sent=counters.packets_sent,
            packets_received=counters.packets_received,
        )
        if idle is None or spiking is None:
            return None
        n_cores = self.chip.n_cores
        return np.broadcast_to(idle, n_cores), np.broadcast_to(spiking, n_cores)

    def step_time(self, spikes_per_step: float) -> StepTime:
        """Return the step time with this mean number of spikes per neuron and step."""
        work = None
        if self.core_ns is not None:
            idle, spiking = self.core_ns
            # max over cores of idle + s spiking
            work = np.atleast_1d((idle + spikes_per_step * spiking).max())
        # Loads of links are linear in s, so the busiest link is the same at every rate.
        busiest_link = np.atleast_1d(spikes_per_step * float(self.traffic.tile_loads.max()))
        route_s = self.traffic.step_time.route_s
        route_ns = None if route_s is None else route_s * 1e9
        return step_time(self.chip, work, busiest_link, route_ns, self.traffic.tiles_in_use)

    def saturation_hz(self, dt_ms: float) -> tuple[float, str]:
        """Return the rate above which the mean step takes longer than ``dt_ms``, and the limiting term.

        Each term is affine in the rate and so has its own limit; the lowest counts. 0 if even an
        idle step takes longer, infinity if no known term grows with the rate.
        """
        dt_s = dt_ms * 1e-3
        # Limit of each term: room = dt - barrier, what is left of a step for work.
        idle = self.step_time(0.0)
        if idle.total_s is not None and float(idle.total_s[0]) > dt_s:
            return 0.0, idle.bound_by
        limits = {"nothing": float("inf")}
        room_s = dt_s - (idle.barrier_s or 0.0)
        if self.core_ns is not None and not idle.is_clocked:
            base, slope = (work * 1e-9 for work in self.core_ns)
            grows = slope > 0
            if grows.any():
                # idle + s spiking = room for the slowest core, rate = s / dt
                limits["core"] = float(((room_s - base[grows]) / slope[grows]).min()) / dt_s
        full = self.step_time(1.0)
        if full.link_s is not None and full.link_s[0] > 0 and not idle.is_clocked:
            # s link = room, with the time of the busiest link at s = 1
            limits["link"] = room_s / float(full.link_s[0]) / dt_s
        term = min(limits, key=lambda name: limits[name])
        return limits[term], term
