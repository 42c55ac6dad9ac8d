import pytest
from limits import RateLimitItemPerHour

from number_api.access.api_keys import ApiKey, KeyScope
from number_api.settings import Settings
from tests.number_api.conftest import ClientFactory

ANSWERS = [
    (200, "GET", "/status", {}),
    (204, "OPTIONS", "/status", {}),
    (200, "GET", "/health/live", {}),
    (200, "GET", "/", {}),
    (200, "HEAD", "/", {}),
    (200, "GET", "/page/page.js", {}),
    (200, "GET", "/docs", {}),
    (200, "GET", "/docs/files/page.js", {}),
    (400, "POST", "/extract/0", {}),
    (400, "GET", "/status", {"Host": "evil.example"}),
    (404, "GET", "/nothing", {}),
    (405, "DELETE", "/status", {}),
    (409, "GET", "/missing", {}),
]


def assert_safe(headers: dict[str, str]) -> None:
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    policy = headers["content-security-policy"]
    assert policy.startswith("default-src 'none';")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "set-cookie" not in headers
    assert len(headers["x-request-id"]) == 32


@pytest.mark.parametrize(("status", "method", "path", "headers"), ANSWERS)
def test_every_answer_is_safe_in_a_browser(
    start_client: ClientFactory, status: int, method: str, path: str, headers: dict[str, str]
) -> None:
    answer = start_client().request(method, path, headers=headers)
    assert answer.status_code == status
    assert_safe(dict(answer.headers))
    caching = {"/": "no-cache", "/page/page.js": "no-cache", "/docs/files/page.js": "no-cache"}
    assert answer.headers["cache-control"] == caching.get(path, "no-store")
    assert all(len(answer.headers.get_list(name)) == 1 for name in answer.headers)


def test_refusals_by_key_and_limit_are_safe_too(start_client: ClientFactory) -> None:
    key = ApiKey("ops", frozenset(KeyScope), b"")
    client = start_client(Settings(api_keys=(key,), rate_limit=RateLimitItemPerHour(1)))
    for status in (401, 429):
        answer = client.get("/status")
        assert answer.status_code == status
        assert_safe(dict(answer.headers))
