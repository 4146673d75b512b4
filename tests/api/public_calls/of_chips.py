"""Calls of chips, plans and the traffic on them."""

from __future__ import annotations

import dataclasses
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

import distsnn
from distsnn import traffic
from distsnn.chip import load_chip
from distsnn.mapping import least_cores, make_plan
from public_calls.call import Call
from public_calls.objects import small


def as_chip(chip: Any) -> None:
    """Plan a network on a chip."""
    make_plan(small(), chip)


def chip_parts() -> dict[str, Any]:
    """The fields of a chip that exists."""
    made = load_chip("truenorth")
    return {one.name: getattr(made, one.name) for one in dataclasses.fields(made)}


def matrix_path() -> dict[str, Any]:
    """A file of traffic in the current folder."""
    Path("traffic.csv").write_text("0, 1, 5\n")
    return {"path": "traffic.csv"}


def of_chips() -> dict[str, Call]:
    """Calls of chips and plans."""
    here = {"network": small(), "chip": load_chip("loihi")}
    return {
        "make_plan": Call(make_plan, lambda: dict(here)),
        "least_cores": Call(least_cores, lambda: dict(here)),
        "Chip": Call(distsnn.Chip, chip_parts, behave=as_chip),
        "load_chip": Call(load_chip, lambda: {"name_or_path": "loihi"}, {"name_or_path": "chip"}),
        "known_chips": Call(import_module("distsnn.chip").known_chips),
        "Limits": Call(import_module("distsnn.chip").Limits, lambda: {"neurons_per_core": 8}),
        "SynapseFormat": Call(
            import_module("distsnn.chip").SynapseFormat,
            lambda: {"weight_bits": 8, "block_synapses": 4, "block_overhead_bits": 0,
                     "word_bits": 64},
        ),
        "EventEnergy": Call(import_module("distsnn.chip").EventEnergy),
        "EventTime": Call(import_module("distsnn.chip").EventTime),
    }  # fmt: skip


def of_traffic() -> dict[str, Call]:
    """Calls of what counts packets."""
    path = {"path": "nowhere"}
    return {
        "account": Call(
            traffic.account,
            lambda: {"chip": load_chip("loihi"), "traffic": traffic.TrafficMatrix.from_array(
                np.zeros((load_chip("loihi").n_cores,) * 2, np.int64))},
        ),
        "account_matrix_file": Call(traffic.account_matrix_file, matrix_path, {"path": ""}),
        "read_matrix_file": Call(traffic.read_matrix_file, lambda: {**path, "n_cores": 4},
                                 {"path": "", "n_cores": ""}),
    }  # fmt: skip
