"""Who sent a request that came through proxies.

The client's address decides whose rate limit a request counts for, so only what trusted proxies have written is read:
from the last hop to the first, up to the first address that is not a trusted proxy's.
"""

import ipaddress
import re
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit
from urllib.request import parse_http_list

from litestar.types import ASGIApp, Receive, Scope, Send

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

# The header fields in which proxies name the client: the usual one, and that of RFC 7239.
FORWARDED_FIELDS = ("x-forwarded-for", "forwarded")


class TrustedProxies:
    """Puts the address of the client into the scope of a request that a trusted proxy has passed on."""

    def __init__(self, app: ASGIApp, networks: Sequence[Network], field: str) -> None:
        """Wrap an application.

        Args:
            app: The application.
            networks: The addresses of the trusted proxies.
            field: The one of FORWARDED_FIELDS that they set. The other one is the client's to forge.
        """
        self._app = app
        self._networks = networks
        self._field = field.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        client = scope.get("client")
        peer = parse_address(client[0]) if client else None
        if peer is not None and is_in(self._networks, peer):
            values = [value.decode("latin-1") for name, value in scope["headers"] if name == self._field]
            scope["client"] = (str(self._client(peer, values)), 0)
        await self._app(scope, receive, send)

    def _client(self, peer: Address, values: Iterable[str]) -> Address:
        """The address of the first hop that no trusted proxy is; what cannot be read counts for the proxy behind it."""
        # Only Forwarded quotes: in the other field, a client's quote would swallow the commas behind it.
        split = _forwarded_for if self._field == b"forwarded" else _comma_separated
        client = peer
        for hop in reversed([hop for value in values for hop in split(value)]):
            address = parse_address(hop)
            if address is None:
                break
            client = address
            if not is_in(self._networks, address):
                break
        return client


def is_in(networks: Iterable[Network], address: Address) -> bool:
    """Whether one of the networks has the address."""
    return any(address in network for network in networks)


def parse_address(text: str) -> Address | None:
    """Read an address as servers and proxies write it; None if it is none.

    IPv6 may stand in brackets, either may be followed by a port, and IPv4 may be mapped into IPv6 (`::ffff:192.0.2.7`,
    as it appears on a socket that serves both: RFC 4291, 2.5.5.2).
    """
    text = text.strip().strip('"')
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        if not re.fullmatch(r"\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?|[0-9.]+:[0-9]{1,5}", text):
            return None
        try:
            address = ipaddress.ip_address(urlsplit(f"//{text}").hostname or "")
        except ValueError:
            return None
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        return address.ipv4_mapped
    return address


def _comma_separated(value: str) -> Iterable[str]:
    """The addresses of an X-Forwarded-For field; none of an empty one."""
    return [hop for hop in value.split(",") if hop.strip()]


def _forwarded_for(value: str) -> Iterable[str]:
    """The `for` of each hop of a Forwarded field; an empty text for a hop without one."""
    for hop in parse_http_list(value):
        pairs = dict(pair.strip().partition("=")[::2] for pair in hop.split(";"))
        yield next((node for name, node in pairs.items() if name.strip().lower() == "for"), "")
