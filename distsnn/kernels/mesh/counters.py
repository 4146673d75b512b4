"""The counters of cores, declared once: kernels, recorder, files and reports take them from here.

A new counter is an entry of ``COUNTERS``, the line of a kernel that counts it, and a field of
``MeshCounters``. All are summed over the ranks.
"""

from __future__ import annotations

from dataclasses import dataclass

# How the values of all cores in a step become one number.
SUM, MAX = range(2)


@dataclass(frozen=True)
class CoreCounter:
    """What is counted on every core: a field of ``MeshCounters``, int64 [cores].

    of_step: the field with its value in each step, int64 [steps], by ``over_cores``: the SUM over all
    cores or the MAX, that of the core with most; "": no such field. report: key of mean and maximum of
    the steps in the JSON report; "": not reported. in_digest: ``traffic_digest`` covers it; False for
    counters added later, so that digests stay what they were.
    """

    name: str
    unit: str
    meaning: str
    of_step: str = ""
    over_cores: int = MAX
    report: str = ""
    in_digest: bool = False


# Blocks of nodes in the columns of ``per_core`` [rows, N_COUNTERS * nodes], in the order of COUNTERS.
SENT, RECEIVED, EVENTS = range(3)

COUNTERS = (
    CoreCounter(
        "packets_sent", "packets", "packets that a core sends, one to each core that a spike reaches",
        "packets_of_step", SUM, "packets_per_step", in_digest=True,
    ),
    CoreCounter(
        "packets_received", "packets", "packets that arrive at a core, in the step they were sent in",
        "most_received_of_step", in_digest=True,
    ),
    CoreCounter(
        "synaptic_events", "events", "synapses that the packets of a core reach",
        "most_events_of_step", in_digest=True,
    ),
)  # fmt: skip
N_COUNTERS = len(COUNTERS)

# In an array of its own, which only networks with plastic synapses have.
LEARNING_COUNTERS = (
    CoreCounter(
        "learning_of_core", "updates", "updates of plastic synapses on a core",
        "most_learning_of_step", in_digest=True,
    ),
)  # fmt: skip

# In an array of its own, where the spikes of a core are counted together with its packets.
SPIKE_COUNTERS = (CoreCounter("spikes", "spikes", "spikes of the neurons of a core"),)

ALL_COUNTERS = (*COUNTERS, *LEARNING_COUNTERS)
