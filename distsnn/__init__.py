"""Spiking networks simulated the way a neuromorphic chip runs them.

The names that a network is described and run with are here; each is loaded when first used, so that
importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from distsnn import uncaught

__version__ = "0.1.0"
uncaught.install()

_ROOMS = {
    "distsnn.network": (
        "AllToAll", "Constant", "DistanceDependent", "ExplicitList", "FixedInDegree",
        "FixedOutDegree", "FixedProbability", "FixedTotalNumber", "Gamma", "LogNormal", "Network",
        "Normal", "OneToOne", "PatchInDegree", "Shared", "Uniform",
    ),
    "distsnn.neurons": (
        "AdEx", "AdaptiveLif", "IntegrateFire", "Izhikevich", "LifAlpha", "LifCondAlpha",
        "LifCondExp", "LifDelta", "LifExp", "LifFloor", "LoihiCuba", "all_models", "load_model",
    ),
    "distsnn.stimuli": ("Current", "Poisson", "SpikeSource"),
    "distsnn.simulation": ("Result", "Settings", "simulate"),
    "distsnn.player": ("Player", "Recording"),
    "distsnn.events": ("Events", "SimulatedCamera", "read_events"),
    "distsnn.chip": ("Chip", "load_chip"),
    "distsnn.comm": ("start",),
    "distsnn.traffic": ("MeshTraffic", "account", "account_matrix_file"),
    "distsnn.rate_sweep": ("sweep",),
    "distsnn.storage": ("load_spikes",),
}  # fmt: skip
_PLACES = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = ["__version__", *sorted(_PLACES)]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    return __all__
