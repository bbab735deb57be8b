"""Do in real QGIS what an analyst does to a result, and save it.

Run with the interpreter that QGIS was built for: ``python3 analyst_in_qgis.py FILE.gpkg``. It saves
a style over the first of ours, another as the default of the cells, the project inside under its
own name and under another, and the project beside.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from qgis.core import (
    QgsApplication,
    QgsFillSymbol,
    QgsProject,
    QgsSingleSymbolRenderer,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtWidgets import QApplication, QMessageBox


def agree() -> None:
    """Answer yes to whatever QGIS asks."""
    asked = QApplication.activeModalWidget()
    if isinstance(asked, QMessageBox):
        asked.button(QMessageBox.Yes).click()


def main(file: Path) -> None:
    """Change and save styles and projects of a file."""
    QgsApplication.setPrefixPath("/usr", True)  # noqa: FBT003 - QGIS's own signature
    application = QgsApplication([], True)  # noqa: FBT003
    application.initQgis()
    timer = QTimer()
    timer.timeout.connect(agree)
    timer.start(100)
    cells = QgsVectorLayer(f"{file}|layername=cells", "cells", "ogr")
    _, _, names, *_ = cells.listStylesInDatabase()
    cells.setRenderer(QgsSingleSymbolRenderer(QgsFillSymbol.createSimple({"color": "red"})))
    cells.saveStyleToDatabase(names[0], "over ours", False, "")  # noqa: FBT003
    cells.saveStyleToDatabase("Mi estilo", "hers", True, "")  # noqa: FBT003
    project = QgsProject.instance()
    storage = QgsApplication.projectStorageRegistry().projectStorageFromType("geopackage")
    [own] = storage.listProjects(f"geopackage:{file}")
    project.read(f"geopackage:{file}?projectName={own}")
    project.setTitle("De Ana")
    project.write()
    project.write(f"geopackage:{file}?projectName=taller")
    project.read(str(file.with_suffix(".qgz")))
    project.setTitle("De Ana")
    project.write()
    project.clear()
    del cells
    sys.stdout.flush()
    # QGIS may crash while it is torn down, after everything was right.
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute())
