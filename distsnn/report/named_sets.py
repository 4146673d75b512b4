"""Published parameters by name, as plain data: cells, firing patterns, short-term synapses."""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Mapping
from typing import Any

from distsnn.neurons import adex_patterns, izhikevich_patterns
from distsnn.neurons.patterns import Pattern
from distsnn.neurons.presets import PRESETS, SOURCES
from distsnn.plasticity import TsodyksMarkram, tsodyks_markram

IZHIKEVICH = "distsnn.neurons.izhikevich_patterns"
PATTERNS: dict[str, tuple[Mapping[str, Pattern], str]] = {
    f"{IZHIKEVICH}.TYPES_2003": (
        izhikevich_patterns.TYPES_2003,
        "Izhikevich 2003, IEEE Trans Neural Networks 14:1569, fig. 2",
    ),
    f"{IZHIKEVICH}.PROPERTIES_2004": (
        izhikevich_patterns.PROPERTIES_2004,
        "Izhikevich 2004, IEEE Trans Neural Networks 15:1063, fig. 1",
    ),
    "distsnn.neurons.adex_patterns.NAUD_2008": (
        adex_patterns.NAUD_2008,
        "Naud et al. 2008, Biol Cybern 99:335, table 1 and fig. 4",
    ),
}


def sets_of(item: type) -> list[dict[str, Any]]:
    """Return the named sets of a model or rule: name, where (its module), source, parameters."""
    presets: dict[str, Any] = {
        name: preset for name, preset in PRESETS.items() if type(preset) is item
    }
    sets = [
        {
            "name": name,
            "where": "distsnn.neurons.presets.PRESETS",
            "source": SOURCES[name],
            "parameters": dataclasses.asdict(preset),
        }
        for name, preset in presets.items()
    ]
    for where, (patterns, source) in PATTERNS.items():
        sets += [
            {"name": name, "where": where, "source": source, **_pattern(pattern)}
            for name, pattern in patterns.items()
            if isinstance(pattern.model, item)
        ]
    if item is TsodyksMarkram:
        sets += [_connection(name) for name in tsodyks_markram.LIQUID]
    return sets


def _pattern(pattern: Pattern) -> dict[str, Any]:
    return {
        "parameters": dataclasses.asdict(pattern.model),
        "current": [list(step) for step in pattern.current],
        "initial": dict(pattern.initial),
        "duration_ms": pattern.duration_ms,
        "dt_ms": pattern.dt_ms,
    }


def _connection(name: str) -> dict[str, Any]:
    rule = TsodyksMarkram.liquid(name)
    said = (sys.modules[TsodyksMarkram.__module__].__doc__ or "").rpartition("liquid: ")[2]
    return {
        "name": name,
        "where": "distsnn.plasticity.tsodyks_markram.LIQUID",
        "source": " ".join(said.split()),
        "parameters": dataclasses.asdict(rule),
    }
