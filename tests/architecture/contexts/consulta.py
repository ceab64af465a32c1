"""Contexts of the consulta de registros, the ficha of one and the inconsistencies: filled, empty, hostile."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from server.domain.apoyo import (
    Ambito,
    Clase,
    Cuenta,
    Duplicado,
    MotivoBaja,
    OrigenApoyo,
    Resultado,
    Situacion,
    Via,
)
from server.domain.filtro_registros import leer
from server.domain.inconsistencias import DE_PAPEL, DEL_PROTOCOLO, INCONSISTENCIAS
from server.domain.marcas import Marca
from server.portals.aspirante.inconsistencias import InconsistenciasContext
from server.portals.consulta import DEL_ASPIRANTE, DEL_OPL, FichaContext, RegistrosContext
from server.portals.forms import Leido
from server.store.apoyos import Apoyo
from server.store.consulta import Renglon
from server.store.fichas import Cedula, Ficha, Sobre

HOSTILE = '<script>alert("x")</script>'
FOLIO = "000001-000002-0000003-000004-5"
BARE = Renglon(
    1, FOLIO, 1, 2, 3, 1_790_000_000_000, (), OrigenApoyo.BIEN, "", "", "", Situacion.SIN_RESPUESTA, None,
    Resultado.PENDIENTE, "", "", Clase.EN_PROCESAMIENTO, Via.APP,
)  # fmt: skip
FULL = replace(
    BARE, marcas=tuple(Marca), origen=OrigenApoyo.INCONSISTENTE, nombre="María " * 12, apellido_paterno="Ñandú",
    situacion=Situacion.BAJA, motivo_baja=MotivoBaja.DEFUNCION, resultado=Resultado.INCONSISTENTE, inciso="f",
    detalle="Clave de elector", clase=Clase.CON_INCONSISTENCIA,
)  # fmt: skip
PAPEL = replace(FULL, via=Via.PAPEL, marcas=(), auxiliar=0, dispositivo=0)
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
    apoyo = Apoyo(
        1, FOLIO, 1, 2, 3, 1, 1, renglon.origen, renglon.nombre, "", "", renglon.situacion, None, "", "",
        renglon.resultado, renglon.inciso, renglon.detalle, renglon.via, Duplicado.NO, Ambito.NO_SABIDO, False, None,
        "", None, renglon.clase,
    )  # fmt: skip
    ficha = Ficha(
        renglon, replace(apoyo, **changes.pop("apoyo", {})), "consulta_popular", "Alma", "Luis", None, "Modelo", None,
        Sobre(4, b"x" * 32, 9, 1, "a.b"), None, "", INCONSISTENCIAS.get(renglon.inciso), None,
    )  # fmt: skip
    ficha = replace(ficha, **changes.pop("ficha", {}))
    values: dict[str, Any] = {
        "ficha": ficha, "base": "/opl/registros", "proceso": "Consulta popular", "codigo": "AB CD",
        "marcas": renglon.marcas, "corte": "", "via": "Aplicación móvil", "criterio": None, "acuse": "", **changes,
    }  # fmt: skip
    return FichaContext(**values)


def found(*renglones: Renglon, **changes: Any) -> InconsistenciasContext:
    values: dict[str, Any] = {
        "cuenta": Cuenta(recibidos=9, pendientes=9), "incisos": tuple((i, 3) for i in INCONSISTENCIAS.values()),
        "elegido": "", "sin_inciso": 0, "origenes": tuple(Marca)[:3], "renglones": renglones,
        "tipos": {one.inciso: str(one.tipo) for one in DEL_PROTOCOLO.values()}, "comentarios": {},
        "url": "/aspirante/estadisticas/inconsistencias",
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
        (f"{where}/registro.html", one(FULL)),
        (f"{where}/registro.html", one(replace(FULL, origen=OrigenApoyo.BIEN, inciso=""))),
        (f"{where}/registro.html", one(EVIL)),
        (
            f"{where}/registro.html",
            one(
                replace(FULL, situacion=Situacion.LISTA_NOMINAL, resultado=Resultado.VALIDO, inciso=""),
                corte="21/11/2026",
                apoyo={
                    "duplicado": Duplicado.MISMO,
                    "ambito": Ambito.FUERA,
                    "padron_version": 3,
                    "padron_ms": 1,
                    "municipio": HOSTILE,
                    "fuera_de_regimen": True,
                },
                ficha={"duplicado_de": FOLIO},
            ),
        ),
        (f"{where}/registro.html", one(BARE, apoyo={"duplicado": Duplicado.OTRO, "ambito": Ambito.DENTRO})),
        (f"{where}/registro.html", one(replace(FULL, inciso="o"), ficha={"inconsistencia": None, "criterios": 2})),
        *(
            (
                f"{where}/registro.html",
                one(
                    replace(PAPEL, inciso=inciso),
                    criterio=criterio,
                    ficha={"sobre": None, "cedula": Cedula("P-1", 7, "otra", HOSTILE, 1)},
                    via="Captura manual, en papel",
                ),
            )
            for inciso, criterio in (("pe", DE_PAPEL["pe"]), ("", None), ("pa", DE_PAPEL["pa"]))
        ),
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
    (
        "aspirante/inconsistencias.html",
        found(replace(PAPEL, inciso="o"), cuenta=Cuenta(recibidos=9, inconsistentes=1), comentarios={1: HOSTILE}),
    ),
    ("aspirante/inconsistencias.html", found(EVIL, cuenta=Cuenta(recibidos=9, inconsistentes=1))),
]  # fmt: skip
