"""Milliseconds per image of the network of docs/examples/diehl_cook.py in Brian2, for an estimate.

    python benchmarks/peers/diehl_cook_brian.py MNIST_FOLDER [--neurons 100] [--images 20]

Run it with an interpreter that has Brian2. Same populations, equations, rule and protocol; images are
shown once, dark ones too.
"""

import argparse
import gzip
import time
from pathlib import Path

import brian2 as b2
import numpy as np
from brian2 import ms

MEMBRANE = """
dv/dt = (e_l - v - g_e*v + g_i*(e_i - v)) / tau_m : 1 (unless refractory)
dg_e/dt = -g_e / (1*ms) : 1
dg_i/dt = -g_i / (2*ms) : 1
"""


def build(n: int):
    """Return the network, its input and the synapses that learn."""
    b2.defaultclock.dt = 0.5 * ms
    pixels = b2.PoissonGroup(784, rates=np.zeros(784) * b2.Hz)
    e = b2.NeuronGroup(
        n, MEMBRANE + "dtheta/dt = -theta / (1e7*ms) : 1", threshold="v > theta - 72",
        reset="v = e_l; theta += 0.05", refractory=5 * ms, method="euler",
        namespace={"e_l": -65, "e_i": -100, "tau_m": 100 * ms},
    )  # fmt: skip
    i = b2.NeuronGroup(
        n, MEMBRANE, threshold="v > -40", reset="v = -45", refractory=2 * ms, method="euler",
        namespace={"e_l": -60, "e_i": -85, "tau_m": 10 * ms},
    )  # fmt: skip
    e.v, e.theta, i.v = -105, 20, -100
    learned = b2.Synapses(
        pixels, e,
        """w : 1
        dpre/dt = -pre / (20*ms) : 1 (event-driven)
        dpost1/dt = -post1 / (20*ms) : 1 (event-driven)
        dpost2/dt = -post2 / (40*ms) : 1 (event-driven)""",
        on_pre="g_e += w; pre = 1; w = clip(w - 1e-4*post1, 0, 1)",
        on_post="before = post2; w = clip(w + 0.01*pre*before, 0, 1); post1 = 1; post2 = 1",
    )  # fmt: skip
    learned.connect()
    learned.w, learned.delay = "0.003 + 0.297*rand()", "10*ms*rand()"
    excite = b2.Synapses(e, i, on_pre="g_e += 10.4")
    excite.connect(j="i")
    inhibit = b2.Synapses(i, e, on_pre="g_i += 17.0")
    inhibit.connect("i != j")
    return b2.Network(pixels, e, i, learned, excite, inhibit), pixels, learned


def main() -> None:
    """Show images and print the time of each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--neurons", type=int, default=100)
    parser.add_argument("--images", type=int, default=20)
    options = parser.parse_args()
    path = next(p for p in options.folder.iterdir() if p.name.startswith("train-images-idx3"))
    content = path.read_bytes()
    content = gzip.decompress(content) if path.suffix == ".gz" else content
    images = np.frombuffer(content, np.uint8, offset=16).reshape(-1, 784)
    net, pixels, learned = build(options.neurons)
    targets = np.array(learned.j)

    def show(image: np.ndarray) -> None:
        weights = np.array(learned.w)
        learned.w = np.minimum(weights * (78.0 / np.bincount(targets, weights))[targets], 1)
        pixels.rates = image / 4.0 * b2.Hz
        net.run(350 * ms)
        pixels.rates = 0 * b2.Hz
        net.run(150 * ms)

    show(images[0])  # compiles
    began = time.perf_counter()
    for image in images[1 : 1 + options.images]:
        show(image)
    print(f"Brian2: {1e3 * (time.perf_counter() - began) / options.images:.1f} ms per image")


if __name__ == "__main__":
    main()
