"""What QGIS reads: styles, projects, metadata."""
