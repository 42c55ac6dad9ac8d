"""Lets a request through to its handler, or refuses it: for its host, for the site that it comes from, for its API key.

Hosts: a page of another site whose name suddenly leads to this machine could otherwise use the API from a visitor's
browser (DNS rebinding). Litestar's own middleware compares the port too, and does not answer with a problem.

Sites: where no API keys are set, any page that a visitor opens could send a form or a plain fetch here; it need not be
able to read the answer. Browsers say where a request comes from in Sec-Fetch-Site, older ones in Origin. Other clients
send neither, and are let through.

Keys: no guard of Litestar, which copies the handler for every request that has one; that takes a tenth of all the time.
"""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from number_api.errors import CrossSiteError, HostNotAllowedError, NotAuthenticatedError, ScopeMissingError

# Orchestrators ask for the health of an address, not of a name; a handler with this in its `opt` answers any host.
ANY_HOST = "any_host"

# A collector of metrics finds the instances in the DNS and asks each by its address. A page of another site cannot: for
# DNS rebinding it needs a name. A handler with this in its `opt` answers any address.
ANY_ADDRESS = "any_address"

# A handler names the scope that it needs under this in its `opt`; one that names none is for everyone.
NEEDED_SCOPE = "needed_scope"

# The colons inside [::1] begin no port.
_PORT = re.compile(r":[0-9]*\Z")

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITE = frozenset({b"same-origin", b"none"})


class Admission(ASGIMiddleware):
    """Refuses a request before its handler is called. One middleware, since every layer costs as much as a check."""

    scopes = (ScopeType.HTTP,)

    def __init__(self, allowed_hosts: tuple[str, ...]) -> None:
        """Answer for these hosts: names, "*.example.org" for any name below that, "*" for all."""
        self._any_host = "*" in allowed_hosts
        self._names = frozenset(allowed_hosts)
        self._suffixes = tuple(host.removeprefix("*") for host in allowed_hosts if host.startswith("*."))

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Check the request and pass it on.

        Raises:
            HostNotAllowedError: It is for another host.
            CrossSiteError: A page of another origin asks for a change.
            NotAuthenticatedError: The handler needs an API key, and the request has none.
            ScopeMissingError: Its API key does not allow this.
        """
        options = scope["route_handler"].opt
        if not (self._any_host or options.get(ANY_HOST)):
            self._refuse_other_hosts(scope, allow_addresses=ANY_ADDRESS in options)
        if scope.get("method") not in _SAFE_METHODS:
            _refuse_other_sites(scope)
        needed = options.get(NEEDED_SCOPE)
        if needed:
            _refuse_other_keys(scope, needed)
        await next_app(scope, receive, send)

    def _refuse_other_hosts(self, scope: Scope, *, allow_addresses: bool) -> None:
        host = _host_of(scope)
        if host in self._names or host.endswith(self._suffixes) or (allow_addresses and _is_address(host)):
            return
        raise HostNotAllowedError


def _host_of(scope: Scope) -> str:
    """The host of a request; empty if it names none, or several, of which others may believe another one."""
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    return _PORT.sub("", hosts[0].decode("latin-1").lower()) if len(hosts) == 1 else ""


def _is_address(host: str) -> bool:
    """Whether a host is an IPv4 address, or an IPv6 address in brackets."""
    is_bracketed = host.startswith("[") and host.endswith("]")
    try:
        return ip_address(host[1:-1] if is_bracketed else host).version == (6 if is_bracketed else 4)
    except ValueError:
        return False


def _refuse_other_sites(scope: Scope) -> None:
    fields = dict(scope["headers"])
    site = fields.get(b"sec-fetch-site")
    if site is not None:
        is_own = site in _OWN_SITE
    elif (origin := fields.get(b"origin")) is not None:
        is_own = _host_of_origin(origin) == fields.get(b"host", b"").decode("latin-1").lower()
    else:
        is_own = True
    if not is_own:
        raise CrossSiteError


def _host_of_origin(origin: bytes) -> str:
    """The host and port of an origin; empty for `null` and for what is no origin."""
    try:
        return urlsplit(origin.decode("latin-1").lower()).netloc
    except ValueError:
        return ""


def _refuse_other_keys(scope: Scope, needed: str) -> None:
    """Refuse a request whose client, as IdentifyClient has told, lacks the scope that the handler needs."""
    api_key = scope["auth"]
    if api_key is None:
        raise NotAuthenticatedError
    if needed not in api_key.scopes:
        raise ScopeMissingError(needed)
