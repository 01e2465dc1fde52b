"""Our own files: asked about each time, sent again only when they have changed.

No hash stands in their addresses: modules import each other by plain name, and a
module with two addresses would run twice.
"""

import os
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope
from typing_extensions import override

STATIC = Path(__file__).with_name("static")


class Assets(StaticFiles):
    @override
    def file_response(
        self,
        full_path: str | os.PathLike[str],
        stat_result: os.stat_result,
        scope: Scope,
        status_code: int = 200,
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = "private, no-cache"
        return response
