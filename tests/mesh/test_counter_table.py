"""The table of counters: everything that iterates over it agrees with the fields of MeshCounters."""

from __future__ import annotations

from dataclasses import fields

import pytest

from distsnn.kernels.mesh.counters import (
    ALL_COUNTERS,
    COUNTERS,
    EVENTS,
    LEARNING_COUNTERS,
    RECEIVED,
    SENT,
)
from distsnn.traffic import MeshCounters
from distsnn.traffic.counters import NOT_IN_DIGEST, OF_STEP, PER_CORE

FIELDS = {entry.name for entry in fields(MeshCounters)}


def test_every_counter_is_a_field_and_every_field_is_known():
    assert set(PER_CORE) | set(OF_STEP) <= FIELDS
    assert FIELDS - set(PER_CORE) - set(OF_STEP) == {
        "width", "height", "n_steps", "link_packets", "in_tile_packets", "learning_updates",
    }  # fmt: skip
    names = [name for counter in ALL_COUNTERS for name in (counter.name, counter.of_step) if name]
    assert len(set(names)) == len(names)


def test_columns_are_in_the_order_of_the_table():
    names = [COUNTERS[column].name for column in (SENT, RECEIVED, EVENTS)]
    assert names == ["packets_sent", "packets_received", "synaptic_events"]
    assert [counter.name for counter in LEARNING_COUNTERS] == ["learning_of_core"]


@pytest.mark.parametrize("counter", ALL_COUNTERS, ids=lambda counter: counter.name)
def test_a_counter_has_unit_and_meaning(counter):
    assert counter.unit
    assert counter.meaning
    assert (counter.name in NOT_IN_DIGEST) is not counter.in_digest
