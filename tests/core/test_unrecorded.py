"""Populations whose spikes are not recorded: none is kept, and every figure of the run is the same."""

from __future__ import annotations

import numpy as np
import pytest

from distsnn.comm import start
from distsnn.comm.serial import SerialComm
from distsnn.core.rank import Rank
from distsnn.errors import UsageError
from distsnn.network import FixedInDegree, Network, Uniform
from distsnn.neurons import LifDelta
from distsnn.report.document import document
from distsnn.simulation import Result, simulate
from distsnn.stimuli import Poisson, SpikeSource

HIDDEN = ("exc", "given")


def run(hidden: tuple[str, ...], comm: object) -> Result:
    network = Network(dt_ms=1.0, seed=4)
    n = 4 * 40
    rng = np.random.default_rng(2)
    given = SpikeSource(rng.uniform(1, 120, n), rng.integers(0, 40, n), n_sources=40, measured=True)
    sources = network.population("given", 40, given)
    exc = network.population("exc", 200, LifDelta(), initial={"v": Uniform(0.0, 19.0)})
    inh = network.population("inh", 60, LifDelta(), initial={"v": Uniform(0.0, 19.0)})
    for target in (exc, inh):
        network.connect(exc, target, FixedInDegree(20), weight=0.4, delay_ms=2.0)
        network.connect(sources, target, FixedInDegree(4), weight=2.0, delay_ms=3.0)
        network.stimulate(target, Poisson(rate_hz=2000.0, weight=1.0))
    for name in hidden:
        network.record_spikes(name, False)
    return simulate(network, duration_ms=150.0, comm=comm, neurons_per_core=50)


def test_nothing_that_counts_changes():
    whole, part = run((), SerialComm()), run(HIDDEN, SerialComm())
    assert part.digest == whole.digest
    assert part.traffic_digest == whole.traffic_digest
    assert np.array_equal(part.spike_steps("inh")[0], whole.spike_steps("inh")[0])
    assert np.array_equal(part.spike_steps("inh")[1], whole.spike_steps("inh")[1])
    assert part.spikes_all.step.size == whole.spike_steps("inh")[0].size
    for name in HIDDEN:
        of_part, of_whole = part.statistics(name), whole.statistics(name)
        assert of_part.n_spikes == of_whole.n_spikes > 100
        assert of_part.rate_hz == pytest.approx(of_whole.rate_hz, rel=1e-12)
        assert of_part.cv_isi is None
        assert of_part.synchrony is None
    assert part.unrecorded == {name: whole.statistics(name).n_spikes for name in HIDDEN}
    assert whole.unrecorded == {}


def test_report_says_what_is_not_recorded():
    report = document(run(HIDDEN, SerialComm()), discard_ms=20.0)
    told = {one["name"]: one for one in report["populations"]}
    assert [told[name]["is_recorded"] for name in ("given", "exc", "inh")] == [False, False, True]
    assert told["exc"]["n_spikes"] > 0


def test_their_spikes_cannot_be_asked_for():
    result = run(HIDDEN, SerialComm())
    for ask in (result.spikes, result.spike_steps):
        with pytest.raises(UsageError, match=r"spikes of exc: must be recorded.*record_spikes"):
            ask("exc")


def test_none_is_kept(monkeypatch):
    kept = []
    take = Rank._expected_spikes

    def seen(rank: Rank) -> int:
        kept.append(rank)
        return take(rank)

    monkeypatch.setattr(Rank, "_expected_spikes", seen)
    result = run(("exc", "given", "inh"), SerialComm())
    assert kept[0].spikes.arrays()[0].size == 0
    assert result.spikes_all.step.size == 0
    assert result.digest == run((), SerialComm()).digest


@pytest.mark.mpi
def test_on_all_ranks():
    comm = start()
    alone, together = run(HIDDEN, SerialComm()), run(HIDDEN, comm)
    if comm.rank == 0:
        assert together.digest == alone.digest
        assert together.traffic_digest == alone.traffic_digest
        assert together.unrecorded == alone.unrecorded
