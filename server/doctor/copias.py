"""The second copy: is it there, and how far behind. (The replica of the index joins here with a check of its own.)"""

from __future__ import annotations

from collections.abc import Iterator

from server.diario import lote as lotes
from server.diario.second_copy import FolderPlace
from server.doctor.valores import Entorno, Resultado, aviso, bien, falla
from server.errors import DiarioError

MANY = 50


def segunda_copia(e: Entorno) -> Iterator[Resultado]:
    """Reachable, without a hole, and the same as here at its end."""
    if e.settings.segunda_copia is None:
        yield aviso("segunda_copia", "No hay segunda copia: cada acuse descansa en un solo disco.",
                    "Configure ACOPIO_SEGUNDA_COPIA en otro disco.")  # fmt: skip
        return
    place = FolderPlace(e.settings.segunda_copia)
    try:
        copied = place.newest()
    except OSError as error:
        yield falla("segunda_copia", f"La segunda copia no responde ({type(error).__name__}): no se dan acuses.",
                    "Revise que el disco esté montado y que la cuenta acopio pueda escribir en él.")  # fmt: skip
        return
    newest = max(lotes.numbers(e.diario), default=0)
    behind = max(0, newest - copied)
    if copied and not _same(e, min(copied, newest)):
        yield falla("segunda_copia_ajena", "La segunda copia no es de estos datos: su último lote es otro.",
                    "No la borre. Revise que ACOPIO_SEGUNDA_COPIA sea la carpeta de este servidor.")  # fmt: skip
    if behind > MANY or (behind and not e.en_marcha):
        yield aviso("segunda_copia", f"La segunda copia va {behind} lotes atrás.",
                    "Inicie el servidor o, si anda, vea /salud/listo: esos acuses aún no se dan.",
                    atraso=behind)  # fmt: skip
    else:
        yield bien("segunda_copia", f"La segunda copia está al día ({behind} lotes por copiar).", atraso=behind)


def _same(e: Entorno, numero: int) -> bool:
    assert e.settings.segunda_copia is not None
    name = lotes.file_name(numero)
    try:
        return lotes.read_manifest(e.settings.segunda_copia / name)[1] == lotes.read_manifest(e.diario / name)[1]
    except (DiarioError, OSError):
        return False
