"""A network and how long it is simulated."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from distsnn.network import Network
from distsnn.simulation import Result


@dataclass(frozen=True)
class Run:
    """One simulation of a picture."""

    network: Network
    duration_ms: float


def trace(result: Result, population: str, variable: str) -> tuple[np.ndarray, np.ndarray]:
    """Return times in ms [steps] and values [steps, neurons] of a variable recorded in every step.

    A value holds at the end of its step.
    """
    _, values = result.traces[population, variable]
    return (np.arange(values.shape[0]) + 1) * result.network.dt_ms, values


def plain(name: str) -> str:
    """Return a name as a population may have it: without spaces and brackets."""
    return name.replace(" ", "-").replace("(", "").replace(")", "")
