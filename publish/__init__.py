"""Publish the marts to another database: MySQL, MariaDB, another PostgreSQL, or a SQLite file.

`publish` brings the tables and the view there up to date; `PublishReport` says what it wrote. The libraries that this
package needs beyond those of the project are imported when a publish begins: `make publish` installs them.
"""
