"""Izhikevich's eight types of cell."""

from __future__ import annotations

from distsnn.gallery.patterns import PatternPicture
from distsnn.neurons.izhikevich_patterns import TYPES_2003

TITLE = "Izhikevich 2003: eight types of cortical and thalamic cells"
PICTURE = PatternPicture(TYPES_2003, TITLE, peak_mv=30.0)
runs, measure, draw = PICTURE.runs, PICTURE.measure, PICTURE.draw
