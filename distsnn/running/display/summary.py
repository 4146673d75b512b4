"""A result in a few lines: as text, and as a table in notebooks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from distsnn.outputs.html_tables import html_table
from distsnn.running.recorded import spike_counts

if TYPE_CHECKING:
    from distsnn.running.result import Result

MAX_LINES = 10  # of populations


def result_text(result: Result) -> str:
    """Return size, duration and spikes, and a line with the rate of each population."""
    # A line for the run and one for each of the first populations.
    rows = list(_rates(result))
    lines = [f"Result({_title(result)})"]
    lines += [f"  {name}: {size:,} neurons, {rate} Hz" for name, size, _, rate in rows[:MAX_LINES]]
    if len(rows) > MAX_LINES:
        lines.append(f"  and {len(rows) - MAX_LINES} more populations")
    return "\n".join(lines)


def result_html(result: Result) -> str:
    """Return a table of the populations."""
    columns = ("population", "neurons", "spikes", "rate (Hz)")
    return html_table(_title(result), columns, list(_rates(result)))


def _title(result: Result) -> str:
    network, n_spikes = result.network, sum(spike_counts(result).values())
    size = f"{network.n_neurons:,} neurons, {result.duration_ms:g} ms"
    held = f"{n_spikes:,} spikes" if result.is_root else "held by rank 0"
    return f"{network.name}: {size}, {held}"


def _rates(result: Result) -> Iterator[tuple[str, int, int, str]]:
    """Yield name, size, spikes and rate of each population; nothing on ranks other than 0."""
    if not result.is_root:
        return
    seconds = result.duration_ms * 1e-3
    counts = spike_counts(result)
    for population in result.network.populations:
        n_spikes = counts[population.name]
        # rate = spikes / (neurons * duration)
        rate = n_spikes / (population.size * seconds) if seconds > 0 else 0.0
        yield population.name, population.size, n_spikes, f"{rate:.2f}"
