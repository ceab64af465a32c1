"""Contexts of the coordination's pages: filled, empty and hostile."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from server.domain.apoyo import Ambito, Clase, Duplicado, OrigenApoyo, Resultado, Situacion, Via
from server.domain.inconsistencias import DEL_PROTOCOLO, Inconsistencia
from server.domain.plazo import Proyeccion, Renglon
from server.domain.reglas import Reglas
from server.errors import DatoInvalido
from server.mesa_control.criterios import Criterios, Diferencia, diferencias
from server.portals.mesa_control import acuerdo, asignar, carga, casos, criterios, historia, operadores
from server.store.apoyos import Apoyo
from server.store.carga import DeAspirante
from server.store.criterios import Version
from server.store.elevaciones import Elevacion
from server.store.operadores import Operador

HOSTILE = '<script>alert("x")</script>'
NOW = 1_790_000_000_000
INCISOS = tuple(DEL_PROTOCOLO.values())


def operador(text: str = "Rosa Gil", *, activa: bool = True) -> Operador:
    return Operador(3, text, "operacion", activa)


def mesa(text: str = "Rosa Gil", *, rows: int = 2, **changes: Any) -> carga.CargaContext:
    renglones = tuple(Renglon(20_000 + n, 1_200, 1_200 if n == 0 else 0) for n in range(rows))
    values: dict[str, Any] = {
        "proyeccion": Proyeccion(400.0, renglones, 20_010), "vencidos": 600 * rows, "por_vencer": rows,
        "ritmo": 400, "supuesto": False, "termina": "01/10/2026",
        "hechos_hoy": 120, "sin_asignar": 900, "casos": rows,
        "dias": tuple(carga.Dia("21/09/2026", text, one.esperan, one.tarde) for one in renglones),
        "operadores": tuple(
            carga.FilaOperador(n, text, "administracion" if n else "operacion", n != 1, 380,
                               (("20 sep", 0), ("21 sep", 410)), 1_000, "22/09/2026", "3 días")
            for n in range(rows)
        ),
        "nombres_dias": ("20 sep", "21 sep"),
        "aspirantes": tuple(
            carga.FilaAspirante(n, text if n else "", 10, 5, "21/09/2026", n == 0) for n in range(rows)
        ),
        "reglas": Reglas(), "capacidad": 800 if rows else 0, "impedidas": text if rows else "", **changes,
    }  # fmt: skip
    return carga.CargaContext(**values)


def reparto(text: str = "Rosa Gil", *, vista: bool = True, total: int = 5, sobran: int = 2, **changes: Any) -> Any:
    there = asignar._Hay([operador(text)], {3: (7, 20_000)}, [DeAspirante(1, text, 9, 4, 20_000)])
    form = asignar.formulario(there).vacio({"de": "nadie", "vencen": text})
    values: dict[str, Any] = {
        "form": form, "candidatos": (asignar.Candidato("a3", text, 7, True), asignar.Candidato("a4", text, 0, False)),
        "sin_elegir": "", "vista": vista, "reciben": (asignar.Recibe(text, 7, total),) if total else (), "total": total,
        "sobran": sobran, **changes,
    }  # fmt: skip
    return asignar.AsignarContext(**values)


def ficha(text: str = "Rosa Gil", *, activa: bool = True, esperan: int = 7) -> operadores.OperadorContext:
    days = tuple(operadores.DiaDeOperador("21/09/2026", n, n, n, 2 * n, n) for n in range(3))
    return operadores.OperadorContext(
        operador(text, activa=activa), 400, 380, esperan, "21/09/2026" if esperan else "", 2, days
    )


def caso(text: str = "Dos firmas", *, resuelto: bool = False) -> Elevacion:
    return Elevacion(
        4, 9, "000001-000001-0000001-000001-1", 1, 12, text, 3, text, NOW, text if resuelto else "",
        text if resuelto else "", NOW if resuelto else None,
    )  # fmt: skip


def un_caso(text: str = "Dos firmas", *, resuelto: bool = False, error: bool = False) -> casos.CasoContext:
    form = casos.formulario(Criterios(0, INCISOS[:14])).vacio({"detalle": text, "abierto_ms": str(NOW)})
    form = form.con_error("inciso", DatoInvalido("inciso_ajeno", text)) if error else form
    return casos.CasoContext(caso(text, resuelto=resuelto), form)


def apoyo(**changes: Any) -> Apoyo:
    values: dict[str, Any] = {
        "id": 9, "folio": "000001-000001-0000001-000001-1", "solicitud": 1, "auxiliar": 1, "dispositivo": 1,
        "recibido_ms": NOW, "dia": 20_000, "origen": OrigenApoyo.BIEN, "nombre": "", "apellido_paterno": "",
        "apellido_materno": "", "situacion": Situacion.LISTA_NOMINAL, "motivo_baja": None, "municipio": "",
        "seccion": "", "resultado": Resultado.PENDIENTE, "inciso": "", "detalle": "", "via": Via.APP,
        "duplicado": Duplicado.NO, "ambito": Ambito.NO_SABIDO, "fuera_de_regimen": False, "padron_version": None,
        "padron_corte": "", "padron_ms": None, "clase": Clase.EN_MESA, **changes,
    }  # fmt: skip
    return Apoyo(**values)


def registro(text: str = "Rosa Gil", *, rows: int = 2) -> historia.HistoriaContext:
    return historia.HistoriaContext(
        apoyo(resultado=Resultado.INCONSISTENTE, inciso="f", detalle=text, via=Via.PAPEL) if rows else apoyo(),
        tuple(
            historia.FilaDictamen(n, NOW, "Primera revisión", text, "f" if n else "", text, text, n, "Vigente", "bien",
                                  20 * n, ((text, text),) if n else ())
            for n in range(rows)
        ),
        tuple(
            historia.FilaRevision("Reapertura", "Espera", "duda", NOW, NOW, text if n else "", text if n else "",
                                  text if n else "", text if n else "")
            for n in range(rows)
        ),
        tuple(historia.FilaCorreccion("el CIC", text, NOW) for _ in range(rows)),
        tuple(caso(text, resuelto=bool(n)) for n in range(rows)), rows > 0,
    )  # fmt: skip


def acuerdos(text: str = "Rosa Gil", *, rows: int = 2) -> acuerdo.AcuerdoContext:
    filas = tuple(acuerdo.FilaAcuerdo(n, text, 40, "90 %", "0.81", "−0.10", text) for n in range(rows))
    todos = acuerdo.FilaAcuerdo(0, "Todas las parejas", 40, "90 %", "0.81", "—", text)
    return acuerdo.AcuerdoContext(
        filas, todos, (("Válido", text, 3),) if rows else (), 30, acuerdo.PERIODOS, 5 if rows else 0, 30
    )


def criterio(version: int, text: str = "Acuerdo 3", *, vigente: int = 2) -> criterios.CriteriosContext:
    before: tuple[Inconsistencia, ...] = INCISOS[:15]
    now = (*INCISOS[1:14], replace(INCISOS[0], texto=text), replace(INCISOS[14], inciso="pf", texto=text))
    found: tuple[Diferencia, ...] = diferencias(before, now)
    said = Version(version, text, NOW, text)
    return criterios.CriteriosContext(
        version, vigente, now[:14], now[14:], said if version else None, version - 1, found if version else (),
        (said,) if version else (),
    )  # fmt: skip


def editar(text: str = "", *, error: bool = False) -> criterios.EditarContext:
    crudo = criterios._filled(INCISOS, 0) | ({"nota": text, "i-a_texto": text} if text else {})
    form = criterios.formulario(INCISOS).vacio(crudo)
    form = form.con_error("i-a_texto", DatoInvalido("falta_dato", text)) if error else form
    return criterios.EditarContext(form, criterios._rows(INCISOS), 0)


CONTEXTS: list[tuple[str, Any]] = [
    ("opl/mesa.html", mesa()),
    ("opl/mesa.html", mesa(rows=0, ritmo=0, supuesto=True, termina="")),
    ("opl/mesa.html", mesa(supuesto=True, casos=0, impedidas="")),
    ("opl/mesa_asignar.html", reparto()),
    ("opl/mesa_asignar.html", reparto(vista=False, total=0, sobran=0)),
    ("opl/mesa_asignar.html", reparto(total=0, sobran=0)),
    ("opl/mesa_asignar.html", reparto(total=0, sobran=1)),
    ("opl/mesa_asignar.html", reparto(vista=False, total=0, sin_elegir="Marque a alguien.")),
    ("opl/mesa_asignar.html", reparto(vista=False, total=0, candidatos=())),
    ("opl/mesa_operador.html", ficha()),
    ("opl/mesa_operador.html", ficha(activa=False, esperan=0)),
    ("opl/mesa_liberar.html", operadores.LiberarContext(operador(), 7, 2)),
    ("opl/mesa_liberar.html", operadores.LiberarContext(operador(), 0, 0)),
    ("opl/mesa_casos.html", casos.CasosContext((caso(),), False, "", "")),
    ("opl/mesa_casos.html", casos.CasosContext((caso(resuelto=True),), True, "?despues=1", "?antes=1")),
    ("opl/mesa_casos.html", casos.CasosContext((), False, "", "")),
    ("opl/mesa_casos.html", casos.CasosContext((), True, "", "")),
    ("opl/mesa_caso.html", un_caso()),
    ("opl/mesa_caso.html", un_caso(resuelto=True)),
    ("opl/mesa_caso.html", un_caso(error=True)),
    ("opl/mesa_acuerdo.html", acuerdos()),
    ("opl/mesa_acuerdo.html", acuerdos(rows=0)),
    ("opl/mesa_registro.html", registro()),
    ("opl/mesa_registro.html", registro(rows=0)),
    ("opl/mesa_reabrir.html", historia.ReabrirContext(apoyo(), historia.REABRIR.vacio())),
    ("opl/criterios.html", criterio(0, vigente=0)),
    ("opl/criterios.html", criterio(1)),
    ("opl/criterios.html", criterio(2)),
    ("opl/criterios_editar.html", editar()),
    ("opl/criterios_editar.html", editar("x", error=True)),
]
HOSTILE_CONTEXTS: list[tuple[str, Any]] = [
    ("opl/mesa.html", mesa(HOSTILE)),
    ("opl/mesa_asignar.html", reparto(HOSTILE)),
    ("opl/mesa_asignar.html", reparto(HOSTILE, vista=False)),
    ("opl/mesa_operador.html", ficha(HOSTILE)),
    ("opl/mesa_liberar.html", operadores.LiberarContext(operador(HOSTILE), 7, 2)),
    ("opl/mesa_casos.html", casos.CasosContext((caso(HOSTILE, resuelto=True),), True, "", "")),
    ("opl/mesa_caso.html", un_caso(HOSTILE, error=True)),
    ("opl/mesa_caso.html", un_caso(HOSTILE, resuelto=True)),
    ("opl/mesa_acuerdo.html", acuerdos(HOSTILE)),
    ("opl/mesa_registro.html", registro(HOSTILE)),
    ("opl/mesa_reabrir.html", historia.ReabrirContext(apoyo(), historia.REABRIR.vacio({"motivo": HOSTILE}))),
    ("opl/criterios.html", criterio(2, HOSTILE)),
    ("opl/criterios_editar.html", editar(HOSTILE, error=True)),
]
