"""Calls of inputs."""

from __future__ import annotations

from typing import Any

import distsnn
from distsnn import stimuli
from public_calls.call import Call
from public_calls.objects import sized


def as_stimulus(stimulus: Any) -> None:
    """Drive neurons."""
    sized(None).stimulate("p", stimulus)


def as_source(source: Any) -> None:
    """Play spikes."""
    distsnn.Network(dt_ms=1.0).population("s", source.n_sources, source)
    source.most_per_step(1.0)


def of_stimuli() -> dict[str, Call]:
    """Calls of inputs."""
    path = {"path": "nowhere"}
    return {
        "Poisson": Call(stimuli.Poisson, lambda: {"rate_hz": 10.0, "weight": 1.0},
                        behave=as_stimulus),
        "Current": Call(stimuli.Current, lambda: {"pa": 1.0}, behave=as_stimulus),
        "CorrelatedPoisson": Call(
            stimuli.CorrelatedPoisson,
            lambda: {"rate_hz": 10.0, "correlation": 0.5, "weight": 1.0}, behave=as_stimulus,
        ),
        "NoiseCurrent": Call(stimuli.NoiseCurrent, lambda: {"mean_pa": 1.0, "sd_pa": 1.0},
                             behave=as_stimulus),
        "OuCurrent": Call(stimuli.OuCurrent,
                          lambda: {"mean_pa": 1.0, "sd_pa": 1.0, "tau_ms": 5.0},
                          behave=as_stimulus),
        "Samples": Call(stimuli.Samples, lambda: {"values": [1.0, 2.0]}),
        "SineCurrent": Call(stimuli.SineCurrent,
                            lambda: {"amplitude_pa": 1.0, "frequency_hz": 5.0},
                            behave=as_stimulus),
        "SpikeTrains": Call(stimuli.SpikeTrains,
                            lambda: {"times_ms": [1.0], "neurons": [0], "weight": 1.0},
                            behave=as_stimulus),
        "WaveformCurrent": Call(stimuli.WaveformCurrent,
                                lambda: {"samples_pa": [1.0, 2.0], "every_ms": 1.0},
                                behave=as_stimulus),
        "SpikeSource": Call(stimuli.SpikeSource, lambda: {"times_ms": [1.0], "sources": [0]},
                            behave=as_source),
        "SpikeSource.from_file": Call(stimuli.SpikeSource.from_file, lambda: dict(path),
                                      {"path": "", "population": ""}),
        "SpikeSource.from_nmnist": Call(stimuli.SpikeSource.from_nmnist, lambda: dict(path),
                                        {"path": ""}),
        "poisson_thresholds": Call(stimuli.poisson_thresholds, lambda: {"mean": 1.0}),
    }  # fmt: skip
