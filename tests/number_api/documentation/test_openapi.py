import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from number_api.access.api_keys import ApiKey, KeyScope, digest
from number_api.settings import Settings
from tests.number_api.conftest import Client, ClientFactory
from tests.number_api.test_problems import kinds

COMMITTED = Path(__file__).with_name("openapi.json")


@pytest.fixture
def client(start_client: ClientFactory) -> Client:
    return start_client()


@pytest.fixture
def description(client: Client) -> dict[str, Any]:
    served: dict[str, Any] = client.get("/docs/openapi.json").json()
    return served


def test_the_committed_description_is_the_one_that_is_served(description: dict[str, Any]) -> None:
    assert json.loads(COMMITTED.read_text()) == description, "If the change is meant: make openapi"


def test_it_is_openapi_3_1_and_names_every_endpoint(description: dict[str, Any]) -> None:
    assert description["openapi"].startswith("3.1.")
    operations = {f"{method} {path}" for path, item in description["paths"].items() for method in item}
    assert operations == {
        "post /extract/{number}",
        "get /missing",
        "post /reset",
        "get /status",
        "get /numbers",
        "get /health/live",
        "get /health/ready",
        "get /metrics",
    }


def test_every_problem_that_has_a_place_is_documented_there_with_an_example(description: dict[str, Any]) -> None:
    examples = {
        example["value"]["type"]
        for item in description["paths"].values()
        for operation in item.values()
        for response in operation["responses"].values()
        for media_type, content in response.get("content", {}).items()
        if media_type == "application/problem+json"
        for example in content["examples"].values()
    }
    # Of every path, and of the files of the pages, which are not described.
    elsewhere = {"malformed-request", "not-found", "method-not-allowed", "too-many-downloads"}
    assert examples == {f"urn:number-api:problem:{kind.name}" for kind in kinds() if kind.name not in elsewhere}


def test_a_key_is_asked_for_where_one_is_set_and_not_for_health(start_client: ClientFactory) -> None:
    for keys in ((), (ApiKey("ops", frozenset(KeyScope), digest(b"secret")),)):
        description = start_client(Settings(api_keys=keys)).get("/docs/openapi.json").json()
        assert ("securitySchemes" in description["components"]) is bool(keys)
        for path, item in description["paths"].items():
            for operation in item.values():
                assert ("security" in operation) is (bool(keys) and not path.startswith("/health"))


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.urls: list[str] = []
        self.inline: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = dict(attributes)
        self.urls += [url for name in ("src", "href") if (url := values.get(name))]
        if tag == "style" or (tag == "script" and "src" not in values):
            self.inline.append(tag)
        self.inline += [name for name in values if name.startswith("on") or name == "style"]


def test_the_page_loads_nothing_from_elsewhere_and_has_no_inline_code(client: Client) -> None:
    page = client.get("/docs")
    links = _Links()
    links.feed(page.text)
    assert not links.inline
    files = [url for url in links.urls if not url.startswith("data:")]
    assert len(files) == 3
    for url in files:
        assert url.startswith("/docs/files/")
        answer = client.get(url)
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith(("text/javascript", "text/css"))
        assert not re.search(r"@import|url\((?!\"?data:)", answer.text) or url.endswith(".js")


def test_the_page_asks_no_validator_on_the_internet(client: Client) -> None:
    assert "validatorUrl: null" in client.get("/docs/files/page.js").text


def test_the_documentation_tells_nothing_of_the_files_beside_it(client: Client) -> None:
    for name in ("openapi.py", "../openapi.py", "%2e%2e/openapi.py", "__init__.py"):
        assert client.get(f"/docs/files/{name}").status_code == 404
