"""Ready networks, and networks from a user's own Python file."""

from distsnn.networks.building import READY, build_described, build_network, find_build

__all__ = ["READY", "build_described", "build_network", "find_build"]
