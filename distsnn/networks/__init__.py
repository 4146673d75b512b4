"""Ready networks, and networks from a user's own Python file."""

from typing import TYPE_CHECKING

from distsnn.faces import lazy_face

if TYPE_CHECKING:
    from distsnn.networks.building import build_described as build_described
    from distsnn.networks.building import build_network as build_network
    from distsnn.networks.building import find_build as find_build
    from distsnn.networks.names import READY as READY

__getattr__, __dir__, __all__ = lazy_face(
    __name__,
    {
        ".building": ("build_described", "build_network", "find_build"),
        ".names": ("READY",),
    },
)
