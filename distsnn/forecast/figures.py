"""The planned cluster and the figures of a forecast."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from distsnn.checks import MAX_FLOAT32, number
from distsnn.core.utilization import CoreUtilization
from distsnn.errors import UsageError


@dataclass(frozen=True)
class Machine:
    """The planned cluster: a message takes latency + bytes / bandwidth."""

    latency_us: float = 2.0
    bandwidth_gb_s: float = 10.0

    def __post_init__(self) -> None:
        number("machine: latency_us", self.latency_us, 0.0, MAX_FLOAT32, error=UsageError)
        number("machine: bandwidth_gb_s", self.bandwidth_gb_s, above=0.0, error=UsageError)


@dataclass(frozen=True)
class Forecast:
    """Time, memory and traffic of one rank of many; units are in the field names.

    balance: mean work of the ranks over the largest work of a rank. compute_us, exchange_us: per step.
    packets_sent, packets_received, bytes_sent: of this rank per step. partners: ranks it sends to.
    mesh_packets: packets that all cores of the network send per step.
    """

    n_ranks: int
    rank: int
    grid: tuple[int, int]
    n_cores: int
    n_neurons: int
    n_synapses: int
    memory_bytes: int
    table_bytes: int
    balance: float
    steps_per_exchange: int
    compute_us: float
    deliver_us: float
    update_us: float
    send_us: float
    exchange_us: float
    step_us: float
    real_time_factor: float
    packets_sent: float
    packets_received: float
    bytes_sent: float
    partners: int
    messages_per_exchange: int
    mesh_packets: float
    build_s: float
    usage: CoreUtilization | None

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as plain data, including the utilization of the fullest core."""
        plain = {key: value for key, value in asdict(self).items() if key != "usage"}
        plain["grid"] = list(self.grid)
        limits = self.usage.limits if self.usage else ()
        plain["limits"] = {
            limit.name: {"used": limit.most, "limit": limit.limit} for limit in limits
        }
        return plain
