"""`python -m inclusion_marker`: the command."""

from inclusion_marker.cli import main

main()
