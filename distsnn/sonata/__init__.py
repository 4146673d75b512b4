"""SONATA: circuits and simulations of point neurons, read and written."""

from distsnn.sonata.building import SonataNetwork, load
from distsnn.sonata.config import SonataConfig, read_config

__all__ = ["SonataConfig", "SonataNetwork", "load", "read_config"]
