"""The presets say what their sources say, and predict what was measured on silicon."""

import pickle

import numpy as np
import pytest

from distsnn.chip import known_chips, load_chip
from distsnn.chip.reading import PRESETS, tomllib
from distsnn.chip.schema import TABLES


def test_known_chips():
    assert known_chips() == ["loihi", "loihi-fitted", "truenorth"]


@pytest.mark.parametrize("name", ["loihi", "loihi-fitted", "truenorth"])
def test_every_number_has_a_source_that_is_listed(name):
    chip = load_chip(name)
    content = tomllib.loads((PRESETS / f"{name}.toml").read_text())
    written = {f"{table}.{key}" for table in TABLES for key in content.get(table, {})}
    assert set(chip.source_of) == written
    for number, source in chip.source_of.items():
        assert source.replace(",", ":").split(":")[0] in chip.sources, number


@pytest.mark.parametrize("name", ["loihi", "loihi-fitted", "truenorth"])
def test_chips_travel_between_processes(name):
    chip = load_chip(name)
    assert pickle.loads(pickle.dumps(chip)) == chip == load_chip(name)


def test_loihi_is_what_davies_2018_says():
    chip = load_chip("loihi")
    assert (chip.width, chip.height, chip.n_cores) == (16, 8, 128)
    assert (chip.tiles_x, chip.tiles_y, chip.n_tiles, chip.is_tiled) == (8, 4, 32, True)
    assert (chip.n_fabrics, chip.packet_bits, chip.packet_bytes) == (2, 32, 4.0)
    assert chip.n_cores * chip.neurons_per_core == 131_072
    assert chip.n_cores * chip.limits.synapse_bits_per_core / 8 == 16 * 2**20
    energy, time = chip.energy, chip.time
    assert (energy.synaptic_event_pj, energy.learning_update_pj) == (23.6, 120.0)
    assert (energy.neuron_update_active_pj, energy.neuron_update_inactive_pj) == (81.0, 52.0)
    assert (energy.within_tile_pj, energy.hop_east_west_pj, energy.hop_north_south_pj) == (
        1.7, 3.0, 4.0,
    )  # fmt: skip
    assert (time.synaptic_event_ns, time.neuron_update_active_ns) == (3.5, 8.4)
    assert (time.within_tile_ns, time.hop_east_west_ns, time.hop_north_south_ns) == (2.1, 4.1, 6.5)
    assert time.barrier_of(1) == 113.0
    assert time.barrier_of(32) == pytest.approx(465.0)
    assert time.barrier_of(2) == pytest.approx(113.0 + 352 / 31)


def test_published_and_fitted_figures_are_not_mixed():
    published, fitted = load_chip("loihi"), load_chip("loihi-fitted")
    for number, source in published.source_of.items():
        assert not {"boyle2025", "sanafe"} & set(source.replace(":", " ").split()), number
    for number, source in fitted.source_of.items():
        if number.startswith(("energy.", "time.")):
            assert source.startswith("sanafe"), number
    assert fitted.energy.static_w is None
    assert fitted.link_bytes_per_s is None
    assert published.energy.spike_pj is None


def test_barrier_of_the_fitted_table():
    barrier = load_chip("loihi-fitted").time.barrier_of
    assert [barrier(n) for n in (1, 2, 3, 4, 29)] == pytest.approx([600, 1000, 1200, 1400, 1800])
    assert barrier(54) == pytest.approx(2200)


def test_loihi_synapse_memory():
    """64 8-bit synapses are 576 bits; 113 fully connected axons fill a core (Nengo Loihi)."""
    chip = load_chip("loihi")
    bits = chip.synapse.bits
    assert bits(64, 64) == 576
    assert bits(1024, 1024) == 9216
    assert chip.limits.synapse_bits_per_core // bits(1024, 1024) == 113
    assert bits(0, 1024) == 0
    assert bits(8, 1024) == 192  # 8 x (8 + 10) + 10 = 154 bits: three words, as a list
    assert bits(8, 1024, has_delays=True) == 256  # 8 x 24 + 10
    assert bits(8, 1024, has_delays=True, is_plastic=True) == 320  # 8 x 33 + 10
    assert bits(65, 1024) == 1216 + 64  # a full block and one more
    assert bits(np.array([8, 1024, 0]), 1024).tolist() == [192, 9216, 0]
    assert bits(1000, np.array([1000, 1024])).tolist() == [15 * 576 + 384, 9216]


def test_truenorth_axon_takes_its_row():
    chip = load_chip("truenorth")
    assert chip.synapse.bits(np.array([0, 1, 128, 256]), 256).tolist() == [0, 256, 256, 256]
    assert chip.limits.axons_in_per_core * 256 == chip.limits.synapse_bits_per_core


def test_loihi_predicts_the_energy_of_a_nearest_neighbour_query():
    """Frady et al. 2020, Table 2: 1.33 mJ for 76,800 neurons, 60 steps and 667 to 750 spikes that
    each reach all neurons. Published energies per event have to be near, with nothing fitted.
    """
    energy = load_chip("loihi").energy
    neurons, steps = 76_800, 60
    for spikes in (667, 750):
        joule = spikes * neurons * energy.synaptic_event_pj
        joule += neurons * steps * energy.neuron_update_inactive_pj
        assert joule * 1e-12 == pytest.approx(1.33e-3, rel=0.25)


@pytest.mark.parametrize(("rate_hz", "milliwatt"), [(11.58, 68), (20.07, 71), (95.93, 94)])
def test_truenorth_predicts_the_published_sweep(rate_hz, milliwatt):
    """Akopyan et al. 2015, Fig. 17: 128 synapses per neuron, spikes 21.3 cores away in x and y."""
    energy = load_chip("truenorth").energy
    spikes = 4096 * 256 * rate_hz
    watt = energy.static_w + spikes * 1e-12 * (
        128 * energy.synaptic_event_pj
        + 21.3 * (energy.hop_east_west_pj + energy.hop_north_south_pj)
    )
    assert watt * 1e3 == pytest.approx(milliwatt, rel=0.01)
