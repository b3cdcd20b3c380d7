"""Bytes of memory per open case, in a fresh process: a worker's book fed with decoded events."""

import gc
import json
import subprocess
import sys
from pathlib import Path

from bench.results import Result

_CHUNK = 1_000


def memory(*, quick: bool) -> dict[str, Result]:
    """Measure with 4 and with 7 events a case."""
    cases = 50_000 if quick else 1_000_000
    return {
        name: Result(_in_a_process(cases, events), "bytes", None, f"{cases:,} open cases of {events} events")
        for name, events in (("bytes_per_open_case", 4), ("bytes_per_open_case_7", 7))
    }


def _in_a_process(cases: int, events: int) -> int:
    done = subprocess.run(
        [sys.executable, "-m", "bench.memory", str(cases), str(events)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[1],
    )
    return int(json.loads(done.stdout)["bytes"])


def _resident() -> int:
    text = Path("/proc/self/status").read_text(encoding="ascii")
    return int(text.split("VmRSS:")[1].split()[0]) * 1024


def _main(cases: int, events: int) -> None:
    from bench.events import Shape, rules, stream  # noqa: PLC0415  # only in the measured process
    from schemas.decode import decode  # noqa: PLC0415  # as above
    from streams.book import CaseBook  # noqa: PLC0415  # as above

    compiled, now = rules(), 4_000_000_000_000_000
    book = CaseBook(0, compiled, 0)
    gc.set_threshold(100_000, 50, 1_000)

    def feed(first: int, count: int) -> None:
        sent = stream(Shape(cases=count, open_events=events, seed=first, name=f"M{first}-"))
        decoded = [decode(each.value, now) for each in sent]
        latest = max(event["occurred_at"] for event in decoded)
        book.take(decoded, max(latest, book.now), 0)
        book.settled(book.drain(0))

    for start in range(0, 60_000, _CHUNK):  # what every process holds: code, calendars, the hot states
        feed(start - 60_000, _CHUNK)
    gc.collect()
    before, held = _resident(), len(book)
    for start in range(0, cases, _CHUNK):
        feed(start, min(_CHUNK, cases - start))
    gc.collect()
    sys.stdout.write(json.dumps({"bytes": round((_resident() - before) / (len(book) - held))}))


if __name__ == "__main__":
    _main(int(sys.argv[1]), int(sys.argv[2]))
