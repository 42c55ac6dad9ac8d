"""Builds the models with dbt and says what matters of it: what was built, which checks passed, what failed and why.

All of it is dbt's own work: the same as `dbt build`, with fewer words.
"""
