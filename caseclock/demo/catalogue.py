"""What people ask for in the simulated city: how often, where it goes, how it tends to run. Shares are invented."""

from typing import Final, NamedTuple

P: Final = "H26.DEMO."
"""The beginning of all placeholder codes of units."""
CENTRE: Final = P + "TT1"
DUTY_CENTRE: Final = P + "TT2"
LAND: Final = P + "S05.1"
PLANNING: Final = P + "S07.1"
BUILDING: Final = P + "S06.1"
ROADS: Final = P + "S06.2"
BUSINESS: Final = P + "S03.1"
NOTARIES: Final = P + "S02.1"
PASSPORTS: Final = P + "CA.1"
TRAFFIC: Final = P + "CA.2"
RECORDS: Final = P + "CA.3"
FIRE: Final = P + "CA.4"

COUNTER: Final = ""
"""Done where it was received."""
ECONOMY: Final = ".1"
SOCIAL: Final = ".2"
"""The two divisions below every ward and commune: added to its code."""


class Kind(NamedTuple):
    """One procedure in the simulated city.

    Attributes:
        code: of the procedure.
        weight: how many of a hundred cases, about.
        handler: a division (suffix of the ward's code), or a department's unit (full code).
        online: share handed in online.
        business: share of businesses among the applicants.
        supplement, payment: share suspended for a missing document, for a fee.
        asks: who is asked for an opinion, and by ``ask`` how often.
    """

    code: str
    weight: float
    handler: str = COUNTER
    online: float = 0.5
    business: float = 0.02
    supplement: float = 0.05
    payment: float = 0.0
    asks: tuple[str, ...] = ()
    ask: float = 0.0

    @property
    def at_the_centre(self) -> bool:
        """Whether it is handed in at the city's service centre; land is, like all else, at the ward."""
        return self.handler.startswith(P) and self.handler != LAND


KINDS: Final = (
    Kind("2.000815", 20, online=0.05, business=0.1, supplement=0.0),
    Kind("2.000884", 7, online=0.0, business=0.1, supplement=0.0),
    Kind("2.000635", 9, online=0.6, supplement=0.01),
    Kind("1.001193", 6, online=0.5),
    Kind("1.000894", 2.5, online=0.3),
    Kind("1.000656", 2, online=0.3),
    Kind("1.001022", 0.5, online=0.2, supplement=0.15),
    Kind("1.004873", 4, online=0.6),
    Kind("1.004884", 0.8, online=0.3, supplement=0.15, asks=(NOTARIES,), ask=0.1),
    Kind("1.004746", 0.3, online=0.3, supplement=0.15),
    Kind("1.004859", 1.5, online=0.3, supplement=0.1),
    Kind("2.000986", 3, online=0.8, supplement=0.08, asks=(RECORDS,), ask=0.5),
    Kind("1.004222", 5, online=0.7, supplement=0.1),
    Kind("1.004194", 5, online=0.85),
    Kind("1.014061", 3, online=0.2, supplement=0.02),
    Kind("1.001456", 3, PASSPORTS, online=0.85, payment=0.3),
    Kind("3.000333", 3, RECORDS, online=0.85, payment=0.4),
    Kind("3.000347", 3, TRAFFIC, online=0.8, payment=0.3),
    Kind("1.013083", 1.5, TRAFFIC, online=1.0, business=0.2),
    Kind("2.001610", 1.2, BUSINESS, online=0.97, business=1.0, supplement=0.2),
    Kind("1.001612", 2.5, ECONOMY, online=0.7, business=0.9, supplement=0.15),
    Kind("2.000720", 1, ECONOMY, online=0.7, business=0.95),
    Kind("1.013225", 1.6, ECONOMY, online=0.5, business=0.2, supplement=0.3, asks=(PLANNING, BUILDING), ask=0.5),
    Kind("1.013227", 0.3, ECONOMY, online=0.5, business=0.2),
    Kind("1.013239", 0.4, BUILDING, online=0.8, business=0.9, supplement=0.4, asks=(PLANNING, FIRE), ask=0.9),
    Kind("1.013274", 0.7, ROADS, online=0.7, business=0.6, payment=0.5, asks=(TRAFFIC, PLANNING), ask=0.5),
    Kind("1.012783", 1.8, LAND, online=0.3, supplement=0.12, payment=0.5),
    Kind("1.012784", 1.2, LAND, online=0.2, supplement=0.2, payment=0.3, asks=(PLANNING,), ask=0.3),
    Kind("1.012786", 0.5, LAND, online=0.2, supplement=0.1),
    Kind("1.013833", 0.8, LAND, online=0.3, payment=0.2),
    Kind("1.013831", 2.2, LAND, online=0.2, supplement=0.15, payment=0.8),
    Kind("1.013949", 0.5, ECONOMY, online=0.3, supplement=0.3, payment=0.4, asks=(LAND, PLANNING), ask=0.7),
    Kind("1.012812", 0.4, ECONOMY, online=0.1, asks=(LAND,), ask=0.6),
    Kind("1.014632", 0.8, SOCIAL, online=0.6, supplement=0.2),
    Kind("3.000489", 0.4, FIRE, online=0.7, business=1.0, supplement=0.3, asks=(BUILDING,), ask=0.3),
    Kind("1.013830", 0.15, NOTARIES, online=0.8),
)  # fmt: skip
"""The dossiers. Feedback and tasks are apart (feedback.py)."""

FEEDBACK_CODES: Final = ("DEMO.PAKN.1", "DEMO.PAKN.2", "DEMO.PAKN.3", "DEMO.PAKN.4")
TASK_CODE: Final = "DEMO.NV.1"
