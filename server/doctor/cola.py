"""What waits: jobs between stages, uploads under way, mail."""

from __future__ import annotations

from collections.abc import Iterator

from server.doctor.valores import Entorno, Resultado, aviso, bien, omitido
from server.store import estado
from server.store.connection import IndexFailure, open_reader

LATE_MS = 3600 * 1000
OLD_PARTIAL_MS = 7 * 24 * 3600 * 1000


def cola(e: Entorno) -> Iterator[Resultado]:
    """Jobs and mail."""
    try:
        reader = open_reader(e.indice)
        try:
            jobs, mail = estado.jobs(reader), estado.mail(reader)
        finally:
            reader.close()
    except (IndexFailure, OSError):
        yield omitido("trabajos", "No se pudo leer el índice: no se sabe qué espera.")
        return
    now = e.clock()
    waiting = sum(one.cuantos for (_, state), one in jobs.items() if state != "cuarentena")
    stuck = sum(one.cuantos for (_, state), one in jobs.items() if state == "cuarentena")
    yield bien("trabajos", f"{waiting:,} trabajos por hacer.", pendientes=waiting)
    if stuck:
        yield aviso(
            "trabajos_cuarentena", f"{stuck:,} trabajos en cuarentena.", "Que los vea quien revisa.", cuantos=stuck
        )
    pending, failed = mail.get("pendiente"), mail.get("fallido")
    if failed is not None:
        yield aviso("correo_fallido", f"{failed.cuantos:,} correos no se pudieron enviar ({failed.ultimo_error}).",
                    "Corrija el correo y envíelos de nuevo en /opl/administracion/correos; no peligra ningún acuse.",
                    cuantos=failed.cuantos)  # fmt: skip
    count = pending.cuantos if pending else 0
    age = now - pending.desde_ms if pending and pending.desde_ms else 0
    if pending is not None and age > LATE_MS:
        error = f"; último error: {pending.ultimo_error}" if pending.ultimo_error else ""
        yield aviso("correo_espera", f"{count:,} correos esperan, el más viejo hace {age // 60_000:,} min{error}.",
                    "Vea el renglón de correo de esta revisión y que el servidor esté en marcha.",
                    pendientes=count)  # fmt: skip
    else:
        yield bien("correo_espera", f"{count:,} correos por enviar.", pendientes=count)


def parciales(e: Entorno) -> Iterator[Resultado]:
    """Uploads under way: how many, how large, how old."""
    count = size = 0
    oldest = e.clock()
    if e.parciales.is_dir():
        for path in e.parciales.iterdir():
            try:
                found = path.stat()
            except OSError:
                continue  # it was completed while we looked
            count, size, oldest = count + 1, size + found.st_size, min(oldest, int(found.st_mtime * 1000))
    text = f"{count:,} subidas a medias, {size / 1e6:,.1f} MB."
    if e.clock() - oldest > 2 * OLD_PARTIAL_MS:
        yield aviso("parciales", f"{text} La más vieja es de hace {(e.clock() - oldest) // 86_400_000} días.",
                    "Si el servidor anda, debieron retirarse solas: guarde la bitácora y avise a soporte.")  # fmt: skip
    else:
        yield bien("parciales", text, cuantas=count, bytes=size)
