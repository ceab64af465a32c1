"""Every route has a permission, and every role finds exactly the doors that this table leaves open to it (row A4).

The table is written by hand, from what each page is for: a new route without a row fails, and so does one whose
permission lets somebody else in. The real doors stand here before screens that do nothing, so that everyone tries all.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from server.domain.roles import Rol
from server.portals.puerta import BODY, Pagina
from server.portals.visita import Visita
from tests.server.portals.portal import Persona, Respuesta, Sitio, abierto

pytestmark = pytest.mark.anyio

# Who may: A administration, O mesa de control, R garantía de audiencia, Y mesa de ayuda, S aspirante; * everyone, in or
# not; + whoever has an account, though it is not active yet. 2: the OPL's roles need their second factor.
MATRIZ: dict[str, str] = {
    # entering: for those who are not in
    "GET /entrar": "*",
    "POST /entrar": "*",
    "POST /salir": "*",
    "GET /entrar/segundo-factor": "*",
    "POST /entrar/segundo-factor": "*",
    "GET /entrar/aspirante": "*",
    "POST /entrar/aspirante": "*",
    "GET /entrar/aspirante/como": "*",
    "POST /entrar/aspirante/contrasena": "*",
    "POST /entrar/aspirante/codigo/enviar": "*",
    "GET /entrar/aspirante/codigo": "*",
    "POST /entrar/aspirante/codigo": "*",
    "GET /entrar/oidc/{proveedor}": "*",
    "GET /entrar/oidc/{proveedor}/regreso": "*",
    "GET /entrar/olvide": "*",
    "POST /entrar/olvide": "*",
    "GET /invitacion/{token}": "*",
    "POST /invitacion/{token}": "*",
    "GET /restablecer/{token}": "*",
    "POST /restablecer/{token}": "*",
    # one's own account
    "GET /declaracion": "+",
    "POST /declaracion": "+",
    "GET /declaracion/pdf": "+",
    "GET /mi-cuenta": "AORYS",
    "GET /mi-cuenta/datos": "AORYS",
    "POST /mi-cuenta/datos": "AORYS",
    "GET /mi-cuenta/contrasena": "AORYS",
    "POST /mi-cuenta/contrasena": "AORYS",
    "POST /mi-cuenta/segundo-factor": "AORYS",
    "GET /mi-cuenta/segundo-factor/retirar": "AORYS",
    "POST /mi-cuenta/segundo-factor/retirar": "AORYS",
    "GET /mi-cuenta/codigos": "AORYS",
    "POST /mi-cuenta/codigos": "AORYS",
    "POST /mi-cuenta/sesiones/cerrar-otras": "AORYS",
    "POST /mi-cuenta/sesiones/{id:int}/cerrar": "AORYS",
    # the OPL: the box
    "GET /opl": "AORY",
    "GET /opl/manuales": "AORY",
    "GET /opl/administracion": "A2",
    "POST /opl/administracion/revision": "A2",
    "GET /opl/administracion/correos": "A2",
    "POST /opl/administracion/correos/reenviar": "A2",
    "POST /opl/administracion/correos/{id:int}/reenviar": "A2",
    "GET /opl/administracion/correos/{id:int}/descartar": "A2",
    "POST /opl/administracion/correos/{id:int}/descartar": "A2",
    # tubería
    "GET /opl/administracion/cuarentena": "A2",
    "GET /opl/administracion/cuarentena/repetir": "A2",
    "POST /opl/administracion/cuarentena/repetir": "A2",
    "GET /opl/administracion/cuarentena/{id:int}/repetir": "A2",
    "POST /opl/administracion/cuarentena/{id:int}/repetir": "A2",
    "GET /opl/tarjetas": "A2",
    "POST /opl/tarjetas": "A2",
    "GET /opl/tarjetas/{id}": "A2",
    "GET /opl/tarjetas/{id}/acuses.zip": "A2",
    "POST /opl/tarjetas/{id}/otra-vez": "A2",
    "POST /opl/tarjetas/{id}/olvidar": "A2",
    "GET /opl/ajustes": "A2",
    "POST /opl/ajustes": "A2",
    "GET /opl/privacidad": "A2",
    "GET /opl/privacidad/redactar": "A2",
    "POST /opl/privacidad/redactar": "A2",
    "GET /opl/accesos": "A2",
    "GET /opl/accesos.csv": "A2",
    "GET /opl/accesos/cadena": "A2",
    "GET /opl/cuentas": "A2",
    "GET /opl/cuentas/nueva": "A2",
    "POST /opl/cuentas/nueva": "A2",
    "GET /opl/cuentas/{id:int}": "A2",
    "GET /opl/cuentas/{id:int}/declaracion": "A2",
    "POST /opl/cuentas/{id:int}/aceptar": "A2",
    "POST /opl/cuentas/{id:int}/devolver": "A2",
    "GET /opl/cuentas/{id:int}/suspender": "A2",
    "POST /opl/cuentas/{id:int}/suspender": "A2",
    "GET /opl/cuentas/{id:int}/segundo-factor": "A2",
    "POST /opl/cuentas/{id:int}/segundo-factor": "A2",
    "POST /opl/cuentas/{id:int}/reactivar": "A2",
    "POST /opl/cuentas/{id:int}/rol": "A2",
    "POST /opl/cuentas/{id:int}/invitar": "A2",
    "POST /opl/cuentas/{id:int}/restablecer": "A2",
    # the coordination of the mesa de control
    "GET /opl/mesa": "A2",
    "GET /opl/mesa/asignar": "A2",
    "POST /opl/mesa/asignar": "A2",
    "GET /opl/mesa/operadores/{id:int}": "A2",
    "GET /opl/mesa/operadores/{id:int}/liberar": "A2",
    "POST /opl/mesa/operadores/{id:int}/liberar": "A2",
    "GET /opl/mesa/casos": "A2",
    "GET /opl/mesa/casos/{id:int}": "A2",
    "POST /opl/mesa/casos/{id:int}": "A2",
    "GET /opl/mesa/acuerdo": "A2",
    "GET /opl/mesa/registros/{folio}": "A2",
    "GET /opl/mesa/registros/{folio}/reabrir": "A2",
    "POST /opl/mesa/registros/{folio}/reabrir": "A2",
    "GET /opl/criterios": "A2",
    "GET /opl/criterios/editar": "A2",
    "POST /opl/criterios/editar": "A2",
    "GET /opl/criterios/{version:int}": "A2",
    # the OPL: periodos, aspirantes, auxiliares
    # clases
    "GET /opl/reglas": "A2",
    "POST /opl/reglas": "A2",
    "GET /opl/periodos": "AORY",
    "GET /opl/periodos/nuevo": "A2",
    "POST /opl/periodos": "A2",
    "GET /opl/periodos/{id:int}": "AORY",
    "GET /opl/periodos/{id:int}/editar": "A2",
    "POST /opl/periodos/{id:int}": "A2",
    "GET /opl/aspirantes": "ARY2",
    "GET /opl/aspirantes/nuevo": "A2",
    "POST /opl/aspirantes": "A2",
    "GET /opl/aspirantes/{folio:int}": "ARY2",
    "GET /opl/aspirantes/{folio:int}/editar": "A2",
    "POST /opl/aspirantes/{folio:int}": "A2",
    "GET /opl/aspirantes/{folio:int}/emblema.png": "ARY2",
    "GET /opl/aspirantes/{folio:int}/cedula.pdf": "ARY2",
    "GET /opl/aspirantes/{folio:int}/confirmar": "A2",
    "POST /opl/aspirantes/{folio:int}/confirmar": "A2",
    "GET /opl/aspirantes/{folio:int}/correo": "A2",
    "POST /opl/aspirantes/{folio:int}/correo": "A2",
    "POST /opl/aspirantes/{folio:int}/reenviar": "A2",
    "GET /opl/aspirantes/{folio:int}/baja": "A2",
    "POST /opl/aspirantes/{folio:int}/baja": "A2",
    "GET /opl/aspirantes/{folio:int}/reactivar": "A2",
    "POST /opl/aspirantes/{folio:int}/reactivar": "A2",
    "GET /opl/auxiliares": "AOY2",
    "GET /opl/auxiliares/{id:int}": "AOY2",
    "POST /opl/auxiliares/{id:int}/corresponde": "AO2",
    "GET /opl/auxiliares/{id:int}/no-corresponde": "AO2",
    "POST /opl/auxiliares/{id:int}/no-corresponde": "AO2",
    "GET /opl/auxiliares/{id:int}/testigos/{dispositivo:int}/cedula.pdf": "AO2",
    "GET /opl/auxiliares/{id:int}/testigos/{dispositivo:int}/{imagen}": "AO2",
    # the OPL: reports. Counts are of nobody; names of auxiliares and of the ciudadanía are.
    "GET /opl/avance": "AORY",
    "GET /opl/avance/periodos/{periodo:int}.{formato}": "AORY",
    "GET /opl/avance/{folio:int}": "AORY",
    "GET /opl/avance/{folio:int}.{formato}": "AORY",
    "GET /opl/avance/{folio:int}/detallado": "AOY2",
    "GET /opl/avance/{folio:int}/detallado/{tabla}.{formato}": "AOY2",
    "GET /opl/registros": "AR2",
    "GET /opl/registros.csv": "AR2",
    "GET /opl/registros.xlsx": "AR2",
    "GET /opl/registros/{folio}": "AR2",
    "GET /opl/registros/{folio}/acuse": "AR2",
    # captura manual
    "GET /opl/captura": "AO2",
    "GET /opl/captura/excepciones": "A2",
    "GET /opl/captura/excepciones/nueva": "A2",
    "POST /opl/captura/excepciones": "A2",
    "GET /opl/captura/excepciones/{id:int}/revocar": "A2",
    "POST /opl/captura/excepciones/{id:int}/revocar": "A2",
    "GET /opl/captura/paquetes/nuevo": "A2",
    "POST /opl/captura/paquetes": "A2",
    "GET /opl/captura/paquetes/{id:int}": "AO2",
    "GET /opl/captura/paquetes/{id:int}/cerrar": "A2",
    "POST /opl/captura/paquetes/{id:int}/cerrar": "A2",
    "POST /opl/captura/paquetes/{id:int}/reabrir": "A2",
    "GET /opl/captura/paquetes/{id:int}/capturar": "AO2",
    "POST /opl/captura/paquetes/{id:int}/capturar": "AO2",
    "POST /opl/captura/paquetes/{id:int}/comprobar": "AO2",
    "POST /opl/captura/paquetes/{id:int}/padron": "AO2",
    "GET /opl/captura/paquetes/{id:int}/repetir": "AO2",
    "POST /opl/captura/paquetes/{id:int}/repetir": "AO2",
    "GET /opl/captura/paquetes/{id:int}/cedulas/{numero:int}": "AO2",
    "POST /opl/captura/paquetes/{id:int}/cedulas/{numero:int}": "AO2",
    "GET /opl/captura/conciliar": "A2",
    "GET /opl/captura/conciliar/{id:int}": "A2",
    "POST /opl/captura/conciliar/{id:int}": "A2",
    # the aspirante
    "GET /aspirante": "S",
    "GET /aspirante/manuales": "S",
    "GET /aspirante/manuales/fura.pdf": "S",
    "GET /aspirante/auxiliares": "S",
    "GET /aspirante/auxiliares/registro": "S",
    "POST /aspirante/auxiliares/registro": "S",
    "GET /aspirante/auxiliares/{id:int}": "S",
    "GET /aspirante/auxiliares/{id:int}/editar": "S",
    "POST /aspirante/auxiliares/{id:int}/editar": "S",
    "GET /aspirante/auxiliares/{id:int}/baja": "S",
    "POST /aspirante/auxiliares/{id:int}/baja": "S",
    "POST /aspirante/auxiliares/{id:int}/reactivar": "S",
    "POST /aspirante/auxiliares/{id:int}/correo": "S",
    "GET /aspirante/auxiliares/carga": "S",
    "POST /aspirante/auxiliares/carga": "S",
    "GET /aspirante/auxiliares/carga/plantilla.xlsx": "S",
    "GET /aspirante/auxiliares/carga/plantilla.csv": "S",
    "GET /aspirante/auxiliares/carga/{id:int}": "S",
    "POST /aspirante/auxiliares/carga/{id:int}/aceptar": "S",
    "POST /aspirante/auxiliares/carga/{id:int}/descartar": "S",
    "GET /aspirante/auxiliares/carga/{id:int}/renglones.csv": "S",
    "GET /aspirante/estadisticas/avance": "S",
    "GET /aspirante/estadisticas/avance.{formato}": "S",
    "GET /aspirante/estadisticas/detallado": "S",
    "GET /aspirante/estadisticas/detallado/{tabla}.{formato}": "S",
    "GET /aspirante/estadisticas/registros": "S",
    "GET /aspirante/estadisticas/registros.csv": "S",
    "GET /aspirante/estadisticas/registros.xlsx": "S",
    "GET /aspirante/estadisticas/registros/{folio}": "S",
    "GET /aspirante/estadisticas/registros/{folio}/acuse": "S",
    "GET /aspirante/estadisticas/inconsistencias": "S",
    # -- the review screen
    "GET /mesa": "AO2",
    "POST /mesa/siguiente": "AO2",
    "POST /mesa/adelantar": "AO2",
    "POST /mesa/mantener": "AO2",
    "POST /mesa/soltar": "AO2",
    "GET /mesa/revision/{id:int}": "AO2",
    "GET /mesa/revision/{id:int}/imagen/{tipo}": "AO2",
    "GET /mesa/revision/{id:int}/junto/{otro:int}/{tipo}": "AO2",
    "POST /mesa/revision/{id:int}/decidir": "AO2",
    "POST /mesa/revision/{id:int}/soltar": "AO2",
    "POST /mesa/revision/{id:int}/tomar": "AO2",
    "POST /mesa/dictamen/{id:int}/deshacer": "AO2",
    "GET /mesa/revision/{id:int}/corregir": "AO2",
    "POST /mesa/revision/{id:int}/corregir": "AO2",
    # -- garantía de audiencia
    "GET /aspirante/audiencias": "S",
    "GET /aspirante/audiencias/nueva": "S",
    "POST /aspirante/audiencias/nueva": "S",
    "GET /aspirante/audiencias/{id:int}": "S",
    "POST /aspirante/audiencias/{id:int}/retirar": "S",
    "POST /aspirante/audiencias/{id:int}/argumento": "S",
    "GET /aspirante/audiencias/{id:int}/registros/{apoyo:int}": "S",
    "POST /aspirante/audiencias/{id:int}/registros/{apoyo:int}": "S",
    "GET /aspirante/audiencias/{id:int}/desistir": "S",
    "POST /aspirante/audiencias/{id:int}/desistir": "S",
    "GET /aspirante/audiencias/{id:int}/acta.pdf": "S",
    "GET /opl/audiencias": "AR2",
    "GET /opl/audiencias/{id:int}": "AR2",
    "GET /opl/audiencias/{id:int}/acta.pdf": "AR2",
    "GET /opl/audiencias/{id:int}/programar": "A2",
    "POST /opl/audiencias/{id:int}/programar": "A2",
    "GET /opl/audiencias/{id:int}/revisores": "A2",
    "POST /opl/audiencias/{id:int}/revisores": "A2",
    "GET /opl/audiencias/{id:int}/iniciar": "AR2",
    "POST /opl/audiencias/{id:int}/iniciar": "AR2",
    "GET /opl/audiencias/{id:int}/sala": "AR2",
    "GET /opl/audiencias/{id:int}/sala/pantalla": "AR2",
    "POST /opl/audiencias/{id:int}/sala/{apoyo:int}": "AR2",
    "GET /opl/audiencias/{id:int}/sala/{apoyo:int}/{imagen}": "AR2",
    "GET /opl/audiencias/{id:int}/continuar": "A2",
    "POST /opl/audiencias/{id:int}/continuar": "A2",
    "GET /opl/audiencias/{id:int}/concluir": "A2",
    "POST /opl/audiencias/{id:int}/concluir": "A2",
    # everyone
    "GET /manuales": "*",
    "GET /manuales/fura.pdf": "*",
    "GET /manuales/img/{archivo}": "*",
    "GET /manuales/{nombre}.pdf": "*",
    "GET /manuales/{nombre}": "*",
    "GET /privacidad": "*",
    "GET /privacidad/{id:int}.pdf": "*",
    "GET /privacidad/{id:int}": "*",
    "GET /institucion.css": "*",
    "GET /institucion/logo.png": "*",
    "GET /demo/accesos": "*",
}

# Routes that are no pages of the portals: nobody's session opens them, and why that is right.
SIN_SESION: dict[str, str] = {
    "/sync/subidas": "a phone's token of a session of sync",
    "/sync/subidas/{id}": "a phone's token of a session of sync",
    "/sync/sesiones": "a phone's signature",
    "/sync/acuses/{folio}": "a phone's token of a session of sync",
    "/dispositivos/codigo": "the Id of an auxiliar; the code goes to their mail",
    "/dispositivos/alta": "the code that was mailed, and the phone's signature",
    "/dispositivos/baja": "a phone's signature",
    "/": "public",
    "/.well-known/jwks.json": "public keys",
    "/salud": "public, no figures of persons",
    "/salud/vivo": "public",
    "/salud/listo": "public",
    "/metrics": "counters",
    "/static": "files of the product",
    "/demo/correo": "only in the demo",
    "/demo/correo/api/mensajes": "only in the demo",
    "/demo/correo/{id:int}": "only in the demo",
    "/demo/correo/{id:int}/html": "only in the demo",
    "/demo/correo/{id:int}/adjuntos/{n:int}": "only in the demo",
}

LETRAS = {
    "A": Rol.ADMINISTRACION, "O": Rol.OPERACION, "R": Rol.AUDIENCIA, "Y": Rol.AYUDA, "S": Rol.ASPIRANTE,
}  # fmt: skip


@pytest.fixture
async def sitio(tmp_path: Path) -> AsyncIterator[Sitio]:
    async with abierto(tmp_path, demo=True) as made:
        yield made


def pages(sitio: Sitio) -> list[Pagina]:
    return [route for route in sitio.harness.app.router.routes if isinstance(route, Pagina)]


def key(page: Pagina) -> str:
    [method] = (page.methods or set()) - {"HEAD"}
    return f"{method} {page.path}"


def _stand_in(page: Pagina) -> Pagina:
    """The same door, with a screen behind it that only says which it is."""
    name = key(page)

    async def says(v: Visita) -> Response:
        return PlainTextResponse(f"aquí: {name}")

    return Pagina(page.path, says, page.permiso, [name.partition(" ")[0]], BODY)


def _behind_the_doors(sitio: Sitio) -> list[Pagina]:
    found = pages(sitio)
    sitio.harness.app.router.routes[:] = [
        _stand_in(route) if isinstance(route, Pagina) else route for route in sitio.harness.app.router.routes
    ]
    return found


async def _try(persona: Persona, page: Pagina, **headers: str) -> Respuesta:
    method, _, path = key(page).partition(" ")
    path = re.sub(r"\{\w+:int\}", "1", path)
    path = re.sub(r"\{\w+\}", "uno", path)
    assert "{" not in path, "say here what stands for this parameter"
    if method == "GET":
        return await persona.get(path)
    return await persona.post(path, **headers)


async def test_every_route_is_a_page_with_a_permission_or_is_named_here(sitio: Sitio) -> None:
    loose = [
        route.path
        for route in sitio.harness.app.router.routes
        if not isinstance(route, Pagina) and isinstance(route, Route | Mount)
    ]
    assert set(loose) == set(SIN_SESION)
    assert len(loose) == len(sitio.harness.app.router.routes) - len(pages(sitio))
    assert sorted({key(page) for page in pages(sitio)} - set(MATRIZ)) == [], "routes without a row in MATRIZ"
    names = [key(page) for page in pages(sitio)]
    assert len(names) == len(set(names)), "one screen an address"


def test_the_table_keeps_the_portals_apart() -> None:
    for name, who in MATRIZ.items():
        path = name.partition(" ")[2]
        if path.startswith("/aspirante"):
            assert who == "S", name
        if path.startswith("/opl"):
            assert "A" in who, name
            assert not set(who) & set("S*+"), name
    # The second factor stands before every page with names of people, and before what changes accounts.
    for path in ("/opl/aspirantes", "/opl/auxiliares", "/opl/registros", "/opl/cuentas", "/opl/accesos"):
        assert all("2" in who for name, who in MATRIZ.items() if name.partition(" ")[2].startswith(path))


def _sent_to(answer: Respuesta, url: str) -> bool:
    return answer.status == 303 and re.split(r"[?]", answer.headers["location"])[0] == url


def _stopped(who: str, letter: str, page: Pagina, *, active: bool, second: bool) -> Callable[[Respuesta], bool] | None:
    """What must stop somebody at this door; None when it must open."""
    if who == "*":
        return None
    if not letter:
        login = "/entrar/aspirante" if page.path.startswith("/aspirante") else "/entrar"
        return lambda answer: _sent_to(answer, login)
    if who == "+":
        return None
    if not active:
        return lambda answer: _sent_to(answer, "/declaracion")
    if letter not in who:
        return lambda answer: answer.status == 403
    if "2" in who and letter != "S" and not second:
        return lambda answer: _sent_to(answer, "/entrar/segundo-factor")
    return None


async def test_every_role_at_every_door(sitio: Sitio) -> None:
    people: list[tuple[str, bool, bool, Persona]] = [("", True, False, sitio.nadie())]
    for letter, rol in LETRAS.items():
        for active in (True, False) if letter != "S" else (True,):
            for second in (True, False) if active else (True,):
                estatus = "activa" if active else "por_aceptar"
                made = await sitio.entrar(rol, segundo_factor=second, estatus=estatus)
                people.append((letter, active, second, made))
    wrong: list[str] = []
    opened = 0
    for page in _behind_the_doors(sitio):
        name = key(page)
        for letter, active, second, persona in people:
            answer = await _try(persona, page)
            stopped = _stopped(MATRIZ[name], letter, page, active=active, second=second)
            good = stopped(answer) if stopped else answer.text == f"aquí: {name}"
            opened += stopped is None
            if not good:
                wrong.append(f"{name} {letter or 'nadie'} {active=} {second=}: {answer.status} {answer.text[:60]}")
    assert wrong == []
    assert opened > 100


FOREIGN: list[dict[str, str]] = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site", "origin": "http://127.0.0.1:8000"},
    {"sec-fetch-site": "", "origin": "https://otro.ejemplo.mx"},
    {"sec-fetch-site": "", "origin": "null"},
    {"sec-fetch-site": "", "origin": ""},
]


async def test_no_form_is_taken_from_another_site(sitio: Sitio) -> None:
    people = {letter: await sitio.entrar(rol) for letter, rol in LETRAS.items()}
    tried = 0
    for page in _behind_the_doors(sitio):
        name = key(page)
        if not name.startswith("POST"):
            continue
        allowed = next((letter for letter in LETRAS if letter in MATRIZ[name]), "A")
        persona = people[allowed]
        assert (await _try(persona, page)).text == f"aquí: {name}"
        for headers in FOREIGN:
            answer = await _forged(persona, page, headers)
            assert answer.status == 403, (name, headers)
            tried += 1
    assert tried > 60


async def _forged(persona: Persona, page: Pagina, headers: dict[str, str]) -> Respuesta:
    path = re.sub(r"\{\w+\}", "uno", re.sub(r"\{\w+:int\}", "1", page.path))
    sent: dict[str, Any] = {"content-type": "application/x-www-form-urlencoded"}
    sent |= {name: value for name, value in headers.items() if value}
    return await persona._send("POST", path, b"", sent)
