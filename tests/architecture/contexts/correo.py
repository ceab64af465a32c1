"""Contexts of the administrator's page and of the mail that was given up: filled, empty, hostile."""

from __future__ import annotations

from typing import Any

from server.errors import DatoInvalido
from server.portals.opl.administracion import (
    AdministracionContext,
    Chequeo,
    Copia,
    Espera,
    Llave,
    Padron,
    Parte,
    Renglon,
    Revision,
)
from server.portals.opl.correos_fallidos import CorreosContext, DescartarContext
from server.portals.opl.correos_fallidos import Renglon as Correo
from server.portals.opl.tarjetas import FORMULARIO, Archivo, Entrega, ResultadoContext, TarjetasContext
from server.replica.supervisor import Estado as EstadoReplica
from server.tarjeta.entregas import Avance

HOSTILE = '<script>alert("x")</script>'
NOW = 1_790_000_000_000


def administracion(**changes: Any) -> AdministracionContext:
    values: dict[str, Any] = {
        "listo": True, "partes": [Parte("Disco", True, "900 MB libres.", False, "")], "disco_libre": 9 * 10**8,
        "disco_total": 10**10, "disco_texto": "0.9 GB libres de 10.0", "copia": None, "replica": None,
        "padron": None, "padron_servicio": False,
        "correo": Espera("Correos por enviar", 0, False, None), "fallidos": 0, "correo_va": True, "trabajos": [],
        "cuarentena": 0,
        "subidas": 0, "escritor": 0, "cuentas": [("Activas", 0)], "perfiles": [("Mesa de control", 0)],
        "aspirantes": 0, "llaves": [], "versiones": [Renglon("SQLite", "3.45.1")], "hechos": [], "revision": None,
        "en_ms": NOW, "vez": 0, "turnos": 40, "cada_s": 15, **changes,
    }  # fmt: skip
    return AdministracionContext(**values)


def copia(**changes: Any) -> Copia:
    values: dict[str, Any] = {
        "bien": True, "lugar": "carpeta segunda", "desde_ms": NOW, "pendientes": 0,
        "confirmado": 7, "confirmado_ms": None, "problema": "", "nota": "", "hallazgos": 0, **changes,
    }  # fmt: skip
    return Copia(**values)


def fallido(**changes: Any) -> Correo:
    values: dict[str, Any] = {
        "id": 1, "que": "Acuse de recibo", "a": "Auxiliar 1", "enlace": "/opl/auxiliares/1", "creado_ms": NOW,
        "intentos": 12, "error": "El servidor de correo cortó la conexión.", "codigo": "SMTPServerDisconnected",
        **changes,
    }  # fmt: skip
    return Correo(**values)


def resultado(**changes: Any) -> ResultadoContext:
    values: dict[str, Any] = {
        "id": "1790000000000-00000000", "creada_ms": NOW, "avance": None, "cada_s": 2, "cuentas": [], "avisos": [],
        "corte": "", "por_pedir": 0, "hay_acuses": False, "archivos": [], "anterior": "", "siguiente": "", **changes,
    }  # fmt: skip
    return ResultadoContext(**values)


CONTEXTS: list[tuple[str, Any]] = [
    ("opl/administracion.html", administracion()),
    (
        "opl/administracion.html",
        administracion(
            padron=Padron(HOSTILE, 1, NOW, True, False),
            listo=False,
            partes=[Parte(HOSTILE, False, HOSTILE, True, HOSTILE), Parte("Correo", False, "3.", False, "x")],
            copia=copia(bien=False, lugar=HOSTILE, confirmado_ms=NOW, problema=HOSTILE, nota=HOSTILE,
                        hallazgos=2, pendientes=50_000),
            replica=EstadoReplica(False, HOSTILE, None, 3),
            correo=Espera("Correos por enviar", 10_000, False, NOW), fallidos=3, correo_va=False,
            trabajos=[Espera(HOSTILE, 20_000, True, NOW)], cuarentena=20_000, subidas=512,
            llaves=[Llave(HOSTILE, HOSTILE, NOW, True), Llave("Abre los sobres", "ab" * 32, NOW, False)],
            hechos=[Renglon(HOSTILE, "", NOW)],
            revision=Revision(NOW, (Chequeo(HOSTILE, "Falla", "mal", HOSTILE, HOSTILE),)), vez=40,
        ),
    ),
    (
        "opl/administracion.html",
        administracion(padron=Padron("31/10/2026", 1_166_000, NOW, False, True), padron_servicio=True, copia=copia(),
                       replica=EstadoReplica(True, "", NOW - 1_000, 1),
                       revision=Revision(NOW, (Chequeo("Disco", "Bien", "bien", "Hay espacio.", ""),))),
    ),
    ("opl/correos_fallidos.html", CorreosContext([], 0, "")),
    ("opl/correos_fallidos.html", CorreosContext([fallido()], 1, "")),
    (
        "opl/correos_fallidos.html",
        CorreosContext(
            [fallido(id=n, que=HOSTILE, a=HOSTILE, enlace="", error=HOSTILE, codigo=HOSTILE) for n in range(50)],
            50_000, "?desde=49",
        ),
    ),
    ("opl/correo_descartar.html", DescartarContext(fallido(que=HOSTILE, a=HOSTILE, error=HOSTILE))),
    ("opl/tarjetas.html", TarjetasContext(FORMULARIO.vacio(), [])),
    (
        "opl/tarjetas.html",
        TarjetasContext(
            FORMULARIO.vacio().con_error("archivos", DatoInvalido("falta_archivo", HOSTILE)),
            [Entrega("1790000000000-00000000", NOW, 50_000, 1, 3)],
        ),
    ),
    ("opl/tarjeta.html", resultado()),
    ("opl/tarjeta.html", resultado(avance=Avance(3, 50_000), cuentas=[("Por tomar", 50_000)])),
    (
        "opl/tarjeta.html",
        resultado(
            cuentas=[("Rechazado", 1)], avisos=[HOSTILE], corte=HOSTILE, por_pedir=2, hay_acuses=True,
            archivos=[Archivo(HOSTILE, "1-2", HOSTILE, "mal", HOSTILE, HOSTILE)], anterior="?pagina=1",
            siguiente="?pagina=3",
        ),
    ),
]  # fmt: skip
