"""Numbers with three digits and a prefixed unit."""

from __future__ import annotations

PREFIXES = ((1e9, "G"), (1e6, "M"), (1e3, "k"), (1.0, ""), (1e-3, "m"), (1e-6, "u"), (1e-9, "n"),
            (1e-12, "p"))  # fmt: skip


def joules(value: float) -> str:
    """Return an energy as ``29.9 mJ``."""
    return f"{scaled(value)}J"


def seconds(value: float) -> str:
    """Return a time as ``2.5 us``."""
    return f"{scaled(value)}s"


def per_second(n_bytes: float) -> str:
    """Return a rate of bytes as ``8 GB/s``."""
    return f"{scaled(n_bytes)}B/s"


def scaled(value: float) -> str:
    """Return three digits and the prefix of the unit that follows."""
    size = abs(value)
    # The largest prefix that leaves at least one digit before the point.
    factor, prefix = next((pair for pair in PREFIXES if size >= pair[0]), PREFIXES[-1])
    return f"{value / factor:.3g} {prefix}" if size else "0 "
