"""Open a GeoPackage in real QGIS and print, as JSON, what a person would see.

Run with the interpreter that QGIS was built for: ``python3 open_in_qgis.py FILE.gpkg PICTURES``,
with ``brief`` behind it to leave out the pictures of the styles that are no default.
"""

import hashlib
import json
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from qgis.core import (
    NULL,
    Qgis,
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsExpression,
    QgsExpressionContext,
    QgsExpressionContextUtils,
    QgsLayerTreeGroup,
    QgsLayoutExporter,
    QgsLayoutItem,
    QgsLayoutItemLabel,
    QgsLayoutItemLegend,
    QgsLayoutItemMap,
    QgsLayoutItemPicture,
    QgsLayoutItemScaleBar,
    QgsMapLayer,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsPrintLayout,
    QgsProject,
    QgsProviderRegistry,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize, Qt
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtXml import QDomDocument

Report = dict[str, object]
NOTHING = (None, NULL, "")
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
    return {
        "valid": layer.isValid(),
        "rows": layer.featureCount(),
        "geometry": GEOMETRIES[int(layer.geometryType())],
        "crs": layer.crs().authid(),
        "renderer": renderer.type() if renderer is not None else None,
        "legend": legend_of(layer),
        "null_class": has_null_class(layer),
        "labels": layer.labelsEnabled(),
        "aliases": {fields[row].name(): layer.attributeDisplayName(row) for row in names},
        "widgets": {fields[row].name(): layer.editorWidgetSetup(row).type() for row in names},
        "display": layer.displayExpression(),
        "tip": tip_of(layer),
        "pages": [tab.name() for tab in layer.editFormConfig().tabs()],
        "title": layer.metadata().title(),
        "abstract": layer.metadata().abstract(),
        "licences": layer.metadata().licenses(),
        "styles": own_styles(layer),
    }


def own_styles(layer: QgsVectorLayer) -> list[str]:
    """Return the names of the styles that the file has for a layer, and not for others."""
    own, _, names, *_ = layer.listStylesInDatabase()
    return list(names[:own])


def legend_of(layer: QgsVectorLayer) -> list[str]:
    """Return the words of a layer's classes."""
    renderer = layer.renderer()
    categorised = renderer is not None and renderer.type() == "categorizedSymbol"
    return [each.label() for each in renderer.categories()] if categorised else []


def has_null_class(layer: QgsVectorLayer) -> bool:
    """Return whether rows without a value have a class of their own, which is drawn."""
    renderer = layer.renderer()
    if renderer is None or renderer.type() != "categorizedSymbol":
        return False
    # QGIS 3.22 reads the class of NULL as the empty text, which stands for all else.
    empty = [each for each in renderer.categories() if each.value() in NOTHING]
    return len(empty) == 1 and empty[0].renderState()


def tip_of(layer: QgsVectorLayer) -> str:
    """Return the map tip of a layer's first row, its expressions evaluated."""
    context = QgsExpressionContext(QgsExpressionContextUtils.globalProjectLayerScopes(layer))
    for feature in layer.getFeatures():
        context.setFeature(feature)
        return str(QgsExpression.replaceExpressionText(layer.mapTipTemplate(), context))
    return ""


def opened(uri: str, project: QgsProject, folder: Path, key: str) -> Report:
    """Return what a project holds once it is opened."""
    project.clear()
    start = time.perf_counter()
    read = project.read(uri)
    seconds = time.perf_counter() - start
    tree = project.layerTreeRoot()
    layers = project.mapLayers().values()
    cells = next((each for each in layers if each.id().startswith("cells")), None)
    report = {
        "opened": read,
        "seconds": seconds,
        "title": project.title(),
        "abstract": project.metadata().abstract(),
        "crs": project.crs().authid(),
        "groups": [group.name() for group in tree.children()],
        "tree": [branch_of(group) for group in tree.children()],
        "order": [each.id() for each in tree.layerOrder()],
        "layers": {layer.name(): layer.isValid() for layer in layers},
        "renderers": {each.id(): each.renderer().type() for each in layers if each.renderer()},
        "legends": {each.id(): legend_of(each) for each in layers},
        "null_classes": {each.id(): has_null_class(each) for each in layers},
        "tips": {each.id(): tip_of(each) for each in layers},
        "aliases": {each.id(): each.attributeAlias(1) for each in layers},
        "relations": {
            each.id(): each.isValid() for each in project.relationManager().relations().values()
        },
    }
    if cells is not None:
        path = folder / f"{key}.png"
        report["picture"] = picture(drawn_of(project), cells.extent(), cells.crs(), path)
        report["ticked"] = ticked_in_turn(project, folder)
    return report


def branch_of(group: QgsLayerTreeGroup) -> Report:
    """Return what a person sees of a group in the layer tree."""
    return {
        "name": group.name(),
        "open": group.isExpanded(),
        "ticked": group.itemVisibilityChecked(),
        "one_at_a_time": group.isMutuallyExclusive(),
        "layers": {each.layerId(): each.itemVisibilityChecked() for each in group.findLayers()},
    }


def drawn_of(project: QgsProject) -> list[QgsMapLayer]:
    """Return the layers that the map shows, the one above all others first."""
    tree = project.layerTreeRoot()
    ticked = {each.id() for each in tree.checkedLayers()}
    return [each for each in tree.layerOrder() if each.isSpatial() and each.id() in ticked]


def ticked_in_turn(project: QgsProject, folder: Path) -> Report:
    """Tick two layers of an area, one after the other; return what the map shows then."""
    tree = project.layerTreeRoot()
    group = next((each for each in tree.children() if each.isMutuallyExclusive()), None)
    if group is None:
        return {}
    one, other = group.findLayers()[:2]
    shown: Report = {}
    for node in (one, other):
        node.setItemVisibilityChecked(True)
        layer = node.layer()
        path = folder / f"ticked_{layer.id()}.png"
        found = picture(drawn_of(project), layer.extent(), layer.crs(), path, size=(300, 240))
        also = [each.layerId() for each in group.findLayers() if each.itemVisibilityChecked()]
        shown[layer.id()] = {"ticked": also, "bytes": hash_of(path), "errors": found["errors"]}
    other.setItemVisibilityChecked(False)
    return shown


def hash_of(path: Path) -> str:
    """Return by what the content of a file is known."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


# ── the page to print ────────────────────────────────────────────────────────


def printed(project: QgsProject, folder: Path, *, brief: bool) -> list[Report]:
    """Return what the pages to print hold, and how they were exported."""
    return [
        page_of(layout, folder, brief=brief) for layout in project.layoutManager().printLayouts()
    ]


def page_of(layout: QgsPrintLayout, folder: Path, *, brief: bool) -> Report:
    """Return what one page holds, and how it was exported to a picture and to a PDF."""
    items = [each for each in layout.items() if isinstance(each, QgsLayoutItem) and each.id()]
    page = layout.pageCollection().page(0)
    legend = next(each for each in items if isinstance(each, QgsLayoutItemLegend))
    shown = next(each for each in items if isinstance(each, QgsLayoutItemMap))
    exporter = QgsLayoutExporter(layout)
    as_picture = QgsLayoutExporter.ImageExportSettings()
    as_picture.dpi = 60 if brief else 150
    path = folder / "page.png"
    results = {
        "png": int(exporter.exportToImage(str(path), as_picture)),
        "pdf": int(
            exporter.exportToPdf(str(folder / "page.pdf"), QgsLayoutExporter.PdfExportSettings())
        ),
    }
    size = page.pageSize()
    return {
        "name": layout.name(),
        "size": [size.width(), size.height()],
        "kinds": sorted({type(each).__name__ for each in items}),
        "words": {
            each.id(): each.currentText() for each in items if isinstance(each, QgsLayoutItemLabel)
        },
        "outside": [each.id() for each in items if not page_holds(page, each)],
        "legend": legend_words(legend),
        "map_layers": [each.id() for each in shown.layers()],
        "linked": all(
            each.linkedMap() == shown
            for each in items
            if isinstance(each, (QgsLayoutItemLegend, QgsLayoutItemScaleBar, QgsLayoutItemPicture))
        ),
        "pictures": [
            each.picturePath()[:7] for each in items if isinstance(each, QgsLayoutItemPicture)
        ],
        "arrow_drawn": [
            not each.isMissingImage() for each in items if isinstance(each, QgsLayoutItemPicture)
        ],
        "exported": results,
    }


def page_holds(page: QgsLayoutItem, item: QgsLayoutItem) -> bool:
    """Return whether an item stands on the page with all its edges."""
    return bool(page.sceneBoundingRect().contains(item.sceneBoundingRect()))


def legend_words(legend: QgsLayoutItemLegend) -> list[str]:
    """Return the words of a legend, from top to bottom."""
    words = []
    for node in legend.model().rootGroup().findLayers():
        words.append(node.customProperty("legend/title-label") or "")
        rows = legend.model().layerLegendNodes(node)
        words += [str(each.data(Qt.DisplayRole)) for each in rows if not each.isEmbeddedInParent()]
    return [each for each in words if each]


def main(file: Path, folder: Path, *, brief: bool) -> None:
    """Open the file in every way that a person may, and print the report."""
    QgsApplication.setPrefixPath("/usr", True)  # noqa: FBT003 - QGIS's own signature
    application = QgsApplication([], False)  # noqa: FBT003
    application.initQgis()
    said: list[str] = []
    log = QgsApplication.messageLog()
    log.messageReceived.connect(lambda text, tag, _: said.append(f"{tag}: {text}"))
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
        "styled": {} if brief else styled(cells, folder) | styled(layers.get("districts"), folder),
    }
    storage = QgsApplication.projectStorageRegistry().projectStorageFromType("geopackage")
    report["projects"] = storage.listProjects(f"geopackage:{file}")
    inside = f"geopackage:{file}?projectName={report['projects'][0]}"
    report["project_inside"] = opened(inside, project, folder, "project_inside")
    beside = str(file.with_suffix(".qgz"))
    report["project_beside"] = opened(beside, project, folder, "project_beside")
    report["pages"] = printed(project, folder, brief=brief)
    report["said"] = said
    left = [end for end in ("-wal", "-shm", "-journal") if Path(f"{file}{end}").exists()]
    print(json.dumps({**report, "left": left}, ensure_ascii=False, default=str))  # noqa: T201
    sys.stdout.flush()
    # QGIS may crash while it is torn down, after everything was right.
    os._exit(0)


def styled(layer: QgsVectorLayer | None, folder: Path) -> Report:
    """Return, for each style that the file has for a layer, how it loads and looks."""
    found: Report = {}
    if layer is None:
        return found
    # The styles of other layers come behind those of this one.
    own, keys, names, *_ = layer.listStylesInDatabase()
    alias = layer.attributeAlias(1)
    for key, name in zip(keys[:own], names[:own], strict=True):
        qml, _ = layer.getStyleFromDatabase(key)
        loaded = layer.importNamedStyle(as_document(qml))[0]
        path = folder / f"style_{key}.png"
        seen = picture([layer], layer.extent(), layer.crs(), path, size=(150, 120))
        found[name] = {
            "loaded": loaded,
            "colours": seen["colours"],
            "legend": legend_of(layer),
            "null_class": has_null_class(layer),
            "tip": tip_of(layer),
            "alias_kept": layer.attributeAlias(1) == alias,
        }
    layer.loadDefaultStyle()
    return found


def as_document(text: str) -> QDomDocument:
    """Return a style's text as a document of Qt."""
    document = QDomDocument()
    document.setContent(text)
    return document


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute(), Path(sys.argv[2]), brief="brief" in sys.argv[3:])
