"""Contexts of captura manual: filled, empty, hostile."""

from __future__ import annotations

from typing import Any

from server.domain.captura_papel import CRITERIOS, Aviso
from server.errors import DatoInvalido
from server.expedientes.abrir import Datos
from server.mesa_control.captura_manual import Captura
from server.portals.forms import Leido
from server.portals.opl import captura, captura_cedulas, captura_conciliar, captura_excepciones, captura_paquetes
from server.store.cedulas_papel import Capturista, Fila, Pendiente
from server.store.excepciones import Excepcion
from server.store.paquetes import Avance, Faltante, Paquete

HOSTILE = '<script>alert("x")</script>'
NOW = 1_790_000_000_000
LONG = "María Guadalupe de la Concepción " * 6


def paquete(text: str = "P-1", **changes: Any) -> Paquete:
    values: dict[str, Any] = {
        "id": 4, "solicitud": 1, "aspirante": text, "folio": text, "cedulas": 500, "antes": 0, "recibido_ms": NOW,
        "observaciones": text, "abierto": True, "creado_ms": NOW, "creado_por": 1, "cerrado_ms": None, **changes,
    }  # fmt: skip
    return Paquete(**values)


def filled(form: Leido, text: str) -> Leido:
    names = [campo.nombre for campo in form.formulario.campos]
    error = DatoInvalido("texto_largo", f"Así no: {text}.")
    return Leido(form.formulario, dict.fromkeys(names, text), {}, dict.fromkeys((*names, ""), error))


FAR = Avance(500, 300, 20, 5, 10)
GRANTS = (
    Excepcion(1, 1, HOSTILE, "", HOSTILE, NOW, None), Excepcion(2, 1, LONG, HOSTILE, LONG, NOW, NOW + 1),
    Excepcion(3, 2, "", "Jerez", "OPL/1", NOW, None),
)  # fmt: skip
PEOPLE = (Capturista(1, HOSTILE, 412, 9, 40, 3, 5), Capturista(2, LONG, 0, 1, 0, 0, 0))
ROWS = tuple(
    Fila(n, estado, criterio, HOSTILE, 1, LONG if n == 1 else "", NOW, folio)
    for n, (estado, criterio, folio) in enumerate(
        (("lista", "", "000001-000000-0000000-000001-7"), ("por_repetir", "otra", ""), ("por_conciliar", "copia", ""))
    )
)


def package_page(**changes: Any) -> captura_paquetes.PaqueteContext:
    values: dict[str, Any] = {
        "paquete": paquete(HOSTILE), "avance": FAR, "sin_capturar": "1 a 3, 7", "por_repetir": True,
        "faltantes": (Faltante(9, HOSTILE, HOSTILE, NOW),), "filas": ROWS, "estados": captura_paquetes.ESTADOS,
        "criterios": CRITERIOS, "estado": "", "anterior": "/opl/captura/paquetes/4?despues=9",
        "siguiente": "/opl/captura/paquetes/4?antes=2", "cuenta": 1, "ver_aspirante": True, "ver_registros": True,
        "puede_administrar": True, **changes,
    }  # fmt: skip
    return captura_paquetes.PaqueteContext(**values)


def typing(modo: str = "capturar", **changes: Any) -> captura_cedulas.CedulaContext:
    values: dict[str, Any] = {
        "form": captura_cedulas.FORMULARIO.vacio({"numero": "7"}), "modo": modo, "url": "/opl/captura/paquetes/4/x",
        "paquete": paquete(HOSTILE), "avance": FAR, "numero": 7, "avisos": (), "vistos": "", "foco": "clave_elector",
        "guardada": 0, "corregible": False, "padron": None, "con_padron": False, **changes,
    }  # fmt: skip
    return captura_cedulas.CedulaContext(**values)


ONE = Captura(Datos(HOSTILE, "LUNA", "MORA", "LNMRRS90010132M001", "", "1", ""), "otra", HOSTILE)
TWO = Captura(Datos("ROSA", "LUNA", LONG, "LNMRRS90010132M002", "", "1", ""))


def settling(form: Leido) -> captura_conciliar.ConciliarContext:
    rows = tuple(
        captura_conciliar.Renglon(campo, campo, HOSTILE, LONG, f"elige_{campo}" in _NAMES, f"elige_{campo}")
        for campo in (
            "clave_elector",
            "curp",
            "cic",
            "ocr",
            "apellido_paterno",
            "apellido_materno",
            "nombre",
            "criterio",
        )
    )
    return captura_conciliar.ConciliarContext(form, paquete(HOSTILE), 3, 7, rows, HOSTILE, LONG, (HOSTILE, ""))


SETTLE = captura_conciliar.formulario(ONE, TWO).vacio()
_NAMES = {campo.nombre for campo in SETTLE.formulario.campos}


CONTEXTS: list[tuple[str, Any]] = [
    ("opl/captura.html", captura.CapturaContext((), captura.ESTADOS, "", "", "", (), 0, False, False, False)),
    (
        "opl/captura.html",
        captura.CapturaContext((), captura.ESTADOS, "cerrado", "", "", PEOPLE, 0, False, False, False),
    ),
    (
        "opl/captura.html",
        captura.CapturaContext(
            (
                captura.Fila(paquete(HOSTILE), FAR, 3),
                captura.Fila(paquete(LONG, abierto=False, cerrado_ms=NOW), Avance(1), 0),
            ),
            captura.ESTADOS, "", "/opl/captura?despues=9", "/opl/captura?antes=1", PEOPLE, 200, True, True, True,
        ),
    ),
    ("opl/captura_excepciones.html", captura_excepciones.ExcepcionesContext(())),
    ("opl/captura_excepciones.html", captura_excepciones.ExcepcionesContext(GRANTS)),
    ("opl/captura_otorgar.html", captura_excepciones.OtorgarContext(captura_excepciones.formulario([]).vacio(), False)),
    (
        "opl/captura_otorgar.html",
        captura_excepciones.OtorgarContext(
            filled(captura_excepciones.formulario([(1, HOSTILE), (2, LONG)]).vacio(), HOSTILE), True
        ),
    ),
    *(
        ("opl/captura_revocar.html", captura_excepciones.RevocarContext(form, one))
        for one in GRANTS
        for form in (captura_excepciones.REVOCAR.vacio(), filled(captura_excepciones.REVOCAR.vacio(), HOSTILE))
    ),
    ("opl/captura_paquete_nuevo.html", captura_paquetes.NuevoContext(captura_paquetes.formulario([]).vacio(), False)),
    (
        "opl/captura_paquete_nuevo.html",
        captura_paquetes.NuevoContext(filled(captura_paquetes.formulario([(1, HOSTILE)]).vacio(), HOSTILE), True),
    ),
    ("opl/captura_paquete.html", package_page()),
    (
        "opl/captura_paquete.html",
        package_page(
            paquete=paquete(LONG, abierto=False, cerrado_ms=NOW), filas=(), faltantes=(), estado="lista",
            sin_capturar="", anterior="", siguiente="", ver_registros=False, ver_aspirante=False,
        ),
    ),
    ("opl/captura_paquete.html", package_page(filas=(), avance=Avance(5), puede_administrar=False)),
    *(
        ("opl/captura_cerrar.html", captura_paquetes.CerrarContext(form, paquete(HOSTILE), far, faltan, text, "1,2"))
        for form in (captura_paquetes.CERRAR.vacio(), filled(captura_paquetes.CERRAR.vacio(), HOSTILE))
        for far, faltan, text in ((FAR, 0, ""), (Avance(5, 3, 0, 0, 1), 1, "4"), (Avance(5, 1), 4, "1 a 3, 5"))
    ),
    ("opl/captura_cedula.html", typing()),
    ("opl/captura_cedula.html", typing(guardada=6, corregible=True, con_padron=True, padron=(HOSTILE, "bien"))),
    (
        "opl/captura_cedula.html",
        typing(
            "repetir", form=filled(captura_cedulas.FORMULARIO.vacio(), HOSTILE), foco="", vistos=HOSTILE,
            avisos=(Aviso("repetida", HOSTILE, ("cic",)),),
        ),
    ),
    ("opl/captura_cedula.html", typing("corregir")),
    ("opl/captura_por_conciliar.html", captura_conciliar.ListaContext((), False)),
    (
        "opl/captura_por_conciliar.html",
        captura_conciliar.ListaContext((Pendiente(3, 4, HOSTILE, 7, HOSTILE, LONG, NOW),), True),
    ),
    ("opl/captura_conciliar.html", settling(SETTLE)),
    ("opl/captura_conciliar.html", settling(filled(SETTLE, HOSTILE))),
]  # fmt: skip
