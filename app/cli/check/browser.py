"""A browser without a screen: it keeps cookies, reads forms from pages and sends them as a person would."""

from __future__ import annotations

import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar

TIMEOUT = 15


@dataclass
class Form:
    """A form of a page: where it goes, and what it would send if nothing were changed."""

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)


@dataclass
class Page:
    """An answer of the desk; `buttons` are the (name, value) of every button that says something when pressed."""

    status: int
    url: str
    data: bytes
    content_type: str
    forms: list[Form] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    """the addresses of its pictures"""

    @property
    def text(self) -> str:
        """The page as text."""
        return self.data.decode("utf-8", "replace")

    def form(self, action_end: str) -> Form | None:
        """The first form whose address ends so (before any "?"), or None."""
        return next((form for form in self.forms if form.action.partition("?")[0].endswith(action_end)), None)


class Browser:
    """One person's browser on the desk at `base_url`."""

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, path: str) -> Page:
        """The page at a path."""
        return self._open(path, None)

    def submit(self, form: Form, values: Mapping[str, str]) -> Page:
        """The page that follows on a form sent with some fields changed."""
        data = urllib.parse.urlencode({**form.fields, **values}).encode()
        return self._open(form.action, data)

    def log_in(self, email: str, password: str) -> bool:
        """Whether the log-in page let the person in."""
        form = self.get("/login").form("/login")
        return (
            form is not None and self.submit(form, {"email": email, "password": password}).form("/logout") is not None
        )

    def _open(self, path: str, data: bytes | None) -> Page:
        url = urllib.parse.urljoin(f"{self._base_url}/", path)
        request = urllib.request.Request(url, data, {"Accept-Language": "en", "Referer": url})  # noqa: S310 - our own desk
        try:
            with self._opener.open(request, timeout=TIMEOUT) as answer:
                return _read(answer.status, answer.url, answer.read(), answer.headers.get("Content-Type", ""))
        except urllib.error.HTTPError as error:
            with error:
                return _read(error.code, url, error.read(), error.headers.get("Content-Type", ""))


def _read(status: int, url: str, data: bytes, content_type: str) -> Page:
    page = Page(status, url, data, content_type)
    if content_type.startswith("text/html"):
        _Reader(page).feed(page.text)
    return page


class _Reader(HTMLParser):
    """Notes the forms, buttons and pictures of a page."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self._form: Form | None = None
        self._select = ""
        self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        match tag:
            case "form":
                self._form = Form(told.get("action", ""), told.get("method", "get"))
                self._page.forms.append(self._form)
            case "img":
                self._page.sources.append(told.get("src", ""))
            case "button":
                if told.get("name"):
                    self._page.buttons.append((told["name"], told.get("value", "")))
            case _:
                self._field(tag, told)

    def _field(self, tag: str, told: Mapping[str, str]) -> None:
        if self._form is None:
            return
        name = told.get("name", "")
        if tag == "input" and name and (told.get("type") not in {"checkbox", "radio"} or "checked" in told):
            self._form.fields[name] = told.get("value", "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and (self._select not in self._form.fields or "selected" in told):
            self._form.fields[self._select] = told.get("value", "")
        elif tag == "textarea" and name:
            self._textarea = name
            self._form.fields[name] = ""

    def handle_data(self, data: str) -> None:
        if self._form is not None and self._textarea:
            self._form.fields[self._textarea] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea" and self._form is not None and self._textarea:
            self._form.fields[self._textarea] = self._form.fields[self._textarea].removeprefix("\n")
            self._textarea = ""
