"""Which padrón is in force, and asking again of what that changes (rows F2, P7.6).

To put a version in force is one small operation, whatever its size. What follows from it is done in pieces, so that
phones never wait for it, and where it stands is a row of the index, so that a server that was killed goes on with it.
"""

from __future__ import annotations

import logging

from server import bitacora
from server.bitacora import Evento
from server.errors import AppError, DatoInvalido
from server.registro import auxiliares
from server.store import padron
from server.store.padron import Version
from server.store.padron_archivo import Construido
from server.store.writer import Tx, Writer

log = logging.getLogger("acopio.padron")

CONSOLA = "consola"
PIEZA_AUXILIARES = 200
PIEZA_APOYOS = 2_000


def poner_en_vigor(tx: Tx, made: Construido) -> Version:
    """From now on it is this one that answers. The caller has checked the file, and runs `repasar` afterwards."""
    version = padron.poner_vigente(tx.conn, made.corte, made.filas, made.archivo, made.resumen, tx.now_ms)
    padron.empezar_repaso(tx.conn, "sin_respuesta")
    bitacora.record(
        tx.conn, tx.now_ms, Evento.PADRON_IMPORTADO, actor=CONSOLA, objeto=f"padron:{version.id}", corte=made.corte,
        filas=made.filas, resumen=made.resumen.hex(),
    )  # fmt: skip
    return version


def retirar(tx: Tx, id_: int) -> Version:
    """Forget the file of an old version; the caller removes it. Raises DatoInvalido."""
    found = padron.get(tx.conn, id_)
    if found is None:
        raise DatoInvalido("padron_desconocido", f"No hay una versión {id_} del padrón: vea «acopio padron estado».")
    if found.vigente:
        raise DatoInvalido(
            "padron_vigente", f"La versión {id_} es la vigente y no se retira: ponga antes otra en vigor."
        )
    if not padron.retirar(tx.conn, id_):
        raise DatoInvalido("padron_retirado", f"El archivo de la versión {id_} ya se había retirado.")
    bitacora.record(
        tx.conn, tx.now_ms, Evento.PADRON_RETIRADO, actor=CONSOLA, objeto=f"padron:{id_}", corte=found.corte
    )
    return found


def pedir_repaso(tx: Tx, *, todos: bool) -> None:
    """Ask again: of whom there is no answer and who was not found, or of everybody."""
    que = "todos" if todos else "no_encontrados"
    padron.empezar_repaso(tx.conn, que)
    bitacora.record(tx.conn, tx.now_ms, Evento.PADRON_REVERIFICAR, actor=CONSOLA, objeto="padron", que=que)


def pieza(tx: Tx) -> int | None:
    """The next piece of what is to be asked again; returns how many apoyos were sent so far, None when all is done."""
    now = padron.repaso(tx.conn)
    if now is None:
        return None
    hasta = auxiliares.verificar_pendientes(tx, now.auxiliar, PIEZA_AUXILIARES)
    if hasta is not None:
        padron.avanzar_auxiliares(tx.conn, hasta)
        return now.cuantos
    return padron.avanzar_apoyos(tx.conn, PIEZA_APOYOS)


def repasar(writer: Writer) -> int:
    """All pieces that are left, in a thread that may block; returns how many apoyos were sent to be asked again."""
    sent = 0
    while (done := writer.run(pieza).value) is not None:
        sent = done
    return sent


def seguir(writer: Writer) -> None:
    """What an earlier run left undone, at a start. A store that cannot be written now has it done at the next one."""
    try:
        sent = repasar(writer)
    except (AppError, OSError) as error:
        log.warning("el repaso del padrón quedó pendiente", extra={"datos": {"motivo": type(error).__name__}})
        return
    if sent:
        log.info("repaso del padrón terminado", extra={"datos": {"apoyos": sent}})
