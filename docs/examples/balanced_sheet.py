"""A sheet of neurons that learns: trials of one wiring, then a scan of two parameters.

    python balanced_sheet.py [SIDE TRIALS HALF_MS]        (40 10 300; also under mpirun)

The sheet is a torus of SIDE^2 excitatory neurons; its input steps up after half of each trial.
"""

import sys
from itertools import product

import distsnn as snn
from distsnn.plasticity import TripletStdp

side, n_trials, half_ms = map(int, sys.argv[1:] or (40, 10, 300))
net = snn.Network(dt_ms=0.1, seed=1, name="sheet")
cell = snn.LifExp(tau_m_ms=snn.Normal(10.0, 1.0, low=5.0), v_threshold_mv=snn.Normal(-50.0, 1.0))
start, sheet = {"v": snn.Normal(-58.0, 4.0)}, snn.Grid2D(1.0)
e = net.population("e", side**2, cell, start, positions=sheet)
i = net.population("i", side**2 // 4, cell, start, positions=sheet)
near = snn.Distance(snn.Gaussian(0.1), in_degree=80, wrap=True)
wide = snn.Distance(snn.Gaussian(0.2), in_degree=20, wrap=True)
delay, stdp = snn.ByDistance(0.5, per=4.0), TripletStdp(w_max=120.0)
learned = net.connect(e, e, near, weight=60.0, delay_ms=delay, plasticity=stdp)
net.connect(e, i, near, weight=60.0, delay_ms=delay)
inhibition = net.connect_all(i, e + i, wide, weight=-480.0, delay_ms=delay)
net.stimulate(e + i, snn.Poisson(rate_hz=0.0, weight=60.0))
sim = snn.Simulation(net)


def trial(noise_seed: int, g: float, after_hz: float) -> None:
    """Run once; print the rates before and after the step, and the mean learned weight."""
    sim.reset(noise_seed)
    for projection in inhibition:
        sim.set_weights(projection, -60.0 * g)
    row = [noise_seed, g, after_hz]
    for from_ms, rate_hz in ((0, 11000.0), (half_ms, after_hz)):
        sim.set(e + i, rate_hz=rate_hz)
        result = sim.run(half_ms).result()
        row += [result.statistics(name, from_ms).rate_hz for name in "ei"]
    row.append(sim.weights(learned).mean())
    if sim.is_root:
        print(*(f"{value:9.5g}" for value in row))


if sim.is_root:
    print("     seed         g   step Hz  e before  i before   e after   i after weight pA")
for k in range(n_trials):
    trial(k, 8.0, 13000.0)
for g, hz in product((4.0, 6.0, 8.0), (12000.0, 14000.0, 16000.0)):
    trial(0, g, hz)
