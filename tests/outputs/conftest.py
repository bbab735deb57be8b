"""What pytest must leave alone here."""

collect_ignore = ["open_in_qgis.py"]  # runs under the system's Python, which has QGIS
