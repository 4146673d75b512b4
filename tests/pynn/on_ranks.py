"""A network of everything, run in pieces; prints a digest of what was recorded, on rank 0."""

from __future__ import annotations

import hashlib

import numpy as np

import distsnn.pynn as sim

sim.setup(timestep=0.1, min_delay=0.1, rng_seed=3)
cells = sim.Population(
    120, sim.IF_cond_exp(tau_refrac=5.0, v_rest=-60.0, v_reset=-60.0, tau_syn_I=10.0, e_rev_I=-80.0)
)
exc, inh = cells[:90], cells[90:]
poisson = sim.Population(120, sim.SpikeSourcePoisson(rate=200.0, start=5.0, duration=200.0))
gamma = sim.Population(30, sim.SpikeSourceGamma(alpha=3, beta=300.0))
delays = sim.RandomDistribution("uniform", low=0.5, high=2.0, rng=sim.NumpyRNG(seed=2))
stdp = sim.STDPMechanism(
    sim.SpikePairRule(A_plus=0.01, A_minus=0.012), sim.AdditiveWeightDependence(w_max=0.02),
    weight=0.004, delay=1.0,
)  # fmt: skip
short = sim.TsodyksMarkramSynapse(weight=0.05, U=0.3, tau_rec=100.0, delay=1.5)
failing = sim.SimpleStochasticSynapse(weight=0.02, p=0.5, delay=0.7)
static = sim.StaticSynapse(weight=0.03, delay=delays)
seeded = sim.NumpyRNG(seed=5)
sim.Projection(poisson, cells, sim.OneToOneConnector(), static, receptor_type="excitatory")
sim.Projection(gamma, inh, sim.OneToOneConnector(), failing, receptor_type="excitatory")
sim.Projection(exc, cells, sim.FixedProbabilityConnector(0.1, rng=seeded), static)
sim.Projection(
    inh, exc, sim.FixedNumberPreConnector(8, rng=seeded), short, receptor_type="inhibitory"
)
learned = sim.Projection(exc, inh, sim.FixedProbabilityConnector(0.2, rng=seeded), stdp)
noise = sim.NoisyCurrentSource(mean=0.1, stdev=0.2, start=20.0, stop=70.0)
cells[:20].inject(noise)
cells.initialize(v=sim.RandomDistribution("uniform", low=-60.0, high=-50.0, rng=seeded))
cells.record("spikes")
poisson.record("spikes")
cells[::10].record(["v", "gsyn_exc"])

contents = hashlib.blake2b(digest_size=8)
for _ in range(2):
    sim.run(33.3)
    cells[:10].set(i_offset=0.3)
    noise.mean = 0.2
    sim.run(66.7, callbacks=[lambda t: t + 10.0])
    sim.reset()
    cells[:10].set(i_offset=0.0)
data = cells.get_data()
for segment in data.segments:
    trains = np.concatenate([np.asarray(train.magnitude) for train in segment.spiketrains])
    assert trains.size > 50, trains.size
    contents.update(trains.tobytes())
    for signal in sorted(segment.analogsignals, key=lambda one: one.name):
        contents.update(np.ascontiguousarray(signal.magnitude).tobytes())
sim.run(50.0)
contents.update(np.array(learned.get("weight", "array"))[:].tobytes())
assert np.nanstd(learned.get("weight", "array")) > 0.0
sim.end()

# Another one, which grows while it runs.
sim.setup(timestep=0.1, min_delay=0.1, rng_seed=4)
source = sim.Population(60, sim.SpikeSourcePoisson(rate=300.0))
cells = sim.Population(60, sim.IF_cond_exp(tau_refrac=3.0), initial_values={"v": -60.0})
cells.record("spikes")
delays = sim.RandomDistribution("uniform", low=0.5, high=7.0, rng=sim.NumpyRNG(seed=9))
static = sim.StaticSynapse(weight=0.02, delay=delays)
sim.Projection(source, cells, sim.FixedProbabilityConnector(0.2, rng=sim.NumpyRNG(seed=7)), static)
sim.Projection(cells, cells, sim.FixedNumberPreConnector(5, rng=sim.NumpyRNG(seed=6)), stdp)
for _ in range(2):
    sim.run(25.7)
    more = sim.Population(20, sim.IF_cond_exp(i_offset=1.5))
    more.record("spikes")
    sim.Projection(more, cells, sim.FixedNumberPostConnector(3, rng=sim.NumpyRNG(seed=5)), failing)
sim.run(30.0)
for population in (cells, more):
    found = [t.magnitude for t in population.get_data().segments[0].spiketrains]
    assert sum(train.size for train in found) > 20
    contents.update(np.concatenate(found).tobytes())
if sim.rank() == 0:
    print(contents.hexdigest())
