"""NIR graphs step by step, written down from the definitions of their nodes.

Works on the objects of the package ``nir``, one number after another where that is short. Every node
keeps its latest output, so that an edge that leads back delivers the one of the step before.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
from scipy.linalg import expm


def run_twin(graph, order, spikes, dt_s, method="exact", reset="value"):
    """Return the output of each node in each step, name -> [steps, elements].

    order: of the nodes within a step. spikes: [steps, elements of the input].
    """
    states, history = {}, {name: [] for name in order}
    # What leads back before any spike: the output of no input, which is the bias.
    values = {name: node.bias for name, node in graph.nodes.items() if hasattr(node, "bias")}
    for given in spikes:
        for name in order:
            node = graph.nodes[name]
            before = [a for a, b in graph.edges if b == name]
            arrived = [values[a] for a in before if a in values]
            total = sum(arrived) if arrived else None
            kind = type(node).__name__
            if kind == "Input":
                value = given.reshape(node.input_type["input"]).astype(float)
            elif kind in NEURONS:
                shape = node.output_type["output"]
                state = states.setdefault(name, fresh(node, tuple(int(n) for n in shape)))
                current = np.zeros(state["v"].shape) if total is None else total.reshape(shape)
                value = neuron(kind, node, state, current, dt_s, method, reset)
            elif kind == "Delay":
                value = delayed(node, states.setdefault(name, []), total, dt_s)
            else:
                value = LINEAR[kind](node, total)
            values[name] = value
            history[name].append(np.array(value, dtype=float).ravel())
    return {name: np.array(steps) for name, steps in history.items()}, states


def fresh(node, shape):
    v = np.broadcast_to(getattr(node, "v_leak", 0.0), shape).astype(float).copy()
    return {"v": v, "i": np.zeros(shape), "seen": []}


def neuron(kind, node, state, current, dt, method, reset):
    if kind == "Threshold":
        return (current > node.threshold).astype(float)
    v, i = state["v"], state["i"]
    if kind in ("IF", "I"):
        v = v + node.r * current
    elif kind in ("LIF", "LI"):
        share = 1 - np.exp(-dt / node.tau) if method == "exact" else dt / node.tau
        v = v + share * (node.v_leak - v + node.r * current)
    elif method == "euler":
        i = i + dt / node.tau_syn * (-i + node.w_in * current)
        v = v + dt / node.tau_mem * (node.v_leak - v + node.r * i)
    else:
        i, v = solved(node, i, v, current, dt)
    fires = np.zeros(v.shape, bool)
    if kind in ("IF", "LIF", "CubaLIF"):
        fires = v > node.v_threshold
        v = np.where(fires, node.v_reset if reset == "value" else v - node.v_threshold, v)
    state["v"], state["i"] = v, i
    state["seen"].append(np.array(v).ravel())
    return fires.astype(float)


def solved(node, i, v, current, dt):
    """Return i and v after a step with a constant input, by the exponential of the whole system."""
    new_i, new_v = i.copy(), v.copy()
    for k in np.ndindex(v.shape):
        syn, mem = node.tau_syn[k], node.tau_mem[k]
        # d(i, v, 1)/dt = A (i, v, 1)
        system = np.array([
            [-1 / syn, 0, node.w_in[k] * current[k] / syn],
            [node.r[k] / mem, -1 / mem, node.v_leak[k] / mem],
            [0, 0, 0],
        ])  # fmt: skip
        new_i[k], new_v[k], _ = expm(system * dt) @ [i[k], v[k], 1.0]
    return new_i, new_v


NEURONS = ("IF", "I", "LIF", "LI", "CubaLIF", "CubaLI", "Threshold")


def delayed(node, past, total, dt):
    past.append(total.ravel())
    steps = np.round(np.ravel(node.delay) / dt).astype(int)
    steps = np.broadcast_to(steps, total.size)
    now = len(past) - 1
    return np.array([past[now - s][k] if now >= s else 0.0 for k, s in enumerate(steps)])


def affine(node, x):
    return node.weight @ x.ravel() + getattr(node, "bias", 0.0)


def conv2d(node, x):
    n_out, n_in, kh, kw = node.weight.shape
    (sy, sx), (py, px), (dy, dx) = (np.broadcast_to(p, 2) for p in
                                    (node.stride, node.padding, node.dilation))  # fmt: skip
    _, height, width = x.shape
    out_h = (height + 2 * py - dy * (kh - 1) - 1) // sy + 1
    out_w = (width + 2 * px - dx * (kw - 1) - 1) // sx + 1
    y = np.zeros((n_out, out_h, out_w))
    per_group = n_out // int(node.groups)
    for o, i, j in itertools.product(range(n_out), range(out_h), range(out_w)):
        total = float(node.bias[o])
        for c, a, b in itertools.product(range(n_in), range(kh), range(kw)):
            row, column = i * sy - py + a * dy, j * sx - px + b * dx
            if 0 <= row < height and 0 <= column < width:
                total += node.weight[o, c, a, b] * x[o // per_group * n_in + c, row, column]
        y[o, i, j] = total
    return y


def conv1d(node, x):
    n_out, n_in, k = node.weight.shape
    stride, padding, dilation = (int(np.ravel(p)[0]) for p in
                                 (node.stride, node.padding, node.dilation))  # fmt: skip
    padded = np.pad(x, ((0, 0), (padding, padding)))
    n = (padded.shape[1] - dilation * (k - 1) - 1) // stride + 1
    per_group = n_out // int(node.groups)
    y = np.zeros((n_out, n))
    for o, j in itertools.product(range(n_out), range(n)):
        first = o // per_group * n_in
        window = padded[first : first + n_in, j * stride : j * stride + dilation * k : dilation]
        y[o, j] = (node.weight[o] * window[:, :k]).sum() + node.bias[o]
    return y


def pool(node, x, is_mean):
    (kh, kw), (sy, sx), (py, px) = (np.broadcast_to(p, 2) for p in
                                    (node.kernel_size, node.stride, node.padding))  # fmt: skip
    padded = np.pad(x, ((0, 0), (py, py), (px, px)))
    rows = range(0, padded.shape[1] - kh + 1, sy)
    columns = range(0, padded.shape[2] - kw + 1, sx)
    sums = [[[c[i : i + kh, j : j + kw].sum() for j in columns] for i in rows] for c in padded]
    return np.array(sums) / (kh * kw if is_mean else 1)


def flatten(node, x):
    first, last = int(node.start_dim), int(node.end_dim) % x.ndim
    return x.reshape(*x.shape[:first], math.prod(x.shape[first : last + 1]), *x.shape[last + 1 :])


LINEAR = {
    "Affine": affine,
    "Linear": affine,
    "Conv2d": conv2d,
    "Conv1d": conv1d,
    "SumPool2d": lambda node, x: pool(node, x, False),
    "AvgPool2d": lambda node, x: pool(node, x, True),
    "Flatten": flatten,
    "Scale": lambda node, x: node.scale * x,
    "Output": lambda node, x: x,
}
