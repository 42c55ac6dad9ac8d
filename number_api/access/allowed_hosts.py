"""Answers only for the hosts that this service is.

Without that, a page of another site whose name suddenly leads to this machine could use the API from a visitor's
browser (DNS rebinding). Litestar's own middleware compares the port too, and does not answer with a problem.
"""

import re

from litestar.types import Scope

from number_api.errors import HostNotAllowedError

# Orchestrators ask for the health of an address, not of a name; a handler with this in its `opt` answers any host.
ANY_HOST = "any_host"

# The colons inside [::1] begin no port.
_PORT = re.compile(r":[0-9]*\Z")


class AllowedHosts:
    """Refuses requests for other hosts."""

    def __init__(self, allowed_hosts: tuple[str, ...]) -> None:
        """Answer for these hosts: names, "*.example.org" for any name below that, "*" for all."""
        self._any = "*" in allowed_hosts
        self._names = frozenset(allowed_hosts)
        self._suffixes = tuple(host.removeprefix("*") for host in allowed_hosts if host.startswith("*."))

    async def __call__(self, scope: Scope) -> None:
        """Let the request through if its host is one of ours, or its handler does not mind."""
        if self._any or scope["route_handler"].opt.get(ANY_HOST):
            return
        host = _host_of(scope)
        if host not in self._names and not host.endswith(self._suffixes):
            raise HostNotAllowedError("This service does not answer for the host of the request")


def _host_of(scope: Scope) -> str:
    """The host of a request; empty if it names none, or several, of which others may believe another one."""
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    return _PORT.sub("", hosts[0].decode("latin-1").lower()) if len(hosts) == 1 else ""
