"""SONATA: circuits and simulations of point neurons, read and written."""

from distsnn.sonata.building import load_circuit
from distsnn.sonata.config import SonataConfig, read_config
from distsnn.sonata.made import SonataNetwork
from distsnn.sonata.outputs import write_outputs
from distsnn.sonata.writing.circuits import write_circuit

__all__ = [
    "SonataConfig",
    "SonataNetwork",
    "load_circuit",
    "read_config",
    "write_circuit",
    "write_outputs",
]
