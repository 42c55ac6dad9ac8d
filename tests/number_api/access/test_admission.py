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


@pytest.mark.parametrize("host", ["10.1.2.3", "10.1.2.3:8000", "[fd00::7]:8000", "[fd00::7]"])
def test_metrics_are_told_under_any_address_and_nothing_else_is(start_client: ClientFactory, host: str) -> None:
    client = start_client()

    assert client.get("/metrics", headers={"Host": host}).status_code == 200
    assert client.get("/status", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize(
    "host", ["evil.example", "10.1.2.3.evil.example", "10.1.2", "fd00::7", "[10.1.2.3]", "[]", "[", "0x7f.1"]
)
def test_metrics_are_not_told_under_another_name(start_client: ClientFactory, host: str) -> None:
    assert start_client().get("/metrics", headers={"Host": host}).status_code == 400


OWN = [
    {},
    {"Sec-Fetch-Site": "same-origin", "Origin": "http://127.0.0.1"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "http://127.0.0.1"},
    {"Origin": "HTTP://127.0.0.1"},
]
FOREIGN = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:3000"},
    {"Sec-Fetch-Site": "nonsense"},
    {"Origin": "https://evil.example"},
    {"Origin": "http://127.0.0.1:3000"},
    {"Origin": "http://127.0.0.1.evil.example"},
    {"Origin": "http://evil@127.0.0.1"},
    {"Origin": "null"},
    {"Origin": "http://[evil"},
    {"Origin": ""},
]


@pytest.mark.parametrize("path", ["/extract/42", "/reset"])
def test_changes_are_taken_from_this_site_and_from_no_site_alone(start_client: ClientFactory, path: str) -> None:
    client = start_client(Settings(rate_limit=None))
    for headers in FOREIGN:
        answer = client.post(path, headers=headers)
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:number-api:problem:cross-site-request")
    assert client.get("/status").json()["extracted_count"] == 0
    for headers in OWN:
        assert client.post(path, headers=headers).status_code in (200, 409)


def test_reading_is_nobodys_secret(start_client: ClientFactory) -> None:
    client = start_client(Settings(rate_limit=None))
    for headers in FOREIGN:
        assert client.get("/status", headers=headers).status_code == 200
