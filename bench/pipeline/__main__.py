"""`bench/pipeline/run`: what happens after the acuse, part by part; then the tables."""

from __future__ import annotations

import argparse
import json
import sys
import time
from importlib import metadata
from pathlib import Path

from bench.ingest import machine
from bench.pipeline import cards, huellas, lectura, tuberia

HERE = Path(__file__).parent
PARTS = ("tuberia", "lectura", "huellas")


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/pipeline/run", description="Measures what happens after the acuse.")
    parser.add_argument("parts", nargs="*", choices=(*PARTS, []), help=f"which parts (default: {', '.join(PARTS)})")
    parser.add_argument("--people", type=int, default=4, help="cards of each model (default: 4)")
    parser.add_argument("--registros", type=int, default=200, help="registros through the pipeline (default: 200)")
    parser.add_argument("--spoiled", default="", help="only ways of spoiling whose name has this in it")
    parser.add_argument("--quick", action="store_true", help="a smoke: one card of each model")
    options = parser.parse_args(arguments)
    if options.quick:
        options.people, options.registros = 1, 24
    if not 0 < options.people <= 200:
        parser.error("out of bounds")
    return options


def main(arguments: list[str] | None = None) -> int:
    """Run; 0 when everything was measured."""
    options = _options(arguments)
    parts = options.parts or PARTS
    programs = {name: metadata.version(name) for name in ("zxing-cpp", "python-libphash", "pillow")}
    seen = machine.describe(HERE, programs)
    print("\n".join(f"{name}: {value}" for name, value in seen.items()) + "\n", flush=True)
    data: dict[str, object] = {"machine": seen}
    if "tuberia" in parts:
        for readers in (1, 2):
            lines = tuberia.measure(options.registros, readers)
            print("\n".join(lines) + "\n", flush=True)
            data[f"tuberia {readers}"] = lines
    if "lectura" in parts:
        photos = cards.photos(options.people, only=options.spoiled)
        scores, there, names = lectura.measure(photos, lectura.readers())
        for section in (lectura.table(scores, there, names), lectura.kinds(scores, there, names)):
            print("\n".join(section) + "\n", flush=True)
        data["lectura"] = [score.data() for score in scores]
    if "huellas" in parts:
        lines = huellas.table(10 * options.people, min(12, 10 * options.people))
        print("\n".join(lines) + "\n", flush=True)
        data["huellas"] = lines
    folder = HERE / "resultados"
    folder.mkdir(exist_ok=True)
    path = folder / f"{time.strftime('%Y%m%d-%H%M%S')}.json"
    path.write_text(json.dumps(data, indent=1), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
