"""What drives a network from outside: spikes and currents."""

from distsnn.stimuli.correlated_poisson import CorrelatedPoisson
from distsnn.stimuli.course import Samples
from distsnn.stimuli.current import Current
from distsnn.stimuli.input import Input
from distsnn.stimuli.noise_current import NoiseCurrent
from distsnn.stimuli.ou_current import OuCurrent
from distsnn.stimuli.poisson import Poisson, poisson_thresholds
from distsnn.stimuli.sine_current import SineCurrent
from distsnn.stimuli.spike_source import SpikeSource
from distsnn.stimuli.spike_trains import SpikeTrains
from distsnn.stimuli.waveform_current import WaveformCurrent

__all__ = [
    "CorrelatedPoisson",
    "Current",
    "Input",
    "NoiseCurrent",
    "OuCurrent",
    "Poisson",
    "Samples",
    "SineCurrent",
    "SpikeSource",
    "SpikeTrains",
    "WaveformCurrent",
    "poisson_thresholds",
]
