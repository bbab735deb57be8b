"""What leaves the package: the GeoPackage for QGIS, the web map, the report, figures, words."""
