import re

import pytest

from number_api.access.api_keys import ApiKey, KeyScope
from number_api.settings import Settings
from tests.number_api.conftest import Client, ClientFactory

PARTS = {
    "/": "text/html; charset=utf-8",
    "/page/page.css": "text/css; charset=utf-8",
    "/page/page.js": "text/javascript; charset=utf-8",
    "/page/client.js": "text/javascript; charset=utf-8",
    "/page/explanation.js": "text/javascript; charset=utf-8",
}


@pytest.fixture
def client(start_client: ClientFactory) -> Client:
    return start_client(Settings(api_keys=(ApiKey("ops", frozenset(KeyScope), b""),), rate_limit=None))


@pytest.mark.parametrize("path", PARTS)
def test_a_browser_needs_no_key_and_gets_what_it_has_only_once(client: Client, path: str) -> None:
    first = client.get(path)
    assert (first.status_code, first.headers["content-type"]) == (200, PARTS[path])
    assert first.headers["cache-control"] == "no-cache"
    for known in (first.headers["etag"], f'"other", W/{first.headers["etag"]}'):
        again = client.get(path, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert "content-length" not in again.headers
    assert client.get(path, headers={"If-None-Match": '"other"'}).content == first.content
    assert client.head(path).headers["content-length"] == first.headers["content-length"]


def test_the_page_loads_its_own_parts_alone_and_has_nothing_that_its_policy_forbids(client: Client) -> None:
    page = client.get("/").text
    links = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert {link for link in links if not link.startswith("data:")} == {"/page/page.css", "/page/page.js", "/docs"}
    assert "<style" not in page
    assert not re.search(r"<script(?![^>]+src=)|\son\w+=|\sstyle=", page)
    for path in PARTS:
        imports = re.findall(r'from "\./([^"]+)"|url\(([^)]+)\)', client.get(path).text)
        assert all(f"/page/{name}" in PARTS and not url for name, url in imports)


@pytest.mark.parametrize("name", ["routes.py", "../routes.py", "index.html", "%2e%2e/routes.py", ""])
def test_nothing_else_lies_there(client: Client, name: str) -> None:
    assert client.get(f"/page/{name}").status_code == 404
