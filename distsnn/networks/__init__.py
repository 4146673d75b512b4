"""Ready networks, and networks from a user's own Python file."""

from distsnn.faces import lazy_face

__getattr__, __dir__, __all__ = lazy_face(
    __name__,
    {
        ".building": ("build_described", "build_network", "find_build"),
        ".names": ("READY",),
    },
)
