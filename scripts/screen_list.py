"""Which screens are pictured, as whom, and what is done on the way there. A new screen is a line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

Step = Callable[[Page], None]
TRIAL = "/desk/admin/routing/try?subject=Hej&text=Mitt+kort+%C3%A4r+borta"
AGENT, HEAD, ADMIN = "elin@migration.example", "gunilla@migration.example", "admin@migration.example"


@dataclass(frozen=True)
class Screen:
    """A screen: its file's name, what it shows (for the index), its path, who looks, and what is done there.

    A path of "first" is the ticket that is due next, "suggested" the first one with suggestions.
    """

    name: str
    shows: str
    path: str
    who: str = AGENT
    step: Step | None = None
    is_public: bool = False


def key(*names: str) -> Step:
    """Press keys, one after the other."""

    def press(page: Page) -> None:
        for name in names:
            page.keyboard.press(name)
            page.wait_for_timeout(400)

    return press


def follow(selector: str) -> Step:
    """Go where the first such link leads."""

    def go(page: Page) -> None:
        address = page.locator(selector).first.get_attribute("href")
        if address:
            page.goto(page.evaluate("(address) => new URL(address, location.href).href", address))

    return go


def write(page: Page) -> None:
    """Put the first suggestion into the answer and write on."""
    page.keyboard.press("1")
    page.wait_for_timeout(700)
    page.keyboard.type("\n\nHör gärna av dig igen om något är oklart.")


def mention(page: Page) -> None:
    """Begin a note that names somebody."""
    page.keyboard.press("i")
    page.locator("#body-note").fill("")
    page.keyboard.type("Hej @")
    page.wait_for_timeout(500)


def open_last(page: Page) -> None:
    """Unfold what is folded last on the page, and go there."""
    folded = page.locator("main details").last
    folded.evaluate("(one) => { one.open = true; one.scrollIntoView(); }")


SCREENS = (
    Screen("log-in", "Log in", "/login", is_public=True),
    Screen("list-mine", "My tickets", "/desk/?who=mine"),
    Screen("list-unit", "All tickets of my units, by what is due", "/desk/"),
    Screen("list-filtered", "A filtered list", "/desk/?channel=email&who=nobody"),
    Screen("table", "The list as a table", "/desk/?columns=due,subject,citizen,state,topic,assignee"),
    Screen("ticket", "A ticket with its composer and suggestions", "suggested"),
    Screen("ticket-answer", "An answer made from a suggestion", "suggested", step=write),
    Screen("ticket-note", "An internal note that names a colleague", "first", step=mention),
    Screen("ticket-menu", "Changing the state", "first", step=key("s")),
    Screen("ticket-merge", "Merging or linking", "first", step=key("d")),
    Screen("ticket-split", "Making a ticket of one message", "suggested", step=follow("article.msg a[href*='/split']")),
    Screen("ticket-print", "A ticket to print", "suggested", step=follow("a[data-key=P]")),
    Screen("why", "Why a clock is due when it is", "first", step=follow(".clock a[href*='/why']")),
    Screen("citizen", "A citizen's card", "first", step=follow("a[data-key=p]")),
    Screen("new-ticket", "A new ticket", "/desk/new"),
    Screen("search", "Search", "/desk/search/?q=kort"),
    Screen("articles", "The knowledge base", "/desk/articles/"),
    Screen("article", "An article", "/desk/articles/", step=follow(".hit a")),
    Screen("templates", "Text templates", "/desk/templates/", HEAD),
    Screen("incoming", "What came in and became nothing", "/desk/inbound/", HEAD),
    Screen("outgoing", "What waits to leave", "/desk/outgoing/", HEAD),
    Screen("settings", "My settings", "/desk/settings/"),
    Screen("keys", "The sheet of keys", "/desk/", step=key("?")),
    Screen("palette", "The palette of commands", "/desk/", step=key(".")),
    Screen("report", "The report of a week", "/reports/", HEAD),
    Screen("report-words", "What the report's words mean", "/reports/", HEAD, open_last),
    Screen("news", "What happened since one last looked", "/desk/news", HEAD),
    Screen("password", "A lost password", "/password", is_public=True),
    Screen("help", "Help", "/help/"),
    Screen("accessibility", "Accessibility of the desk", "/help/accessibility", is_public=True),
    Screen("second-factor", "The second factor", "/desk/settings/second-factor/"),
    Screen("admin", "Administration", "/desk/admin/", ADMIN),
    Screen("people", "People", "/desk/admin/people/", ADMIN),
    Screen("person", "A person, their roles and open tickets", "/desk/admin/people/2", ADMIN),
    Screen("person-new", "Inviting somebody", "/desk/admin/people/new", ADMIN),
    Screen("units", "Units", "/desk/admin/units/", ADMIN),
    Screen("unit", "A unit and its topics", "/desk/admin/units/1", ADMIN),
    Screen("hours", "Opening hours", "/desk/admin/opening-hours/", ADMIN),
    Screen("hours-unit", "The opening hours of a unit", "/desk/admin/opening-hours/1", ADMIN),
    Screen("mailboxes", "Mailboxes and folders", "/desk/admin/mailboxes/", ADMIN),
    Screen("mailbox", "A new mailbox", "/desk/admin/mailboxes/new", ADMIN),
    Screen("routing", "Routing, tried on a text", TRIAL, ADMIN),
    Screen("targets", "What each unit promises", "/desk/admin/targets/", ADMIN),
    Screen("targets-unit", "The targets of a unit", "/desk/admin/targets/1", ADMIN),
    Screen("rule", "A routing rule", "/desk/admin/routing/1", ADMIN),
    Screen("limits", "Settings of the authority", "/desk/admin/settings/", ADMIN),
    Screen("trail", "The audit trail", "/desk/admin/trail/", ADMIN),
    Screen("system", "Sources, queues and programs", "/desk/system/", ADMIN),
    Screen("administrator", "The desk of an administrator without a unit", "/desk/", ADMIN),
    Screen("demo", "The demo's doors", "/demo/", is_public=True),
    Screen("demo-proof", "The demo's proof", "/demo/proof", is_public=True),
    Screen("not-found", "A page that is not there", "/desk/no/such/page"),
)
