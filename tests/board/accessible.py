"""Whether all can use a page: axe's findings, what the Tab key reaches, and where its focus can be seen."""

from typing import Any, Final

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]  # it ships none
from playwright.sync_api import Page

WCAG: Final = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "resultTypes": ["violations"],
}
"""WCAG 2.2 AA and what axe's authors advise beside it."""
CONTRAST: Final = {"runOnly": {"type": "rule", "values": ["color-contrast"]}, "resultTypes": ["violations"]}

_AXE: Final = Axe()

_REACHABLE: Final = """() => {
  const shown = e => e.checkVisibility({visibilityProperty: true});
  const inert = e => e.closest('[inert]') !== null || e.disabled;
  const wanted = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]';
  const groups = new Set();
  return [...document.querySelectorAll(wanted)].filter(e => {
    if (!shown(e) || inert(e)) return false;
    if (e.type !== 'radio') return true;
    if (groups.has(e.name)) return false;  // of a group Tab reaches one
    groups.add(e.name);
    return true;
  }).map((e, n) => { e.dataset.tabTest = n; return e.outerHTML.slice(0, 120); });
}"""
_FOCUSED: Final = """async () => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const style = getComputedStyle(e);
  const ring = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
  const look = () => {
    const box = e.getClientRects()[0] ?? e.getBoundingClientRect();  // of a link over two lines the first
    const [left, right] = [Math.max(box.left, 0), Math.min(box.right, innerWidth)];
    const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
    const above = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
    return {
      inSight: bottom > top && right > left,
      covered: above !== null && !e.contains(above) && !above.contains(e),
    };
  };
  let seen = look();
  for (let n = 0; n < 10 && (!seen.inSight || seen.covered); n++) {  // it is being scrolled to
    await new Promise(requestAnimationFrame);
    seen = look();
  }
  return {
    place: e.dataset.tabTest === undefined ? -1 : Number(e.dataset.tabTest),
    html: e.outerHTML.slice(0, 120),
    visible: ring || style.boxShadow !== 'none',
    ...seen,
  };
}"""


def violations(page: Page, options: dict[str, Any]) -> list[str]:
    """What axe objects to, a line each: the rule, where, and why."""
    found = _AXE.run(page, options=options).response["violations"]
    return [
        f"{each['id']} ({each['impact']}) at {' '.join(map(str, node['target']))}: "
        + " ".join(node["failureSummary"].split())[:300]
        for each in found
        for node in each["nodes"][:3]
    ]


def reachable(page: Page) -> list[str]:
    """Every link and control that is to be seen, in the order of the document."""
    return list(page.evaluate(_REACHABLE))


def tabbed_through(page: Page, most: int) -> list[dict[str, Any]]:
    """What has the focus after each press of Tab, until it leaves the page or comes round."""
    found: list[dict[str, Any]] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        focused = page.evaluate(_FOCUSED)
        if focused is None or (found and focused["place"] == found[0]["place"]):
            break
        found.append(focused)
    return found
