"""The method files that ship with the package."""
