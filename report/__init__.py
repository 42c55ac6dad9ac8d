"""What the warehouse holds, to look at: one HTML page that stands by itself, or a few lines on the terminal.

Reads the schema of the marts, `analytics` unless another is named, and the table `raw.loads`, in one snapshot, and
changes nothing.
`python -m report --help` shows the program.
"""
