"""Prometheus' text format, in which worker and board tell what they count."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def grows(name: str) -> bool:
    """Whether a number of this name is a counter; the others are as they stand."""
    return name.endswith("_total")


def labels(named: Iterable[tuple[str, object]]) -> str:
    """The labels of a value, as they stand behind the name; "" where there are none."""
    text = ",".join(f'{name}="{_escaped(str(value))}"' for name, value in named)
    return f"{{{text}}}" if text else ""


def exposed(name: str, sentence: str, values: Iterable[tuple[str, float]]) -> Iterator[str]:
    """The lines of one number.

    Args:
        name: also says its type (``grows``).
        sentence: what it counts.
        values: each with its ``labels``.
    """
    yield f"# HELP {name} {sentence}\n# TYPE {name} {'counter' if grows(name) else 'gauge'}\n"
    yield from (f"{name}{labelled} {value:.15g}\n" for labelled, value in values)


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
