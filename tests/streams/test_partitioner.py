"""The partition of a key is the one Kafka's own clients give it."""

import random
import time

import numpy as np
import pytest
from aiokafka.partitioner import murmur2 as aiokafka_murmur2
from hypothesis import given
from hypothesis import strategies as st
from kafka.partitioner.default import murmur2 as kafka_python_murmur2

from streams.partitioner import murmur2, partitions_of


@given(st.lists(st.binary(max_size=300), max_size=40), st.integers(min_value=1, max_value=1000))
def test_any_keys_go_where_both_clients_would_send_them(keys: list[bytes], n: int) -> None:
    found = partitions_of(keys, n)

    assert found.tolist() == [(aiokafka_murmur2(key) & 0x7FFFFFFF) % n for key in keys]
    assert found.tolist() == [(kafka_python_murmur2(key) & 0x7FFFFFFF) % n for key in keys]


@given(st.integers(min_value=0, max_value=70), st.integers(min_value=1, max_value=50), st.randoms())
def test_keys_of_one_length_hash_like_the_java_client(length: int, count: int, chance: random.Random) -> None:
    keys = [chance.randbytes(length) for _ in range(count)]

    assert murmur2(keys).tolist() == [aiokafka_murmur2(key) & 0xFFFFFFFF for key in keys]


def test_a_key_that_ends_in_zero_bytes_keeps_them() -> None:
    keys = [b"a", b"a\0", b"a\0\0\0", b"a\0\0\0\0", b"", b"\0"]

    assert murmur2(keys).tolist() == [aiokafka_murmur2(key) & 0xFFFFFFFF for key in keys]


def test_no_keys_have_no_partitions() -> None:
    assert partitions_of([], 3).shape == (0,)


def test_a_topic_without_partitions_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one partition"):
        partitions_of([b"a"], 0)


def test_the_cost_of_a_key_is_told() -> None:
    chance = random.Random(1)  # a benchmark, not a secret
    for name, keys in {
        "one length": [b"HN-2026-%06d" % chance.randrange(10**6) for _ in range(1000)],
        "uuid": [b"%032x" % chance.getrandbits(128) for _ in range(1000)],
        "many lengths": [chance.randbytes(chance.randrange(4, 40)) for _ in range(1000)],
    }.items():
        best = min(_seconds(keys) for _ in range(30))
        print(f"partitions_of, {name}: {best / len(keys) * 1e6:.3f} µs a key")
        assert np.all(partitions_of(keys, 12) < 12)


def _seconds(keys: list[bytes]) -> float:
    start = time.perf_counter()
    partitions_of(keys, 12)
    return time.perf_counter() - start
