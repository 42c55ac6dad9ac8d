"""The header fields that make every answer safe to show in a browser."""

from litestar.types import Message, Scope

# The values are those of the OWASP REST Security Cheat Sheet, save that /docs may load its own files.
# Strict-Transport-Security is for whatever terminates TLS to say.
_FIELDS = {
    b"cache-control": b"no-store",
    b"content-security-policy": (
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    b"cross-origin-resource-policy": b"same-origin",
    b"referrer-policy": b"no-referrer",
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
}


async def add_security_headers(message: Message, scope: Scope) -> None:  # noqa: ARG001 (Litestar passes it)
    """Add the fields that the answer does not set itself; a `before_send` hook, which sees the router's answers too."""
    if message["type"] == "http.response.start":
        present = {name for name, _ in message["headers"]}
        message["headers"] = [*message["headers"], *(item for item in _FIELDS.items() if item[0] not in present)]
