"""Damaged files of a circuit: a network or one line, nothing else, and at once."""

from __future__ import annotations

import numpy as np
import pytest
from sonata.circuits import add_index, write_circuit

from distsnn.errors import DistsnnError
from distsnn.network.rules.listing import Listing
from distsnn.sonata import load_circuit

FILES = (
    "network/cells.h5", "network/recurrent.h5", "inputs/spikes.h5", "network/cell_types.csv",
    "models/e.json", "circuit.json", "simulation.json",
)  # fmt: skip
N_DAMAGES = 60


def damaged(content: bytes, seed: int) -> bytes:
    """Return the content with some bytes changed, left out or doubled."""
    rng = np.random.default_rng(seed)
    data = bytearray(content)
    for _ in range(int(rng.integers(1, 6))):
        at = int(rng.integers(len(data)))
        kind = int(rng.integers(4))
        if kind == 0:
            data[at] ^= 1 << int(rng.integers(8))
        elif kind == 1:
            data[at : at + 8] = rng.integers(0, 256, 8).astype(np.uint8).tobytes()
        elif kind == 2:
            del data[at : at + int(rng.integers(1, 40))]
        else:
            data[at:at] = data[at : at + int(rng.integers(1, 40))]
    return bytes(data)


def hold_some(rule: Listing) -> None:
    """Read edges a second time, those onto some targets."""
    rule.hold([(0, 3), (7, 20)])


@pytest.mark.parametrize(
    ("file", "has_index"), [*((file, False) for file in FILES), ("network/recurrent.h5", True)]
)
def test_damaged_files_give_a_network_or_one_line(file, has_index, tmp_path):
    path = write_circuit(tmp_path)
    if has_index:
        add_index(tmp_path)
    whole = (tmp_path / file).read_bytes()
    refused = []
    for seed in range(N_DAMAGES):
        (tmp_path / file).write_bytes(damaged(whole, seed))
        try:
            made = load_circuit(path)
            for projection in made.network.projections:
                hold_some(projection.rule)
        except DistsnnError as error:
            refused.append(str(error))
    assert refused
    assert [message for message in refused if "\n" in message] == []
