"""Scheduling a hearing, naming who reviews, beginning, going on another day, concluding (row B8; P14.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from starlette.responses import Response

from server.clock import CENTRO, hora_del_centro
from server.documentos.compilar import DocumentoError
from server.domain.garantia_audiencia import Acto, Conflicto, Estado, despues
from server.domain.roles import Rol
from server.errors import AppError, DatoInvalido
from server.mesa_control import garantia_acta
from server.mesa_control import garantia_audiencia as operaciones
from server.mesa_control.garantia_audiencia import Guardada, PorAceptar, Programacion
from server.portals import impresos
from server.portals.audiencias import una
from server.portals.forms import Campo, Formulario, Leido, entero, instante, marcado, parrafos, texto
from server.portals.visita import Visita
from server.security import permissions as puede
from server.store import audiencia_revisores, audiencias
from server.store.audiencia_revisores import Revisor
from server.store.audiencias import Audiencia, Totales
from server.store.connection import Connection
from server.store.writer import Tx

URL = "/opl/audiencias"
_CITA: Final = (
    Campo("inicia", "Fecha y hora (del centro)", instante, tipo="datetime-local"),
    Campo("minutos", "Duración prevista, en minutos", entero(1, operaciones.MAX_MINUTOS), teclado="numeric", maximo=6),
    Campo("lugar", "Lugar", texto, maximo=300),
    Campo(
        "oficialia", "Oficialía Electoral: quién levanta el acta", texto, maximo=200, ayuda="Su nombre y cargo."
    ),
    Campo("avisos", "Avisos", obligatorio=False, tipo="hidden", maximo=2_000),
    Campo("acepto", "Lo leí, y la audiencia queda así", marcado, obligatorio=False, tipo="checkbox"),
)  # fmt: skip
PROGRAMAR = Formulario(*_CITA)
CONTINUAR = Formulario(
    Campo("motivo", "Por qué continúa otro día", parrafos, tipo="textarea", maximo=1_000), *_CITA
)  # fmt: skip
NOMBRAR = Formulario()
INICIAR = Formulario(
    Campo(
        "asistentes", "Quiénes asisten", parrafos, tipo="textarea", maximo=2_000,
        ayuda="Una persona por renglón, con su carácter. Por ejemplo: la persona aspirante, su representante. Si no "
        "acudió nadie de su parte, anótelo.",
    )
)  # fmt: skip
CONCLUIR = Formulario(Campo("acepto", "Revisé el borrador del acta y es correcto", marcado, tipo="checkbox"))
_FIELD: Final = {
    "audiencia_pasada": "inicia", "audiencia_duracion": "minutos", "audiencia_sin_revisores": "revisores",
    "revisor_ajeno": "revisores", "revisor_impedido": "revisores",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Candidato:
    """Somebody who may review. `marcado`: chosen."""

    revisor: Revisor
    rol: str
    marcado: bool


@dataclass(frozen=True, slots=True)
class FormaContext:
    """opl/audiencia_forma.html. `acto`: programar, continuar, revisores, iniciar; `titulo`, `enviar`: in words.

    `impedidos`: how many active accounts are left out because they decided one of its registros. `conflictos`: lines to
    be read first; `avisos`: their codes. `error_revisores`: what is wrong with who was chosen.
    """

    audiencia: Audiencia
    acto: str
    titulo: str
    enviar: str
    totales: Totales
    form: Leido
    campos: tuple[str, ...]
    candidatos: tuple[Candidato, ...]
    impedidos: int
    error_revisores: DatoInvalido | None
    conflictos: tuple[str, ...]
    avisos: str


@dataclass(frozen=True, slots=True)
class ConcluirContext:
    """opl/audiencia_concluir.html."""

    audiencia: Audiencia
    totales: Totales
    cifras: tuple[tuple[str, int], ...]
    form: Leido


_TITULOS: Final = {
    Acto.PROGRAMAR: ("Programar la audiencia", "Programar"),
    Acto.CONTINUAR: ("Continuar otro día la audiencia", "Suspender y continuar ese día"),
    Acto.REVISORES: ("Quiénes revisan en la audiencia", "Guardar"),
    Acto.INICIAR: ("Iniciar la audiencia", "Iniciar"),
}
_CAMPOS: Final = ("inicia", "minutos", "lugar", "oficialia")


# -- a date, a place, reviewers -------------------------------------------------------------------------------------


async def programar(v: Visita) -> Response:
    """GET /opl/audiencias/{id}/programar."""
    return await _muestra(v, Acto.PROGRAMAR)


async def programada(v: Visita) -> Response:
    """POST /opl/audiencias/{id}/programar."""
    return await _guarda(v, Acto.PROGRAMAR)


async def continuar(v: Visita) -> Response:
    """GET /opl/audiencias/{id}/continuar."""
    return await _muestra(v, Acto.CONTINUAR)


async def continuada(v: Visita) -> Response:
    """POST /opl/audiencias/{id}/continuar."""
    return await _guarda(v, Acto.CONTINUAR)


async def revisores(v: Visita) -> Response:
    """GET /opl/audiencias/{id}/revisores."""
    return await _muestra(v, Acto.REVISORES)


async def nombrados(v: Visita) -> Response:
    """POST /opl/audiencias/{id}/revisores."""
    id_, cuenta = _id(v), v.persona.cuenta
    chosen = await _chosen(v)
    try:
        changed = await v.write(lambda tx: operaciones.nombrar(tx, id_, chosen, cuenta=cuenta))
    except DatoInvalido as error:
        return await _forma(v, Acto.REVISORES, NOMBRAR.vacio(), chosen, error=error)
    return v.go(f"{URL}/{id_}", "guardado" if changed else "sin_cambios")


async def _muestra(v: Visita, acto: Acto) -> Response:
    id_ = _id(v)
    one, named = await v.read(lambda conn: (una(conn, id_), audiencia_revisores.revisores(conn, id_)))
    form = CONTINUAR if acto is Acto.CONTINUAR else PROGRAMAR
    start = {"minutos": str(one.minutos), "lugar": one.lugar, "oficialia": one.oficialia}
    if one.inicia_ms is not None and acto is Acto.PROGRAMAR:
        start["inicia"] = _local(one.inicia_ms)
    return await _forma(v, acto, form.vacio(start), [revisor.cuenta for revisor in named])


async def _guarda(v: Visita, acto: Acto) -> Response:
    id_, cuenta = _id(v), v.persona.cuenta
    one = await v.read(lambda conn: una(conn, id_))
    form, chosen = await v.form(CONTINUAR if acto is Acto.CONTINUAR else PROGRAMAR), await _chosen(v)
    if one.inicia_ms is not None and form.crudo["inicia"] == _local(one.inicia_ms):
        # An instant that nobody touched stays as it was: the field shows less of it.
        form = replace(form, valores={**form.valores, "inicia": one.inicia_ms})
    if not form.bien:
        return await _forma(v, acto, form, chosen)
    said = form.valores
    cita = Programacion(said["inicia"], said["minutos"], said["lugar"], said["oficialia"], tuple(sorted(set(chosen))))
    shown = form.crudo["avisos"].split(",") if said["acepto"] else []

    def operation(tx: Tx) -> Guardada | PorAceptar:
        if acto is Acto.CONTINUAR:
            return operaciones.continuar(tx, id_, said["motivo"], cita, aceptados=shown, cuenta=cuenta)
        return operaciones.programar(tx, id_, cita, aceptados=shown, cuenta=cuenta)

    try:
        done = await v.write(operation)
    except DatoInvalido as error:
        field = _FIELD.get(error.codigo, "")
        if field == "revisores":
            return await _forma(v, acto, form, chosen, error=error)
        return await _forma(v, acto, form.con_error(field, error), chosen)
    if isinstance(done, PorAceptar):
        form = replace(form, crudo={**form.crudo, "acepto": ""}).con_error(
            "acepto", DatoInvalido("falta_aceptar", "Lea qué otras audiencias quedan cerca y márquelo si así debe ser.")
        )
        return await _forma(v, acto, form, chosen, conflictos=done.conflictos)
    hecho = "audiencia_continua" if acto is Acto.CONTINUAR else "audiencia_programada"
    return v.go(f"{URL}/{id_}", hecho if done.cambio else "sin_cambios")


async def _forma(
    v: Visita, acto: Acto, form: Leido, chosen: Sequence[int], *, error: DatoInvalido | None = None,
    conflictos: tuple[Conflicto, ...] = (),
) -> Response:  # fmt: skip
    id_ = _id(v)

    def read(conn: Connection) -> tuple[Audiencia, Totales, list[Revisor], set[int]]:
        return (
            una(conn, id_), audiencias.totales(conn, id_), audiencia_revisores.candidatos(conn),
            audiencia_revisores.impedidos(conn, id_),
        )  # fmt: skip

    one, totales, active, impeded = await v.read(read)
    if despues(one.estado, acto) is None:
        raise AppError("audiencia_en_otra_etapa")
    titulo, enviar = _TITULOS[acto]
    free = [revisor for revisor in active if revisor.cuenta not in impeded]
    campos = () if acto is Acto.REVISORES else (("motivo", *_CAMPOS) if acto is Acto.CONTINUAR else _CAMPOS)
    if acto is Acto.PROGRAMAR and one.estado is Estado.PROGRAMADA:
        titulo, enviar = "Cambiar la fecha o el lugar de la audiencia", "Guardar"
    context = FormaContext(
        audiencia=one, acto=acto.value, titulo=f"{titulo} {one.id}", enviar=enviar, totales=totales, form=form,
        campos=campos,
        candidatos=tuple(Candidato(one, Rol(one.rol).titulo, one.cuenta in chosen) for one in free),
        impedidos=len(active) - len(free), error_revisores=error,
        conflictos=tuple(_words(found) for found in conflictos),
        avisos=",".join(found.codigo for found in conflictos),
    )  # fmt: skip
    wrong = bool(error) or not form.bien
    return v.page("opl/audiencia_forma.html", context, status=422 if wrong else 200)


def _words(found: Conflicto) -> str:
    hour = hora_del_centro(found.otra.inicia_ms)[:16]
    minutes = found.entre_ms // 60_000
    said = (
        "se celebra a la misma hora" if minutes < 0 else "sigue de inmediato" if minutes == 0
        else f"queda a {minutes} minutos"
    )  # fmt: skip
    both = " Comparten a alguien que revisa." if found.comparten else ""
    return f"La audiencia {found.otra.id} ({hour}, {found.otra.minutos} minutos) {said}; se recomienda una hora.{both}"


# -- it begins, it ends ---------------------------------------------------------------------------------------------


async def iniciar(v: Visita) -> Response:
    """GET /opl/audiencias/{id}/iniciar: who is there."""
    return await _inicio(v, INICIAR.vacio())


async def iniciada(v: Visita) -> Response:
    """POST /opl/audiencias/{id}/iniciar."""
    id_, cuenta, administra = _id(v), v.persona.cuenta, puede.administrar_audiencias(v.persona)
    form = await v.form(INICIAR)
    if not form.bien:
        return await _inicio(v, form)
    said = form.valores["asistentes"]
    try:
        await v.write(lambda tx: operaciones.iniciar(tx, id_, said, cuenta=cuenta, administra=administra))
    except DatoInvalido as error:
        return await _inicio(v, form.con_error("", error))
    return v.go(f"{URL}/{id_}", "audiencia_iniciada")


async def _inicio(v: Visita, form: Leido) -> Response:
    id_ = _id(v)
    one, totales = await v.read(lambda conn: (una(conn, id_), audiencias.totales(conn, id_)))
    if despues(one.estado, Acto.INICIAR) is None:
        raise AppError("audiencia_en_otra_etapa")
    titulo, enviar = _TITULOS[Acto.INICIAR]
    context = FormaContext(
        audiencia=one, acto="iniciar", titulo=f"{titulo} {one.id}", enviar=enviar, totales=totales, form=form,
        campos=("asistentes",), candidatos=(), impedidos=0, error_revisores=None, conflictos=(), avisos="",
    )  # fmt: skip
    return v.page("opl/audiencia_forma.html", context, status=200 if form.bien else 422)


async def concluir(v: Visita) -> Response:
    """GET /opl/audiencias/{id}/concluir: what the acta will say."""
    return await _fin(v, CONCLUIR.vacio())


async def concluida(v: Visita) -> Response:
    """POST /opl/audiencias/{id}/concluir: the acta is made, and kept as it will be signed."""
    from server.documentos import acta_audiencia, compilar  # typst is loaded only when somebody prints

    id_, cuenta, now, institucion = _id(v), v.persona.cuenta, v.now_ms, v.institucion
    form = await v.form(CONCLUIR)
    if not form.bien:
        return await _fin(v, form)
    one, totales = await v.read(lambda conn: (una(conn, id_), audiencias.totales(conn, id_)))
    if one.estado is Estado.CONCLUIDA:
        return v.go(f"{URL}/{id_}", "audiencia_concluida")
    if totales.faltan:
        raise AppError("audiencia_faltan")
    logo = await impresos.logo(v)
    given, made_of = await v.read(
        lambda conn: (garantia_acta.acta(conn, id_, institucion, now, logo), operaciones.huella(conn, id_))
    )
    try:
        pdf = await compilar.hacer(lambda: acta_audiencia.pdf(given), ESPERA_S)
    except DocumentoError as error:
        if error.pasajero:
            raise AppError("ocupado", retry_after=10) from None
        raise
    await v.write(lambda tx: operaciones.concluir(tx, id_, pdf, made_of, now, cuenta=cuenta))
    return v.go(f"{URL}/{id_}", "audiencia_concluida")


ESPERA_S = 120.0
"""An acta of 8,000 registros takes some seconds; it is made once, and whoever concludes waits for it."""


async def _fin(v: Visita, form: Leido) -> Response:
    id_ = _id(v)
    one, totales = await v.read(lambda conn: (una(conn, id_), audiencias.totales(conn, id_)))
    if despues(one.estado, Acto.CONCLUIR) is None:
        raise AppError("audiencia_en_otra_etapa")
    context = ConcluirContext(one, totales, garantia_acta.en_palabras(totales), form)
    return v.page("opl/audiencia_concluir.html", context, status=200 if form.bien else 422)


# -- shared ---------------------------------------------------------------------------------------------------------


def _id(v: Visita) -> int:
    return int(v.request.path_params["id"])


async def _chosen(v: Visita) -> list[int]:
    sent = await v.request.form(max_fields=400)
    return [int(one) for one in sent.getlist("revisor") if isinstance(one, str) and one.isdigit() and len(one) < 18]


def _local(ms: int) -> str:
    return datetime.fromtimestamp(ms // 1000, CENTRO).strftime("%Y-%m-%dT%H:%M")
