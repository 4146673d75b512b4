"""Spiking networks simulated the way a neuromorphic chip runs them.

The names with which a network is described and run are available here; each is loaded when it is
first used.
"""

from distsnn import uncaught
from distsnn.faces import lazy_face
from distsnn.version import __version__ as __version__

uncaught.install()

__getattr__, __dir__, __all__ = lazy_face(
    __name__,
    {
        "distsnn.network": (
            "AllToAll", "ByDistance", "Constant", "Disc", "Distance", "DistanceDependent",
            "ExplicitList", "Exponential", "FixedInDegree", "FixedOutDegree", "FixedProbability",
            "FixedTotalNumber", "Gamma", "Gaussian", "GivenPositions", "Grid1D", "Grid2D", "Grid3D",
            "LogNormal", "Network", "Normal", "OneToOne", "PatchInDegree", "RandomPositions",
            "SampledProfile", "Shared", "Uniform",
        ),
        "distsnn.equations": ("Equations", "SynapseEquations"),
        "distsnn.neurons": (
            "AdEx", "AdaptiveLif", "IntegrateFire", "Izhikevich", "LifAlpha", "LifCondAlpha",
            "LifCondExp", "LifDelta", "LifExp", "LifFloor", "LoihiCuba", "all_models", "load_model",
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
