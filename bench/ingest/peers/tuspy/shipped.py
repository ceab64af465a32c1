"""tuspyserver under uvicorn, as its manual shows it: python shipped.py <port> <folder>."""

from __future__ import annotations

import sys

import uvicorn
from fastapi import FastAPI
from tuspyserver import create_tus_router


def main(port: str, folder: str) -> None:
    """Serve until the process is ended."""
    app = FastAPI()
    app.include_router(create_tus_router(prefix="files", files_dir=folder))
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning", access_log=False)


if __name__ == "__main__":
    main(*sys.argv[1:])
