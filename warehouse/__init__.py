"""The PostgreSQL that everything here works on: which one it is, and how to reach it.

The packages that load and read the warehouse stand on this one; it knows none of them.
"""
