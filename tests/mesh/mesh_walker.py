"""Walks packets over a mesh step by step, link by link: shares nothing with the package."""

from collections import Counter

# direction: 0 east, 1 west, 2 north (row above), 3 south (row below)
MOVES = {0: (1, 0), 1: (-1, 0), 2: (0, -1), 3: (0, 1)}


def _toward(place, goal, length, wrap):
    """+1 or -1: which way to go next on a line, or on a ring (the shorter way, + on a tie)."""
    if not wrap:
        return 1 if goal > place else -1
    up, place_up = 0, place
    while place_up != goal:
        place_up = (place_up + 1) % length
        up += 1
    return 1 if up <= length - up else -1


def walk_packet(source, target, width, height, wrap=False, first="x"):
    """List of (x, y, direction) of every link that a packet takes: along one axis, then the other."""
    x, y = source % width, source // width
    goal_x, goal_y = target % width, target // width
    taken = []
    while (x, y) != (goal_x, goal_y):
        if x != goal_x and (first == "x" or y == goal_y):
            direction = 0 if _toward(x, goal_x, width, wrap) > 0 else 1
        else:
            direction = 3 if _toward(y, goal_y, height, wrap) > 0 else 2
        taken.append((x, y, direction))
        x = (x + MOVES[direction][0]) % width
        y = (y + MOVES[direction][1]) % height
    return taken


def walk_all(packets, width, height, wrap=False, first="x"):
    """Counter of (x, y, direction) -> packets, from (source, target, number) triples."""
    loads = Counter()
    for source, target, number in packets:
        for link in walk_packet(source, target, width, height, wrap, first):
            loads[link] += number
    return loads


def as_array(loads, width, height):
    """The same as nested lists [4][width * height]."""
    table = [[0] * (width * height) for _ in range(4)]
    for (x, y, direction), number in loads.items():
        table[direction][y * width + x] = number
    return table
