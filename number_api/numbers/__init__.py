"""The numbers: their set, where it is kept, and its endpoints."""
