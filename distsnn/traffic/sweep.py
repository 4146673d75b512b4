"""Traffic against firing rate: expected in closed form, and measured in a run.

If every neuron fires at rate r, every count is r times its ``Footprint``: packets, link loads,
hops, synaptic events. Energy is affine in r; the time of a step is the largest of affine terms, so
it is constant below some rate. The closed form puts mean loads into the step time. Single steps are
above it, most at low rates: a step then has few packets, on another link and core each time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from distsnn.checks import array, must_be, number
from distsnn.chip import Chip
from distsnn.errors import UsageError
from distsnn.traffic.account import MeshTraffic
from distsnn.traffic.energy import Activity, energy_of
from distsnn.traffic.footprint import Footprint
from distsnn.traffic.step_time import StepTime

SWEEP_RATES_HZ = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)


@dataclass(frozen=True)
class SweepPoint:
    """Traffic at one firing rate, per second of model time.

    hops and busiest link are of the core mesh, with ``tile`` of the mesh of tiles.
    busiest_link_share: share of a link's rate. chip_step_s: mean predicted step. energy_j_per_s:
    energy by part, for a chip that waits for real time. ``None``: not known.
    """

    rate_hz: float
    packets_per_s: float
    bytes_per_s: float
    hops_per_s: float
    mean_hops: float
    busiest_link_packets_per_s: float
    busiest_link_share: float | None
    tile_hops_per_s: float
    busiest_tile_link_packets_per_s: float
    chip_step_s: float | None
    bound_by: str
    energy_j_per_s: dict[str, float | None]


def expected_sweep(
    footprint: Footprint, dt_ms: float, rates_hz: Sequence[float] = SWEEP_RATES_HZ
) -> list[SweepPoint]:
    """Return the closed form at each rate for steps of ``dt_ms`` in real time."""
    rates = require_rates(rates_hz)
    number("sweep: dt_ms", dt_ms, above=0.0, error=UsageError)
    return [_expected_point(footprint, float(rate), dt_ms * 1e-3) for rate in rates]


def require_rates(rates_hz: Sequence[float]) -> np.ndarray:
    """Return the rates of a sweep, float64; raise UsageError unless they are above 0 Hz."""
    limit, remedy = "numbers above 0 Hz", "Correct them."
    rates = array("sweep: rates", rates_hz, "f", error=UsageError)
    if not rates.size:
        raise UsageError(f"sweep: rates: must be {limit}, got none. {remedy}")
    if rates.min() <= 0:
        raise UsageError(must_be("sweep: rates", limit, rates.min(), remedy))
    return rates


def _expected_point(footprint: Footprint, rate_hz: float, dt_s: float) -> SweepPoint:
    traffic = footprint.traffic
    once = traffic.activity
    # Events per second of model time: r x footprint; updates run at 1 / dt without spikes too.
    per_second = Activity(
        packets=rate_hz * once.packets,
        in_tile_packets=rate_hz * once.in_tile_packets,
        hops_east_west=rate_hz * once.hops_east_west,
        hops_north_south=rate_hz * once.hops_north_south,
        synaptic_events=rate_hz * float(footprint.synaptic_events.sum()),
        neuron_updates=float(footprint.neurons.sum()) / dt_s,
        spikes=rate_hz * float(footprint.neurons.sum()),
    )
    # Chip slower than real time: it is on for step time / dt seconds per second of model time.
    time = footprint.step_time(rate_hz * dt_s)
    seconds = 1.0 if time.total_s is None else max(1.0, float(time.total_s[0]) / dt_s)
    return _point(traffic, rate_hz, per_second, rate_hz, 1.0, seconds, time)


def measured_point(traffic: MeshTraffic, dt_ms: float, rate_hz: float | None = None) -> SweepPoint:
    """Return the measured point of a run. rate_hz: ``None`` takes the mean rate from the counters."""
    counters = traffic.counters
    # Model time of the run in seconds.
    model_s = counters.n_steps * dt_ms * 1e-3
    # Mean rate = spikes / neurons / model time.
    if rate_hz is None:
        if counters.spikes is None or counters.neurons is None or not counters.neurons.any():
            raise UsageError("measured point: must be of at least 1 neuron, got 0. Give rate_hz.")
        rate_hz = float(counters.spikes.sum() / counters.neurons.sum() / model_s)
    time, seconds = traffic.step_time, model_s
    if time.total_s is not None:
        # Each step lasts max(step time, dt).
        seconds *= float(np.maximum(time.total_s / (dt_ms * 1e-3), 1.0).mean())
    return _point(traffic, rate_hz, traffic.activity, 1.0, model_s, seconds, time)


def _point(
    traffic: MeshTraffic,
    rate_hz: float,
    activity: Activity,
    factor: float,
    model_s: float,
    seconds: float,
    time: StepTime,
) -> SweepPoint:
    """Activity over ``model_s`` of model time, for which the chip is on for ``seconds``.

    factor: how many times the loads of ``traffic``.
    """
    chip = traffic.chip
    packets = activity.packets / model_s
    hops = traffic.traversals * factor / model_s
    busiest = float(traffic.loads.max()) * factor / model_s
    share = None
    if chip.link_bytes_per_s is not None:
        # Bytes per second of model time, scaled to the time that the chip is on.
        share = busiest * chip.packet_bytes / chip.link_bytes_per_s * model_s / seconds
    energy = energy_of(chip, activity, seconds)
    return SweepPoint(
        rate_hz=rate_hz,
        packets_per_s=packets,
        bytes_per_s=packets * chip.packet_bytes,
        hops_per_s=hops,
        mean_hops=hops / packets if packets else 0.0,
        busiest_link_packets_per_s=busiest,
        busiest_link_share=share,
        tile_hops_per_s=(activity.hops_east_west + activity.hops_north_south) / model_s,
        busiest_tile_link_packets_per_s=float(traffic.tile_loads.max()) * factor / model_s,
        chip_step_s=None if time.total_s is None else float(time.total_s.mean()),
        bound_by=time.bound_by,
        energy_j_per_s={
            part: None if joule is None else joule / model_s for part, joule in energy.items()
        },
    )


def sweep_report(
    chip: Chip,
    dt_ms: float,
    expected: Sequence[SweepPoint],
    measured: Sequence[SweepPoint] = (),
    saturation: tuple[float, str] | None = None,
) -> dict[str, Any]:
    """Return both curves for JSON. saturation: from ``Footprint.saturation_hz``."""
    report: dict[str, Any] = {
        "chip": chip.name,
        "chip_title": chip.title,
        "dt_ms": dt_ms,
        "expected": [asdict(point) for point in expected],
        "measured": [asdict(point) for point in measured],
    }
    if saturation is not None:
        rate, term = saturation
        is_finite = bool(np.isfinite(rate))
        report["real_time_up_to_hz"] = rate if is_finite else None
        report["real_time_bound_by"] = term if is_finite else None
    return report
