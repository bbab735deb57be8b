"""`python -m inclusion_marker`: the command."""

from inclusion_marker.cli import main

if __name__ == "__main__":
    main()
