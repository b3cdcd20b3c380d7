"""Who has the case: officers, steps, units, and how long each held it (domain §6)."""

from __future__ import annotations

from schemas.columns import FLOW
from streams.case import ENDED, OPEN, WAITING, Case
from streams.clock import enter_column
from streams.effects.common import Fields, close_stay, see_unit

TRANSFERRED_OUT, TRANSFERRED_IN = FLOW["transferred_out"], FLOW["transferred_in"]
TRANSFERRED_OUT_TREE, TRANSFERRED_IN_TREE = FLOW["transferred_out_tree"], FLOW["transferred_in_tree"]
OVERDUE = FLOW["overdue"]


def assigned(case: Case, at: int, e: Fields) -> None:
    """An officer has it; a new step begins a new stay."""
    if case.phase == ENDED:
        return
    case.officer = e["officer"]
    step = e.get("step")
    if step is not None and step != case.step:
        if case.phase == OPEN:
            close_stay(case, at)
        case.step = step


def transferred(case: Case, at: int, e: Fields) -> None:
    """Another unit holds it; only a change of unit is a hand-over."""
    if case.phase == ENDED:
        return
    unit, step = e["unit_id"], e.get("step", "")
    see_unit(case, unit)
    if case.phase == WAITING:
        case.unit, case.step = unit, step
        return
    if unit != case.unit or step != case.step:
        close_stay(case, at)
    case.step = step
    if unit == case.unit:
        return
    origin, day = case.unit, case.calendar.local_day(at)
    above_origin, above_unit = case.rules.path(origin), case.rules.path(unit)
    flows = case.flows
    flows.append((origin, day, TRANSFERRED_OUT, 1))
    flows.append((unit, day, TRANSFERRED_IN, 1))
    for left in above_origin:
        if left not in above_unit:
            flows.append((left, day, TRANSFERRED_OUT_TREE, 1))
    for entered in above_unit:
        if entered not in above_origin:
            flows.append((entered, day, TRANSFERRED_IN_TREE, 1))
    case.handovers += 1
    if unit in case.held_units:
        case.handovers_back += 1
    else:
        case.held_units += (unit,)
    case.inherited_overdue = case.column == OVERDUE
    case.unit, case.officer = unit, ""
    enter_column(case, at)
