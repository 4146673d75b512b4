"""Small files of a user's own, and Python processes that use them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = str(Path(__file__).parents[2])

DOUBLE = """
from distsnn.kernels import kernel

FACTOR = 2

@kernel("i8(i8, i8[:])")
def times(x, out):
    out[0] = FACTOR * x
    return 0
"""
USE_DOUBLE = """
import numpy as np
from double import times
out = np.zeros(1, np.int64)
times(21, out)
print(out[0])
"""

MODEL = """
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from distsnn import Network, simulate
from distsnn.kernels import device
from distsnn.kernels.neuron.driver import driver
from distsnn.neurons import NeuronModel


class Constants(NamedTuple):
    leak: float


@dataclass(frozen=True)
class Leak(NeuronModel):
    tau_ms: float = 10.0

    receptors: ClassVar[tuple] = ("input",)
    states: ClassVar[dict] = {"v": "f4"}
    units: ClassVar[dict] = {"v": "mV"}
    weight_unit: ClassVar[str] = "mV"
    positive: ClassVar[tuple] = ("tau_ms",)

    def constants(self, dt_ms):
        return Constants(leak=dt_ms / self.tau_ms)


GAIN = np.float32(1.25)


def amplified(x):
    return GAIN * x


@device
def step(c, v, arriving, current, spiked):
    for i in range(v.size):
        v[i] = v[i] - v[i] * c.leak + amplified(arriving[i]) + current[i]
        spiked[i] = np.uint8(1) if v[i] > np.float32(9.0) else np.uint8(0)


advance = driver(step, Constants, Leak.states, Leak.receptors)
"""
RUN = """
def run(model, **more):
    from distsnn import FixedInDegree, Poisson
    network = Network(dt_ms=1.0, seed=5)
    cells = network.population("cells", 20, model)
    network.connect(cells, cells, FixedInDegree(5), weight=0.5, delay_ms=2.0, **more)
    network.stimulate(cells, Poisson(rate_hz=2000.0, weight=1.0))
    result = simulate(network, duration_ms=50.0)
    if result.is_root:
        print("digest", result.digest, result.spikes("cells")[0].size, flush=True)
"""


def python(*arguments: str, **settings: str | None) -> subprocess.CompletedProcess[str]:
    """Run Python; settings: environment, None takes a variable away; ``cwd`` the folder."""
    cwd = settings.pop("cwd", None)
    environment = {**os.environ, "PYTHONPATH": ROOT, **settings}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={name: value for name, value in environment.items() if value is not None},
        capture_output=True,
        text=True,
        timeout=500,  # kernels may have to be compiled on a busy machine
        check=False,
    )


def flipped(content: bytes, bit: int) -> bytes:
    """Return the content with one bit turned over."""
    changed = bytearray(content)
    changed[bit // 8] ^= 1 << (bit % 8)
    return bytes(changed)
