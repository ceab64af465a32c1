"""The copies: is the second copy there, how far behind, and is it ours; does the replica of the index follow."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from server.diario import lote as lotes
from server.diario.comparison import judge
from server.diario.places.address import open_place
from server.diario.places.place import SecondPlace, reason
from server.doctor.valores import Entorno, Resultado, aviso, bien, falla

MANY = 50
_HEALTH_S = 5.0


def segunda_copia(e: Entorno) -> Iterator[Resultado]:
    """Reachable, without a hole, and the same as here at its end."""
    s = e.settings
    place = open_place(s.segunda_copia, s.segunda_copia_url, espera_s=s.segunda_copia_espera_s, diario=e.diario)
    if place is None:
        yield aviso("segunda_copia", "No hay segunda copia: cada acuse descansa en un solo disco.",
                    "Configure ACOPIO_SEGUNDA_COPIA en otro disco o en otro equipo.")  # fmt: skip
        return
    try:
        yield from _compared(e, place)
    except OSError as error:
        yield falla("segunda_copia", f"La segunda copia no sirve: no se dan acuses. {reason(error).texto}",
                    "Repóngala cuanto antes; al volver se pone al día sola.")  # fmt: skip
    finally:
        place.close()


def _compared(e: Entorno, place: SecondPlace) -> Iterator[Resultado]:
    place.connect()
    held = place.listing(lambda: None)
    copied = 0
    while copied + 1 in held:
        copied += 1
    newest = max(lotes.numbers(e.diario), default=0)
    behind = max(0, newest - copied)
    last = min(copied, newest)
    if last and judge(place, e.diario, last, lambda: None) is not None:
        yield falla("segunda_copia_ajena", "La segunda copia no es de estos datos: su último lote es otro.",
                    "No la borre. Revise que ACOPIO_SEGUNDA_COPIA sea el lugar de este servidor.")  # fmt: skip
    if behind > MANY or (behind and not e.en_marcha):
        yield aviso("segunda_copia", f"La segunda copia va {behind} lotes atrás.",
                    "Inicie el servidor o, si anda, vea /salud/listo: esos acuses aún no se dan.",
                    atraso=behind)  # fmt: skip
    else:
        yield bien("segunda_copia", f"La segunda copia está al día ({behind} lotes por copiar).", atraso=behind)


def replica(e: Entorno) -> Iterator[Resultado]:
    """Litestream's copy of the index: what the running server says of it, or whether its folder holds anything."""
    if e.settings.replica is None:
        yield aviso("replica", "No hay réplica del índice: el catálogo y la bitácora están en un solo disco.",
                    "Configure ACOPIO_REPLICA.")  # fmt: skip
    elif e.en_marcha:
        yield _as_health_says(e)
    elif "://" not in e.settings.replica and not any(Path(e.settings.replica).glob("*")):
        yield falla("replica", "La carpeta de la réplica no existe o está vacía.",
                    "Revise que el disco esté montado; al iniciar, el servidor la vuelve a llenar.")  # fmt: skip
    else:
        yield bien("replica", "La réplica del índice está configurada; el servidor la sigue cuando anda.")


def _as_health_says(e: Entorno) -> Resultado:
    try:
        # Ours, on this box: the address on which the server listens.
        with urllib.request.urlopen(f"http://{e.settings.escucha}/salud/listo", timeout=_HEALTH_S) as answer:
            part = json.load(answer)["partes"]["replica"]
    except urllib.error.HTTPError as error:  # 503 says that something else is wrong; this part is told all the same
        part = json.load(error)["partes"]["replica"]
    except (OSError, ValueError, KeyError):
        return aviso("replica", "El servidor anda y no dijo cómo está la réplica del índice.", "Vea /salud/listo.")
    if part["estado"] == "bien":
        return bien("replica", f"Réplica del índice: {part['texto']}")
    return falla("replica", f"Réplica del índice: {part['texto']}", "Los acuses siguen; repóngala el mismo día.")
