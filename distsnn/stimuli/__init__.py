"""What drives a network from outside: Poisson trains, currents, given spikes."""

from distsnn.stimuli.course import Samples
from distsnn.stimuli.current import Current
from distsnn.stimuli.input import Input
from distsnn.stimuli.poisson import Poisson, poisson_thresholds
from distsnn.stimuli.spike_source import SpikeSource

__all__ = ["Current", "Input", "Poisson", "Samples", "SpikeSource", "poisson_thresholds"]
