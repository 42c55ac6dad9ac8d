import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.number_api.conftest import Client, ClientFactory

Labels = tuple[str, str, str]


@pytest.fixture
def client(start_client: ClientFactory) -> Client:
    return start_client()


def counts(client: Client) -> dict[Labels, float]:
    """Return how many requests were counted by method, route and status."""
    text = client.get("/metrics").text
    (durations,) = [f for f in text_string_to_metric_families(text) if f.name == "number_api_request_duration_seconds"]
    return {
        (sample.labels["method"], sample.labels["route"], sample.labels["status"]): sample.value
        for sample in durations.samples
        if sample.name.endswith("_count")
    }


def test_requests_are_counted_by_the_template_of_their_route(client: Client) -> None:
    for number in (1, 2, 3, 3):
        client.post(f"/extract/{number}")
    client.get("/missing")
    client.head("/status")
    assert counts(client) == {
        ("POST", "/extract/{number}", "200"): 3,
        ("POST", "/extract/{number}", "409"): 1,
        ("GET", "/missing", "409"): 1,
        ("HEAD", "/status", "200"): 1,
    }
    assert counts(client)["GET", "/metrics", "200"] == 1


def test_clients_cannot_multiply_the_series(client: Client) -> None:
    for text in ("a", "b", "c"):
        client.get(f"/{text}")
        client.request(text.upper() * 3, "/missing")
        client.get("/status", headers={"Host": text})
    assert counts(client) == {
        ("GET", "none", "404"): 3,
        ("other", "none", "405"): 3,
        ("GET", "/status", "400"): 3,
    }


def test_two_applications_in_one_process_count_apart(start_client: ClientFactory) -> None:
    one, another = start_client(), start_client()
    one.get("/missing")
    assert ("GET", "/missing", "409") in counts(one)
    assert ("GET", "/missing", "409") not in counts(another)


def test_the_process_itself_is_measured(client: Client) -> None:
    assert "process_resident_memory_bytes" in client.get("/metrics").text
