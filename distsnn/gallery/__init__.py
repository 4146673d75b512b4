"""The pictures of a lecture on spiking neurons, each drawn from runs of distsnn.

A picture is a module with ``TITLE``, ``runs()`` (what is simulated), ``measure(results)`` (what is
found in it, plain data) and ``draw(found, figure)``. Nothing in a picture is drawn from a formula
but what is named so: closed forms are drawn with the runs for comparison.
"""

from distsnn.gallery.pictures import NAMES, make_picture, module_of

__all__ = ["NAMES", "make_picture", "module_of"]
