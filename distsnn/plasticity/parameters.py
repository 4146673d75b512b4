"""What the parameters of plasticity rules must satisfy; each check gives one clear line."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from distsnn.checks import MAX_FLOAT32, declared, must_be, number
from distsnn.errors import NetworkError

PAIRINGS = ("all", "nearest")

# Units of parameters that their names do not show
RECEPTOR = "(unit of the receptor)"
RANGE = "(w_max - w_min)"


def require_sound(rule: Any) -> None:
    """Raise NetworkError if a parameter of a rule has no meaning; for ``__post_init__``.

    rule: a dataclass derived from ``LearningRule``. Every ``float`` is a number that float32 holds,
    every ``int`` a whole number of 32 bits, both within the class's ``limits`` if it has some; time
    constants (``tau_..._ms``) are above 0; ``w_min`` is below ``w_max``; ``pairing`` and parameters
    with ``choices`` have one of these.
    """
    taus = [field.name for field in fields(rule) if field.name.startswith("tau_")]
    choices = {"pairing": PAIRINGS, **rule.choices}
    declared(rule, limits=rule.limits, choices=choices, positive=taus)
    if not rule.w_min < rule.w_max:
        fail(rule, "w_min", rule.w_min, f"below w_max = {rule.w_max}", "Exchange the bounds")
    number(f"{type(rule).__name__}: w_max - w_min", rule.w_max - rule.w_min, high=MAX_FLOAT32)


def require_least(rule: Any, least: float, *names: str) -> None:
    """Raise NetworkError if one of the named parameters is below ``least``."""
    for name in names:
        if not getattr(rule, name) >= least:
            fail(rule, name, getattr(rule, name), f"at least {least:g}", "Make it larger")


def checked_rewards(rewards: Any, owner: str) -> tuple[tuple[float, float], ...]:
    """Return rewards as pairs of a time in ms and a size; NetworkError if they are no such pairs."""
    name = f"{owner}: rewards"
    try:
        pairs = [(time_ms, size) for time_ms, size in rewards]
    except (TypeError, ValueError):
        limit = "pairs of a time in ms and a size"
        raise NetworkError(must_be(name, limit, rewards, "Give ((60.0, 1.0),).")) from None
    return tuple(
        (
            number(f"{name}[{k}] time", time_ms, 0.0, remedy="Give a later time."),
            number(f"{name}[{k}] size", size, -MAX_FLOAT32, MAX_FLOAT32),
        )
        for k, (time_ms, size) in enumerate(pairs)
    )


def fail(rule: Any, name: str, got: object, limit: str, remedy: str) -> None:
    """Raise the one-line NetworkError about a parameter."""
    raise NetworkError(must_be(f"{type(rule).__name__}.{name}", limit, got, f"{remedy}."))
