"""``import pyNN.distsnn as sim``: the PyNN backend of distsnn, under PyNN's own name."""

import sys

import distsnn.pynn

sys.modules[__name__] = distsnn.pynn
