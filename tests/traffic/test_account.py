"""Accounts of traffic matrices: exact cases, an independent walker, energy and time by hand."""

import json
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from mesh_walker import walk_all

from distsnn.chip import load_chip
from distsnn.errors import ChipError, UsageError
from distsnn.traffic import (
    MeshCounters,
    MeshTraffic,
    TrafficMatrix,
    account,
    account_matrix_file,
    matrix_report,
)


def single(source, target, packets):
    return TrafficMatrix(*(np.array([value]) for value in (source, target, packets)))


def links(report):
    return {(tuple(k["from"]), tuple(k["to"])): k["packets"] for k in report["links"]}


def test_corner_case_with_a_router_per_core_costs_73_pj_a_packet(router_per_core):
    """Davies 2018, 3.0 and 4.0 pJ a hop, on 16 x 8 tiles: 15 hops east, 7 south."""
    n = 1000
    traffic = account(router_per_core, single(0, 127, n))
    assert traffic.energy_j["hops"] == pytest.approx(73.0e-12 * n, rel=1e-12)
    report = matrix_report(traffic)
    assert "tiles" not in report
    assert report["core_hop_energy_j"] == report["energy_j"]["hops"]
    assert (report["packets"], report["traversals"], report["mean_hops"]) == (n, 22 * n, 22.0)
    row = {((x, 0), (x + 1, 0)): n for x in range(15)}
    column = {((15, y), (15, y + 1)): n for y in range(7)}
    assert links(report) == row | column


def test_corner_case_on_the_tiles_of_loihi_costs_33_pj_a_packet(loihi):
    """On 8 x 4 tiles of 2 x 2 cores: 7 hops east, 3 south."""
    n = 1000
    report = matrix_report(account(loihi, single(0, 127, n)))
    assert report["energy_j"]["hops"] == pytest.approx(33.0e-12 * n, rel=1e-12)
    assert report["core_hop_energy_j"] == pytest.approx(73.0e-12 * n, rel=1e-12)
    tiles = report["tiles"]
    assert (tiles["packets"], tiles["traversals"], tiles["mean_hops"]) == (n, 10 * n, 10.0)
    row = {((x, 0), (x + 1, 0)): n for x in range(7)}
    column = {((7, y), (7, y + 1)): n for y in range(3)}
    assert links(tiles) == row | column
    assert tiles["energy_j"] == report["energy_j"]


def test_all_to_all(loihi):
    report = matrix_report(account(loihi, 1 - np.eye(128, dtype=int)))
    assert (report["packets"], report["traversals"], report["mean_hops"]) == (16_256, 130_048, 8.0)
    assert report["traversals_east_west"] == 87_040
    assert report["traversals_north_south"] == 43_008
    assert report["busiest_link"]["packets"] == 512
    assert report["packets_in_tile"] == 128 * 3
    assert report["tiles"]["mean_hops"] == pytest.approx(3.9055, abs=1e-4)
    assert report["energy_j"]["within_tile"] == pytest.approx(128 * 3 * 1.7e-12)
    # Between tiles: 16 pairs of cores for each of the lines' n (n^2 - 1) / 3 steps.
    assert report["tiles"]["traversals_east_west"] == 16 * 4**2 * (8 * 63 // 3)
    assert report["tiles"]["traversals_north_south"] == 16 * 8**2 * (4 * 15 // 3)


def test_row_tornado(loihi):
    source = np.arange(128)
    target = source // 16 * 16 + (source + 7) % 16
    report = matrix_report(account(loihi, TrafficMatrix(source, target, np.ones(128, np.int64))))
    assert (report["traversals"], report["traversals_north_south"]) == (1008, 0)
    assert report["busiest_link"]["packets"] == 7


@pytest.mark.parametrize("name", ["loihi", "torus", "line", "one"])
def test_every_link_and_tile_link_is_the_walkers(loihi, name):
    chip = {
        "loihi": loihi,
        "torus": replace(loihi, width=8, height=6, wrap=True),
        "line": replace(loihi, width=12, height=1, tile_width=4, tile_height=1),
        "one": replace(loihi, width=1, height=1, tile_width=1, tile_height=1),
    }[name]
    rng = np.random.default_rng(11)
    source, target = rng.integers(0, chip.n_cores, (2, 500))
    packets = rng.integers(1, 10**6, 500)
    report = matrix_report(account(chip, TrafficMatrix(source, target, packets)))
    triples = list(zip(source.tolist(), target.tolist(), packets.tolist(), strict=True))
    moves = ((1, 0), (-1, 0), (0, -1), (0, 1))
    cores, tiles = Counter(), Counter()
    for (x, y, direction), load in walk_all(triples, chip.width, chip.height, chip.wrap).items():
        end = (
            (x + moves[direction][0]) % chip.width,
            (y + moves[direction][1]) % chip.height,
        )
        cores[(x, y), end] += load
        tile = (x // chip.tile_width, y // chip.tile_height)
        tile_end = (end[0] // chip.tile_width, end[1] // chip.tile_height)
        if tile != tile_end:
            tiles[tile, tile_end] += load
    assert links(report) == cores
    assert report["traversals"] == sum(cores.values())
    assert report["packets"] == packets.sum()
    if chip.is_tiled:
        assert links(report["tiles"]) == tiles
    if cores:
        busiest = report["busiest_link"]
        assert cores[tuple(busiest["from"]), tuple(busiest["to"])] == busiest["packets"]
        assert busiest["packets"] == max(cores.values())
    else:
        assert report["busiest_link"] is None


def test_report_has_the_agreed_keys_and_is_json(loihi, tmp_path):
    path = tmp_path / "m.csv"
    path.write_text("source core,destination core,packets\n0,127,3\n127,0,4\n5,5,6\n")
    report = matrix_report(account_matrix_file(path, "loihi"))
    keys = {"packets", "traversals", "mean_hops", "links", "busiest_link", "energy_j"}
    assert keys | {"tiles"} <= set(report)
    assert keys <= set(report["tiles"])
    assert json.loads(json.dumps(report, allow_nan=False)) == report
    assert report["links"][0] == {"from": [0, 0], "to": [1, 0], "packets": 3}
    assert report["packets_in_tile"] == 6
    assert report["mean_hops"] == pytest.approx(7 * 22 / 13)
    assert set(report["busiest_link"]) == {"from", "to", "packets", "share_of_rate"}


def test_energy_by_hand(loihi):
    """One packet to a neighbour in the tile, one to the next tile east, one to the one below."""
    ones = np.ones(128, dtype=np.int64)
    pairs = TrafficMatrix(np.array([0, 1, 16]), np.array([1, 2, 32]), np.array([1, 1, 1]))
    traffic = account(
        loihi, pairs, n_steps=10, step_s=1e-3, synaptic_events=5 * ones, neurons=3 * ones,
        spikes=ones,
    )  # fmt: skip
    energy = traffic.energy_j
    assert energy["synaptic_events"] == pytest.approx(128 * 5 * 23.6e-12)
    assert energy["neuron_updates"] == pytest.approx(128 * 3 * 10 * 81e-12)
    assert energy["within_tile"] == pytest.approx(1.7e-12)
    assert energy["hops"] == pytest.approx(7.0e-12)
    assert energy["static"] == pytest.approx(0.104375 * 10e-3)
    assert energy["spikes"] is None
    assert energy["packets"] is None
    parts = [value for part, value in energy.items() if part != "total" and value is not None]
    assert energy["total"] == pytest.approx(sum(parts))
    report = matrix_report(traffic)
    assert report["energy_not_known"] == ["spikes", "packets"]
    assert report["neuron_updates_least_j"] == pytest.approx(128 * 3 * 10 * 52e-12)


def test_fitted_energy_charges_spikes_and_packets():
    ones = np.ones(128, dtype=np.int64)
    traffic = account("loihi-fitted", single(0, 127, 10), spikes=2 * ones, synaptic_events=ones)
    energy = traffic.energy_j
    assert energy["spikes"] == pytest.approx(256 * 69.3e-12)
    assert energy["packets"] == pytest.approx(10 * 111e-12)
    assert energy["hops"] == pytest.approx(10 * (7 * 3.0 + 3 * 4.2) * 1e-12)
    assert energy["static"] is None
    assert energy["neuron_updates"] is None
    assert matrix_report(traffic)["busiest_link"]["share_of_rate"] is None


def test_step_time_by_hand(loihi):
    """Busiest core or busiest tile link, and the barrier over the tiles in use."""
    events, neurons = np.zeros((2, 128), dtype=np.int64)
    events[5], neurons[5], neurons[6] = 2000, 100, 1024
    traffic = account(
        loihi, single(0, 127, 400), n_steps=2, synaptic_events=events, neurons=neurons
    )
    core_ns = max(1000 * 3.5 + 100 * 8.4, 1024 * 8.4)
    link_ns = 200 * 4 / 8e9 * 1e9
    route_ns = 7 * 4.1 + 3 * 6.5
    barrier_ns = 113 + 352 / 31 * 3  # tiles of cores 0, 5, 6 and 127
    step = traffic.step_time
    assert step.core_s[0] * 1e9 == pytest.approx(core_ns)
    assert step.link_s[0] * 1e9 == pytest.approx(link_ns)
    assert step.route_s[0] * 1e9 == pytest.approx(route_ns)
    assert step.barrier_s * 1e9 == pytest.approx(barrier_ns)
    assert step.total_s[0] * 1e9 == pytest.approx(core_ns + barrier_ns)
    assert step.bound_by == "core"
    assert traffic.seconds == pytest.approx(2e-9 * (core_ns + barrier_ns))
    share = 400 * 4 / (traffic.seconds * 8e9)
    assert matrix_report(traffic)["busiest_link"]["share_of_rate"] == pytest.approx(share)
    many = account(loihi, single(0, 127, 10**6))
    assert many.step_time.bound_by == "link"
    assert many.step_time.total_s[0] == pytest.approx(4e6 / 8e9 + (113 + 352 / 31) * 1e-9)


def test_links_between_tiles_bind_not_those_between_cores(loihi):
    """Two rows of cores share the link between their tiles."""
    pairs = TrafficMatrix(np.array([0, 16]), np.array([15, 31]), np.array([10**6, 10**6]))
    step = account(loihi, pairs).step_time
    assert step.link_s[0] == pytest.approx(2e6 * 4 / 8e9)


def test_clocked_chip_takes_its_tick():
    traffic = account("truenorth", single(0, 4095, 10), n_steps=7)
    assert traffic.step_time.bound_by == "clock"
    assert traffic.seconds == pytest.approx(7e-3)
    assert traffic.energy_j["static"] == pytest.approx(7e-3 * 0.06443)
    assert traffic.energy_j["hops"] == pytest.approx(10 * 126 * 2.3e-12)


def test_chip_without_figures_has_no_time_and_no_energy(loihi):
    bare = load_chip("loihi")
    bare = replace(bare, link_bytes_per_s=None, energy=type(bare.energy)(), time=type(bare.time)())
    report = matrix_report(account(bare, single(0, 127, 10)))
    assert report["chip_step"]["mean_s"] is None
    assert report["chip_step"]["bound_by"] == "nothing"
    assert report["energy_j"]["hops"] is None
    assert report["energy_j"]["total"] == 0.0
    assert report["traversals"] == 220
    json.dumps(report, allow_nan=False)


def test_no_traffic_at_all(loihi):
    report = matrix_report(account(loihi, np.zeros((128, 128), dtype=int)))
    assert (report["packets"], report["traversals"], report["mean_hops"]) == (0, 0, 0.0)
    assert report["links"] == []
    assert report["busiest_link"] is None
    assert report["energy_j"]["hops"] == 0.0
    json.dumps(report, allow_nan=False)


# ---- counters -----------------------------------------------------------------------------------


def counters(loihi, **changes):
    return replace(account(loihi, single(0, 127, 6), n_steps=3).counters, **changes)


def test_digest_sees_every_number(loihi):
    base = counters(loihi)
    assert base.digest() == counters(loihi).digest()
    seen = {base.digest()}
    ones = np.ones(128, dtype=np.int64)
    moved = base.packets_sent.copy()
    moved[[0, 1]] = moved[[1, 0]]
    changed_link = base.link_packets.copy()
    changed_link[0, 2, 5] += 1
    changes = [
        {"packets_sent": moved},
        {"packets_received": moved},
        {"link_packets": changed_link},
        {"link_packets": np.concatenate([base.link_packets, np.zeros_like(base.link_packets)])},
        {"in_tile_packets": 1},
        {"synaptic_events": ones},
        {"synaptic_events": 0 * ones},
        {"neurons": ones},
        {"spikes": ones},
        {"learning_updates": 1},
        {"learning_of_core": ones},
        {"most_learning_of_step": np.array([1, 2, 3])},
        {"packets_of_step": np.array([1, 2, 3])},
        {"busiest_link_of_step": np.array([1, 2, 3])},
        {"busiest_tile_link_of_step": np.array([1, 2, 3])},
        {"most_events_of_step": np.array([1, 2, 3])},
        {"most_received_of_step": np.array([1, 2, 3])},
    ]
    for change in changes:
        seen.add(counters(loihi, **change).digest())
    assert len(seen) == 1 + len(changes)


@pytest.mark.parametrize(
    "change",
    [
        {"packets_sent": np.zeros(127, np.int64)},
        {"packets_sent": np.zeros(128, np.int32)},
        {"link_packets": np.zeros((2, 4, 127), np.int64)},
        {"packets_of_step": np.zeros(4, np.int64)},
    ],
)
def test_counters_of_a_wrong_shape_are_refused(loihi, change):
    with pytest.raises(UsageError, match=r"mesh counters: .*: must be an array of int64"):
        counters(loihi, **change)


def test_counters_of_another_mesh_are_refused(loihi):
    with pytest.raises(UsageError, match="must be of 64 x 64 cores as chip truenorth, got 16 x 8"):
        MeshTraffic(load_chip("truenorth"), counters(loihi))


def test_learning_takes_time_and_energy(loihi):
    """Updates of plastic synapses come on top of the other work of the busiest core."""
    quiet = counters(
        loihi,
        most_events_of_step=np.array([0, 100, 1000]),
        most_received_of_step=np.array([0, 1, 1]),
        neurons=np.full(128, 10),
        synaptic_events=np.full(128, 30),
    )
    updates = np.array([0, 200, 500])
    busy = replace(quiet, most_learning_of_step=updates, learning_updates=700)
    times = [MeshTraffic(loihi, one).step_time.total_s for one in (quiet, busy)]
    assert times[1] - times[0] == pytest.approx(updates * 6.1e-9)
    assert MeshTraffic(loihi, busy).energy_j["learning"] == pytest.approx(700 * 120e-12)
    per_core = np.zeros(128, dtype=np.int64)
    per_core[5] = 600
    plain = account(loihi, single(0, 127, 6), n_steps=3).counters
    learned = MeshTraffic(loihi, replace(plain, learning_of_core=per_core))
    grown = learned.step_time.core_s[0] - MeshTraffic(loihi, plain).step_time.core_s[0]
    assert grown == pytest.approx(200 * 6.1e-9)


def test_times_of_recorded_steps(loihi):
    """Steps are timed one by one where they were recorded, and wait for their pace."""
    steps = np.array([0, 10**6, 100])
    base = counters(
        loihi,
        most_events_of_step=np.array([0, 100, 1000]),
        most_received_of_step=np.array([0, 1, 1]),
        busiest_tile_link_of_step=steps,
        packets_of_step=steps,
        neurons=np.full(128, 10),
        synaptic_events=np.full(128, 30),
    )
    traffic = MeshTraffic(loihi, base, step_s=1e-5)
    barrier = 465e-9
    core = 84e-9 + np.array([0, 100, 1000]) * 3.5e-9
    link = steps * 4 / 8e9
    expected = barrier + np.maximum(core, link)
    assert traffic.step_time.total_s == pytest.approx(expected)
    assert traffic.seconds == pytest.approx(np.maximum(expected, 1e-5).sum())
    report = matrix_report(traffic)
    assert report["chip_step"]["late_steps"] == 1
    assert report["chip_step"]["longest_s"] == pytest.approx(expected.max())
    assert report["packets_per_step"] == {"mean": steps.mean(), "most": 10**6}


def test_fabrics_are_reported_apart(loihi):
    base = counters(loihi)
    both = np.concatenate([base.link_packets * 2, base.link_packets])
    report = matrix_report(MeshTraffic(loihi, replace(base, link_packets=both)))
    assert [one["traversals"] for one in report["per_fabric"]] == [264, 132]
    assert report["traversals"] == 396
    assert report["per_fabric"][1]["busiest_link"] == {"from": [0, 0], "to": [1, 0], "packets": 6}


def test_counters_know_what_they_do_not_know(loihi):
    base = counters(loihi)
    assert isinstance(base, MeshCounters)
    assert base.synaptic_events is None
    assert MeshTraffic(loihi, base).energy_j["synaptic_events"] is None


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"n_steps": float("nan")}, "account: n_steps: must be a whole number"),
        ({"n_steps": True}, "account: n_steps"),
        ({"n_steps": 2**63}, "account: n_steps"),
        ({"step_s": float("nan")}, "account: step_s: must be a number above 0"),
        ({"step_s": "1"}, "account: step_s"),
        ({"neurons": np.full(128, -1)}, r"account: neurons\[0\]: must be"),
        ({"neurons": np.ones(127, dtype=int)}, "account: neurons: must be of 128 entries"),
        ({"spikes": np.full(128, 0.5)}, "account: spikes: must be an array of whole numbers"),
        ({"synaptic_events": "many"}, "account: synaptic_events"),
    ],
)
def test_wrong_arguments(loihi, wrong, message):
    with pytest.raises(UsageError, match=message):
        account(loihi, single(0, 1, 1), **wrong)


@pytest.mark.parametrize("chip", [None, 5, b"loihi", ["loihi"]])
def test_what_is_no_chip(chip):
    with pytest.raises(ChipError, match="chip: must be a name, a path or a Chip"):
        account(chip, single(0, 1, 1))


def test_a_chip_by_path(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text("[grid]\nwidth = 2\nheight = 1\n[limits]\nneurons_per_core = 5\n")
    assert account(path, single(0, 1, 7)).traversals == 7
