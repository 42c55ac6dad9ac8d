"""The NumberSet and the HTTP service that hosts it: which of the first 100 natural numbers is missing?"""

from number_api.numbers.number_set import NumberSet

__all__ = ["NumberSet"]
