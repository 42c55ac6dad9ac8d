"""The NumberSet and the HTTP service that hosts it: which of the first 100 natural numbers is missing?"""

from number_api.numbers.number_set import NumberSet

# Of the HTTP interface, as its OpenAPI description says.
API_VERSION = "1.0.0"

__all__ = ["API_VERSION", "NumberSet"]
