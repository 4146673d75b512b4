"""Izhikevich's twenty neuro-computational properties."""

from __future__ import annotations

from distsnn.gallery.patterns import PatternPicture
from distsnn.neurons.izhikevich_patterns import PROPERTIES_2004

TITLE = "Izhikevich 2004: twenty neuro-computational properties"
PICTURE = PatternPicture(PROPERTIES_2004, TITLE, peak_mv=30.0)
runs, measure, draw = PICTURE.runs, PICTURE.measure, PICTURE.draw
