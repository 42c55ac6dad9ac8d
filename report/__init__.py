"""Report the contents of the warehouse as one self-contained HTML page, or as text on the terminal.

The report reads the schema of the marts, by default `analytics`, and the table `raw.loads` in one snapshot, and changes
nothing. `python -m report --help` describes the command.
"""
