"""What people see, in a real browser, of a service that is a process."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from number_api.access.api_keys import KeyScope, create_api_key
from tests.browser import PHONE, Tab, TabFactory
from tests.number_api.conftest import ServiceFactory
from tests.number_api.processes import Service, Valkey, running_services

if TYPE_CHECKING:
    from playwright.sync_api import Route

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def services(shared_valkey: Valkey, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Service]]:
    """Two services over one Valkey."""
    log = tmp_path_factory.mktemp("services")
    with running_services(2, log, STORE_URL=shared_valkey.url, RATE_LIMIT="off") as services:
        yield services


@pytest.fixture
def service(services: list[Service], valkey: Valkey) -> Service:
    """A service whose numbers are all there."""
    return services[0]


def see(tab: Tab, place: str, text: str) -> None:
    """Wait until a text is shown in the element with this id."""
    tab.page.locator(f"#{place}").filter(has_text=re.compile(text)).wait_for()


def take(tab: Tab, number: int) -> None:
    tab.page.get_by_role("button", name=re.compile(rf"^{number}(, out)?$")).click()


def test_a_click_takes_a_number_out_and_the_formula_finds_it(service: Service, open_tab: TabFactory) -> None:
    tab = open_tab(service.url)
    see(tab, "finding", "Nothing is missing")
    assert tab.page.get_by_role("button", name="Put all back").is_disabled()
    take(tab, 42)
    see(tab, "message", "42 is out; 99 are left")
    see(tab, "finding", "^42 is missing")
    see(tab, "remaining-sum", "5,008")
    see(tab, "difference", "^42$")
    assert httpx.get(f"{service.url}/missing").json()["missing_number"] == 42
    assert f"{service.url}/missing" in tab.requests


def test_of_several_numbers_it_says_why_the_formula_cannot_tell_them(service: Service, open_tab: TabFactory) -> None:
    tab = open_tab(service.url)
    take(tab, 20)
    see(tab, "finding", "^20 is missing")
    take(tab, 30)
    see(tab, "finding", "2 numbers are missing")
    see(tab, "explanation", r"The difference is 50, but 50 is still here. It is 20 \+ 30, and just as well 19 \+ 31")
    take(tab, 60)
    see(tab, "explanation", "The difference is 110, which is none of the 100")
    tab.page.get_by_role("button", name="Put all back").click()
    see(tab, "message", "Every number is back")
    see(tab, "finding", "Nothing is missing")
    assert httpx.get(f"{service.url}/status").json()["remaining_count"] == 100


def test_every_number_can_be_out(service: Service, open_tab: TabFactory) -> None:
    with httpx.Client(base_url=service.url) as client:
        for number in range(1, 101):
            client.post(f"/extract/{number}")
    tab = open_tab(service.url)
    see(tab, "finding", "100 numbers are missing")
    see(tab, "explanation", "The difference is 5,050")


def test_a_number_that_is_out_already_is_refused_in_words(service: Service, open_tab: TabFactory) -> None:
    tab = open_tab(service.url)
    take(tab, 7)
    see(tab, "message", "7 is out; 99 are left")
    take(tab, 7)
    see(tab, "message", "7 is already out")


def test_two_people_at_two_services_see_what_the_other_does(
    services: list[Service], service: Service, open_tab: TabFactory
) -> None:
    one, another = open_tab(services[0].url), open_tab(services[1].url)
    for tab in (one, another):
        see(tab, "finding", "Nothing is missing")
    take(one, 42)
    see(another, "finding", "^42 is missing")
    see(another, "message", "Someone has taken 42 out")
    take(another, 8)
    see(one, "message", "Someone has taken 8 out")
    one.page.get_by_role("button", name="Put all back").click()
    see(another, "message", "Someone has put the numbers back")
    see(another, "counts", "100 left, 0 out")


def test_it_can_be_used_with_the_keyboard_alone(service: Service, open_tab: TabFactory) -> None:
    tab = open_tab(service.url)
    see(tab, "finding", "Nothing is missing")
    keys = ["Tab", "ArrowRight", "ArrowDown", "End", "ArrowRight", "Home", "ArrowLeft", "ArrowUp", "Control+End"]
    focused = []
    for key in keys:
        tab.page.keyboard.press(key)
        focused.append(tab.page.evaluate("document.activeElement.textContent"))
    # At an edge it stays; else right goes on in the next row, and left in the one before.
    assert focused == ["1", "2", "12", "20", "21", "21", "20", "10", "100"]
    outline = tab.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    tab.page.keyboard.press("Enter")
    see(tab, "finding", "^100 is missing")
    # One number alone is among what the Tab key reaches.
    tab.page.keyboard.press("Shift+Tab")
    assert tab.page.evaluate("document.activeElement.textContent") == "Put all back"
    tab.page.keyboard.press("Space")
    see(tab, "finding", "Nothing is missing")


def test_what_is_said_is_announced(service: Service, open_tab: TabFactory) -> None:
    tab = open_tab(service.url)
    take(tab, 42)
    tab.page.get_by_role("status").filter(has_text="42 is out").wait_for()
    assert tab.page.get_by_role("button", name="42, out", pressed=True).count() == 1
    assert tab.page.get_by_role("button", pressed=False).filter(has_text=re.compile(r"^\d+$")).count() == 99


@pytest.mark.parametrize("width", [320, PHONE[0], 768, 1280])
@pytest.mark.parametrize("colors", ["light", "dark"])
def test_it_fits_any_width_and_can_be_read(service: Service, open_tab: TabFactory, width: int, colors: Any) -> None:
    for number in (41, 42, 43):
        httpx.post(f"{service.url}/extract/{number}")
    tab = open_tab(service.url, size=(width, 800), colors=colors)
    see(tab, "explanation", "a sum cannot tell which")
    assert not tab.is_wider_than_its_window
    smallest = tab.page.evaluate(
        "Math.min(...[...document.querySelectorAll('#grid button')].map((b) => b.clientWidth))"
    )
    # WCAG 2.2, 2.5.8: a target is 24 by 24 pixels at least.
    assert smallest >= 24
    for selector in ("h1", "#explanation", "#grid button", "#grid [aria-pressed=true]", "#counts", "a"):
        # WCAG 2.2, 1.4.3: 4.5 to 1 at least.
        assert contrast(tab, selector) >= 4.5, selector


def contrast(tab: Tab, selector: str) -> float:
    """Return the contrast of a text with what is behind it, from 1 to 21."""
    text, behind = tab.page.evaluate(
        """(selector) => {
            let element = document.querySelector(selector);
            const text = getComputedStyle(element).color;
            while (getComputedStyle(element).backgroundColor === "rgba(0, 0, 0, 0)") element = element.parentElement;
            return [text, getComputedStyle(element).backgroundColor];
        }""",
        selector,
    )
    lighter, darker = sorted((luminance(text), luminance(behind)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(color: str) -> float:
    channels = [int(channel) / 255 for channel in re.findall(r"\d+", color)[:3]]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_nothing_moves_for_those_who_do_not_want_it(service: Service, open_tab: TabFactory) -> None:
    script = "getComputedStyle(document.querySelector('#grid button')).transitionDuration"
    assert open_tab(service.url).page.evaluate(script) != "0s"
    assert open_tab(service.url, reduced_motion=True).page.evaluate(script) == "0s"


def test_a_hidden_tab_does_not_ask(service: Service, open_tab: TabFactory) -> None:
    tab = open_tab(service.url)
    see(tab, "finding", "Nothing is missing")
    tab.page.evaluate("Object.defineProperty(document, 'hidden', { value: true, configurable: true })")
    tab.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    tab.page.wait_for_timeout(200)
    asked = len(tab.requests)
    httpx.post(f"{service.url}/extract/42")
    tab.page.wait_for_timeout(2500)
    assert len(tab.requests) == asked
    tab.page.evaluate("Object.defineProperty(document, 'hidden', { value: false, configurable: true })")
    tab.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    see(tab, "finding", "^42 is missing")


def test_half_of_the_limit_is_left_for_clicks_and_its_end_is_told_in_words(
    start_service: ServiceFactory, open_tab: TabFactory
) -> None:
    # The page and its parts are five requests, the first look is one; the next look is due in twelve minutes.
    tab = open_tab(start_service(RATE_LIMIT="10/hour").url)
    see(tab, "finding", "Nothing is missing")
    tab.page.wait_for_timeout(3000)
    assert sum(url.endswith("/status") for url in tab.requests) == 1
    take(tab, 7)
    see(tab, "finding", "^7 is missing")
    take(tab, 8)
    see(tab, "message", r"Too many requests. Trying again in \d+ s")


def test_a_store_that_is_away_is_told_in_words_and_its_return_is_noticed(
    start_service: ServiceFactory, own_valkey: Valkey, open_tab: TabFactory
) -> None:
    tab = open_tab(start_service(STORE_URL=own_valkey.url, RATE_LIMIT="off").url)
    see(tab, "finding", "Nothing is missing")
    own_valkey.kill()
    take(tab, 42)
    see(tab, "message", "The number store does not respond. Refreshing in")
    see(tab, "message", r"The number store does not respond. Trying again in \d+ s")
    own_valkey.start()
    tab.page.locator("#message:empty").wait_for(state="attached")
    take(tab, 42)
    see(tab, "finding", "^42 is missing")


def test_a_click_whose_answer_was_lost_is_done_once(service: Service, open_tab: TabFactory) -> None:
    tab = open_tab(service.url)
    answers = []

    def lose_the_first_answer(route: "Route") -> None:
        answer = route.fetch()
        answers.append(answer.status)
        route.abort() if len(answers) == 1 else route.fulfill(response=answer)

    tab.page.route("**/extract/*", lose_the_first_answer)
    take(tab, 42)
    see(tab, "message", "42 is out; 99 are left")
    assert answers == [200, 200]
    assert [error.split("net::")[1] for error in tab.errors] == ["ERR_FAILED"]
    tab.errors.clear()


def test_a_service_that_is_gone_is_told_in_words(start_service: ServiceFactory, open_tab: TabFactory) -> None:
    service = start_service()
    tab = open_tab(service.url)
    see(tab, "finding", "Nothing is missing")
    service.kill()
    see(tab, "message", r"The service cannot be reached. Trying again in \d+ s")
    service.start()
    tab.page.locator("#message:empty").wait_for(state="attached")
    assert all("ERR_CONNECTION_REFUSED" in error for error in tab.errors)
    tab.errors.clear()


def test_a_key_is_asked_for_and_used_and_forgotten(start_service: ServiceFactory, open_tab: TabFactory) -> None:
    secret, key = create_api_key("reader", frozenset({KeyScope.READ, KeyScope.EXTRACT}))
    service = start_service(KEYS=key.entry())
    tab = open_tab(service.url)
    see(tab, "message", "An API key is required")
    field = tab.page.get_by_label("API key", exact=True)
    assert field.evaluate("field => field === document.activeElement")
    field.fill("a guess")
    field.press("Enter")
    see(tab, "message", "This API key is not valid")
    field.fill(secret)
    tab.page.get_by_role("button", name="Use key").click()
    see(tab, "finding", "Nothing is missing")
    assert not field.is_visible()
    take(tab, 42)
    see(tab, "finding", "^42 is missing")
    tab.page.get_by_role("button", name="Put all back").click()
    see(tab, "message", "This API key lacks the scope reset; another key may work")
    tab.page.reload()
    see(tab, "finding", "^42 is missing")
    assert tab.page.context.cookies() == []
    assert tab.page.evaluate("localStorage.length") == 0
    tab.page.get_by_role("button", name="Forget the API key").click()
    see(tab, "message", "An API key is required")
    assert secret not in service.log() + "".join(tab.requests)


def test_a_failed_answer_leaves_what_was_known_and_it_looks_again(service: Service, open_tab: TabFactory) -> None:
    tab = open_tab(service.url)
    see(tab, "finding", "Nothing is missing")
    failing = [True]

    def answer(route: "Route") -> None:
        if failing[0]:
            route.fulfill(
                status=503, headers={"Retry-After": "1"}, json={"type": "urn:number-api:problem:store-unavailable"}
            )
        else:
            route.continue_()

    tab.page.route("**/missing", answer)
    take(tab, 42)
    see(tab, "message", "The number store does not respond. Refreshing in")
    # Both say what was known before, not one of them something newer.
    assert tab.page.locator("#counts").inner_text() == "100 left, 0 out"
    assert tab.page.locator("#finding").inner_text() == "Nothing is missing."
    failing[0] = False
    see(tab, "finding", "^42 is missing")
    see(tab, "counts", "99 left, 1 out")
    see(tab, "message", "^$|42")


def test_an_overtaken_answer_is_not_shown(service: Service, open_tab: TabFactory) -> None:
    tab = open_tab(service.url)
    see(tab, "finding", "Nothing is missing")
    held: list[Any] = []
    tab.page.route("**/missing", lambda route: held.append(route))
    take(tab, 42)
    # While the service is asked which one is missing, another one is taken.
    while not held:
        tab.page.wait_for_timeout(10)
    assert tab.page.locator("#counts").inner_text() == "100 left, 0 out"
    take(tab, 8)
    see(tab, "finding", "2 numbers are missing")
    # By the next look, the page has seen the answer to the first one.
    with tab.page.expect_response("**/status"):
        held[0].fulfill(json={"missing_number": 42})
    see(tab, "counts", "98 left, 2 out")
    see(tab, "finding", "2 numbers are missing")
    assert "42 is missing" not in tab.page.locator("body").inner_text()


def test_the_found_number_stands_out_in_forced_colors(service: Service, open_tab: TabFactory) -> None:
    tab = open_tab(service.url)
    tab.page.emulate_media(forced_colors="active")
    is_highlighted = """() => {
        const mark = document.body.appendChild(document.createElement("i"));
        mark.style.background = "Highlight";
        mark.style.forcedColorAdjust = "none";
        const highlight = getComputedStyle(mark).backgroundColor;
        mark.remove();
        const button = document.querySelector("#grid button[aria-pressed=true]");
        return getComputedStyle(button).backgroundColor === highlight;
    }"""
    take(tab, 42)
    see(tab, "finding", "^42 is missing")
    # The colors change gradually.
    tab.page.wait_for_function(is_highlighted)
    take(tab, 43)
    see(tab, "finding", "2 numbers are missing")
    tab.page.wait_for_function(f"() => !({is_highlighted})()")
