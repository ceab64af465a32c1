"""Forms with many or large files, read as they come: memory holds a piece of one file, the rest is on disk (row X7).

Starlette's own parser keeps every file open until the last has come, each up to a megabyte in memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from math import inf
from pathlib import Path
from typing import IO

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import File, FormParser, parse_options_header
from starlette.requests import Request

from server.errors import AppError

IN_MEMORY = 256 * 1024


async def each_file(request: Request, field: str, scratch: Path, take: Callable[[str, IO[bytes]], None]) -> int:
    """Call `take(name, content)` for each file of `field`, in a thread, as soon as it has come whole.

    Returns how many there were. `scratch`: where a file lies while it comes. Raises what `take` raises,
    ClientDisconnect when the line is cut (what was taken by then stays), AppError for a body that is no form.
    """
    media, options = parse_options_header(request.headers.get("content-type"))
    boundary = options.get(b"boundary")
    if media != b"multipart/form-data" or not boundary:
        raise AppError("solicitud_invalida", "multipart")
    whole: list[File] = []
    config = {
        "MAX_MEMORY_FILE_SIZE": IN_MEMORY, "UPLOAD_DIR": str(scratch), "UPLOAD_DELETE_TMP": True, "MAX_BODY_SIZE": inf,
    }  # fmt: skip
    parser = FormParser("multipart/form-data", None, whole.append, boundary=boundary, config=config)
    count = 0
    try:
        async for chunk in request.stream():
            await asyncio.to_thread(parser.write, chunk)
            while whole:
                file = whole.pop(0)
                try:
                    name = (file.file_name or b"").decode("utf-8", "replace")
                    if name and file.field_name == field.encode():
                        count += 1
                        file.file_object.seek(0)
                        await asyncio.to_thread(take, name, file.file_object)
                finally:
                    file.close()
        parser.finalize()
    except FormParserError as error:
        raise AppError("solicitud_invalida", "multipart") from error
    finally:
        for file in whole:
            file.close()
        parser.close()
    return count
