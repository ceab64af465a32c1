"""Contexts of the pages of hearings: empty, full, hostile, with errors."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from server.domain.garantia_audiencia import Estado
from server.domain.inconsistencias import DEL_PROTOCOLO
from server.errors import DatoInvalido
from server.mesa_control.garantia_acta import en_palabras
from server.portals.aspirante import audiencias as propias
from server.portals.aspirante import audiencias_nueva as nueva
from server.portals.audiencias import ESTADOS, QUE, Fila
from server.portals.forms import Formulario
from server.portals.opl import audiencia_programar as programar
from server.portals.opl import audiencia_sala as sala
from server.portals.opl import audiencias as opl
from server.store.audiencia_registros import Dicho, Impugnable
from server.store.audiencia_revisores import Revisor
from server.store.audiencias import Audiencia, EnLista, Sesion, Totales

HOSTILE = '<script>alert("x")</script>'
NOW = 1_790_000_000_000
FOLIO = "000001-000002-0000003-000004-5"
NADA = Totales()
ALGO = Totales(1214, 1000, 200, 10, 1, 3)
PEDIDA = Audiencia(7, 1, Estado.SOLICITADA, "", NOW, 1, None, 60, "", "", None, None, None)
CITADA = replace(PEDIDA, estado=Estado.PROGRAMADA, inicia_ms=NOW, lugar=HOSTILE, oficialia=HOSTILE, motivo=HOSTILE)
ABIERTA = replace(CITADA, estado=Estado.EN_DESAHOGO)
CONCLUIDA = replace(CITADA, estado=Estado.CONCLUIDA, concluida_ms=NOW, acta_archivo=3, acta_resumen=b"x" * 32)
DESISTIDA = replace(PEDIDA, estado=Estado.DESISTIDA)
TODAS = (PEDIDA, CITADA, ABIERTA, CONCLUIDA, DESISTIDA)
FILAS = (
    Fila(1, FOLIO, 2, "Inconsistente, inciso e)", "Por revisar", "gris", "", ""),
    Fila(2, FOLIO, 2, HOSTILE, HOSTILE, "bien", HOSTILE, HOSTILE),
)
REVISOR = Revisor(4, HOSTILE, HOSTILE, "audiencia", "r@ejemplo.mx")
SESION = Sesion(1, NOW, NOW, 60, HOSTILE, HOSTILE, HOSTILE, HOSTILE)
DICHO = Dicho(1, "inconsistente", "e", HOSTILE, 0, 9, NOW)
ERROR = DatoInvalido("falta_dato", "Escriba algo.")
FILTROS = Formulario(*nueva._filtros({"e": "e) Fotocopia"}))


def lista(*filas: EnLista, **changes: Any) -> propias.ListaContext:
    values: dict[str, Any] = {
        "filas": filas, "clases": ESTADOS, "impugnables": 0, "anterior": "", "siguiente": "", **changes,
    }  # fmt: skip
    return propias.ListaContext(**values)


def propia(one: Audiencia, totales: Totales = ALGO, **changes: Any) -> propias.FichaContext:
    values: dict[str, Any] = {
        "audiencia": one, "clase": ESTADOS[one.estado], "totales": totales, "cifras": en_palabras(totales),
        "filas": FILAS, "que": "", "opciones": tuple(QUE.items()), "modificable": one.estado is Estado.SOLICITADA,
        "desistible": one.estado in (Estado.SOLICITADA, Estado.PROGRAMADA), "forma": propias.DE_TODOS.vacio(),
        "anterior": "", "siguiente": "", **changes,
    }  # fmt: skip
    return propias.FichaContext(**values)


def pedir(**changes: Any) -> nueva.NuevaContext:
    one = nueva.Opcion(Impugnable(1, FOLIO, 2, NOW, "app", DICHO), HOSTILE, True)
    values: dict[str, Any] = {
        "filtros": FILTROS.vacio(), "forma": Formulario(nueva.ARGUMENTO).vacio(), "opciones": (one,), "total": 214,
        "todos": 1214, "corte": 9, "abierta": None, "envio": nueva.URL, "anterior": "/a", "siguiente": "/b", **changes,
    }  # fmt: skip
    return nueva.NuevaContext(**values)


def del_opl(one: Audiencia, **changes: Any) -> opl.FichaContext:
    values: dict[str, Any] = {
        "audiencia": one, "clase": ESTADOS[one.estado], "aspirante": HOSTILE, "totales": ALGO,
        "cifras": en_palabras(ALGO), "revisores": (REVISOR,), "impedidos": (), "sesiones": (SESION,), "filas": FILAS,
        "que": "faltan", "opciones": tuple(QUE.items()), "puede_administrar": True,
        "puede_iniciar": one.estado is Estado.PROGRAMADA, "puede_revisar": one.estado is Estado.EN_DESAHOGO,
        "anterior": "/a", "siguiente": "/b", **changes,
    }  # fmt: skip
    return opl.FichaContext(**values)


def forma(acto: str, form: Any, campos: tuple[str, ...], **changes: Any) -> programar.FormaContext:
    values: dict[str, Any] = {
        "audiencia": CITADA, "acto": acto, "titulo": "Programar la audiencia 7", "enviar": "Programar",
        "totales": ALGO, "form": form.vacio(), "campos": campos,
        "candidatos": (programar.Candidato(REVISOR, "Garantía de audiencia", True),), "impedidos": 2,
        "error_revisores": None, "conflictos": (), "avisos": "", **changes,
    }  # fmt: skip
    return programar.FormaContext(**values)


MARCHA = sala.Marcha(12, 214, "12 de 214", "A este ritmo termina a las 12:00.", True, HOSTILE)
MOSTRADO = sala.Mostrado(
    apoyo=1, folio=FOLIO, auxiliar=2, antes=HOSTILE, criterio="La imagen es una fotocopia.", detalle=HOSTILE,
    quien="Mesa de control, cuenta 9", en="21/09/2026 08:13", version=0, argumento=HOSTILE, ahora="Válido",
    clase="bien", otro="Después…", papel=True, banderas=(HOSTILE,),
    imagenes=(sala.Imagen("anverso", "Anverso", "/x"), sala.Imagen("firma", "Firma", "")), no_abre=False,
)  # fmt: skip


def en_sala(mostrado: sala.Mostrado | None, **changes: Any) -> sala.SalaContext:
    values: dict[str, Any] = {
        "audiencia": ABIERTA, "mostrado": mostrado, "marcha": MARCHA, "lugar": 3, "suyos": 9,
        "incisos": tuple(DEL_PROTOCOLO.values()), "form": sala.FORMULARIO.vacio(), "sello": "abc", "anterior": "/a",
        "siguiente": "/b", **changes,
    }  # fmt: skip
    return sala.SalaContext(**values)


WRONG = sala.FORMULARIO.vacio({"decision": "otro", "detalle": HOSTILE}).con_error("inciso", ERROR)
CONTEXTS: list[tuple[str, Any]] = [
    ("aspirante/audiencias.html", lista()),
    ("aspirante/audiencias.html", lista(*(EnLista(one, "", ALGO) for one in TODAS), impugnables=3, siguiente="/b")),
    ("aspirante/audiencia_nueva.html", pedir()),
    ("aspirante/audiencia_nueva.html", pedir(abierta=PEDIDA, total=1, todos=1)),
    ("aspirante/audiencia_nueva.html", pedir(opciones=(), total=0, todos=0)),
    ("aspirante/audiencia_nueva.html", pedir(filtros=FILTROS.vacio({"folio": HOSTILE}).con_error("folio", ERROR))),
    *(("aspirante/audiencia.html", propia(one)) for one in TODAS),
    ("aspirante/audiencia.html", propia(PEDIDA, forma=propias.DE_TODOS.vacio().con_error("", ERROR))),
    ("aspirante/audiencia.html", propia(CONCLUIDA, filas=())),
    ("aspirante/audiencia_registro.html", propias.RegistroContext(PEDIDA, FILAS[1], propias.DE_UNO.vacio())),
    ("aspirante/audiencia_desistir.html", propias.DesistirContext(CITADA, ALGO)),
    (
        "opl/audiencias.html",
        opl.ListaContext(opl.FILTROS.vacio(), "21/09/2026", "/a", "/b", (), (), ESTADOS, "", ""),
    ),
    (
        "opl/audiencias.html",
        opl.ListaContext(
            opl.FILTROS.vacio(), "21/09/2026", "/a", "/b", (EnLista(CITADA, HOSTILE, ALGO),),
            tuple(EnLista(one, HOSTILE, ALGO) for one in TODAS), ESTADOS, "/a", "/b",
        ),
    ),
    *(("opl/audiencia.html", del_opl(one)) for one in TODAS),
    ("opl/audiencia.html", del_opl(ABIERTA, totales=Totales(1, 1), filas=(), impedidos=(HOSTILE, "Ana"))),
    ("opl/audiencia_forma.html", forma("programar", programar.PROGRAMAR, programar._CAMPOS)),
    (
        "opl/audiencia_forma.html",
        forma("programar", programar.PROGRAMAR, programar._CAMPOS, conflictos=(HOSTILE,), avisos="1-2-3-n"),
    ),
    ("opl/audiencia_forma.html", forma("continuar", programar.CONTINUAR, ("motivo", *programar._CAMPOS))),
    ("opl/audiencia_forma.html", forma("revisores", programar.NOMBRAR, (), candidatos=(), error_revisores=ERROR)),
    ("opl/audiencia_forma.html", forma("iniciar", programar.INICIAR, ("asistentes",))),
    (
        "opl/audiencia_concluir.html",
        programar.ConcluirContext(ABIERTA, Totales(5, 5), en_palabras(Totales(5, 5)), programar.CONCLUIR.vacio()),
    ),
    ("opl/audiencia_concluir.html", programar.ConcluirContext(ABIERTA, ALGO, en_palabras(ALGO), WRONG)),
    ("opl/audiencia_sala.html", en_sala(MOSTRADO)),
    ("opl/audiencia_sala.html", en_sala(replace(MOSTRADO, no_abre=True, ahora="", otro=""), form=WRONG)),
    ("opl/audiencia_sala.html", en_sala(None, lugar=0)),
    ("opl/audiencia_pantalla.html", sala.PantallaContext(ABIERTA, MOSTRADO, MARCHA, 4, "/x?visto=1")),
    ("opl/audiencia_pantalla.html", sala.PantallaContext(CITADA, None, MARCHA, 4, "/x?visto=1")),
]  # fmt: skip
