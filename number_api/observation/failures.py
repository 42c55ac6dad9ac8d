"""Log the failures of the service, as opposed to mistakes of clients."""

import logging

from litestar.exceptions import HTTPException
from litestar.types import Scope

from number_api.errors import RequestError, StoreUnavailableError

_logger = logging.getLogger(__name__)


async def log_failure(exception: Exception, scope: Scope) -> None:
    """Log a failure of the store or of this service; an `after_exception` hook."""
    fields = {"request_id": scope["state"].get("request_id")}
    if isinstance(exception, StoreUnavailableError):
        _logger.warning("the store does not answer", extra={"fields": {**fields, "cause": _kind(exception.__cause__)}})
    elif not isinstance(exception, RequestError | HTTPException):
        _logger.error("the request failed", exc_info=exception, extra={"fields": fields})


def _kind(exception: BaseException | None) -> str:
    return type(exception).__qualname__
