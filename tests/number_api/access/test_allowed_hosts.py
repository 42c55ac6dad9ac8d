import pytest

from number_api.settings import Settings
from tests.number_api.conftest import ClientFactory


@pytest.mark.parametrize(
    ("allowed_hosts", "host", "status"),
    [
        (Settings().allowed_hosts, "localhost", 200),
        (Settings().allowed_hosts, "localhost:8000", 200),
        (Settings().allowed_hosts, "LOCALHOST:8000", 200),
        (Settings().allowed_hosts, "127.0.0.1:8000", 200),
        (Settings().allowed_hosts, "[::1]", 200),
        (Settings().allowed_hosts, "[::1]:8000", 200),
        (Settings().allowed_hosts, "evil.example", 400),
        (Settings().allowed_hosts, "localhost.evil.example", 400),
        (Settings().allowed_hosts, "127.0.0.1.evil.example:8000", 400),
        (Settings().allowed_hosts, "evil.example:localhost", 400),
        (Settings().allowed_hosts, "evil.example@localhost", 400),
        (Settings().allowed_hosts, "", 400),
        (("*.example.org",), "api.example.org", 200),
        (("*.example.org",), "a.b.example.org:443", 200),
        (("*.example.org",), "example.org", 400),
        (("*.example.org",), "evilexample.org", 400),
        (("*",), "anything.example", 200),
    ],
)
def test_only_allowed_hosts_are_answered_for(
    start_client: ClientFactory, allowed_hosts: tuple[str, ...], host: str, status: int
) -> None:
    client = start_client(Settings(allowed_hosts=allowed_hosts, rate_limit=None))
    for path in ("/status", "/docs", "/metrics"):
        answer = client.get(path, headers={"Host": host})
        assert answer.status_code == status
        if status == 400:
            assert answer.headers["content-type"] == "application/problem+json"
            assert answer.json()["type"].startswith("urn:number-api:problem:")
            assert "evil" not in answer.text


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_health_is_told_under_any_host(start_client: ClientFactory, path: str) -> None:
    assert start_client().get(path, headers={"Host": "10.1.2.3:8000"}).status_code == 200
