"""A trained network as a NIR file, on a chip with fewer and fewer bits for a weight.

    python nir_bits.py [IMAGES STEPS]        (300 40; also under mpirun)

A linear classifier of handwritten digits (8 x 8 pixels, from scikit-learn) becomes ten
integrate-and-fire neurons; a pixel spikes more often the brighter it is.
"""

import sys

import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

import distsnn as snn
from distsnn import nir

n_images, n_steps = map(int, sys.argv[1:] or (300, 40))
images, labels = load_digits(return_X_y=True)
classifier = LogisticRegression(max_iter=2000).fit(images[:1000] / 16.0, labels[:1000])
scale = 0.3 / np.abs(classifier.coef_).max()

net = snn.Network(dt_ms=1.0, name="digits")
pixels = net.population("pixels", 64, snn.SpikeSource([], [], n_sources=64))
cells = net.population(
    "digits", 10, snn.NirIf(bias=scale * classifier.intercept_ / 2 + 0.2, first_step=1)
)
net.connect(pixels, cells, snn.Matrix(scale * classifier.coef_.T))
comm = snn.start()
if comm.rank == 0:
    nir.write(net, "digits.nir")
comm.barrier()

rng = np.random.default_rng(1)
shown = images[1000 : 1000 + n_images] / 16.0
recordings = []
for image in shown:
    step, line = np.nonzero(rng.random((n_steps, 64)) < 0.5 * image)
    recordings.append(snn.Recording(step, line, n_steps))
wanted = labels[1000 : 1000 + n_images]
for bits in (None, 8, 6, 4, 3, 2):
    loaded = nir.load("digits.nir", reset="subtract", weight_bits=bits)
    played = nir.run(loaded, recordings, comm=comm)
    if not played.is_root:
        continue
    ideal = nir.ideal_outputs(loaded.ideal, recordings)
    right = [float((outputs.decided == wanted).mean()) for outputs in (ideal, played.outputs)]
    energy = played.traffic.energy_j["total"] / n_images
    loss = loaded.losses[0].snr_db if loaded.losses else np.inf
    print(
        f"{bits or 'all'} bits: {right[0]:.1%} ideal, {right[1]:.1%} on the chip, "
        f"weights {loss:.1f} dB, {1e9 * energy:.0f} nJ for each image"
    )
