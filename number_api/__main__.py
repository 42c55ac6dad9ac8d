"""`python -m number_api`."""

from number_api.command_line import main

main(prog_name="python -m number_api")
