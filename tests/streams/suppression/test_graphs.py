"""What of a graph is connected, strongly connected and a bridge, against a search step by step."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from streams.suppression.graphs import Ints, bridges, components, strong_components

Edges = list[tuple[int, int]]
VERTICES = 7

edges_of_a_graph = st.lists(
    st.tuples(st.integers(0, VERTICES - 1), st.integers(0, VERTICES - 1)), max_size=14
)


def reached(edges: Edges, start: int) -> set[int]:
    """What can be reached from a vertex along directed edges."""
    found, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        new = {head for tail, head in edges if tail == here} - found
        found |= new
        waiting += new
    return found


def both_ways(edges: Edges) -> Edges:
    return edges + [(b, a) for a, b in edges]


def ends(edges: Edges) -> tuple[Ints, Ints]:
    a, b = np.array(edges, np.int64).reshape(-1, 2).T
    return a, b


@given(edges_of_a_graph)
def test_a_component_bears_the_smallest_of_its_vertices(edges: Edges) -> None:
    found = components(*ends(edges), VERTICES).tolist()

    assert found == [min(reached(both_ways(edges), vertex)) for vertex in range(VERTICES)]


@given(edges_of_a_graph)
def test_vertices_are_strongly_connected_if_each_reaches_the_other(edges: Edges) -> None:
    found = strong_components(*ends(edges), VERTICES)

    reach = [reached(edges, vertex) for vertex in range(VERTICES)]
    for a in range(VERTICES):
        for b in range(VERTICES):
            assert (found[a] == found[b]) == (a in reach[b] and b in reach[a])


@given(edges_of_a_graph)
def test_a_bridge_is_an_edge_without_which_its_ends_are_apart(edges: Edges) -> None:
    found = bridges(*ends(edges), VERTICES).tolist()

    for place, (a, b) in enumerate(edges):
        others = both_ways(edges[:place] + edges[place + 1 :])
        assert found[place] == (b not in reached(others, a))
