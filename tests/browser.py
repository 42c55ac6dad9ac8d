"""A headless Chromium for the tests of pages, which `make test-browser` runs.

Playwright drives the Chromium of the system, so nothing is downloaded.
"""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Literal, Protocol
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, Request

DESKTOP = (1280, 900)
PHONE = (390, 844)


class Tab:
    """A page in a browser profile of its own, and what happened in it.

    Attributes:
        page: Playwright's page.
        errors: What the console complained of and what no script caught. Answers with a status of 400 and more are
            not among them: what a page makes of these is to be tested by what it shows.
        requests: The addresses that were asked for, in order.
    """

    def __init__(self, page: "Page") -> None:
        self.page = page
        self.errors: list[str] = []
        self.requests: list[str] = []
        page.on("console", self._note_message)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self._note_request)

    @property
    def foreign_requests(self) -> list[str]:
        """The requests that would have left this machine."""
        return [url for url in self.requests if urlsplit(url).hostname not in {"127.0.0.1", "localhost", None}]

    @property
    def is_wider_than_its_window(self) -> bool:
        """Whether one would have to scroll sideways."""
        return bool(self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"))

    def _note_message(self, message: "ConsoleMessage") -> None:
        if message.type == "error" and not message.text.startswith("Failed to load resource: the server responded"):
            self.errors.append(message.text)

    def _note_request(self, request: "Request") -> None:
        self.requests.append(request.url)


class TabFactory(Protocol):
    """Opens a tab at an address, http: or file:."""

    def __call__(
        self,
        url: str,
        *,
        size: tuple[int, int] = DESKTOP,
        colors: Literal["light", "dark"] = "light",
        reduced_motion: bool = False,
    ) -> Tab: ...


@contextmanager
def running_chromium() -> Iterator["Browser"]:
    """Run a Chromium that can reach nothing but this machine."""
    # Here, because it takes as long as many a test.
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium")
    if path is None:
        pytest.exit("There is no chromium here; install it, with: apt-get install chromium", returncode=1)
    rules = "MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"
    with sync_playwright() as playwright:
        # Without Chromium's sandbox, which root cannot have: the pages are our own.
        browser = playwright.chromium.launch(
            executable_path=path, chromium_sandbox=False, args=[f"--host-resolver-rules={rules}"]
        )
        try:
            yield browser
        finally:
            browser.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator["Browser"]:
    """A browser for a module's tests. Not for a session's: while it runs, no test can start an event loop."""
    with running_chromium() as browser:
        yield browser


@pytest.fixture
def open_tab(chromium: "Browser") -> Iterator[TabFactory]:
    """Open tabs. In the end none of them may have met an error or asked another machine for anything."""
    tabs: list[Tab] = []
    with ExitStack() as stack:

        def open_tab(
            url: str,
            *,
            size: tuple[int, int] = DESKTOP,
            colors: Literal["light", "dark"] = "light",
            reduced_motion: bool = False,
        ) -> Tab:
            width, height = size
            context = chromium.new_context(
                viewport={"width": width, "height": height},
                color_scheme=colors,
                reduced_motion="reduce" if reduced_motion else "no-preference",
            )
            stack.callback(context.close)
            tab = Tab(context.new_page())
            tabs.append(tab)
            tab.page.goto(url)
            return tab

        yield open_tab
    for tab in tabs:
        assert tab.errors == []
        assert tab.foreign_requests == []
