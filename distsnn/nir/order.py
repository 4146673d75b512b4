"""The order in which a step passes the layers of a graph, and the links that lead back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def in_order(
    start: str, targets: Mapping[str, Iterable[str]]
) -> tuple[list[str], set[tuple[str, str]]]:
    """Return the names that are reached from ``start``, and the pairs that close loops.

    targets: what each name leads to. Every name comes after all that lead to it, but for the pairs
    that close a loop: seen from the start, they lead to a name on their own way.
    """
    closing: set[tuple[str, str]] = set()
    done: list[str] = []
    is_behind = {start: False}  # False: on the way from the start
    way = [(start, iter(sorted(targets.get(start, ()))))]
    # Depth first, without recursion.
    while way:
        name, left = way[-1]
        target = next(left, None)
        if target is None:
            way.pop()
            is_behind[name] = True
            done.append(name)
        # Not met yet: go on from there.
        elif target not in is_behind:
            is_behind[target] = False
            way.append((target, iter(sorted(targets.get(target, ())))))
        # On the way to here: the pair closes a loop.
        elif not is_behind[target]:
            closing.add((name, target))
    return done[::-1], closing
