"""Takes the pictures of the pages for the README, into docs/images: `make screenshots`."""

import subprocess
import sys
import tempfile
from pathlib import Path

import httpx
from playwright.sync_api import Browser

from tests.browser import running_chromium
from tests.number_api.processes import running_services

CHECKOUT = Path(__file__).resolve().parent.parent
IMAGES = CHECKOUT / "docs" / "images"
REPORT = CHECKOUT / "exports" / "report.html"

# So that a picture stays small in a repository, and on the page that shows it.
MAX_BYTES = 175_000


def main() -> None:
    """Take all pictures."""
    IMAGES.mkdir(exist_ok=True)
    with running_chromium() as browser:
        take_number_page(browser)
        take_report(browser)


def take_number_page(browser: Browser) -> None:
    """The number page, when one number is missing."""
    with tempfile.TemporaryDirectory() as log, running_services(1, Path(log)) as (service,):
        httpx.post(f"{service.url}/extract/42").raise_for_status()
        take(browser, service.url, "number-page", ready="#finding:has-text('42 is missing')", height=760)


def take_report(browser: Browser) -> None:
    """The daily report of what `make run` has loaded."""
    subprocess.run([sys.executable, "-m", "report", "--output", str(REPORT)], cwd=CHECKOUT, check=True)
    take(browser, REPORT.as_uri(), "report", ready="#chart svg, #chart canvas", height=800)


def take(browser: Browser, url: str, name: str, *, ready: str, height: int) -> None:
    """Take one picture, as soon as an element is there."""
    page = browser.new_page(viewport={"width": 1120, "height": height}, color_scheme="light", reduced_motion="reduce")
    page.goto(url)
    page.wait_for_selector(ready)
    path = IMAGES / f"{name}.png"
    page.screenshot(path=path)
    page.close()
    if path.stat().st_size > MAX_BYTES:
        raise SystemExit(f"{path} has {path.stat().st_size} bytes; at most {MAX_BYTES} are wanted")
    print(path.relative_to(CHECKOUT))


if __name__ == "__main__":
    main()
