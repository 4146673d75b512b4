"""Chips of 1 to 16 physical fabrics, and tori: the same spikes and the same traffic on any ranks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from distsnn.chip import Chip, load_chip
from distsnn.comm import start
from distsnn.comm.serial import SerialComm
from distsnn.network import FixedInDegree, Network, Uniform
from distsnn.neurons import LifDelta
from distsnn.running.counters import by_fabric_bit
from distsnn.simulation import Result, simulate
from distsnn.stimuli import Poisson


def chip_of(n_fabrics: int, width: int, height: int = 1, *, wrap: bool = False) -> Chip:
    plain = load_chip("loihi")
    limits = replace(plain.limits, neurons_per_core=32)
    return replace(
        plain, name="mine", width=width, height=height, tile_width=1, tile_height=1, wrap=wrap,
        n_fabrics=n_fabrics, limits=limits,
    )  # fmt: skip


def run(chip: Chip, comm: object, fabric: str | None = None) -> Result:
    """Run a network that fills all cores and sends batches of eight steps."""
    network = Network(dt_ms=1.0, seed=3)
    n = 32 * chip.n_cores
    cells = network.population("cells", n, LifDelta(), initial={"v": Uniform(0.0, 19.0)})
    network.connect(cells, cells, FixedInDegree(20), weight=0.4, delay_ms=Uniform(8.0, 20.0))
    network.stimulate(cells, Poisson(rate_hz=2000.0, weight=1.0))
    result = simulate(network, duration_ms=60.0, chip=chip, comm=comm, fabric=fabric)
    if result.is_root:
        assert result.spikes_all is not None
        assert result.spikes_all.step.size > 100
    return result


@pytest.mark.mpi
@pytest.mark.parametrize("n_fabrics", [1, 3, 4, 16])
def test_any_number_of_fabrics(n_fabrics):
    """On one core to a rank, ``hop`` also compares what ranks passed on with the routes."""
    comm = start()
    chip = chip_of(n_fabrics, max(4, comm.n_ranks))
    one_each = chip_of(n_fabrics, comm.n_ranks)
    alone = [run(one, SerialComm()) for one in (chip, one_each)]
    together = [run(chip, comm), run(one_each, comm, "hop" if comm.n_ranks > 1 else None)]
    if comm.rank == 0:
        for serial, found in zip(alone, together, strict=True):
            assert found.digest == serial.digest
            assert found.traffic_digest == serial.traffic_digest
        used = alone[0].counters.link_packets.sum(axis=(1, 2))
        assert (used > 0).all(), "every fabric has its share"
    comm.barrier()


@pytest.mark.mpi
@pytest.mark.parametrize("n_fabrics", [1, 2, 3])
def test_torus_with_a_core_on_each_rank(n_fabrics):
    """The links around the edge are used, and ``hop`` uses them as the counters say."""
    comm = start()
    for width in (n for n in range(1, comm.n_ranks + 1) if comm.n_ranks % n == 0):
        chip = chip_of(n_fabrics, width, comm.n_ranks // width, wrap=True)
        alone = run(chip, SerialComm())
        for fabric in ("hop", "hop-messages") if comm.n_ranks > 1 else (None,):
            found = run(chip, comm, fabric)
            if comm.rank == 0:
                assert found.digest == alone.digest
                assert found.traffic_digest == alone.traffic_digest
        comm.barrier()


def test_packets_by_what_they_say_of_their_fabric():
    packets = np.arange(5 * 4 * 3).reshape(5, 4, 3)
    even, odd = by_fabric_bit(packets)
    assert np.array_equal(even, packets[0] + packets[2] + packets[4])
    assert np.array_equal(odd, packets[1] + packets[3])
    assert not by_fabric_bit(packets[:1])[1].any()


@pytest.mark.mpi
def test_fewer_steps_to_an_exchange_where_an_outbox_would_be_too_large(monkeypatch):
    """Delays of eight steps, and room for the packets of three."""
    comm = start()
    chip = chip_of(2, max(4, comm.n_ranks))
    reference = run(chip, SerialComm())
    per_step = 32 * -(-chip.n_cores // comm.n_ranks) * (comm.n_ranks + 2)
    monkeypatch.setattr("distsnn.comm.fabrics.opening.MAX_PACKETS", 3 * per_step)
    found = run(chip, comm)
    if comm.rank == 0:
        assert reference.steps_per_exchange == 8
        assert found.steps_per_exchange == (3 if comm.n_ranks > 1 else 8)
        assert found.digest == reference.digest
        assert found.traffic_digest == reference.traffic_digest
    comm.barrier()
