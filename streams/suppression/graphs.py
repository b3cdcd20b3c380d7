"""Graphs of a million edges as arrays: what is connected, strongly connected, and held together by one edge alone."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_SEED: Final = 7
"""Any will do; always the same, so that the same graph has the same answer."""


def components(a: Ints, b: Ints, count: int) -> Ints:
    """By vertex, the smallest vertex it is connected with.

    Args:
        a: by edge, one of its vertices.
        b: and the other.
        count: how many vertices there are: they are 0 to ``count`` - 1.
    """
    label = np.arange(count)
    while True:
        low = np.minimum(label[a], label[b])
        new = label.copy()
        np.minimum.at(new, label[a], low)
        np.minimum.at(new, label[b], low)
        while (new[new] != new).any():
            new = new[new]
        if (new == label).all():
            return label
        label = new


def strong_components(tail: Ints, head: Ints, count: int) -> Ints:
    """By vertex, a number for all that it reaches and that reach it (Tarjan 1972).

    Args:
        tail: by edge, from where it leads.
        head: and to where.
        count: how many vertices there are: they are 0 to ``count`` - 1.
    """
    order = np.argsort(tail, kind="stable")
    heads = head[order].tolist()
    start = np.searchsorted(tail[order], np.arange(count + 1)).tolist()
    after = start[:-1]
    seen, low, label = [-1] * count, [0] * count, [-1] * count
    stack: list[int] = []
    visits = found = 0
    for root in range(count):
        path = [root] if seen[root] < 0 else []
        while path:
            vertex = path[-1]
            if seen[vertex] < 0:
                seen[vertex] = low[vertex] = visits
                visits += 1
                stack.append(vertex)
            if after[vertex] < start[vertex + 1]:
                other = heads[after[vertex]]
                after[vertex] += 1
                if seen[other] < 0:
                    path.append(other)
                elif label[other] < 0:
                    low[vertex] = min(low[vertex], seen[other])
                continue
            path.pop()
            if path:
                low[path[-1]] = min(low[path[-1]], low[vertex])
            if low[vertex] == seen[vertex]:
                while label[vertex] < 0:
                    label[stack.pop()] = found
                found += 1
    return np.array(label, np.int64)


def bridges(a: Ints, b: Ints, count: int) -> Bools:
    """By edge, whether it lies on no cycle.

    Every edge outside a spanning forest bears a random number of 64 bits, an edge of the forest those (exclusive or) of
    the cycles it lies on: it is 0 for a bridge, and for another by one chance in 10**19.

    Args:
        a: by edge, one of its vertices; several edges may have the same two.
        b: and the other.
        count: how many vertices there are: they are 0 to ``count`` - 1.
    """
    levels, parent, way = _forest(a, b, count)
    mark = np.random.default_rng(_SEED).integers(1, 2**63, len(a), dtype=np.int64)
    mark[way[way >= 0]] = 0
    crossing = np.zeros(count, np.int64)
    np.bitwise_xor.at(crossing, a, mark)
    np.bitwise_xor.at(crossing, b, mark)
    found = np.zeros(len(a), np.bool_)
    for vertices in reversed(levels):
        found[way[vertices]] = crossing[vertices] == 0
        np.bitwise_xor.at(crossing, parent[vertices], crossing[vertices])
    return found


def _forest(a: Ints, b: Ints, count: int) -> tuple[list[Ints], Ints, Ints]:
    """A spanning forest, breadth first: its levels below the roots, and by vertex its parent and the edge there."""
    ends, others = np.concatenate((a, b)), np.concatenate((b, a))
    order = np.argsort(ends, kind="stable")
    start = np.searchsorted(ends[order], np.arange(count + 1))
    seen = components(a, b, count) == np.arange(count)
    front = np.flatnonzero(seen)
    parent, way = np.full(count, -1), np.full(count, -1)
    levels: list[Ints] = []
    while len(front):
        sizes = start[front + 1] - start[front]
        offset = np.arange(int(sizes.sum())) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        edges = order[np.repeat(start[front], sizes) + offset]
        new = ~seen[others[edges]]
        vertices, first = np.unique(others[edges][new], return_index=True)
        seen[vertices] = True
        parent[vertices] = np.repeat(front, sizes)[new][first]
        way[vertices] = edges[new][first] % len(a)
        if len(vertices):
            levels.append(vertices)
        front = vertices
    return levels, parent, way
