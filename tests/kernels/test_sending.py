"""Spikes that become packets, and packets that arrive, against dictionaries of numbers."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from distsnn.kernels.loop.arrive import arrive
from distsnn.kernels.loop.send import SELF, collect_spikes, send
from distsnn.kernels.loop.steps import NAMES, begin_exchange, begin_step, end_step
from distsnn.kernels.mesh.link_loads import finish_step, in_tile_packets, new_differences

WIDTH, HEIGHT, LID_BITS, N_LOCAL, N_RANKS = 4, 3, 3, 5, 3
N_NODES, N_FLAT = WIDTH * HEIGHT, N_LOCAL << LID_BITS


def packet(axon: int, fabric: int, step: int) -> int:
    """A packet as docs/architecture.md has it: axon 25 bits, fabric 1, step within the batch 6."""
    return axon | (fabric % 2) << 25 | step << 26


def lists_of(rng: np.random.Generator, most: int) -> list[list[int]]:
    return [
        sorted(rng.choice(N_NODES, rng.integers(0, most), replace=False)) for _ in range(N_FLAT)
    ]


def starts(lists: list[list]) -> np.ndarray:
    return np.cumsum([0, *(len(one) for one in lists)]).astype(np.uint32)


def path(source: int, target: int) -> list[tuple[int, int]]:
    """Links (direction east, west, north, south; node) of the way along X, then along Y."""
    links, x, y = [], source % WIDTH, source // WIDTH
    while x != target % WIDTH:
        east = target % WIDTH > x
        links.append((0 if east else 1, y * WIDTH + x))
        x += 1 if east else -1
    while y != target // WIDTH:
        south = target // WIDTH > y
        links.append((3 if south else 2, y * WIDTH + x))
        y += 1 if south else -1
    return links


@pytest.mark.parametrize("n_fabrics", [1, 2, 3])
def test_every_packet_of_two_steps(n_fabrics):
    rng = np.random.default_rng(n_fabrics)
    nodes = rng.permutation(N_NODES)[:N_LOCAL].astype(np.int32)
    fans = lists_of(rng, N_NODES)
    targets = [
        [(int(rng.integers(-1, N_RANKS)), int(rng.integers(0, 2**25)), int(rng.integers(0, 9)))
         for _ in range(rng.integers(0, 4))]
        for _ in range(N_FLAT)
    ]  # fmt: skip
    flat_targets = np.array([entry for of_one in targets for entry in of_one], np.int64)
    differences = new_differences(n_fabrics, WIDTH, HEIGHT, tile_width=2, tile_height=1)
    per_core = np.zeros((2, 3 * N_NODES), np.int64)
    turn = np.arange(N_LOCAL) % n_fabrics
    counts, packets = np.zeros(N_RANKS, np.int64), np.zeros((N_RANKS, 1000), np.uint32)
    loads = np.zeros((2, n_fabrics * 4 * N_NODES), np.int32)

    expected_turn = turn.tolist()
    expected_out: list[list[int]] = [[] for _ in range(N_RANKS)]
    n_in_tile = 0
    for step in range(2):
        spikes = np.sort(rng.choice(N_FLAT, 17, replace=False)).astype(np.uint32)
        own = np.zeros(100, np.uint32)
        n_own = send(
            spikes.size, step + 5, step, LID_BITS, spikes, starts(targets),
            flat_targets[:, 0].astype(np.int32), flat_targets[:, 1].astype(np.uint32),
            flat_targets[:, 2].astype(np.uint16), starts(fans),
            np.concatenate(fans).astype(np.uint32), nodes, turn, own, counts, packets,
            differences, per_core,
        )  # fmt: skip
        finish_step(step, differences, loads)

        expected_own, links, sent = [], Counter(), np.zeros(N_NODES, np.int64)
        for flat in spikes.tolist():
            local = flat >> LID_BITS
            first, here = expected_turn[local], int(nodes[local])
            for rank, axon, place in targets[flat]:
                if rank == SELF:
                    expected_own.append(axon)
                else:
                    fabric = (first + place) % n_fabrics
                    expected_out[rank].append(packet(axon, fabric, step + 5))
            for k, there in enumerate(fans[flat]):
                fabric = (first + k) % n_fabrics
                links.update((fabric, *link) for link in path(here, there))
                in_x, in_y = (
                    here % WIDTH // 2 == there % WIDTH // 2,
                    here // WIDTH == there // WIDTH,
                )
                n_in_tile += in_x and in_y
            expected_turn[local] = (first + len(fans[flat])) % n_fabrics
            sent[here] += len(fans[flat])
        plain = np.zeros((n_fabrics, 4, N_NODES), np.int32)
        for link, n in links.items():
            plain[link] = n
        assert own[:n_own].tolist() == expected_own
        assert np.array_equal(loads[step].reshape(plain.shape), plain)
        assert np.array_equal(per_core[step], np.concatenate([sent, np.zeros(2 * N_NODES)]))
    assert [packets[r, :n].tolist() for r, n in enumerate(counts)] == expected_out
    assert turn.tolist() == expected_turn
    assert in_tile_packets(differences) == n_in_tile


@pytest.mark.parametrize("rows_per_step", [1, 0])
def test_arrivals_count_in_the_step_that_sent_them(rows_per_step):
    rng = np.random.default_rng(8)
    n_axons = 30
    cores = [sorted(rng.choice(N_LOCAL, rng.integers(1, 4), replace=False)) for _ in range(n_axons)]
    core = np.concatenate(cores).astype(np.uint16)
    n_onto = rng.integers(1, 1000, core.size).astype(np.uint32)
    nodes = rng.permutation(N_NODES)[:N_LOCAL].astype(np.int32)
    own = rng.integers(0, n_axons, 9).astype(np.uint32)
    steps, axons = rng.integers(0, 4, 40), rng.integers(0, n_axons, 40)
    received = np.array(
        [packet(int(a), int(rng.integers(2)), int(s)) for a, s in zip(axons, steps, strict=True)],
        np.uint32,
    )
    per_core = np.zeros((8, 3 * N_NODES), np.int64)
    start = starts(cores)
    arrive(
        7, 2, rows_per_step, own.size, received.size, own, received, start, core, n_onto, nodes,
        per_core,
    )  # fmt: skip
    plain = np.zeros((8, 3, N_NODES), np.int64)
    arrived = [(7, int(a)) for a in own]
    arrived += [(2 + int(s) * rows_per_step, int(a)) for s, a in zip(steps, axons, strict=True)]
    for row, axon in arrived:
        for k in range(start[axon], start[axon + 1]):
            plain[row, 1, nodes[core[k]]] += 1
            plain[row, 2, nodes[core[k]]] += n_onto[k]
    assert np.array_equal(per_core.reshape(plain.shape), plain)


def test_spikes_are_collected_in_order():
    spiked = np.zeros(64, np.uint8)
    spiked[[0, 7, 8, 40, 63]] = 1
    spikes = np.full(10, 99, np.uint32)
    assert collect_spikes(2, spiked, spikes) == 7
    assert spikes[:7].tolist() == [99, 99, 0, 7, 8, 40, 63]


def test_what_follows_from_the_number_of_a_step():
    """Batches of 4 steps, windows of 3, 5 rows, blocks of 15 steps, 22 steps in all."""
    place = {name: k for k, name in enumerate(NAMES)}
    values = np.zeros(len(NAMES), np.int64)
    given = {"until": 22, "n steps": 22, "batch": 4, "window": 3, "rows": 5, "block": 15,
             "settle at": 9, "record from": 2, "given from": 6}  # fmt: skip
    for name, number in given.items():
        values[place[name]] = number
    for t in range(22):
        begin_step(values)
        begin_exchange(values)
        now = {name: int(values[k]) for name, k in place.items()}
        assert now["t"] == t
        assert now["step in batch"] == t % 4
        assert now["row"] == t // 3 % 5
        assert now["ends window"] == (t in (2, 5, 8, 11, 14, 17, 20, 21))
        assert now["ends batch"] == (t in (3, 7, 11, 15, 19, 21))
        assert now["settles"] == (t in (8, 14, 21))
        assert (now["recorded step"], now["given step"]) == (t - 2, t - 6)
        assert (now["sent from"], now["sent row"]) == (t // 4 * 4, t // 4 * 4 // 3 % 5)
        end_step(values)
        assert values[place["goes on"]] == (t < 21)
