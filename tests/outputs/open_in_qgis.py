"""Open a GeoPackage in real QGIS and print, as JSON, what a person would see.

Run with the interpreter that QGIS was built for: ``python3 open_in_qgis.py FILE.gpkg PICTURES``,
with ``brief`` behind it to leave out the pictures of the styles that are no default.
"""

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsMapLayer,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsProviderRegistry,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtXml import QDomDocument

Report = dict[str, object]
GEOMETRIES = {0: "point", 1: "line", 2: "polygon", 3: "unknown", 4: "none"}


def picture(
    layers: list[QgsMapLayer],
    extent: QgsRectangle,
    crs: QgsCoordinateReferenceSystem,
    path: Path,
    size: tuple[int, int] = (1000, 800),
) -> Report:
    """Render layers to a PNG; return how many colours it has, and the errors."""
    width, height = size
    settings = QgsMapSettings()
    settings.setLayers(layers)
    settings.setExtent(extent)
    settings.setDestinationCrs(crs)
    settings.setOutputSize(QSize(width, height))
    settings.setBackgroundColor(QColor("white"))
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    image.save(str(path))
    places = [(x, y) for x in range(0, width, 4) for y in range(0, height, 4)]
    colours = {image.pixelColor(x, y).name() for x, y in places}
    return {"colours": len(colours), "errors": [error.message for error in job.errors()]}


def said_of(layer: QgsVectorLayer) -> Report:
    """Return what a layer says of itself when it is dragged into QGIS."""
    fields = layer.fields()
    names = range(fields.count())
    renderer = layer.renderer()
    categorised = renderer is not None and renderer.type() == "categorizedSymbol"
    return {
        "valid": layer.isValid(),
        "rows": layer.featureCount(),
        "geometry": GEOMETRIES[int(layer.geometryType())],
        "crs": layer.crs().authid(),
        "renderer": renderer.type() if renderer is not None else None,
        "legend": [each.label() for each in renderer.categories()] if categorised else [],
        "labels": layer.labelsEnabled(),
        "aliases": {fields[row].name(): layer.attributeDisplayName(row) for row in names},
        "widgets": {fields[row].name(): layer.editorWidgetSetup(row).type() for row in names},
        "display": layer.displayExpression(),
        "tip": layer.mapTipTemplate(),
        "pages": [tab.name() for tab in layer.editFormConfig().tabs()],
        "title": layer.metadata().title(),
        "abstract": layer.metadata().abstract(),
        "licences": layer.metadata().licenses(),
        "styles": layer.listStylesInDatabase()[2],
    }


def opened(uri: str, project: QgsProject, folder: Path, key: str) -> Report:
    """Return what a project holds once it is opened."""
    project.clear()
    read = project.read(uri)
    tree = project.layerTreeRoot()
    layers = project.mapLayers().values()
    ticked = tree.checkedLayers()
    drawn = [each for each in tree.layerOrder() if each.isSpatial() and each in ticked]
    cells = next((each for each in layers if each.id().startswith("cells")), None)
    report = {
        "opened": read,
        "title": project.title(),
        "crs": project.crs().authid(),
        "groups": [group.name() for group in tree.children()],
        "layers": {layer.name(): layer.isValid() for layer in layers},
        "renderers": {each.id(): each.renderer().type() for each in layers if each.renderer()},
        "relations": {
            each.id(): each.isValid() for each in project.relationManager().relations().values()
        },
    }
    if cells is not None:
        path = folder / f"{key}.png"
        report["picture"] = picture(drawn, cells.extent(), cells.crs(), path)
    return report


def main(file: Path, folder: Path, *, brief: bool) -> None:
    """Open the file in every way that a person may, and print the report."""
    QgsApplication.setPrefixPath("/usr", True)  # noqa: FBT003 - QGIS's own signature
    application = QgsApplication([], False)  # noqa: FBT003
    application.initQgis()
    folder.mkdir(parents=True, exist_ok=True)
    offered = QgsProviderRegistry.instance().querySublayers(str(file))
    names = sorted(each.name() for each in offered)
    layers = {name: QgsVectorLayer(f"{file}|layername={name}", name, "ogr") for name in names}
    cells = layers["cells"]
    project = QgsProject.instance()
    report = {
        "qgis": Qgis.QGIS_VERSION,
        "offered": names,
        "layers": {name: said_of(layer) for name, layer in layers.items()},
        "picture": picture([cells], cells.extent(), cells.crs(), folder / "cells.png"),
    }
    _, keys, names, *_ = cells.listStylesInDatabase()
    report["styled"] = {}
    for key, name in zip(keys, names, strict=True):
        if brief:
            continue
        qml, _ = cells.getStyleFromDatabase(key)
        loaded = cells.importNamedStyle(as_document(qml))[0]
        path = folder / f"style_{key}.png"
        found = picture([cells], cells.extent(), cells.crs(), path, size=(300, 240))
        report["styled"][name] = {"loaded": loaded, "colours": found["colours"]}
    cells.loadDefaultStyle()
    storage = QgsApplication.projectStorageRegistry().projectStorageFromType("geopackage")
    report["projects"] = storage.listProjects(f"geopackage:{file}")
    inside = f"geopackage:{file}?projectName={report['projects'][0]}"
    report["project_inside"] = opened(inside, project, folder, "project_inside")
    beside = str(file.with_suffix(".qgz"))
    report["project_beside"] = opened(beside, project, folder, "project_beside")
    left = [end for end in ("-wal", "-shm", "-journal") if Path(f"{file}{end}").exists()]
    print(json.dumps({**report, "left": left}, ensure_ascii=False, default=str))  # noqa: T201
    sys.stdout.flush()
    # QGIS may crash while it is torn down, after everything was right.
    os._exit(0)


def as_document(text: str) -> QDomDocument:
    """Return a style's text as a document of Qt."""
    document = QDomDocument()
    document.setContent(text)
    return document


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute(), Path(sys.argv[2]), brief="brief" in sys.argv[3:])
