"""Small mistakes that could be in the package, each with the tests that must see it.

``old`` is found exactly once in the .py files of ``room`` (a folder or a file of the package), so
that a file may move within its room. One that is not found any more needs its new wording here.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Mutation:
    """A mistake. tests: files below tests/, or pytest's names of tests in them. n_ranks: above 1
    the tests are those with the mark mpi, under mpirun.
    """

    name: str
    room: str
    old: str
    new: str
    tests: tuple[str, ...]
    n_ranks: int = 1


def files_with(mutation: Mutation, package: Path) -> list[Path]:
    """Return the file that holds the text, once for each time."""
    room = package / mutation.room
    files = sorted(room.rglob("*.py")) if room.is_dir() else [room] if room.exists() else []
    return [path for path in files for _ in range(path.read_text().count(mutation.old))]


def file_with(mutation: Mutation, package: Path) -> Path:
    """Return the one file that holds the text; raises ValueError if it is not there once."""
    (path,) = files_with(mutation, package)
    return path


MUTATIONS = (
    # What a forecast says.
    Mutation(
        "forecast: latency once for an exchange", "forecast",
        "return messages * machine.latency_us", "return machine.latency_us",
        ("forecast",),
    ),
    Mutation(
        "forecast: twice the memory of building", "forecast",
        "BUILD_FACTOR = 1.08", "BUILD_FACTOR = 2.0",
        ("forecast",),
    ),
    Mutation(
        "forecast: packets received of all axons", "forecast",
        "is_remote.sum())", "is_remote.size)",
        ("forecast",),
    ),
    Mutation(
        "forecast: packets sent counted once in all", "forecast",
        "self.n_sent += int(", "self.n_sent = int(",
        ("forecast",),
    ),
    Mutation(
        "forecast: balance of the fullest to the mean", "forecast",
        "float(work_of_rank.mean()) / most_work if", "most_work / float(work_of_rank.mean()) if",
        ("forecast",),
    ),
    # What a run reports.
    Mutation(
        "imbalance always 1", ".",
        "longest / mean_work if mean_work > 0 else 1.0", "1.0",
        ("core/test_utilization.py",), n_ranks=2,
    ),
    Mutation(
        "longest delay of a core always 1", "core",
        "max(onto.get(index, 0), projection.delay_steps[1])", "max(onto.get(index, 0), 1)",
        ("core/test_utilization.py",),
    ),
    Mutation(
        "neurons of a core without those of several compartments", "core",
        "used[core] += piece.size * ", "used[core] += piece.size + 0 * ",
        ("core/test_utilization.py",),
    ),
    Mutation(
        "synchrony in bins of 4 ms", ".",
        "SYNCHRONY_BIN_MS = 3.0", "SYNCHRONY_BIN_MS = 4.0",
        ("test_spike_statistics.py",),
    ),
    Mutation(
        "irregularity from single intervals", ".",
        "enough = n >= 2", "enough = n >= 1",
        ("test_spike_statistics.py",),
    ),
    Mutation(
        "silent chip keeps packets within tiles", "report",
        "in_tile_packets=0, ", "",
        ("report/test_silent_chip.py",),
    ),
    Mutation(
        "received packets cost as much as sent ones", "traffic",
        "_joule(activity.packets, energy.packet_received_pj)",
        "_joule(activity.packets, energy.packet_sent_pj)",
        ("traffic/test_account.py",),
    ),
    Mutation(
        "barrier left out of the step time", "traffic",
        "total_s = np.full(shape, barrier_s or 0.0)", "total_s = np.full(shape, 0.0)",
        ("traffic/test_account.py",),
    ),
    Mutation(
        "spectral radius of plastic synapses doubled", "liquid",
        "weights = weights * ", "weights = 2.0 * weights * ",
        ("liquid/test_measures.py",),
    ),
    # What is expected before a run.
    Mutation(
        "expected packets of one to one are those of chance", "mapping",
        "mean[np.arange(stop - first), onto[first:stop]] = np.inf",
        "mean[np.arange(stop - first), onto[first:stop]] = 1.0",
        ("mapping/test_expected_traffic.py",),
    ),
    Mutation(
        "work of Poisson input left out", "mapping",
        "+= share * stimulus.what.update_ns", "+= 0.0",
        ("mapping/test_work.py",),
    ),
    Mutation(
        "memory of synapses foreseen twice", "core",
        "BYTES_PER_SYNAPSE = 4.6", "BYTES_PER_SYNAPSE = 9.2",
        ("core/test_memory_estimate.py",),
    ),
    # Edges in time.
    Mutation(
        "Poisson input begins a step late", "kernels/neuron",
        "if stimuli[j, FIRST_STEP] <= t", "if stimuli[j, FIRST_STEP] < t",
        ("stimuli/test_poisson.py",),
    ),
    Mutation(
        "Poisson input stops three steps late", "kernels/neuron",
        "t < stimuli[j, END_STEP]", "t < stimuli[j, END_STEP] + 3",
        ("stimuli/test_poisson.py::test_it_drives_the_steps_from_start_to_stop",),
    ),
    Mutation(
        "given spikes before the first step are kept", "stimuli",
        "np.maximum(nearest_steps(self.times_ms, dt_ms), 1)", "nearest_steps(self.times_ms, dt_ms)",
        ("stimuli/test_spike_source.py",),
    ),
    Mutation(
        "halves of drawn times go down", "time_grid.py",
        "np.floor(steps + 0.5 + 2.0**-44", "np.floor(steps + 0.5 - 2.0**-44",
        ("core/test_time_grid.py", "core/test_times.py"),
    ),
    Mutation(
        "a wait of one header doubled", "kernels/delivery",
        "waited += MAX_WAIT", "waited += 2 * MAX_WAIT",
        ("core/test_long_delays.py",),
    ),
    Mutation(
        "half of the fine delays", "kernels/delivery",
        "(behind & fine_mask) << slot_shift", "(behind & fine_mask >> np.uint64(1)) << slot_shift",
        ("core/test_against_twin.py",),
    ),
    Mutation(
        "a received packet is due a step late", "kernels/delivery",
        "packet >> np.uint32(STEP_SHIFT)) + 1", "packet >> np.uint32(STEP_SHIFT)) + 2",
        ("kernels/test_delivered_rows.py",),
    ),
    Mutation(
        "a received packet is due a step late at computed synapses", "kernels/delivery",
        "received[i] >> np.uint32(STEP_SHIFT)) + 1 + wait",
        "received[i] >> np.uint32(STEP_SHIFT)) + 2 + wait",
        ("core/delivery/test_computed_synapses.py",), 3,
    ),
    # What the mesh carries.
    Mutation(
        "a spike counts as one packet sent", "kernels/loop",
        "sent[source_node] += np.int64(end - first)", "sent[source_node] += np.int64(1)",
        ("kernels/test_sending.py",),
    ),
    Mutation(
        "an axon counts as one synaptic event", "kernels/loop",
        "events_on[node] += np.int64(n_onto_core[k])", "events_on[node] += np.int64(1)",
        ("kernels/test_sending.py",),
    ),
    Mutation(
        "fabrics do not alternate", "kernels/loop",
        "fabric = fabric + 1 if fabric + 1 < n_fabrics", "fabric = fabric if fabric + 1 < n_fabrics",
        ("kernels/test_sending.py",),
    ),
    Mutation(
        "loads of a torus in the rows of its packets alone", "kernels/mesh",
        "if rows[0, n_nodes + IS_TORUS] != np.int32(0):", "if False:",
        ("mesh/test_single_packets.py",),
    ),
    Mutation(
        "the busiest link is that of the last fabric", "kernels/mesh",
        "both[i] += loads[start + i]", "both[i] = loads[start + i]",
        ("mesh/test_mesh_sums.py", "core/test_mesh_recorder.py"),
    ),
    Mutation(
        "unrecorded spikes count twice", "kernels/loop",
        "counts[slot] += 1", "counts[slot] += 2",
        ("core/test_unrecorded.py",),
    ),
    # What is drawn, and how numbers are made.
    Mutation(
        "a rotation one bit short", "kernels/numbers",
        "np.uint32(32 - rotation)", "np.uint32(31 - rotation)",
        ("network/test_threefry.py",),
    ),
    Mutation(
        "a neuron may be its own source", "kernels/draw",
        "np.uint32(value + np.uint32(value >= gap))", "np.uint32(value + np.uint32(value > gap))",
        ("network/test_rules.py",),
    ),
    Mutation(
        "rejected words are kept", "kernels/draw",
        "np.uint32(np.uint32(word * n) < limit)", "np.uint32(0)",
        ("kernels/test_drawing.py",),
    ),
    Mutation(
        "a column's threshold counts to the other outcome", "kernels/draw",
        "np.uint32(np.uint32(word & low_mask) < np.uint32(entry >> bits))",
        "np.uint32(np.uint32(word & low_mask) <= np.uint32(entry >> bits))",
        ("kernels/test_drawing.py",),
    ),
    Mutation(
        "registers one bit wider", "kernels/numbers",
        "spare = np.int32(31 - n_bits)", "spare = np.int32(30 - n_bits)",
        ("kernels/test_numbers.py",),
    ),
    Mutation(
        "rounding towards minus infinity", "kernels/numbers",
        "return np.int32(-size) if x < 0 else size", "return size if x > 0 else ~size",
        ("kernels/test_numbers.py",),
    ),
    # Learning.
    Mutation(
        "a trace forgets whole tables", "kernels/plastic",
        "* coarse[high]", "* coarse[0]",
        ("plasticity/test_plastic_twins.py",),
    ),
    Mutation(
        "inhibition rests at half the rate", "plasticity",
        "return 2.0 * self.rho_hz * 1e-3 * self.tau_ms", "return self.rho_hz * 1e-3 * self.tau_ms",
        ("plasticity/test_vogels_closed_form.py",),
    ),
    Mutation(
        "inhibition is scaled as excitation is", "homeostasis.py",
        "1.0 - change if scaling.is_inhibitory", "1.0 + change if scaling.is_inhibitory",
        ("test_homeostasis.py",),
    ),
    Mutation(
        "a reserved range needs no quanta", "network/weights",
        "if projection.reserved_bounds is None:", "if True:",
        ("running/test_weight_bounds.py",),
    ),
    Mutation(
        "text of a rule: every trace grows by 1", "equations/learning",
        'return f"({amount} * {kernel_names[event, name]})"', "return kernel_names[event, name]",
        ("equations/test_learning_texts.py",),
    ),
    Mutation(
        "text of a rule: weights are shares of w_max", "equations/learning",
        'RANGE = "self.w_min", "(self.w_max - self.w_min)"', 'RANGE = "self.w_min", "self.w_max"',
        ("equations/test_learning_texts.py",),
    ),
    Mutation(
        "a synapse recovers by what it will release", "kernels/plastic",
        "rest = r_before * (one - u_before) - one", "rest = r_before * (one - u) - one",
        ("plasticity/test_short_term.py",),
    ),
    # Space.
    Mutation(
        "space: the torus is cut open", "kernels/draw",
        "difference = around if around < difference else difference", "difference = difference",
        ("network/space/test_distance_rule.py",),
    ),
    Mutation(
        "space: rows of cells end at the edge of the torus", "kernels/draw",
        "for part in range(2):", "for part in range(1):",
        ("network/space/test_distance_rule.py",),
    ),
    Mutation(
        "space: far sources win the race", "kernels/draw",
        "-math.log(unit_double(x, y)) / p", "-math.log(unit_double(x, y)) * p",
        ("network/space/test_distance_rule.py",),
    ),
    Mutation(
        "space: all populations at the same random places", "network/space",
        '"positions", site.population, axis', '"positions", 0, axis',
        ("network/space/test_positions.py",),
    ),
    Mutation(
        "space: delays by distance of a plane", "network/space",
        "return N_AXES - self.source.n_dims", "return max(1, N_AXES - self.source.n_dims)",
        ("network/space/test_by_distance.py",),
    ),
    Mutation(
        "space: weights by distance as fine as their mean asks", "network/weights",
        "return False  # not drawn", "return True  # not drawn",
        ("network/space/test_by_distance.py",),
    ),
    # Equations as text.
    Mutation(
        "noise of half the decay", "equations",
        "call(\"exprel\", 2 * rate * DT)", "call(\"exprel\", rate * DT)",
        ("equations/test_noise.py",),
    ),
    Mutation(
        "the third stage of rk4 goes a whole step", "equations",
        "Stage(0.5, 0.5), Stage(0.5, 0.5)", "Stage(0.5, 0.5), Stage(0.5, 1.0)",
        ("equations/test_integration.py",),
    ),
    Mutation(
        "refractory neurons spike", "equations",
        "free = \" & (steps_left <= 0)\"", "free = \"\"",
        ("equations/test_equations_brian.py",),
    ),
    Mutation(
        "what depends on held variables takes them as free", "equations",
        "elif self.reached[row] & (held - {row})", "elif False",
        ("equations/test_integration.py",),
    ),
    Mutation(
        "an upstroke goes beyond the threshold", "equations",
        "if name in self.ceilings and added", "if False and added",
        ("equations/test_integration.py",),
    ),
    Mutation(
        "units that contradict each other", "equations",
        "        return not rest\n", "        return True\n",
        ("equations/test_messages.py",),
    ),
    Mutation(
        "a sum in the reset forgets earlier statements", "equations",
        "return new(statement.name) + (value", "return 0 * new(statement.name) + (value",
        ("equations/test_integration.py",),
    ),
    Mutation(
        "normal numbers without their tail", "kernels/numbers",
        "x * (p if w < np.float32(SPLIT) else tail)", "x * p",
        ("neurons/test_elementary.py",),
    ),
    # Inputs.
    Mutation(
        "OU noise begins at its mean", "kernels/input",
        "b = sd[i] if starts else kick[i]", "b = 0.0 if starts else kick[i]",
        ("stimuli/test_moving_currents.py",),
    ),
    Mutation(
        "held noise is drawn anew in each step", "kernels/input",
        "k if every[j] == 1 else k // every[j]", "k",
        ("stimuli/test_moving_currents.py",),
    ),
    Mutation(
        "counts end with the last threshold", "kernels/input",
        "counts[some[k]] = np.uint32(work[4, k])", "counts[some[k]] += np.uint32(0)",
        ("stimuli/test_parts.py",),
    ),
    Mutation(
        "an input stops a step late", "stimuli",
        "first = np.append(first, np.int64(end))", "first = np.append(first, np.int64(end + 1))",
        ("stimuli/test_moving_currents.py",),
    ),
    Mutation(
        "the mother train has the rate of a neuron", "stimuli",
        "poisson_thresholds(self.mean_per_step(dt_ms) / self.correlation)",
        "poisson_thresholds(self.mean_per_step(dt_ms))",
        ("stimuli/test_trains.py",),
    ),
    Mutation(
        "parameters of a part go by neuron", "core/inputs",
        "return positions, at[positions]", "return at[positions], at[positions]",
        ("stimuli/test_parts.py",),
    ),
    Mutation(
        "sums of currents are rounded twice", "core/inputs",
        "sums[place] = known[key]", "sums[place] += 0.0",
        ("stimuli/test_parts.py",),
    ),
    Mutation(
        "a changed rate waits for the next level", "core/inputs",
        "* self._dt_ms * 1e-3\n                self.entries.forget()", "* self._dt_ms * 1e-3",
        ("stimuli/test_parts.py",),
    ),
    # Pooling.
    Mutation(
        "pooling takes the last spike", "kernels/conv",
        "min(time[local * m + c], np.uint8(t))", "max(time[local * m + c], np.uint8(t))",
        ("convnet/test_layers_against_twin.py",),
    ),
    # Running.
    Mutation(
        "a weight set to what it is may change its lane", "running/synapses.py",
        "is_new = chosen != self._static_weights(projection, own)",
        "is_new = np.ones(chosen.size, dtype=bool)",
        ("everything/test_everything.py::test_pieces_give_the_bits_of_one_run",),
    ),
    Mutation(
        "weights rounded above their bound are refused", "running/synapses.py",
        "max(SAME * max(abs(low), abs(high)), self._half_quantum(projection))",
        "SAME * max(abs(low), abs(high))",
        ("everything/test_everything.py::test_pieces_give_the_bits_of_one_run",),
    ),
)  # fmt: skip
