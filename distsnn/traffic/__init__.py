"""Traffic of a mesh: counters, link loads, energy, time, and their expected values."""

from distsnn.traffic.account import MeshTraffic, account, account_matrix_file
from distsnn.traffic.costs import Cost, mean_cost
from distsnn.traffic.costs import cost_of as cost_of
from distsnn.traffic.counters import MeshCounters
from distsnn.traffic.energy import Activity, energy_of
from distsnn.traffic.footprint import Footprint
from distsnn.traffic.links import Link, links_of
from distsnn.traffic.matrix_file import TrafficMatrix, read_matrix_file
from distsnn.traffic.report import energy_report, matrix_report, traffic_report
from distsnn.traffic.step_time import StepTime

__all__ = [
    "Activity",
    "Cost",
    "Footprint",
    "Link",
    "MeshCounters",
    "MeshTraffic",
    "StepTime",
    "TrafficMatrix",
    "account",
    "account_matrix_file",
    "energy_of",
    "energy_report",
    "links_of",
    "matrix_report",
    "mean_cost",
    "read_matrix_file",
    "traffic_report",
]
