"""The inputs of this folder, in the order in which lists show them."""

from distsnn.stimuli.correlated_poisson import CorrelatedPoisson
from distsnn.stimuli.current import Current
from distsnn.stimuli.input import Input
from distsnn.stimuli.noise_current import NoiseCurrent
from distsnn.stimuli.ou_current import OuCurrent
from distsnn.stimuli.poisson import Poisson
from distsnn.stimuli.sine_current import SineCurrent
from distsnn.stimuli.spike_trains import SpikeTrains
from distsnn.stimuli.waveform_current import WaveformCurrent

STIMULI: tuple[type[Input], ...] = (
    Poisson, CorrelatedPoisson, SpikeTrains, Current, SineCurrent, WaveformCurrent, NoiseCurrent,
    OuCurrent,
)  # fmt: skip
