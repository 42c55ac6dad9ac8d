import pytest

from number_api.settings import Settings
from tests.number_api.conftest import ClientFactory

OURS = Settings().allowed_hosts


@pytest.mark.parametrize(
    ("allowed_hosts", "answered", "refused"),
    [
        (
            OURS,
            ["localhost", "localhost:8000", "LOCALHOST:8000", "127.0.0.1:8000", "[::1]", "[::1]:8000"],
            ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:80", "evil.example:localhost", ""],
        ),
        (OURS, [], ["evil@localhost", "evil/localhost", "evil localhost", "localhost:evil"]),
        (
            ("*.example.org",),
            ["api.example.org", "a.b.example.org:443"],
            ["example.org", "evilexample.org", "api.example.org.evil", "localhost"],
        ),
        (("*",), ["anything.example"], []),
    ],
)
def test_only_allowed_hosts_are_answered_for(
    start_client: ClientFactory, allowed_hosts: tuple[str, ...], answered: list[str], refused: list[str]
) -> None:
    client = start_client(Settings(allowed_hosts=allowed_hosts, rate_limit=None))
    for path in ("/status", "/docs", "/metrics"):
        for host in answered:
            assert client.get(path, headers={"Host": host}).status_code == 200
        for host in refused:
            answer = client.get(path, headers={"Host": host})
            assert answer.status_code == 400
            assert answer.headers["content-type"] == "application/problem+json"
            assert "evil" not in answer.text


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_health_is_told_under_any_host(start_client: ClientFactory, path: str) -> None:
    assert start_client().get(path, headers={"Host": "10.1.2.3:8000"}).status_code == 200
