"""Errors as RFC 9457 problem details: one stable type for each kind, and nothing of what happened inside."""
