"""Trained networks in the Neuromorphic Intermediate Representation (NIR), on a chip.

``load`` reads a graph as a network, ``run`` plays recordings to it, ``evaluate`` reports on labelled
ones, and ``write`` stores a network as a graph.

Source: Pedersen et al. 2024, Nat Commun 15:8122.
"""

from distsnn.nir.data import Labelled, read_folder, recording_of
from distsnn.nir.evaluating import evaluate
from distsnn.nir.export.writing import write
from distsnn.nir.ideal import Outputs, ideal_outputs
from distsnn.nir.loading import NirNetwork, load
from distsnn.nir.playing import Played, run
from distsnn.nir.quantising import WeightLoss

__all__ = [
    "Labelled",
    "NirNetwork",
    "Outputs",
    "Played",
    "WeightLoss",
    "evaluate",
    "ideal_outputs",
    "load",
    "read_folder",
    "recording_of",
    "run",
    "write",
]
