"""The PostgreSQL server of the warehouse: select it, start it if it is embedded, and connect to it.

The packages that load and read the warehouse depend on this one, which depends on none of them.
"""
