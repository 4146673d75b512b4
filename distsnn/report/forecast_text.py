"""The forecast of a run for a terminal."""

from __future__ import annotations

from typing import Any

from distsnn.report.tables import print_table


def print_forecast(report: dict[str, Any]) -> None:
    """Print the time and memory that one rank of many will need."""
    n_x, n_y = report["grid"]
    exchange = report["steps_per_exchange"]
    print_table(
        f"rank {report['rank']} of {report['n_ranks']:,} ({n_x} x {n_y})",
        ("", ""),
        [
            ("owns", f"{report['n_cores']:,} cores, {report['n_neurons']:,} neurons, "
                     f"{report['n_synapses']:,} synapses"),
            ("memory", f"{report['memory_bytes'] / 1e6:,.1f} MB, of it tables "
                       f"{report['table_bytes'] / 1e6:,.1f} MB"),
            ("load balance", f"{report['balance']:.3f} (mean work over the fullest rank's)"),
            ("sends", f"{report['packets_sent']:,.1f} packets per step, {report['bytes_sent']:,.0f} "
                      f"bytes, to {report['partners']:,} ranks"),
            ("receives", f"{report['packets_received']:,.1f} packets per step"),
            ("messages", f"{report['messages_per_exchange']} per exchange, one exchange every "
                         f"{exchange} steps"),
            ("mesh", f"{report['mesh_packets']:,.0f} packets per step, all cores together"),
            ("time per step", f"{report['step_us']:,.1f} us: deliver {report['deliver_us']:.1f}, "
                              f"update {report['update_us']:.1f}, send {report['send_us']:.1f}, "
                              f"exchange {report['exchange_us']:.1f}"),
            ("real-time factor", f"{report['real_time_factor']:.3g}"),
            ("built in", f"{report['build_s']:.2f} s"),
            ("error", "compared with runs on 1 and 2 ranks: time up to 26 %, memory 7 %, bytes 3 % "
                      "(benchmarks/scaling/forecast_error.py)"),
        ],
    )  # fmt: skip
    print_table(
        "use of its cores",
        ("per core", "most", "limit"),
        [
            (name, f"{use['used']:,}", "-" if use["limit"] is None else f"{use['limit']:,}")
            for name, use in report["limits"].items()
        ],
    )
