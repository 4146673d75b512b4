"""Ranks other than 0 have results of the same kinds, which are empty. Under mpirun, on all of them."""

from __future__ import annotations

import numpy as np
import pytest

from distsnn import FixedInDegree, LifDelta, Network, Poisson
from distsnn.comm import start
from distsnn.comm.serial import SerialComm
from distsnn.errors import UsageError
from distsnn.plasticity import PairStdp
from distsnn.report.document import document
from distsnn.simulation import simulate
from distsnn.storage import write_run
from distsnn.storage.weights import save_weights


def make_network():
    network = Network(dt_ms=1.0, seed=1)
    cells = network.population("cells", 200, LifDelta())
    network.stimulate(cells, Poisson(rate_hz=9000.0, weight=0.5))
    plastic = network.connect(
        cells, cells, FixedInDegree(10), weight=0.1, plasticity=PairStdp(w_max=0.2)
    )
    network.record_weights(plastic, every_ms=10.0)
    network.record(cells, "v", neurons=[0, 150], every_ms=1.0)
    return network, plastic


@pytest.mark.mpi
def test_results_are_empty_elsewhere(tmp_path):
    comm = start()
    network, plastic = make_network()
    here = simulate(network, duration_ms=40.0, comm=comm, neurons_per_core=20)
    network, _ = make_network()
    alone = simulate(network, duration_ms=40.0, comm=SerialComm(), neurons_per_core=20)
    assert here.is_root == (comm.rank == 0)
    assert here.traces.keys() == alone.traces.keys()
    pairs = [
        (here.spikes("cells"), alone.spikes("cells")),
        (here.spike_steps("cells"), alone.spike_steps("cells")),
        (here.traces["cells", "v"], alone.traces["cells", "v"]),
        ((here.weights(plastic).final,), (alone.weights(plastic).final,)),
        ((here.counters.link_packets,), (alone.counters.link_packets,)),
    ]
    for found, expected in pairs:
        for one, other in zip(found, expected, strict=True):
            assert one.dtype == other.dtype
            assert one.ndim == other.ndim
            if here.is_root:
                assert np.array_equal(one, other)
            else:
                assert not one.any()
    assert here.counters.busiest_link_of_step.size == 40
    if here.is_root:
        assert (here.digest, here.traffic_digest) == (alone.digest, alone.traffic_digest)
        assert here.usage.limits
        assert write_run(here, document(here), tmp_path / "run")
        save_weights(here, tmp_path / "weights.h5")
    else:
        assert here.digest == here.traffic_digest == ""
        assert here.statistics("cells").n_spikes == 0
        assert here.traces["cells", "v"][1][:, 1].shape == (0,)
        assert here.usage.limits == ()
        assert here.counters.packets == here.n_synapses == 0
        assert write_run(here, {}, tmp_path / "none") == []
        save_weights(here, tmp_path / "none.h5")
        assert not list(tmp_path.glob("none*"))
        with pytest.raises(UsageError, match="must be made on rank 0"):
            document(here)
    comm.barrier()
