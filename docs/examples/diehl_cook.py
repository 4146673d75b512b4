"""Unsupervised learning of digits: Diehl & Cook 2015, Front Comput Neurosci 9:99.

    python diehl_cook.py MNIST_FOLDER [--neurons 100] [--train 60000] [--test 10000] [--epochs 2]

Without the test set in the folder, the last 10,000 training images are kept back and tested instead.

Each excitatory neuron has an adaptive threshold and excites one inhibitory neuron, which inhibits all
others. Weights of the pixels learn by STDP and are normalised before each image. Afterwards, digits
are read from the neurons by what these responded to most.
"""

import argparse
import gzip
import time
from pathlib import Path

import numpy as np

from distsnn import AllToAll, Equations, ExplicitList, Network, OneToOne, Simulation, Uniform
from distsnn.neurons import PoissonNeuron
from distsnn.plasticity import TripletStdp

SHOWN_MS, REST_MS, DT_MS, SUM_OF_WEIGHTS, MIN_SPIKES = 350.0, 150.0, 0.5, 78.0, 5
THETA_DECAY = np.exp(-(SHOWN_MS + REST_MS) / 1e7)  # of the adaptive part of the threshold
SYNAPSES = """
    dg_e/dt = -g_e / tau_e
    dg_i/dt = -g_i / tau_i
"""
RECEPTORS = {"excitatory": "g_e += weight", "inhibitory": "g_i += weight"}

excitatory = Equations(
    """
    dv/dt = (e_l - v - g_e*v + g_i*(e_i - v)) / tau_m  (unless refractory)
    dtheta/dt = 0"""
    + SYNAPSES,
    threshold="v > v_t + theta", reset="v = e_l; theta += theta_plus", refractory_ms=5.0,
    receptors=RECEPTORS, initial={"v": -105.0, "theta": 20.0},
    parameters={"e_l": -65.0, "e_i": -100.0, "tau_m": 100.0, "v_t": -72.0, "theta_plus": 0.05,
                "tau_e": 1.0, "tau_i": 2.0},
)  # fmt: skip
inhibitory = Equations(
    "dv/dt = (e_l - v - g_e*v + g_i*(e_i - v)) / tau_m  (unless refractory)" + SYNAPSES,
    threshold="v > -40", reset="v = -45", refractory_ms=2.0, receptors=RECEPTORS,
    initial={"v": -100.0},
    parameters={"e_l": -60.0, "e_i": -85.0, "tau_m": 10.0, "tau_e": 1.0, "tau_i": 2.0},
)  # fmt: skip


def build(n: int):
    net = Network(dt_ms=DT_MS, seed=1)
    pixels = net.population("pixels", 784, PoissonNeuron(rate_hz=0.0))
    e = net.population("e", n, excitatory)
    i = net.population("i", n, inhibitory)
    times = {"tau_plus_ms": 20.0, "tau_minus_ms": 20.0, "tau_x_ms": 20.0, "tau_y_ms": 40.0}
    sizes = {"a2_plus": 0.0, "a3_plus": 0.01, "a2_minus": 1e-4, "a3_minus": 0.0, "w_max": 1.0}
    stdp = TripletStdp(pairing="nearest", **times, **sizes)
    learned = net.connect(
        pixels, e, AllToAll(), weight=Uniform(0.003, 0.3), delay_ms=Uniform(0.5, 10.0),
        receptor="excitatory", plasticity=stdp,
    )  # fmt: skip
    net.connect(e, i, OneToOne(), weight=10.4, delay_ms=DT_MS, receptor="excitatory")
    others = np.argwhere(~np.eye(n, dtype=bool))
    net.connect(i, e, ExplicitList(*others.T), weight=17.0, delay_ms=DT_MS, receptor="inhibitory")
    for population in (pixels, e, i):
        net.record_spikes(population, False)
    return net, pixels, e, learned


class Digits:
    def __init__(self, n: int) -> None:
        self.net, self.pixels, self.e, self.learned = build(n)
        self.sim = Simulation(self.net)
        self.post = self.sim.connections(self.learned).post
        self.is_learning = True

    def responses(self, images, title: str):
        """Show images; return the spikes of each excitatory neuron, [images, neurons]."""
        began, counts = time.perf_counter(), []
        for k, image in enumerate(images, 1):
            counts.append(self.show(image))
            if k % 1000 == 0 and self.sim.is_root:
                ms = 1e3 * (time.perf_counter() - began) / k
                print(f"{title}: {k} images, {ms:.1f} ms each", flush=True)
        return np.array(counts)

    def show(self, image: np.ndarray) -> np.ndarray:
        """Show one image, brighter until there are enough spikes; return the neurons' spikes."""
        sim, intensity = self.sim, 2.0
        if self.is_learning:
            weights = sim.weights(self.learned)
            sums = np.bincount(self.post, weights)
            sim.set_weights(
                self.learned, np.minimum(weights * (SUM_OF_WEIGHTS / sums)[self.post], 1)
            )
        while True:
            sim.set(self.pixels, rate_hz=image.ravel() / 8.0 * intensity)
            sim.run(SHOWN_MS)
            n = sim.spike_counts(self.e)
            sim.set(self.pixels, rate_hz=0.0)
            if self.is_learning:
                sim.set(self.e, theta=sim.get(self.e, "theta") * THETA_DECAY)
            sim.run(REST_MS)
            sim.clear()
            if n.sum() >= MIN_SPIKES:
                return n
            intensity += 1.0


def read(folder: Path, name: str) -> tuple[np.ndarray, np.ndarray]:
    parts = []
    for kind, offset in (("images-idx3", 16), ("labels-idx1", 8)):
        path = next(p for p in folder.iterdir() if p.name.startswith(f"{name}-{kind}"))
        content = path.read_bytes()
        content = gzip.decompress(content) if path.suffix == ".gz" else content
        parts.append(np.frombuffer(content, np.uint8, offset=offset))
    return parts[0].reshape(-1, 28, 28), parts[1]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    for name, value in {"neurons": 100, "train": 60000, "test": 10000, "epochs": 2}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    options = parser.parse_args()
    images, labels = read(options.folder, "train")
    if any(path.name.startswith("t10k") for path in options.folder.iterdir()):
        test, truth = read(options.folder, "t10k")
    else:
        (images, test), (labels, truth) = np.split(images, [50000]), np.split(labels, [50000])
    images, labels = images[: options.train], labels[: options.train]
    digits = Digits(options.neurons)
    for epoch in range(options.epochs):
        digits.responses(images, f"epoch {epoch + 1}")
    digits.sim.learning(False)
    digits.sim.set(digits.e, theta_plus=0.0)
    digits.is_learning = False
    shown = digits.responses(images[-10000:], "labels")
    means = np.array([shown[labels[-10000:] == k].mean(axis=0) for k in range(10)])
    labelled = (means.argmax(axis=0) == np.arange(10)[:, None]).astype(float)
    labelled /= np.maximum(labelled.sum(axis=1), 1)[:, None]
    shares = means / np.maximum(means.sum(axis=0), 1e-9)
    counts = digits.responses(test[: options.test], "test")
    for title, weights in {"labelled neurons, as published": labelled, "shares": shares}.items():
        is_right = (counts @ weights.T).argmax(axis=1) == truth[: options.test]
        if digits.sim.is_root:
            print(f"accuracy: {100 * is_right.mean():.2f} % ({title})")


if __name__ == "__main__":
    main()
