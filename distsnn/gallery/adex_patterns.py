"""The eight firing patterns of the AdEx neuron."""

from __future__ import annotations

from distsnn.gallery.patterns import PatternPicture
from distsnn.neurons.adex_patterns import NAUD_2008

TITLE = "Naud et al. 2008: firing patterns of the AdEx neuron at a step of current"
PICTURE = PatternPicture(NAUD_2008, TITLE, peak_mv=10.0)
runs, measure, draw = PICTURE.runs, PICTURE.measure, PICTURE.draw
