"""Prometheus' text format."""

from schemas.exposition import exposed, labels


def test_a_counter_and_a_gauge_are_told_with_their_type_and_sentence() -> None:
    assert "".join(exposed("a_total", "Things counted.", [("", 3), ('{of="b"}', 0.5)])) == (
        '# HELP a_total Things counted.\n# TYPE a_total counter\na_total 3\na_total{of="b"} 0.5\n'
    )
    assert "".join(exposed("a", "How it stands.", [])) == "# HELP a How it stands.\n# TYPE a gauge\n"


def test_a_large_count_is_told_to_the_last_digit() -> None:
    assert "".join(exposed("a", "b.", [("", 123_456_789_012_345)])).endswith("a 123456789012345\n")


def test_values_of_labels_are_escaped() -> None:
    assert labels([]) == ""
    assert labels([("of", 'a"b\\c'), ("n", 3)]) == '{of="a\\"b\\\\c",n="3"}'
