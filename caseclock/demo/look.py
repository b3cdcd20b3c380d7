"""What to look at, in two sentences: where most of the delay lies, and what is coming."""

from caseclock.demo.figures import Figures, Lagging
from caseclock.demo.words import CAUSES, Language, count, days, percent


def what_to_look_at(figures: Figures, language: Language) -> str:
    """Two sentences about the figures of now."""
    vi = language == "vi"
    city, few = figures.city, figures.lagging[:3]
    soon, waiting = count(city["due_soon"]), count(city["awaiting_overdue"])
    coming = (
        f"sắp đến hạn: {soon}, chờ tiếp nhận quá lâu: {waiting}."
        if vi
        else f"due soon: {soon}, waiting too long to be received: {waiting}."
    )
    if not few or not city["overdue"]:
        return f"{'Không hồ sơ nào quá hạn' if vi else 'No case is overdue'}; {coming}"
    share = percent(sum(unit.overdue for unit in few) / city["overdue"], language)
    held = (
        f"{len(few)} đơn vị đầu bảng giữ {share} số hồ sơ quá hạn"
        if vi
        else f"The first {len(few)} of the list hold {share} of all overdue cases"
    )
    return f"{_worst(few[0], language)} {held}; {coming}"


def _worst(unit: Lagging, language: Language) -> str:
    cases, late = count(unit.overdue), days(unit.worst_overdue_s, language)
    if language == "vi":
        text = f"{unit.name}: {cases} hồ sơ quá hạn, chậm nhất {late} ngày làm việc"
        because = ", thường do {cause} ({times} trong {named} hồ sơ trễ có nêu lý do)"
    else:
        text = f"{unit.name_en}: {cases} overdue, the worst by {late} working days"
        because = ", most often because of {cause} ({times} of {named} late cases that name a cause)"
    if unit.why is not None:
        cause = CAUSES[unit.why.cause][language]
        text += because.format(cause=cause, times=count(unit.why.times), named=count(unit.why.named))
    return text + "."
