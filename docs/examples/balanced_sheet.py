"""A balanced sheet of neurons that learns: trials of one wiring, then a scan of two parameters.

    python balanced_sheet.py [--side 40] [--trials 10] [--half 300]

side^2 excitatory and side^2 / 4 inhibitory neurons lie on a torus; their input steps up after half
of each trial, which lasts 2 half ms. The network is built once. Also under mpirun.
"""

import argparse

import distsnn as snn
from distsnn.plasticity import TripletStdp

parser = argparse.ArgumentParser(description="A balanced sheet that learns")
for name, value in (("side", 40), ("trials", 10), ("half", 300)):
    parser.add_argument(f"--{name}", type=int, default=value)
options = parser.parse_args()

net = snn.Network(dt_ms=0.1, seed=1, name="sheet")
cell = snn.LifExp(tau_m_ms=snn.Normal(10.0, 1.0, low=5.0), v_threshold_mv=snn.Normal(-50.0, 1.0))
start, sheet = {"v": snn.Normal(-58.0, 4.0)}, snn.Grid2D(1.0)
e = net.population("e", options.side**2, cell, start, positions=sheet)
i = net.population("i", options.side**2 // 4, cell, start, positions=sheet)
near = snn.Distance(snn.Gaussian(0.1), in_degree=80, wrap=True)
wide = snn.Distance(snn.Gaussian(0.2), in_degree=20, wrap=True)
delay, stdp = snn.ByDistance(0.5, per=4.0), TripletStdp(w_max=120.0)
learned = net.connect(e, e, near, weight=60.0, delay_ms=delay, plasticity=stdp)
net.connect(e, i, near, weight=60.0, delay_ms=delay)
inhibition = net.connect_all(i, e + i, wide, weight=-480.0, delay_ms=delay)
net.stimulate(e + i, snn.Poisson(rate_hz=0.0, weight=60.0))

sim = snn.Simulation(net)
if sim.is_root:
    print("rates in Hz: e and i before the step, e and i after it; mean learned weight in pA")


def trial(title: str, noise_seed: int, before_hz: float, after_hz: float) -> None:
    """Run once, and print a row of the table."""
    sim.reset(noise_seed)
    for rate_hz in (before_hz, after_hz):
        sim.set(e + i, rate_hz=rate_hz)
        result = sim.run(options.half).result()
        title += "".join(f"{result.statistics(name).rate_hz:8.2f}" for name in "ei")
        sim.clear()
    title += f"{sim.weights(learned).mean():8.2f}"
    if sim.is_root:
        print(title)


for k in range(options.trials):
    trial(f"noise {k:15}", k, 11000.0, 13000.0)
for g in (4.0, 6.0, 8.0):
    for projection in inhibition:
        sim.set_weights(projection, -60.0 * g)
    for after_hz in (12000.0, 14000.0, 16000.0):
        trial(f"g {g:4.1f}, {after_hz:6.0f} Hz:", 0, 11000.0, after_hz)
