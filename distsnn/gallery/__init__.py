"""The pictures of a lecture on spiking neurons, each drawn from runs of distsnn.

A picture is a module with ``TITLE``, ``runs()`` (the simulations), ``measure(results)`` (the measured
quantities, plain data) and ``draw(measured, figure)``. All curves come from runs, except those
labelled as closed forms, which are drawn for comparison.
"""

from distsnn.gallery.pictures import NAMES, make_picture, module_of

__all__ = ["NAMES", "make_picture", "module_of"]
