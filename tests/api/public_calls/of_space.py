"""Calls of positions, profiles and what depends on the distance."""

from __future__ import annotations

from typing import Any

import distsnn
from distsnn import network as net
from distsnn import neurons
from public_calls.call import Call


def as_positions(layout: Any) -> None:
    """Place neurons, and connect them by distance."""
    made = distsnn.Network(dt_ms=1.0)
    made.population("p", 4, neurons.LifExp(), positions=layout)
    made.connect("p", "p", net.Distance(net.Disc(1.0)), weight=net.ByDistance(1.0, per=1.0))
    str(made)


def on_sheet(rule: Any, weight: Any = 1.0) -> None:
    """Connect neurons on a sheet."""
    made = distsnn.Network(dt_ms=1.0)
    made.population("p", 4, neurons.LifExp(), positions=net.Grid2D(1.0))
    made.connect("p", "p", rule, weight=weight)
    list(net.drawn_synapses(made))
    str(made)


def as_profile(profile: Any) -> None:
    """Connect by a profile."""
    on_sheet(net.Distance(profile))
    on_sheet(net.Distance(profile, in_degree=1))
    on_sheet(net.AllToAll(), net.ByDistance(profile=profile))


def as_pair_values(values: Any) -> None:
    """Use values by distance as a weight."""
    on_sheet(net.AllToAll(), values)


def of_space() -> dict[str, Call]:
    """Calls of positions, profiles and what depends on the distance."""
    return {
        "Grid1D": Call(net.Grid1D, behave=as_positions),
        "Grid2D": Call(net.Grid2D, behave=as_positions),
        "Grid3D": Call(net.Grid3D, lambda: {"shape": (1, 2, 2)}, behave=as_positions),
        "RandomPositions": Call(net.RandomPositions, behave=as_positions),
        "GivenPositions": Call(net.GivenPositions, lambda: {"points": [0.1, 0.2, 0.3, 0.4]},
                               behave=as_positions),
        "Gaussian": Call(net.Gaussian, lambda: {"sd": 0.1}, behave=as_profile),
        "Exponential": Call(net.Exponential, lambda: {"length": 0.1}, behave=as_profile),
        "Disc": Call(net.Disc, lambda: {"radius": 0.1}, behave=as_profile),
        "SampledProfile": Call(net.SampledProfile, lambda: {
            "distances": [0.1, 0.2], "values": [1.0, 0.0]}, behave=as_profile),
        "Distance": Call(net.Distance, lambda: {"profile": net.Disc(0.8)}, behave=on_sheet),
        "ByDistance": Call(net.ByDistance, lambda: {"base": 1.0, "profile": net.Disc(0.8)},
                           behave=as_pair_values),
    }  # fmt: skip
