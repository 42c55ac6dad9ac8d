import pytest

from number_api.access.api_keys import ApiKey, KeyScope, create_api_key, digest, find_api_key, parse_api_keys
from number_api.errors import SettingsError
from number_api.settings import Settings
from tests.number_api.conftest import Client, ClientFactory

ALL_SCOPES = frozenset(KeyScope)


def key(secret: str, *scopes: KeyScope) -> ApiKey:
    return ApiKey(f"holder-of-{secret}", frozenset(scopes), digest(secret.encode()))


@pytest.fixture
def client(start_client: ClientFactory) -> Client:
    keys = (
        key("reads", KeyScope.READ),
        key("extracts", KeyScope.EXTRACT),
        key("resets", KeyScope.RESET),
        key("does-it-all", *ALL_SCOPES),
    )
    return start_client(Settings(api_keys=keys, rate_limit=None))


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


REQUESTS = [
    ("GET", "/missing", "reads"),
    ("GET", "/status", "reads"),
    ("GET", "/numbers", "reads"),
    ("HEAD", "/numbers", "reads"),
    ("GET", "/metrics", "reads"),
    ("POST", "/extract/42", "extracts"),
    ("POST", "/reset", "resets"),
]


def test_each_request_needs_its_own_scope(client: Client) -> None:
    for method, path, allowed in REQUESTS:
        for secret in ("reads", "extracts", "resets"):
            answer = client.request(method, path, headers=bearer(secret))
            if secret == allowed:
                assert answer.status_code in {200, 409}
            else:
                assert answer.status_code == 403
                assert answer.headers["www-authenticate"] == (
                    f'Bearer error="insufficient_scope", scope="{allowed.removesuffix("s")}"'
                )


@pytest.mark.parametrize(
    "headers",
    [
        {},
        bearer("unknown"),
        bearer(""),
        {"Authorization": "Bearer"},
        {"Authorization": "Basic does-it-all"},
        {"Authorization": "does-it-all"},
        {"X-API-Key": "does-it-all"},
        bearer("does-it-all-and-more"),
        bearer(digest(b"does-it-all").hex()),
    ],
    ids=str,
)
def test_without_a_known_key_nothing_is_answered_or_done(client: Client, headers: dict[str, str]) -> None:
    for method, path, _ in REQUESTS:
        refused = client.request(method, path, headers=headers)
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"] == "Bearer"
    assert client.get("/status", headers=bearer("does-it-all")).json()["remaining_count"] == 100


@pytest.mark.parametrize("path", ["/health/live", "/health/ready", "/docs", "/docs/openapi.json"])
def test_health_and_documentation_need_no_key(client: Client, path: str) -> None:
    assert client.get(path).status_code == 200


def test_the_scheme_may_be_written_in_any_case(client: Client) -> None:
    assert client.get("/status", headers={"authorization": "bEARER  does-it-all"}).status_code == 200


def test_a_key_that_is_no_ascii_is_just_unknown(client: Client) -> None:
    assert client.get("/status", headers={b"Authorization": b"Bearer \xff\xfe"}).status_code == 401


def test_the_same_idempotency_key_of_two_clients_names_two_requests(client: Client) -> None:
    one, another = bearer("does-it-all"), bearer("extracts")
    assert client.post("/extract/42", headers={"Idempotency-Key": "one", **one}).status_code == 200
    assert client.post("/extract/42", headers={"Idempotency-Key": "one", **another}).status_code == 409
    assert client.post("/extract/43", headers={"Idempotency-Key": "two", **one}).status_code == 200
    assert client.post("/extract/44", headers={"Idempotency-Key": "two", **another}).status_code == 200


def test_neither_log_nor_answer_repeats_a_key(client: Client, capfd: pytest.CaptureFixture[str]) -> None:
    for secret in ("does-it-all", "an-unknown-secret"):
        answer = client.post("/extract/42", headers=bearer(secret))
        written = capfd.readouterr()
        for text in (
            answer.text,
            str(answer.headers),
            written.out.replace("key:holder-of-does-it-all", ""),
            written.err,
        ):
            assert secret not in text
            assert digest(secret.encode()).hex() not in text


def test_a_created_key_is_found_again_by_its_secret_alone() -> None:
    secret, created = create_api_key("ops", frozenset({KeyScope.READ, KeyScope.RESET}))
    assert secret not in created.entry()
    (read,) = parse_api_keys(created.entry())
    assert read == created
    assert find_api_key((key("other"), read), secret.encode()) == created
    assert find_api_key((key("other"), read), secret[:-1].encode()) is None
    assert len(secret) >= 43


def test_entries_stand_on_lines_or_between_semicolons() -> None:
    entries = [create_api_key(name, ALL_SCOPES)[1] for name in ("a", "b", "c")]
    text = f"{entries[0].entry()}\n\n{entries[1].entry()} ; {entries[2].entry()};\n"
    assert parse_api_keys(text) == tuple(entries)


DIGEST = "0" * 64


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("the-secret-itself", "entry 1 is not NAME SCOPE,SCOPE SHA256"),
        (f"a read {DIGEST}; b read {DIGEST[1:]}", "entry 2 is not NAME"),
        (f"a read {DIGEST.replace('0', 'A')}", "entry 1 is not NAME"),
        (f"a write {DIGEST}", "entry 1 has a scope other than read, extract, reset"),
        (f"a read, {DIGEST}", "entry 1 has a scope other than"),
        (" ; \n", "no entry"),
        (f"a read {DIGEST}; a reset {DIGEST}", "two entries have the same name"),
    ],
)
def test_an_entry_that_cannot_be_read_is_named_and_not_repeated(text: str, complaint: str) -> None:
    with pytest.raises(SettingsError, match=complaint) as caught:
        parse_api_keys(text)
    assert "the-secret-itself" not in str(caught.value)
