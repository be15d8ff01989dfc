"""What a person without a mouse or without sight has before them: the focus, the screen reader's tree, targets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

INTERACTIVE = frozenset(
    {"button", "link", "textbox", "searchbox", "combobox", "checkbox", "radio", "option", "slider", "tab", "menuitem"}
)
LANDMARKS = ("banner", "main", "navigation", "complementary", "region", "search", "form", "contentinfo")

_FOCUS = """() => {
  const one = document.activeElement;
  if (!one || one === document.body || one === document.documentElement) return null;
  const box = one.getBoundingClientRect(), style = getComputedStyle(one);
  const seen = [];
  for (const x of [0.1, 0.5, 0.9]) for (const y of [0.1, 0.5, 0.9]) {
    const top = document.elementFromPoint(box.left + box.width * x, box.top + box.height * y);
    const isAround = top?.contains(one) && !top.matches("header, nav, form, section, dialog, .bar");
    if (top && (one.contains(top) || isAround)) seen.push(1);
  }
  return {
    id: one.id, tag: one.tagName.toLowerCase(), html: one.outerHTML.slice(0, 140),
    isVisible: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && one.matches(":focus-visible"),
    seen: seen.length, tall: box.height > innerHeight * 0.7,
  };
}"""
_STOPS = """() => [...document.querySelectorAll(
    "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
  .filter((one) => !one.disabled && one.tabIndex >= 0 && one.checkVisibility({ visibilityProperty: true })
                   && (one.type !== "radio" || one.checked))
  .filter((one) => !one.closest("dialog:not([open]), [hidden]"))
  .map((one) => one.dataset.stop ??= String(document.querySelectorAll("[data-stop]").length))"""
_SMALL = """() => {
  const box = (one) => {
    const boxes = [one, ...(one.labels ?? [])].map((part) => part.getBoundingClientRect());
    if (!one.matches("[type=radio], [type=checkbox]")) return boxes[0];
    const most = (side) => Math.max(...boxes.map((each) => each[side]));
    return { width: most("width"), height: most("height") };
  };
  const isInText = (one) => {
    if (!one.matches("a") || getComputedStyle(one).display !== "inline") return false;
    const around = one.closest("p, li, dd, td, th, blockquote, h1, h2, h3, .body, span.soft, div");
    return around && around.textContent.trim().length > one.textContent.trim().length;
  };
  return [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")]
    .filter((one) => one.checkVisibility({ visibilityProperty: true }) && !one.matches(".skip") && !isInText(one))
    .map((one) => ({ one, size: box(one) }))
    .filter(({ size }) => size.width > 0 && (size.width < 23.9 || size.height < 23.9))
    .map(({ one, size }) => `${Math.round(size.width)}x${Math.round(size.height)} ${one.outerHTML.slice(0, 130)}`);
}"""


@dataclass(frozen=True)
class Focus:
    """Where the focus is; `seen` of nine points of it are covered by nothing."""

    id: str
    tag: str
    html: str
    is_visible: bool
    seen: int
    is_tall: bool


def focus_of(page: Page) -> Focus | None:
    """What has the focus, None for the page itself."""
    told = page.evaluate(_FOCUS)
    if told is None:
        return None
    return Focus(told["id"], told["tag"], told["html"], told["isVisible"], told["seen"], told["tall"])


def demand_seen(page: Page) -> Focus:
    """The focus, which can be seen and is not covered (WCAG 2.2: 2.4.7, 2.4.11)."""
    focus = focus_of(page)
    assert focus is not None, "nothing has the focus"
    assert focus.is_visible, f"no outline: {focus.html}"
    assert focus.seen >= (1 if focus.is_tall else 5), f"covered, {focus.seen} of 9 points seen: {focus.html}"
    return focus


def walk(page: Page, *, most: int = 250) -> list[str]:
    """Go through the whole page by Tab, look at each stop; the faults, and what is never reached."""
    wanted = page.evaluate(_STOPS)
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    faults: list[str] = []
    reached: set[str] = set()
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate("document.activeElement?.dataset?.stop ?? null")
        if stop in reached or (stop is None and reached and focus_of(page) is None):
            break
        reached.add(str(stop))
        try:
            demand_seen(page)
        except AssertionError as error:
            faults.append(str(error).splitlines()[0])
    missed = [stop for stop in wanted if stop not in reached]
    never = page.evaluate(
        "(all) => all.map((n) => document.querySelector(`[data-stop='${n}']`)?.outerHTML.slice(0, 140))", missed
    )
    return faults + [f"never reached: {html}" for html in never if html]


def small_targets(page: Page) -> list[str]:
    """The controls of less than 24 by 24 CSS pixels that do not stand in a text (WCAG 2.2: 2.5.8)."""
    return list(page.evaluate(_SMALL))


def tree(page: Page) -> list[tuple[str, str]]:
    """(role, name) of everything that a screen reader is told of."""
    session = page.context.new_cdp_session(page)
    nodes: list[dict[str, Any]] = session.send("Accessibility.getFullAXTree")["nodes"]
    session.detach()
    return [
        (str(node["role"]["value"]), str(node.get("name", {}).get("value", "")).strip())
        for node in nodes
        if not node.get("ignored") and "role" in node
    ]


def demand_told(page: Page) -> None:
    """Every control has a name; landmarks of a kind have names of their own, and there is one `main` and `banner`."""
    told = tree(page)
    assert [one for one in told if one[0] in INTERACTIVE and not one[1]] == []
    marks = [one for one in told if one[0] in LANDMARKS and one != ("form", "")]  # a form without a name is none
    assert len(marks) == len(set(marks)), f"twice: {sorted(one for one in marks if marks.count(one) > 1)}"
    assert [name for role, name in marks if role in {"navigation", "complementary", "region"} and not name] == []
    assert sum(role == "main" for role, _ in marks) == 1
    assert sum(role == "banner" for role, _ in marks) <= 1
