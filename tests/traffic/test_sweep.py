"""The closed form of a sweep: linear in the rate, and what random spikes really bring."""

from dataclasses import replace

import numpy as np
import pytest
from mesh_walker import walk_all

from distsnn.chip import load_chip
from distsnn.errors import UsageError
from distsnn.traffic import MeshTraffic, account
from distsnn.traffic.footprint import Footprint
from distsnn.traffic.sweep import (
    SWEEP_RATES_HZ,
    expected_sweep,
    measured_point,
    sweep_report,
)


@pytest.fixture
def all_to_all(loihi):
    """Every neuron of a full Loihi reaches all cores with 8 synapses on each."""
    return Footprint(
        loihi,
        np.full((128, 128), 1024),
        np.full(128, 128 * 1024 * 8),
        np.full(128, 1024),
    )


def test_closed_form_by_hand(all_to_all):
    """10 Hz and 1 ms: 1,310,720 spikes a second, each 128 packets and 1,024 synaptic events."""
    (point,) = expected_sweep(all_to_all, 1.0, [10.0])
    spikes = 10.0 * 131_072
    assert point.packets_per_s == pytest.approx(spikes * 128)
    assert point.bytes_per_s == pytest.approx(spikes * 128 * 4)
    assert point.hops_per_s == pytest.approx(10 * 1024 * 130_048)
    assert point.mean_hops == pytest.approx(130_048 / 128**2)
    assert point.busiest_link_packets_per_s == pytest.approx(10 * 1024 * 512)
    assert point.busiest_tile_link_packets_per_s == pytest.approx(10 * 1024 * 2 * 512)
    assert point.busiest_link_share == pytest.approx(10 * 1024 * 512 * 4 / 8e9)
    core_ns = 1024 * 8.4 + 0.01 * 128 * 1024 * 8 * 3.5
    assert point.chip_step_s * 1e9 == pytest.approx(465 + core_ns)
    assert point.bound_by == "core"
    energy = point.energy_j_per_s
    assert energy["synaptic_events"] == pytest.approx(spikes * 1024 * 23.6e-12)
    assert energy["neuron_updates"] == pytest.approx(131_072 * 1000 * 81e-12)
    assert energy["static"] == pytest.approx(0.104375)
    tiles = 10 * 1024 * 16 * (16 * 168 * 3.0 + 64 * 20 * 4.0) * 1e-12
    assert energy["hops"] == pytest.approx(tiles)


def test_counts_are_linear_in_the_rate_and_cover_the_sweep(all_to_all):
    points = expected_sweep(all_to_all, 1.0)
    assert [point.rate_hz for point in points] == list(SWEEP_RATES_HZ)
    assert (SWEEP_RATES_HZ[0], SWEEP_RATES_HZ[-1]) == (0.1, 100.0)
    for name in ("packets_per_s", "bytes_per_s", "hops_per_s", "busiest_link_packets_per_s"):
        slopes = [getattr(point, name) / point.rate_hz for point in points]
        assert slopes == pytest.approx([slopes[0]] * len(slopes))
    totals = [point.energy_j_per_s["total"] for point in points]
    slope = (totals[-1] - totals[0]) / (points[-1].rate_hz - points[0].rate_hz)
    for point, total in zip(points, totals, strict=True):
        assert total == pytest.approx(totals[0] + slope * (point.rate_hz - points[0].rate_hz))


def test_saturation_is_where_the_step_takes_as_long_as_real_time(all_to_all):
    rate, term = all_to_all.saturation_hz(1.0)
    assert term == "core"
    assert rate == pytest.approx((1e6 - 465 - 1024 * 8.4) / (128 * 1024 * 8 * 3.5) / 1e-3)
    below, above = expected_sweep(all_to_all, 1.0, [0.999 * rate, 1.001 * rate])
    assert below.chip_step_s < 1e-3 < above.chip_step_s
    assert all_to_all.saturation_hz(0.001) == (0.0, "core")


def test_saturation_by_links_and_by_nothing(loihi, all_to_all):
    slow_link = replace(loihi, link_bytes_per_s=1e7)
    rate, term = replace(all_to_all, chip=slow_link).saturation_hz(1.0)
    assert term == "link"
    assert rate == pytest.approx((1e-3 - 465e-9) * 1e7 / (1024 * 1024 * 4) / 1e-3)
    clocked = replace(load_chip("truenorth"), width=16, height=8)
    assert replace(all_to_all, chip=clocked).saturation_hz(1.0) == (float("inf"), "nothing")


def test_chip_that_cannot_keep_up_is_on_for_longer(all_to_all):
    rate, _ = all_to_all.saturation_hz(1.0)
    (point,) = expected_sweep(all_to_all, 1.0, [3 * rate])
    seconds = point.chip_step_s / 1e-3
    assert seconds > 2.9
    assert point.energy_j_per_s["static"] == pytest.approx(0.104375 * seconds)
    assert point.busiest_link_share == pytest.approx(3 * rate * 1024 * 512 * 4 / 8e9 / seconds)


def test_random_spikes_bring_what_is_expected(loihi):
    """Bernoulli spikes of neurons with random targets, packet by packet over the walker."""
    chip = replace(loihi, width=6, height=4)
    rng = np.random.default_rng(21)
    n_cores, per_core, rate_hz, dt_ms, n_steps = 24, 20, 50.0, 1.0, 400
    home = np.repeat(np.arange(n_cores), per_core)
    synapses = rng.poisson(0.4, (home.size, n_cores))
    reaches = synapses > 0
    pairs = np.zeros((n_cores, n_cores), dtype=np.int64)
    np.add.at(pairs, home, reaches.astype(np.int64))
    footprint = Footprint(chip, pairs, synapses.sum(axis=0), np.full(n_cores, per_core))
    (theory,) = expected_sweep(footprint, dt_ms, [rate_hz])

    spikes = rng.binomial(n_steps, rate_hz * dt_ms * 1e-3, home.size)
    counted = np.zeros((n_cores, n_cores), dtype=np.int64)
    np.add.at(counted, home, spikes[:, np.newaxis] * reaches)
    traffic = account(
        chip,
        counted,
        n_steps=n_steps,
        step_s=dt_ms * 1e-3,
        synaptic_events=(spikes[:, np.newaxis] * synapses).sum(axis=0),
        neurons=np.full(n_cores, per_core),
        spikes=np.bincount(home, spikes, n_cores).astype(np.int64),
    )
    seen = measured_point(traffic, dt_ms)
    model_s = n_steps * dt_ms * 1e-3
    assert seen.rate_hz == pytest.approx(spikes.sum() / home.size / model_s)
    walked = walk_all([(s, t, counted[s, t]) for s in range(n_cores) for t in range(n_cores)], 6, 4)
    assert seen.hops_per_s == pytest.approx(sum(walked.values()) / model_s)
    assert seen.busiest_link_packets_per_s == pytest.approx(max(walked.values()) / model_s)
    assert seen.packets_per_s == pytest.approx(counted.sum() / model_s)

    # The rate itself is random: about 9,600 spikes, so 1 % and less; 4 sigma and some.
    for name in ("packets_per_s", "bytes_per_s", "hops_per_s", "tile_hops_per_s"):
        assert getattr(seen, name) == pytest.approx(getattr(theory, name), rel=0.05), name
    assert seen.mean_hops == pytest.approx(theory.mean_hops, rel=0.02)
    assert seen.busiest_link_packets_per_s == pytest.approx(
        theory.busiest_link_packets_per_s, rel=0.1
    )
    assert seen.chip_step_s == pytest.approx(theory.chip_step_s, rel=0.1)
    for part in ("synaptic_events", "neuron_updates", "hops", "static", "total"):
        expected = theory.energy_j_per_s[part]
        assert seen.energy_j_per_s[part] == pytest.approx(expected, rel=0.05), part


def test_measured_point_equals_the_closed_form_when_every_neuron_spikes_once(all_to_all):
    """One spike of every neuron in a step of 1 ms is 1,000 Hz."""
    seen = measured_point(replace(all_to_all.traffic, step_s=1e-3), 1.0)
    (theory,) = expected_sweep(all_to_all, 1.0, [1000.0])
    assert seen.rate_hz == pytest.approx(1000.0)
    for name, value in vars(theory).items():
        if name == "energy_j_per_s":
            assert seen.energy_j_per_s == pytest.approx(value)
        elif name != "bound_by":
            assert getattr(seen, name) == pytest.approx(value), name


@pytest.mark.parametrize("rates", [[], [0.0], [-1.0], [float("nan")], [1.0, float("inf")]])
def test_senseless_rates_are_refused(all_to_all, rates):
    with pytest.raises(UsageError, match=r"sweep: rates.*must be numbers"):
        expected_sweep(all_to_all, 1.0, rates)


def test_rate_of_counters_without_neurons_is_refused(loihi):
    traffic = account(loihi, np.zeros((128, 128), dtype=int))
    with pytest.raises(UsageError, match="Give rate_hz"):
        measured_point(traffic, 1.0)
    assert measured_point(traffic, 1.0, rate_hz=2.0).rate_hz == 2.0


def test_report_of_a_sweep(loihi, all_to_all):
    points = expected_sweep(all_to_all, 1.0, [1.0])
    report = sweep_report(loihi, 1.0, points, [], all_to_all.saturation_hz(1.0))
    assert report["chip"] == "loihi"
    assert report["expected"][0]["rate_hz"] == 1.0
    assert report["real_time_bound_by"] == "core"
    assert isinstance(all_to_all.traffic, MeshTraffic)
