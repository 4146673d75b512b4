"""Simulated annealing of a placement: blocks on a mesh, heavy traffic on short ways."""

from __future__ import annotations

import numpy as np

from distsnn.kernels.compile.declare import device, kernel
from distsnn.kernels.mesh.orders.xy import hops

# Entries of ``shape``: columns and rows of the mesh, whether it is a torus.
WIDTH, HEIGHT, IS_TORUS = range(3)


@device
def next_random(state):
    """Return the next 64 random bits (xorshift64*, Vigna 2016)."""
    x = state[0]
    # Three xorshifts, then a multiplication that scrambles the output.
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    state[0] = x
    return x * np.uint64(2685821657736338717)


@device
def cost_at(block, x, y, other, neighbour_start, neighbour, traffic, position, shape):
    """Return packet-hops of ``block`` at (x, y) with all but block ``other``."""
    width, height, is_torus = shape[WIDTH], shape[HEIGHT], shape[IS_TORUS]
    # cost = sum over neighbours of traffic x hops
    cost = 0.0
    for k in range(neighbour_start[block], neighbour_start[block + 1]):
        with_block = neighbour[k]
        if with_block != other:
            at = position[with_block]
            links = hops(x, y, at % width, at // width, width, height, is_torus)
            cost += traffic[k] * links
    return cost


@device
def change(a, spot_a, b, spot_b, neighbour_start, neighbour, traffic, position, shape):
    """Return the increase of the cost if block a moves to spot_b and block b (or -1) to spot_a."""
    width = shape[WIDTH]
    xa, ya, xb, yb = spot_a % width, spot_a // width, spot_b % width, spot_b // width
    # Delta = cost(new) - cost(old) of both blocks. Their traffic with each other is left out:
    # its distance is the same after a swap.
    grows = cost_at(a, xb, yb, b, neighbour_start, neighbour, traffic, position, shape)
    grows -= cost_at(a, xa, ya, b, neighbour_start, neighbour, traffic, position, shape)
    if b >= 0:
        grows += cost_at(b, xa, ya, a, neighbour_start, neighbour, traffic, position, shape)
        grows -= cost_at(b, xb, yb, a, neighbour_start, neighbour, traffic, position, shape)
    return grows


@kernel("i8(i8, i8[:], i8[:], i4[:], f8[:], i8[:], i8[:], f8[:], u8[:])")
def anneal(
    n_moves,
    shape,
    neighbour_start,
    neighbour,
    traffic,
    position,
    block_at,
    temperature,
    random_state,
):
    """Swap blocks (or move one to a free core) ``n_moves`` times; keep what Metropolis accepts.

    shape: int64 [3], width, height, is_torus. position: int64 [blocks] -> core; block_at: int64 [cores]
    -> block or -1; both are changed. neighbour lists: symmetric traffic between blocks. temperature:
    [start, end], falls geometrically. Returns the number of accepted moves.
    """
    n_cores = np.uint64(block_at.size)
    n_blocks = np.uint64(position.size)
    hot = temperature[0]
    # hot_n = start (end / start)^(n / n_moves)
    factor = (temperature[1] / temperature[0]) ** (1.0 / max(1, n_moves))
    n_accepted = np.int64(0)
    for _ in range(n_moves):
        # propose: block a to spot_b, whose block b (or none) comes to spot_a
        a = np.int64(next_random(random_state) % n_blocks)
        spot_b = np.int64(next_random(random_state) % n_cores)
        spot_a = position[a]
        b = block_at[spot_b]
        hot *= factor
        if b == a:
            continue
        grows = change(a, spot_a, b, spot_b, neighbour_start, neighbour, traffic, position, shape)
        # The upper 53 bits: uniform on [0, 1).
        uniform = np.float64(next_random(random_state) >> np.uint64(11)) * 2.0**-53
        # Metropolis: accept with probability min(1, exp(-grows / temperature))
        if grows <= 0.0 or uniform < np.exp(-grows / hot):
            position[a] = spot_b
            block_at[spot_b] = a
            block_at[spot_a] = b
            if b >= 0:
                position[b] = spot_a
            n_accepted += 1
    return n_accepted


@kernel("i8(i8[:], i8[:], i8[:], i8[:])")
def all_hops(shape, source, target, links):
    """links[i] = number of links of the route from node source[i] to node target[i]."""
    width, height, is_torus = shape[WIDTH], shape[HEIGHT], shape[IS_TORUS]
    for i in range(source.size):
        x, y = source[i] % width, source[i] // width
        to_x, to_y = target[i] % width, target[i] // width
        links[i] = hops(x, y, to_x, to_y, width, height, is_torus)
    return 0
