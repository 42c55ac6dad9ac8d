"""Bring the warehouse up to date without anybody looking on: load, build, test, check freshness, extract, report.

A run executes the commands of the other packages as programs of their own, one run at a time. It repeats what a moment
may have caused, records itself in `raw.runs`, tells each problem once, and writes metrics for Prometheus.
`python -m refresh --help` describes the command.
"""
