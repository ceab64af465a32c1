"""What `acopio padron` asks for, done by the running server or by the command itself (row F2).

An import has made its file by then: here it is looked at once more, put in force in one small operation, and what
follows from it is asked again in pieces. Whoever may enter the data folder may ask: the actor is the console.
"""

from __future__ import annotations

import re
from pathlib import Path

from server.clock import hora_del_centro
from server.domain.auxiliar import fecha_larga
from server.errors import DatoInvalido
from server.local_channel import Padron, RespuestaCuentas
from server.registro import padrones
from server.store import padron, padron_archivo
from server.store.padron import PadronAusente, Repaso, Version
from server.store.padron_archivo import Construido, PadronIncompleto
from server.store.writer import Tx, Writer

_NAME = re.compile(r"\d{4}-\d{2}-\d{2}-[0-9a-f]{16}\.sqlite")


def answer(writer: Writer, asked: Padron) -> RespuestaCuentas:
    """Do it and wait, in a thread that may block. What cannot be done is an answer too, and changes nothing."""
    folder = writer.path.parent / padron.CARPETA
    try:
        match asked.orden:
            case "vigente":
                lines = _put_in_force(writer, asked, folder)
            case "retirar":
                lines = _withdraw(writer, asked, folder)
            case "reverificar":
                lines = _again(writer, asked)
            case "estado":
                lines = writer.run(lambda tx: _state(tx, folder)).value
    except DatoInvalido as error:
        return RespuestaCuentas(id=asked.id, bien=False, renglones=(error.texto,))
    return RespuestaCuentas(id=asked.id, bien=True, renglones=tuple(lines))


def _put_in_force(writer: Writer, asked: Padron, folder: Path) -> list[str]:
    if not _NAME.fullmatch(asked.archivo):
        raise DatoInvalido("padron_archivo", "Ese no es el nombre de una versión del padrón.")
    made = Construido(asked.archivo, asked.corte, asked.filas, asked.resumen, asked.tam)
    try:
        padron_archivo.check(folder / made.archivo, made)
    except (PadronAusente, PadronIncompleto) as error:
        raise DatoInvalido(
            "padron_incompleto",
            "El archivo no es el que se acaba de hacer, así que no se puso en vigor: sigue la versión anterior. Revise "
            "el disco y repita la importación.",
        ) from error

    def operation(tx: Tx) -> tuple[Version | None, Version]:
        before = padron.vigente(tx.conn)
        if before is not None and not asked.aunque_menor and made.filas * 2 < before.filas:
            raise DatoInvalido(
                "padron_menor",
                f"Tiene {made.filas:,} personas y la versión vigente, {before.filas:,}: parece incompleto, así que no "
                "se puso en vigor. Si es lo que quiere, repita con --aunque-menor.",
            )
        return before, padrones.poner_en_vigor(tx, made)

    before, now = writer.run(operation).value
    lines = [f"En vigor: versión {now.id}, corte {fecha_larga(now.corte)}, {now.filas:,} personas."]
    if before is not None and before.id != now.id:
        lines.append(f"La anterior (versión {before.id}, corte {fecha_larga(before.corte)}) se conserva: retírela con "
                     f"«acopio padron retirar {before.id}» cuando no la necesite.")  # fmt: skip
        if before.corte > now.corte:
            lines.append("Atención: el corte de la anterior es más reciente que el de ésta.")
    sent = padrones.repasar(writer)
    lines.append(f"Apoyos sin respuesta que se vuelven a preguntar: {sent:,}.")
    return lines


def _withdraw(writer: Writer, asked: Padron, folder: Path) -> list[str]:
    gone = writer.run(lambda tx: padrones.retirar(tx, asked.version)).value
    padron.close_files(folder)
    (folder / gone.archivo).unlink(missing_ok=True)
    return [f"Retirada la versión {gone.id} (corte {fecha_larga(gone.corte)}). Lo que contestó conserva su corte."]


def _again(writer: Writer, asked: Padron) -> list[str]:
    writer.run(lambda tx: padrones.pedir_repaso(tx, todos=asked.todos))
    sent = padrones.repasar(writer)
    return [f"Apoyos que se vuelven a preguntar al padrón: {sent:,}."]


def _state(tx: Tx, folder: Path) -> list[str]:
    found = padron.versiones(tx.conn)
    if not found:
        return ["No hay ninguna versión del padrón. Impórtela con «acopio padron import ARCHIVO --corte aaaa-mm-dd»."]
    lines = [_line(one, folder) for one in found]
    if any(one.vigente and not (folder / one.archivo).is_file() for one in found):
        lines.append("Falta el archivo de la versión vigente: todo queda «Sin respuesta». Impórtelo otra vez.")
    under_way = padron.repaso(tx.conn)
    if under_way is not None:
        lines.append(_under_way(under_way))
    return lines


def _line(one: Version, folder: Path) -> str:
    path = folder / one.archivo
    if not one.archivo:
        state = "retirada"
    elif not path.is_file():
        state = "FALTA SU ARCHIVO"
    else:
        state = f"{path.stat().st_size / 1e6:,.0f} MB"
    return (
        f"{one.id:>4}  corte {fecha_larga(one.corte)}  {one.filas:>12,} personas  "
        f"{'VIGENTE ' if one.vigente else '        '}  {state}  (importada el {hora_del_centro(one.importado_ms)})"
    )


def _under_way(repaso: Repaso) -> str:
    return f"Se está volviendo a preguntar: {repaso.cuantos:,} apoyos enviados hasta ahora."
