"""Contexts of the consulta de registros, the ficha of one and the inconsistencies: filled, empty, hostile."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from server.domain.apoyo import Cuenta, MotivoBaja, OrigenApoyo, Resultado, Situacion
from server.domain.filtro_registros import leer
from server.domain.inconsistencias import INCONSISTENCIAS
from server.domain.marcas import Marca
from server.portals.aspirante.inconsistencias import InconsistenciasContext
from server.portals.consulta import DEL_ASPIRANTE, DEL_OPL, FichaContext, RegistrosContext
from server.portals.forms import Leido
from server.store.consulta import Renglon
from server.store.fichas import Ficha

HOSTILE = '<script>alert("x")</script>'
FOLIO = "000001-000002-0000003-000004-5"
BARE = Renglon(
    1, FOLIO, 1, 2, 3, 1_790_000_000_000, (), OrigenApoyo.BIEN, "", "", "", Situacion.SIN_RESPUESTA, None,
    Resultado.PENDIENTE, "", "",
)  # fmt: skip
FULL = replace(
    BARE, marcas=tuple(Marca), origen=OrigenApoyo.INCONSISTENTE, nombre="María " * 12, apellido_paterno="Ñandú",
    situacion=Situacion.BAJA, motivo_baja=MotivoBaja.DEFUNCION, resultado=Resultado.INCONSISTENTE, inciso="f",
    detalle="Clave de elector",
)  # fmt: skip
EVIL = replace(FULL, nombre=HOSTILE, apellido_paterno=HOSTILE, detalle=HOSTILE)


def page(de_opl: bool, **changes: Any) -> RegistrosContext:
    base = "/opl/registros" if de_opl else "/aspirante/estadisticas/registros"
    values: dict[str, Any] = {
        "form": Leido(DEL_OPL if de_opl else DEL_ASPIRANTE), "base": base, "solicitud": None if de_opl else 1,
        "puestos": (), "cuantos": "0 registros", "renglones": (), "anterior": "", "siguiente": "", "seguir": "",
        "csv": f"{base}.csv", "xlsx": f"{base}.xlsx", **changes,
    }  # fmt: skip
    return RegistrosContext(**values)


def one(renglon: Renglon, **changes: Any) -> FichaContext:
    ficha = Ficha(renglon, 4, "consulta_popular", "Alma", "Luis", None, "Modelo", None, "", "", b"x" * 32, 9, 1, "a.b")
    values: dict[str, Any] = {
        "ficha": ficha, "base": "/opl/registros", "proceso": "Consulta popular", "codigo": "AB CD",
        "marcas": renglon.marcas, "inconsistencia": INCONSISTENCIAS.get(renglon.inciso), "acuse": "", "audiencia": "",
        **changes,
    }  # fmt: skip
    return FichaContext(**values)


def found(*renglones: Renglon, **changes: Any) -> InconsistenciasContext:
    values: dict[str, Any] = {
        "cuenta": Cuenta(recibidos=9, pendientes=9), "incisos": tuple((i, 3) for i in INCONSISTENCIAS.values()),
        "elegido": "", "sin_inciso": 0, "origenes": tuple(Marca)[:3], "renglones": renglones,
        "catalogo": INCONSISTENCIAS, "url": "/aspirante/estadisticas/inconsistencias",
        "registros": "/aspirante/estadisticas/registros", "por_origen": "/x", "anterior": "", "siguiente": "",
        "csv": "", "xlsx": "", **changes,
    }  # fmt: skip
    return InconsistenciasContext(**values)


TYPED = {"desde": HOSTILE, "folio": HOSTILE, "nombre": HOSTILE, "situacion": HOSTILE}
CONTEXTS: list[tuple[str, Any]] = []
for opl in (False, True):
    where = "opl" if opl else "aspirante"
    form = DEL_OPL if opl else DEL_ASPIRANTE
    CONTEXTS += [
        (f"{where}/registros.html", page(opl)),
        (f"{where}/registros.html", page(opl, puestos=(("Válido", "Sí"),), seguir="/x?antes=1")),
        (
            f"{where}/registros.html",
            page(opl, renglones=(FULL, BARE) * 25, cuantos="Más de 10,000 registros", anterior="/a", siguiente="/b"),
        ),
        (f"{where}/registros.html", page(opl, renglones=(EVIL,), puestos=(("Nombre", HOSTILE),))),
        (f"{where}/registros.html", page(opl, form=Leido(form, crudo=TYPED, errores=leer(TYPED)[1]))),
        (f"{where}/registro.html", one(BARE, acuse="/opl/registros/x/acuse")),
        (f"{where}/registro.html", one(FULL, audiencia="/x/audiencias/1")),
        (f"{where}/registro.html", one(replace(FULL, origen=OrigenApoyo.BIEN, inciso=""))),
        (f"{where}/registro.html", one(EVIL)),
    ]
CONTEXTS += [
    ("aspirante/inconsistencias.html", found()),
    ("aspirante/inconsistencias.html", found(cuenta=Cuenta())),
    (
        "aspirante/inconsistencias.html",
        found(
            FULL, replace(FULL, inciso=""), cuenta=Cuenta(recibidos=9, inconsistentes=5, de_origen=1), elegido="f",
            sin_inciso=1, anterior="/a", siguiente="/b", csv="/c", xlsx="/d",
        ),
    ),
    ("aspirante/inconsistencias.html", found(EVIL, cuenta=Cuenta(recibidos=9, inconsistentes=1))),
]  # fmt: skip
