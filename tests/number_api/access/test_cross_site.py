"""A page of another site changes nothing."""

import pytest

from number_api.settings import Settings
from tests.number_api.conftest import ClientFactory

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
