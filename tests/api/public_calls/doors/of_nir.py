"""Calls of NIR graphs."""

from __future__ import annotations

from pathlib import Path

import numpy as np

import distsnn
from distsnn import nir
from distsnn.player import Recording
from public_calls.call import Call


def small() -> distsnn.Network:
    """Two inputs onto two neurons."""
    network = distsnn.Network(dt_ms=1.0)
    source = network.population("in", 2, distsnn.SpikeSource([], [], n_sources=2))
    cells = network.population("cells", 2, distsnn.NirIf())
    network.connect(source, cells, distsnn.OneToOne(), weight=1.0)
    return network


def written() -> str:
    """The same as a file."""
    nir.write(small(), "small.nir")
    return "small.nir"


def recorded() -> str:
    """A folder with one recording of one event."""
    Path("data/0").mkdir(parents=True, exist_ok=True)
    Path("data/0/0.bin").write_bytes(bytes(5))
    return "data"


def read() -> nir.NirNetwork:
    """The same, written and read."""
    return nir.load(written())


def of_nir() -> dict[str, Call]:
    """Calls of NIR graphs."""
    recordings = [Recording(np.array([0]), np.array([1]), 3)]
    events = distsnn.Events.of([0], [0], [0], [True], 1, 1)
    return {
        "load": Call(nir.load, lambda: {"path": written()}, {"path": ""}),
        "write": Call(nir.write, lambda: {"network": small(), "path": "new.nir"}, {"path": ""}),
        "run": Call(nir.run, lambda: {"loaded": read(), "recordings": recordings}),
        "ideal_outputs": Call(
            nir.ideal_outputs, lambda: {"program": read().ideal, "recordings": recordings}
        ),
        "read_folder": Call(
            nir.read_folder, lambda: {"folder": recorded(), "input_shape": (2, 34, 34)}, {"folder": ""}
        ),
        "recording_of": Call(nir.recording_of, lambda: {"events": events, "input_shape": (2, 1, 1)}),
    }  # fmt: skip
