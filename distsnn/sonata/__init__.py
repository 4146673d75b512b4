"""SONATA: circuits and simulations of point neurons, read and written."""

from distsnn.sonata.building import SonataNetwork, load_circuit
from distsnn.sonata.config import SonataConfig, read_config
from distsnn.sonata.outputs import write_outputs

__all__ = ["SonataConfig", "SonataNetwork", "load_circuit", "read_config", "write_outputs"]
