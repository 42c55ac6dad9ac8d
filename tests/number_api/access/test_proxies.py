"""Whose request it is, behind proxies."""

from ipaddress import ip_network

import httpx
import pytest

from number_api.access.proxies import FORWARDED_FIELDS, TrustedProxies, parse_address
from number_api.settings import Settings
from tests.number_api.conftest import ServiceFactory

TRUSTED = [ip_network("10.0.0.0/8"), ip_network("2001:db8:ffff::/48")]


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("192.0.2.7", "192.0.2.7"),
        (" 192.0.2.7 ", "192.0.2.7"),
        ("192.0.2.7:4711", "192.0.2.7"),
        ("2001:db8::1", "2001:db8::1"),
        ("2001:DB8:0::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:4711", "2001:db8::1"),
        ('"[2001:db8::1]:4711"', "2001:db8::1"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("[::ffff:192.0.2.7]:80", "192.0.2.7"),
        ("", None),
        ("unknown", None),
        ("_hidden", None),
        ("192.0.2", None),
        ("192.0.2.7:port", None),
        ("evil@192.0.2.7:80", None),
        ("192.0.2.7/8", None),
        ("[192.0.2.7", None),
        ("999.0.2.7:80", None),
    ],
)
def test_an_address_is_read_in_every_way_that_proxies_write_it(text: str, address: str | None) -> None:
    found = parse_address(text)
    assert (str(found) if found else None) == address


@pytest.mark.parametrize(
    ("peer", "x_forwarded_for", "client"),
    [
        # Nobody's word but a trusted proxy's.
        ("198.51.100.1", "192.0.2.7", "198.51.100.1"),
        ("10.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("10.0.0.1", "192.0.2.7:4711", "192.0.2.7"),
        ("::ffff:10.0.0.1", "192.0.2.7", "192.0.2.7"),
        ("2001:db8:ffff::1", "2001:db8::1", "2001:db8::1"),
        # Several hops: the last one that is not trusted, whatever a client has put before.
        ("10.0.0.1", "203.0.113.9, 192.0.2.7", "192.0.2.7"),
        ("10.0.0.1", "203.0.113.9, 192.0.2.7, 10.0.0.2:80, 10.0.0.3", "192.0.2.7"),
        ("10.0.0.1", "10.0.0.2, 10.0.0.3", "10.0.0.2"),
        # What cannot be read counts for the proxy that passed it on.
        ("10.0.0.1", "192.0.2.7, nonsense", "10.0.0.1"),
        ("10.0.0.1", "192.0.2.7, nonsense, 10.0.0.2", "10.0.0.2"),
        ("10.0.0.1", "", "10.0.0.1"),
    ],
)
@pytest.mark.parametrize("field", FORWARDED_FIELDS)
@pytest.mark.anyio
async def test_the_client_is_the_last_hop_that_is_not_trusted(
    peer: str, x_forwarded_for: str, client: str, field: str
) -> None:
    value = x_forwarded_for
    if field == "forwarded":
        value = ", ".join(f'proto=https;For="{hop.strip()}";by=_x' for hop in x_forwarded_for.split(","))
    forged = next(other for other in FORWARDED_FIELDS if other != field)
    seen = []

    async def app(scope, receive, send) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
        seen.append(scope["client"][0])

    headers = [(forged.encode(), b"203.0.113.66"), (field.encode(), value.encode())]
    await TrustedProxies(app, TRUSTED, field)({"client": (peer, 1), "headers": headers}, None, None)  # type: ignore[arg-type]
    assert seen == [client]


@pytest.mark.parametrize("forged", ['"', '"192.0.2.66', "\\", '"\\'])
@pytest.mark.parametrize("is_another_line", [False, True])
@pytest.mark.anyio
async def test_a_quote_that_a_client_forges_does_not_hide_it(forged: str, is_another_line: bool) -> None:
    seen = []

    async def app(scope, receive, send) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001
        seen.append(scope["client"][0])

    lines = [forged, "192.0.2.7"] if is_another_line else [f"{forged}, 192.0.2.7"]
    headers = [(b"x-forwarded-for", line.encode()) for line in lines]
    await TrustedProxies(app, TRUSTED, "x-forwarded-for")({"client": ("10.0.0.1", 1), "headers": headers}, None, None)  # type: ignore[arg-type]
    assert seen == ["192.0.2.7"]


def test_a_port_in_x_forwarded_for_does_not_make_another_client(start_service: ServiceFactory) -> None:
    service = start_service(HOST="127.0.0.1", TRUSTED_PROXIES="127.0.0.1", RATE_LIMIT="3/hour")
    statuses = [
        httpx.get(f"{service.url}/status", headers={"X-Forwarded-For": f"192.0.2.7:{port}"}).status_code
        for port in range(4000, 4006)
    ]
    assert statuses == [200] * 3 + [429] * 3


def test_the_default_field_is_the_usual_one() -> None:
    assert Settings().forwarded_field == FORWARDED_FIELDS[0]
