"""PyNN's functions for single cells and groups of them."""

from __future__ import annotations

from typing import Any

from pyNN import common

from distsnn.pynn import simulator
from distsnn.pynn.populations import Population
from distsnn.pynn.projections import Projection
from distsnn.pynn.synapses import StaticSynapse
from distsnn.pynn.wiring.drawn import FixedProbabilityConnector

create = common.build_create(Population)
connect = common.build_connect(Projection, FixedProbabilityConnector, StaticSynapse)
set = common.set
record = common.build_record(simulator)


def record_v(source: Any, filename: str) -> Any:
    """Record membrane potentials into a file."""
    return record(["v"], source, filename)


def record_gsyn(source: Any, filename: str) -> Any:
    """Record synaptic conductances into a file."""
    return record(["gsyn_exc", "gsyn_inh"], source, filename)
