"""Contexts of the OPL's front page, periodos and aspirantes: filled, empty, hostile."""

from __future__ import annotations

from typing import Any

from server.domain.consecuencias import Consecuencia
from server.domain.discrepancias import Discrepancia
from server.domain.territorio import Lugar, Territorio, UnidadTerritorial
from server.domain.umbral import Dispersion, ErrorLinea, Umbral, Unidad
from server.errors import DatoInvalido
from server.portals.forms import Leido
from server.portals.opl import aspirante_ficha, aspirantes, inicio, periodos
from server.store.aspirantes import Aspirante, Aviso, DatosAspirante, Fila, Movimiento
from server.store.periodos import Periodo, Proceso

HOSTILE = '<script>alert("x")</script>'
NOW = 1_790_000_000_000
LONG = "María Guadalupe de la Concepción " * 6


def periodo(nombre: str = "Gubernatura", **changes: Any) -> Periodo:
    values: dict[str, Any] = {
        "id": 1, "proceso_id": 1, "proceso": nombre, "tipo": "candidatura_independiente", "nombre": nombre,
        "ambito": "local", "entidad": "01", "inicia_ms": NOW, "termina_ms": NOW + 1, "activo": True,
        "apoyos_requeridos": 5567, "dispersion": "municipio", "unidades_requeridas": 1, "aspirantes": 2, **changes,
    }  # fmt: skip
    return Periodo(**values)


def aspirante(text: str = "Ana", estado: str = "confirmado", **changes: Any) -> Aspirante:
    datos = {name: text for name in DatosAspirante.__slots__ if name != "periodo_id"}
    values: dict[str, Any] = {
        "id": 7, "datos": DatosAspirante(periodo_id=1, **datos), "emblema_png": b"png", "estado": estado,
        "confirmado_ms": NOW if estado == "confirmado" else None, "creado_ms": NOW, "cuenta": 3,
        "cuenta_estatus": "activa", "con_contrasena": False, **changes,
    }  # fmt: skip
    return Aspirante(**values)


def filled(form: Leido, text: str) -> Leido:
    """Every field with this in it, and an error on each."""
    names = [campo.nombre for campo in form.formulario.campos]
    error = DatoInvalido("texto_largo", f"Así no: {text}.")
    return Leido(form.formulario, dict.fromkeys(names, text), {}, dict.fromkeys(names, error))


EMPTY_PERIODO = periodos.formulario([]).vacio()
PERIODO = periodos.formulario([Proceso(1, "revocacion_mandato", HOSTILE)]).vacio({"proceso": "1"})
ASPIRANTE = aspirantes.formulario([(1, HOSTILE, HOSTILE)]).vacio()
CONFIRMED = aspirantes.formulario([(1, "Gubernatura", "2027")], confirmado=True).vacio()
DIFFERENCE = (Discrepancia("ocr_seccion", HOSTILE, ("ocr", "seccion")),)
UMBRAL = Umbral(5567, Dispersion.MUNICIPIO, 1, (Unidad("001", HOSTILE, 1), Unidad("002", "", 1200)))
CHOICES = (("1", HOSTILE), ("2", LONG))


def ficha(found: Aspirante, **changes: Any) -> aspirante_ficha.FichaContext:
    values: dict[str, Any] = {
        "aspirante": found, "periodo": periodo(HOSTILE), "estado": "Confirmado", "clase": "bien",
        "entidad": "Aguascalientes", "cuenta": "Google", "diferencias": DIFFERENCE,
        "movimientos": (("Baja", Movimiento("baja", HOSTILE, HOSTILE, NOW)),),
        "correos": (
            ("Confirmación con el folio único", "enviado", Aviso("aspirante_registrado", "enviado", NOW, NOW)),
            ("Aviso de baja", "no se pudo enviar", Aviso("aspirante_baja", "fallido", NOW, None)),
        ),
        "puede_administrar": True, **changes,
    }  # fmt: skip
    return aspirante_ficha.FichaContext(**values)


TERRITORIO = Territorio((Lugar(UnidadTerritorial.SECCION, HOSTILE, HOSTILE), Lugar(UnidadTerritorial.SECCION, "2")))

CONTEXTS: list[tuple[str, Any]] = [
    ("opl/inicio.html", inicio.InicioContext((), True, True, True, 0, 0, 0, 7)),
    ("opl/inicio.html", inicio.InicioContext((), True, False, False, 0, 1, 0, 7)),
    (
        "opl/inicio.html",
        inicio.InicioContext((inicio.Tarea(50_000, HOSTILE, "/opl/cuentas", "mal"),), False, False, True, 9, 8, 7, 7),
    ),
    ("opl/periodos.html", periodos.ListaContext((), (("abierto", "Abierto"),), "", "", "", False)),
    ("opl/periodos.html", periodos.ListaContext((), (("abierto", "Abierto"),), "abierto", "", "", True)),
    (
        "opl/periodos.html",
        periodos.ListaContext(
            (
                periodos.Fila(periodo(HOSTILE), "Abierto", "bien", "Aguascalientes"),
                periodos.Fila(periodo(LONG, entidad="", ambito="federal"), "Cerrado", "gris", ""),
            ),
            (("abierto", "Abierto"),), "", "/opl/periodos?despues=9", "/opl/periodos?antes=1", True,
        ),
    ),
    (
        "opl/periodo.html",
        periodos.FichaContext(
            periodo(HOSTILE), "Consulta popular", "Abierto", "bien", HOSTILE, NOW, UMBRAL, UMBRAL.unidades[:1],
            TERRITORIO, TERRITORIO.lugares[:1], 12, True,
        ),
    ),
    (
        "opl/periodo.html",
        periodos.FichaContext(
            periodo(LONG), "Consulta popular", "Cerrado", "gris", "", NOW, Umbral(), (), Territorio(), (), 0, False
        ),
    ),
    ("opl/periodo_forma.html", periodos.FormaContext(EMPTY_PERIODO, 0, (), "", (), 0, (), 0)),
    (
        "opl/periodo_forma.html",
        periodos.FormaContext(
            filled(PERIODO, HOSTILE), 4, (Consecuencia("traslape", HOSTILE),), HOSTILE,
            (ErrorLinea(3, "unidad_columnas", HOSTILE),), 12, (ErrorLinea(7, "territorio_columnas", HOSTILE),), 3,
        ),
    ),
    (
        "opl/aspirantes.html",
        aspirantes.ListaContext((), aspirantes.ESTADOS, (), "", "", "", 0, "", "", True),
    ),
    (
        "opl/aspirantes.html",
        aspirantes.ListaContext((), aspirantes.ESTADOS, CHOICES, "1", "inactivo", HOSTILE, 0, "", "", False),
    ),
    (
        "opl/aspirantes.html",
        aspirantes.ListaContext(
            tuple(
                Fila(n, name, name, estado, True, 50_000)
                for n, (name, estado) in enumerate(zip((HOSTILE, LONG, "", "Ana"), aspirantes.ESTADOS, strict=True))
            ),
            aspirantes.ESTADOS, CHOICES, "", "", "", 50_000, "/opl/aspirantes?despues=9", "/opl/aspirantes?antes=1",
            True,
        ),
    ),
    ("opl/aspirante_forma.html", aspirantes.FormaContext(ASPIRANTE, 0, False, (), "", False, False, False)),
    (
        "opl/aspirante_forma.html",
        aspirantes.FormaContext(aspirantes.formulario([]).vacio(), 0, False, (), "", False, False, True),
    ),
    (
        "opl/aspirante_forma.html",
        aspirantes.FormaContext(filled(ASPIRANTE, HOSTILE), 7, False, DIFFERENCE, HOSTILE, True, True, False),
    ),
    ("opl/aspirante_forma.html", aspirantes.FormaContext(CONFIRMED, 7, True, (), "", True, False, False)),
    ("opl/aspirante.html", ficha(aspirante(HOSTILE))),
    ("opl/aspirante.html", ficha(aspirante(LONG, "inactivo"), puede_administrar=False)),
    (
        "opl/aspirante.html",
        ficha(
            aspirante("", "por_restaurar", emblema_png=None, cuenta=None), periodo=None, diferencias=(), movimientos=(),
            correos=(), entidad="", cuenta="",
        ),
    ),
    *(
        (
            "opl/aspirante_confirmar.html",
            aspirante_ficha.ConfirmarContext(filled(aspirante_ficha.CONFIRMAR.vacio(), HOSTILE), found, falta),
        )
        for found, falta in (
            (aspirante(HOSTILE), ""), (aspirante(HOSTILE, "sin_confirmar"), ""),
            (aspirante(HOSTILE, "sin_confirmar"), HOSTILE),
        )
    ),
    *(
        (
            "opl/aspirante_movimiento.html",
            aspirante_ficha.MovimientoContext(filled(aspirante_ficha.CAUSA.vacio(), HOSTILE), found, reactivar),
        )
        for found in (aspirante(HOSTILE), aspirante("", "sin_confirmar", cuenta=None))
        for reactivar in (False, True)
    ),
    (
        "opl/aspirante_correo.html",
        aspirante_ficha.CorreoContext(filled(aspirante_ficha.CORREO.vacio(), HOSTILE), aspirante(HOSTILE)),
    ),
]  # fmt: skip
