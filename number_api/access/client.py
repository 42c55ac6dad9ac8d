"""Identify the sender of a request: the holder of an API key, or else an address."""

import ipaddress

from litestar.types import Scope

from number_api.access.api_keys import ApiKey, KeyScope, find_api_key
from number_api.access.proxies import parse_address

# An IPv6 customer is given a network of this size at least (RFC 6177), so single addresses there identify nobody.
_IPV6_CUSTOMER_BITS = 64

# Stands for everyone where no keys are configured.
_ANYONE = ApiKey(name="anyone", scopes=frozenset(KeyScope), digest=b"")


class IdentifyClient:
    """Puts the API key of a request, or None, into its scope as `auth`, and a name for its sender as `user`.

    It refuses nothing: Admission does, and the attempt counts for the rate limit.
    """

    def __init__(self, api_keys: tuple[ApiKey, ...]) -> None:
        """Accept these keys."""
        self._api_keys = api_keys

    def __call__(self, scope: Scope) -> None:
        """Identify the client."""
        api_key = self._api_key_of(scope) if self._api_keys else None
        scope["auth"] = api_key if self._api_keys else _ANYONE
        scope["user"] = (
            f"key:{api_key.name}"
            if api_key
            else f"address:{customer_of(scope['client'][0]) if scope['client'] else ''}"
        )

    def _api_key_of(self, scope: Scope) -> ApiKey | None:
        for name, value in scope["headers"]:
            if name == b"authorization":
                scheme, _, secret = value.partition(b" ")
                return find_api_key(self._api_keys, secret.strip()) if scheme.lower() == b"bearer" else None
        return None


def customer_of(client: str) -> str:
    """Return the address, or the network of addresses, that stands for the client at an address."""
    # Nearly every address is this already, and to parse one takes longer than all the rest here.
    if ":" not in client:
        return client
    address = parse_address(client)
    if not isinstance(address, ipaddress.IPv6Address):
        return str(address or client)
    return str(ipaddress.ip_network((int(address), _IPV6_CUSTOMER_BITS), strict=False))
