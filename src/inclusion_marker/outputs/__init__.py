"""What leaves the package: the GeoPackage for QGIS, the map as a picture, the summary."""
