"""Write loihi.json: what the emulator of nengo-loihi does with 1,000 random networks x 200 steps.

    PYTHONPATH=<root of this repository> python make_loihi.py [number of networks [FILE.npz]]

with an interpreter that has nengo-loihi (1.1.0 was used) and numpy < 2. Of every network the file
has a digest of all membrane states and spikes, of the first three the numbers themselves. With a
FILE.npz all numbers go there and loihi.json stays as it is; ``benchmarks/accuracy/loihi_integers.py``
compares them bit by bit. Random words of noisy compartments are given to the emulator in place of its
own generator's.
"""

from __future__ import annotations

import json
import sys
import warnings
from pathlib import Path
from types import SimpleNamespace

import nengo_loihi
import numpy as np
from loihi_networks import N_STEPS, digest, draw_network, noise_key
from nengo_loihi.block import Axon, LoihiBlock, Synapse
from nengo_loihi.emulator.interface import EmulatorInterface
from nengo_loihi.inputs import SpikeInput

from distsnn.kernels.numbers.threefry import threefry

N_SHOWN = 3


class Words:
    """Stands for the emulator's random generator: the words of the compartments at each step."""

    def __init__(self, keys: list[int], sizes: list[int]) -> None:
        self.keys, self.sizes, self.step = keys, sizes, 0

    def randint(self, low: int, high: int, size: int, dtype: type) -> np.ndarray:
        """Return one integer in low .. high - 1 per compartment, and go on to the next step."""
        words = np.concatenate(
            [self._words(*item) for item in zip(self.keys, self.sizes, strict=True)]
        )
        self.step += 1
        return (low + ((words.astype(np.uint64) * (high - low)) >> np.uint64(32))).astype(dtype)

    def _words(self, key: int, n: int) -> np.ndarray:
        pairs = np.arange((n + 1) // 2, dtype=np.uint32)
        key_low = np.full(pairs.size, key & 0xFFFFFFFF, dtype=np.uint32)
        key_high = np.full(pairs.size, key >> 32, dtype=np.uint32)
        step = np.full(pairs.size, self.step, dtype=np.uint32)
        return np.stack(threefry(key_low, key_high, pairs, step), axis=1).ravel()[:n]


def make_block(n: int, p: dict) -> LoihiBlock:
    """Return a block with the chip's integers put in directly."""
    block = LoihiBlock(n)
    c = block.compartment
    whole = lambda value: np.full(n, value, dtype=np.int32)  # noqa: E731
    c.decay_u, c.decay_v = whole(p["decay_u"]), whole(p["decay_v"])
    c.scale_u = c.scale_v = False
    c.vth, c.refract_delay = whole(64 * p["threshold_mantissa"]), whole(p["refractory_steps"])
    c.bias = whole(p["bias_mantissa"] * 2 ** p["bias_exponent"])
    c.vmin, c.vmax = 1 - 2 ** p["v_min_exponent"], 2 ** (9 + 2 * p["v_max_exponent"]) - 1
    c.enable_noise = np.full(n, p["noise_target"] != "none")
    c.noise_at_membrane = int(p["noise_target"] == "voltage")
    c.noise_exp, c.noise_offset = p["noise_exponent"], p["noise_offset"]
    return block


def run(seed: int) -> dict[str, np.ndarray]:
    """Run one network; return u, v and spiked, int32 [steps, compartments]."""
    network = draw_network(seed)
    blocks = [make_block(n, p) for n, p in network["blocks"]]
    source = SpikeInput(network["n_inputs"])
    for origin, target, mantissas in network["connections"]:
        shift = 6 + network["blocks"][target][1]["weight_exponent"]
        synapse = Synapse(len(mantissas))
        synapse._set_weights_indices((mantissas << shift).astype(np.int32), weight_dtype=np.int32)
        blocks[target].add_synapse(synapse)
        axon = Axon(len(mantissas))
        axon.target = synapse
        axon.set_compartment_axon_map(np.arange(len(mantissas)))
        (source if origin < 0 else blocks[origin]).add_axon(axon)
    for step, indices in network["inputs"].items():
        source.add_spikes(step + 1, np.array(indices, dtype=np.int64))
    model = SimpleNamespace(blocks=blocks, inputs=[source], probes=[], dt=0.001)
    emulator = EmulatorInterface(model, seed=1)
    keys = [noise_key(seed, block) for block in range(len(blocks))]
    emulator.rng = Words(keys, [n for n, _ in network["blocks"]])
    history = {name: [] for name in ("u", "v", "spiked")}
    for _ in range(N_STEPS):
        emulator.step()
        history["u"].append(emulator.compartment.current.copy())
        history["v"].append(emulator.compartment.voltage.copy())
        history["spiked"].append(emulator.compartment.spiked.copy())
    return {name: np.array(rows, dtype=np.int32) for name, rows in history.items()}


def main() -> None:
    """Run the networks and write the file."""
    n_networks = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    warnings.simplefilter("ignore")  # it warns of every overflow
    if len(sys.argv) > 2:
        np.savez(
            sys.argv[2],
            **{f"{s}_{name}": x for s in range(n_networks) for name, x in run(s).items()},
        )
        return
    digests, shown, n_spikes = [], [], 0
    for seed in range(n_networks):
        history = run(seed)
        digests.append(digest(history))
        n_spikes += int(history["spiked"].sum())
        if seed < N_SHOWN:
            shown.append({name: rows.tolist() for name, rows in history.items()})
    result = {
        "versions": {"nengo_loihi": nengo_loihi.__version__, "numpy": np.__version__},
        "n_spikes": n_spikes, "digests": digests, "shown": shown,
    }  # fmt: skip
    Path(__file__).with_name("loihi.json").write_text(
        json.dumps(result, separators=(",", ":")).replace(',"', ',\n"') + "\n"
    )
    print(f"{n_networks} networks, {n_spikes} spikes")


if __name__ == "__main__":
    main()
