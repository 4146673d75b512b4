"""Spiking networks simulated the way a neuromorphic chip runs them.

The names with which a network is described and run are available here; each is loaded when it is
first used. Editors and type checkers read them from the imports below.
"""

from typing import TYPE_CHECKING

from distsnn import uncaught
from distsnn.faces import lazy_face
from distsnn.version import __version__ as __version__

if TYPE_CHECKING:
    from distsnn.chip import Chip as Chip
    from distsnn.chip import load_chip as load_chip
    from distsnn.comm import start as start
    from distsnn.equations import Equations as Equations
    from distsnn.equations import SynapseEquations as SynapseEquations
    from distsnn.events import Events as Events
    from distsnn.events import SimulatedCamera as SimulatedCamera
    from distsnn.events import read_events as read_events
    from distsnn.homeostasis import HomeostaticScaling as HomeostaticScaling
    from distsnn.network import AllToAll as AllToAll
    from distsnn.network import ByDistance as ByDistance
    from distsnn.network import Constant as Constant
    from distsnn.network import Convolution as Convolution
    from distsnn.network import Disc as Disc
    from distsnn.network import Distance as Distance
    from distsnn.network import DistanceDependent as DistanceDependent
    from distsnn.network import EdgeList as EdgeList
    from distsnn.network import ExplicitList as ExplicitList
    from distsnn.network import Exponential as Exponential
    from distsnn.network import FixedInDegree as FixedInDegree
    from distsnn.network import FixedOutDegree as FixedOutDegree
    from distsnn.network import FixedProbability as FixedProbability
    from distsnn.network import FixedTotalNumber as FixedTotalNumber
    from distsnn.network import Gamma as Gamma
    from distsnn.network import Gaussian as Gaussian
    from distsnn.network import GivenPositions as GivenPositions
    from distsnn.network import Grid1D as Grid1D
    from distsnn.network import Grid2D as Grid2D
    from distsnn.network import Grid3D as Grid3D
    from distsnn.network import LogNormal as LogNormal
    from distsnn.network import Matrix as Matrix
    from distsnn.network import Network as Network
    from distsnn.network import Normal as Normal
    from distsnn.network import OneToOne as OneToOne
    from distsnn.network import PatchInDegree as PatchInDegree
    from distsnn.network import RandomPositions as RandomPositions
    from distsnn.network import SampledProfile as SampledProfile
    from distsnn.network import Shared as Shared
    from distsnn.network import SumPooling as SumPooling
    from distsnn.network import Uniform as Uniform
    from distsnn.neurons import AdaptiveLif as AdaptiveLif
    from distsnn.neurons import AdEx as AdEx
    from distsnn.neurons import IntegrateFire as IntegrateFire
    from distsnn.neurons import Izhikevich as Izhikevich
    from distsnn.neurons import LifAlpha as LifAlpha
    from distsnn.neurons import LifCondAlpha as LifCondAlpha
    from distsnn.neurons import LifCondExp as LifCondExp
    from distsnn.neurons import LifDelta as LifDelta
    from distsnn.neurons import LifExp as LifExp
    from distsnn.neurons import LifFloor as LifFloor
    from distsnn.neurons import LoihiCuba as LoihiCuba
    from distsnn.neurons import NirCubaLif as NirCubaLif
    from distsnn.neurons import NirIf as NirIf
    from distsnn.neurons import NirLif as NirLif
    from distsnn.neurons import all_models as all_models
    from distsnn.neurons import load_model as load_model
    from distsnn.player import Player as Player
    from distsnn.player import Recording as Recording
    from distsnn.rate_sweep import sweep as sweep
    from distsnn.simulation import Result as Result
    from distsnn.simulation import Settings as Settings
    from distsnn.simulation import Simulation as Simulation
    from distsnn.simulation import simulate as simulate
    from distsnn.stimuli import CorrelatedPoisson as CorrelatedPoisson
    from distsnn.stimuli import Current as Current
    from distsnn.stimuli import NoiseCurrent as NoiseCurrent
    from distsnn.stimuli import OuCurrent as OuCurrent
    from distsnn.stimuli import Poisson as Poisson
    from distsnn.stimuli import Samples as Samples
    from distsnn.stimuli import SineCurrent as SineCurrent
    from distsnn.stimuli import SpikeSource as SpikeSource
    from distsnn.stimuli import SpikeTrains as SpikeTrains
    from distsnn.stimuli import WaveformCurrent as WaveformCurrent
    from distsnn.storage import load_spikes as load_spikes
    from distsnn.traffic import MeshTraffic as MeshTraffic
    from distsnn.traffic import account as account
    from distsnn.traffic import account_matrix_file as account_matrix_file

uncaught.install()

_load, __dir__, __all__ = lazy_face(
    __name__,
    {
        "distsnn.network": (
            "AllToAll", "ByDistance", "Constant", "Convolution", "Disc", "Distance",
            "DistanceDependent", "EdgeList", "ExplicitList", "Exponential", "FixedInDegree",
            "FixedOutDegree", "FixedProbability", "FixedTotalNumber", "Gamma", "Gaussian",
            "GivenPositions", "Grid1D", "Grid2D", "Grid3D", "LogNormal", "Matrix", "Network",
            "Normal", "OneToOne", "PatchInDegree", "RandomPositions", "SampledProfile",
            "Shared", "SumPooling", "Uniform",
        ),
        "distsnn.equations": ("Equations", "SynapseEquations"),
        "distsnn.neurons": (
            "AdEx", "AdaptiveLif", "IntegrateFire", "Izhikevich", "LifAlpha", "LifCondAlpha",
            "LifCondExp", "LifDelta", "LifExp", "LifFloor", "LoihiCuba", "NirCubaLif",
            "NirIf", "NirLif", "all_models", "load_model",
        ),
        "distsnn.stimuli": (
            "CorrelatedPoisson", "Current", "NoiseCurrent", "OuCurrent", "Poisson", "Samples",
            "SineCurrent", "SpikeSource", "SpikeTrains", "WaveformCurrent",
        ),
        "distsnn.simulation": ("Result", "Settings", "Simulation", "simulate"),
        "distsnn.homeostasis": ("HomeostaticScaling",),
        "distsnn.player": ("Player", "Recording"),
        "distsnn.events": ("Events", "SimulatedCamera", "read_events"),
        "distsnn.chip": ("Chip", "load_chip"),
        "distsnn.comm": ("start",),
        "distsnn.traffic": ("MeshTraffic", "account", "account_matrix_file"),
        "distsnn.rate_sweep": ("sweep",),
        "distsnn.storage": ("load_spikes",),
        "distsnn.version": ("__version__",),
    },
)  # fmt: skip

if not TYPE_CHECKING:
    __getattr__ = _load  # to type checkers, a name that is not imported above does not exist
