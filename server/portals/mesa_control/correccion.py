"""/mesa/revision/{id}/corregir: data that were misread, made right; the old value is kept (row G1)."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.responses import Response

from server.diario.apertura import NoAbre
from server.errors import AppError
from server.expedientes.abrir import CAMPOS, Abridor
from server.mesa_control import correccion
from server.mesa_control.correccion import CorreccionInvalida
from server.mesa_control.expediente import ETIQUETAS
from server.portals.forms import Campo, Formulario, Leido
from server.portals.mesa_control import comun, pantalla
from server.portals.mesa_control.pantalla import Contenido, Mirado
from server.portals.visita import Visita
from server.store.writer import Tx

_AYUDA = {
    "clave_elector": "18 letras y números, como está impresa.",
    "curp": "18 letras y números.",
    "cic": "Los dígitos tras IDMEX, o los que la credencial llama CIC.",
    "ocr": "12 o 13 dígitos del reverso.",
}
FORMULARIO = Formulario(
    *(
        Campo(
            campo,
            ETIQUETAS[campo],
            obligatorio=False,
            maximo=120 if campo not in _AYUDA else 32,
            ayuda=_AYUDA.get(campo, ""),
            teclado="numeric" if campo in ("cic", "ocr") else "",
        )
        for campo in CAMPOS
    )
)


@dataclass(frozen=True, slots=True)
class CorregirContext:
    """mesa_control/corregir.html. `contenido`: the registro itself, to read from."""

    revision: int
    form: Leido
    contenido: Contenido


async def mostrar(v: Visita) -> Response:
    """GET /mesa/revision/{id}/corregir."""
    mirado = await _abrir(v)
    now = {campo: getattr(mirado.expediente.abierto.datos, campo) for campo in CAMPOS}
    return _page(v, mirado, FORMULARIO.vacio(now))


async def guardar(v: Visita) -> Response:
    """POST /mesa/revision/{id}/corregir."""
    id_, cuenta = int(v.request.path_params["id"]), v.persona.cuenta
    form = await v.form(FORMULARIO)
    if not form.bien:
        return _page(v, await _abrir(v), form)
    abridor = Abridor(v.portal.diario, v.portal.keyring)

    def correct(tx: Tx) -> tuple[str, ...]:
        revision = comun.tenida(tx.conn, id_, cuenta, tx.now_ms)
        now = abridor.abrir(tx.conn, revision.apoyo_id).datos
        # Only what was touched: a field of this page is no opinion on what it did not change.
        changes = {campo: said for campo in CAMPOS if (said := form.valores[campo] or "") != getattr(now, campo)}
        return correccion.corregir(tx, abridor, revision.apoyo_id, changes, cuenta) if changes else ()

    try:
        changed = await v.write(correct)
    except CorreccionInvalida as wrong:
        for campo, error in wrong.errores.items():
            form = form.con_error(campo, error)
        return _page(v, await _abrir(v), form)
    except NoAbre as error:
        raise AppError("no_encontrado") from error
    comun.memoria(v).olvidar(id_)
    return v.go(f"/mesa/revision/{id_}", "mesa_corregida" if changed else "mesa_sin_cambios")


async def _abrir(v: Visita) -> Mirado:
    try:
        return await comun.abrir(v, int(v.request.path_params["id"]))
    except NoAbre as error:
        raise AppError("no_encontrado") from error


def _page(v: Visita, mirado: Mirado, form: Leido) -> Response:
    context = CorregirContext(mirado.revision.id, form, pantalla.contenido(mirado, ""))
    return v.page("mesa_control/corregir.html", context, status=200 if form.bien else 422)
