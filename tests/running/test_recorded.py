"""Results of populations, of views and of assemblies."""

from __future__ import annotations

import numpy as np
import pytest
from small_runs import network, result

from distsnn.errors import NetworkError, UsageError


def test_a_population_is_given_by_name_or_as_itself():
    r = result()
    e = r.network.find("e")
    for of_name, of_itself in zip(r.spikes("e"), r.spikes(e), strict=True):
        assert np.array_equal(of_name, of_itself)
    assert r.statistics("e") == r.statistics(e) == r.statistics(e[:])
    assert r.spikes("e")[0].size > 100


@pytest.mark.parametrize("key", [slice(0, 30), slice(5, 60, 3), [3, 5, 79], 7])
def test_numbers_of_a_view_count_its_neurons(key):
    r = result()
    view = r.network.find("e")[key]
    times_ms, numbers = r.spikes(view)
    all_times, all_neurons = r.spikes("e")
    is_chosen = np.isin(all_neurons, view.index)
    assert np.array_equal(times_ms, all_times[is_chosen])
    assert np.array_equal(view.index[numbers], all_neurons[is_chosen])
    assert r.statistics(view).n_spikes == times_ms.size
    assert r.statistics(view).rate_hz == pytest.approx(times_ms.size / (len(view) * 0.03))


def test_numbers_of_an_assembly_go_on_from_part_to_part():
    r = result()
    e, i = r.network.find("e"), r.network.find("i")
    step, number = r.spike_steps(i + e[10:50])
    assert np.array_equal(np.lexsort((number, step)), np.arange(step.size))
    for view, first in ((i[:], 0), (e[10:50], 20)):
        own_step, own_number = r.spike_steps(view)
        is_own = (number >= first) & (number < first + len(view))
        assert np.array_equal(step[is_own], own_step)
        assert np.array_equal(number[is_own] - first, own_number)
    assert r.statistics(i + e[10:50]).n_spikes == step.size


def test_trace_gives_times_and_a_column_for_each_neuron():
    r = result()
    e, i = r.network.find("e"), r.network.find("i")
    times_ms, v = r.trace(e, "v")
    assert times_ms.dtype == np.float64
    assert v.dtype == np.float32
    assert v.shape == (300, 30)
    assert np.allclose(times_ms, 0.1 * np.arange(1, 301))
    assert np.array_equal(r.trace(e[[12, 39]], "v")[1], v[:, [2, 29]])
    assert r.trace("i", "v")[1].shape == (60, 20)
    assert np.allclose(r.trace(i, "v")[0], r.sample_times(i[:3], "v"))
    # i has its v every 0.5 ms, 5 steps, and its refractory time in every step
    assert r.trace(i[3:5], "refractory")[1].shape == (300, 2)


def test_a_trace_of_several_populations():
    net = network()
    r = result()
    e, i = (r.network.find(name) for name in "ei")
    assert net.find("e") is not e
    with pytest.raises(UsageError, match=r"v of e\[12:14\] \+ i: must be recorded at one interval"):
        r.trace(e[12:14] + i, "v")
    both = r.trace(i[:3] + i[5:7], "v")[1]
    assert np.array_equal(both, r.trace(i[[0, 1, 2, 5, 6]], "v")[1])


def test_what_was_not_recorded():
    r = result()
    e = r.network.find("e")
    with pytest.raises(UsageError, match=r"v of e\[38:42\]: must be neurons .* got 40\."):
        r.trace(e[38:42], "v")
    with pytest.raises(UsageError, match=r"variable of population e: must be recorded .* 'w'"):
        r.trace(e, "w")
    with pytest.raises(UsageError, match="spikes of unrecorded: must be recorded"):
        r.spikes(e + r.network.find("unrecorded"))
    with pytest.raises(NetworkError, match="must belong to network"):
        r.spikes(network().find("e"))
    with pytest.raises(NetworkError, match="must be"):
        r.spikes(3)
    assert r.statistics("unrecorded").n_spikes > 0
    with pytest.raises(UsageError, match="spikes of unrecorded"):
        r.statistics(r.network.find("unrecorded")[:3])
