"""A year of invented work in an invented city: every day adds up, for every unit and everything below it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from schemas.unit import Unit

DAYS: Final = 365
Counts = NDArray[np.int64]
FLOW: Final = (
    "received", "transferred_in", "transferred_out", "reopened", "completed_early", "completed_on_time",
    "completed_late", "withdrawn", "declined", "stopped", "late_first_promise",
)  # fmt: skip
STOCK: Final = ("in_time", "due_soon", "overdue", "suspended", "no_deadline")


class Year:
    """Flow and stock by day and unit.

    Attributes:
        flow: by column, days × units; day 0 began with nothing open.
        stock: by column, days × units, at the day's end; ``open``: their sum.
        partner: to which unit each hands over (its own place: to none).
        silent_for: days since a unit's last event; DAYS: there never was one.
    """

    def __init__(self, units: Sequence[Unit], today: date, *, silent: int, empty: int) -> None:
        self.units = units
        self.first = today - timedelta(days=DAYS - 1)
        self.place: Mapping[str, int] = {unit.code: at for at, unit in enumerate(units)}
        self.partner = self._partners()
        self.rate = self._rates(empty)
        self.until = np.array([self._last_day(unit) for unit in units])
        self.until[silent] = DAYS - 10
        self.silent_for = np.where(self.rate > 0, np.maximum(0, DAYS - 1 - self.until), DAYS)
        self.flow: dict[str, Counts] = {name: np.zeros((DAYS, len(units)), np.int64) for name in FLOW}
        self.open: Counts = np.zeros((DAYS, len(units)), np.int64)
        self._work()
        self.stock = self._stock()

    def _partners(self) -> NDArray[np.int64]:
        departments = [at for at, unit in enumerate(self.units) if unit.kind == "department"]
        wards = [
            at
            for at, unit in enumerate(self.units)
            if unit.kind in {"ward", "commune"} and unit.valid_to is None
        ]
        found = np.arange(len(self.units))
        for at, unit in enumerate(self.units):
            if unit.kind in {"ward", "commune"}:
                found[at] = departments[at % len(departments)]
            elif unit.kind == "department":
                found[at] = wards[at % len(wards)]
            elif unit.kind == "division":
                found[at] = self.place[str(unit.parent)]
        return found

    def _rates(self, empty: int) -> NDArray[np.float64]:
        base = {"city": 0.8, "department": 14.0, "division": 4.0, "ward": 7.0, "commune": 3.5}
        rates = np.array([base[unit.kind] * (0.6 + at % 7 / 5) for at, unit in enumerate(self.units)])
        rates[empty] = 0
        return rates

    def _last_day(self, unit: Unit) -> int:
        return (unit.valid_to - self.first).days if unit.valid_to else DAYS

    def _work(self) -> None:
        random = np.random.default_rng(26)
        lateness = 0.01 + np.arange(len(self.units)) * 37 % 23 / 110
        stock = np.zeros(len(self.units), np.int64)
        for day in range(DAYS):
            works = (self.until >= day) & ((self.first + timedelta(days=day)).weekday() < 5)
            received = random.poisson(np.where(works, self.rate, 0))
            out = random.binomial(stock, np.where(works & (self.partner != np.arange(len(stock))), 0.02, 0))
            left = stock - out
            withdrawn = random.binomial(left, np.where(works, 0.002, 0))
            declined = random.binomial(left - withdrawn, np.where(works, 0.003, 0))
            done = random.binomial(left - withdrawn - declined, np.where(works, 0.16, 0))
            late = random.binomial(done, lateness)
            early = random.binomial(done - late, 0.4)
            reopened = random.binomial(done, 0.01)
            into = np.zeros_like(stock)
            np.add.at(into, self.partner, out)
            day_of = (received, into, out, reopened, early, done - late - early, late, withdrawn, declined)
            for name, counts in zip(FLOW, day_of, strict=False):
                self.flow[name][day] = counts
            self.flow["late_first_promise"][day] = np.minimum(done, late + random.binomial(done, 0.02))
            stock = left - withdrawn - declined - done + received + reopened + into
            self.open[day] = stock

    def _stock(self) -> dict[str, Counts]:
        share = np.arange(len(self.units)) * 37 % 23 / 60
        wave = 1 + 0.3 * np.sin(np.arange(DAYS) / 9)
        overdue = np.floor(self.open * np.minimum(0.9, share * wave[:, None])).astype(np.int64)
        left = self.open - overdue
        suspended, due_soon, none = left * 12 // 100, left * 15 // 100, left * 3 // 100
        rest = left - suspended - due_soon - none
        return dict(zip(STOCK, (rest, due_soon, overdue, suspended, none), strict=True))

    def members(self, code: str) -> list[int]:
        """Places of a unit and of all below it."""
        wanted = {code}
        for unit in self.units:
            if unit.parent in wanted:
                wanted.add(unit.code)
        return [self.place[each] for each in wanted]

    def daily(self, members: Sequence[int]) -> dict[str, Counts]:
        """Flow and stock by day of some units together; only hand-overs across their border count."""
        places = sorted(members)
        inside = np.isin(np.arange(len(self.units)), places)
        found = {name: counts[:, places].sum(axis=1) for name, counts in (self.flow | self.stock).items()}
        outwards = inside & ~inside[self.partner]
        inwards = ~inside & inside[self.partner]
        found["transferred_out"] = self.flow["transferred_out"][:, outwards].sum(axis=1)
        found["transferred_in"] = self.flow["transferred_out"][:, inwards].sum(axis=1)
        found["open"] = self.open[:, places].sum(axis=1)
        found["completed"] = sum(
            (found[f"completed_{how}"] for how in ("early", "on_time", "late")), np.zeros(DAYS, np.int64)
        )
        return found
