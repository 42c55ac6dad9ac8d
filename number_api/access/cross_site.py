"""Refuses changes that a page of another site asks for.

Where no API keys are set, any page that a visitor opens could send a form or a plain fetch here; it need not be able to
read the answer. Browsers say where a request comes from in Sec-Fetch-Site, older ones in Origin. Other clients send
neither, and are let through.
"""

from urllib.parse import urlsplit

from litestar.types import Scope

from number_api.errors import CrossSiteError

_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITE = frozenset({b"same-origin", b"none"})


async def refuse_cross_site(scope: Scope) -> None:
    """Let the request through if it changes nothing, or comes from this site or from no site.

    Raises:
        CrossSiteError: A page of another origin sent it.
    """
    if scope.get("method") in _SAFE_METHODS:
        return
    fields = dict(scope["headers"])
    site = fields.get(b"sec-fetch-site")
    if site is not None:
        is_own = site in _OWN_SITE
    elif (origin := fields.get(b"origin")) is not None:
        is_own = _host_of(origin) == fields.get(b"host", b"").decode("latin-1").lower()
    else:
        is_own = True
    if not is_own:
        raise CrossSiteError("A page of another site may not change the numbers")


def _host_of(origin: bytes) -> str:
    """The host and port of an origin; empty for `null` and for what is no origin."""
    try:
        return urlsplit(origin.decode("latin-1").lower()).netloc
    except ValueError:
        return ""
