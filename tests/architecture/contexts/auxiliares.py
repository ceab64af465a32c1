"""Contexts of the pages of auxiliares: filled, empty and hostile."""

from __future__ import annotations

from typing import Any

from server.errors import DatoInvalido
from server.portals.aspirante import auxiliar_datos, auxiliares, carga
from server.portals.lista import Hoja
from server.portals.opl import auxiliares as opl
from server.registro.cargador import Nota
from server.registro.testigos import Visual
from server.store.auxiliares import Auxiliar, Movimiento, Proceso, Telefono
from server.store.cargas import Carga

HOSTILE = '<script>alert("x")</script>'
NOW = 1_790_000_000_000


def one(text: str = "Itzel", **changes: Any) -> Auxiliar:
    values: dict[str, Any] = {
        "id": 7, "aspirante_id": 3, "nombre": text, "apellido_paterno": "Peñaloza", "apellido_materno": "",
        "correo": text, "tipo_cuenta": "google", "estatus": "activo", "baja_ms": None, "baja_causa": None,
        "baja_por": "", "creado_ms": NOW, "fecha_nacimiento": "1990-09-05", "telefono": text, "clave_elector": text,
        "curp": "", "referencia": text, "situacion": "SIN_RESPUESTA", "revision": "pendiente", "revisado_ms": None,
        "revisado_por": None, **changes,
    }  # fmt: skip
    return Auxiliar(**values)


def baja(por: str, text: str = "Se fue") -> Auxiliar:
    return one(text, estatus="baja", baja_ms=NOW, baja_causa=text, baja_por=por, revision="no_corresponde")


def movimientos(text: str) -> tuple[tuple[Movimiento, str], ...]:
    return ((Movimiento(2, "baja", text, "opl", NOW), "el OPL"), (Movimiento(1, "alta", text, "aspirante", NOW), text))


def lista(rows: int, text: str = "Itzel", *, filtrado: bool = False) -> auxiliares.ListaContext:
    filas = tuple(
        auxiliares.Fila(n, text, text, "Google", "Baja", "mal", "Padrón", text, 2, 1_234) for n in range(rows)
    )
    form = auxiliares.FILTROS.leer({"nombre": text if filtrado else "", "id": "x" if filtrado else ""})
    turn = "?antes=1" if rows else ""
    return auxiliares.ListaContext(form, Hoja(filas, turn, turn), rows, rows, 1, filtrado)


def ficha(auxiliar: Auxiliar, text: str = "Itzel", *, full: bool = True, error: str = "") -> auxiliares.FichaContext:
    return auxiliares.FichaContext(
        auxiliar, "Activo", "bien", "Padrón", "Google", "05/09/1990", "el OPL", movimientos(text) if full else (),
        (Telefono(1, text, NOW, None), Telefono(2, text, NOW, NOW)) if full else (), 12, (text,) if full else (),
        auxiliar.baja_por in ("aspirante", "padron"), auxiliar.baja_por != "opl", error,
    )  # fmt: skip


def una_carga(estado: str, text: str = "lista.csv", avance: int = 0) -> Carga:
    return Carga(4, 3, text, estado, "", avance, 10_000, 9_990, 10, NOW, None)


def cargada(
    estado: str, text: str = "", *, malas: int = 0, notas: int = 0, avance: int = 0, rechazo: str = ""
) -> carga.CargaContext:
    label, clase = carga.ESTADOS[estado]
    return carga.CargaContext(
        una_carga(estado, text or "lista.csv", avance), label, clase, estado in ("revisando", "aplicando"), text,
        rechazo, tuple(carga.Renglon(n, (("Correo", text, text), ("CURP", "", text))) for n in range(malas)),
        1, "?desde=1" if malas else "", "?desde=99" if malas else "", tuple(Nota(n, text) for n in range(notas)),
        notas * 2, tuple(Nota(n, text) for n in range(notas)), notas * 2, (text,) if notas else (), malas > 0,
    )  # fmt: skip


def revision(auxiliar: Auxiliar, text: str = "Itzel", *, juegos: int = 1, revisa: bool = True) -> opl.RevisionContext:
    images = (Visual("anverso", "Anverso", b"x"), Visual("foto", "Fotografía viva", None))
    shown = tuple(
        opl.Juego(
            n, text, NOW, f"/opl/auxiliares/7/testigos/{n}", images if n % 2 else (), "" if n % 2 else text, n > 1
        )
        for n in range(juegos)
    )
    return opl.RevisionContext(
        auxiliar, text, "Activo", "bien", "Pendiente", "duda", "Padrón", "Google", "05/09/1990", "el OPL", shown,
        (Telefono(1, text, NOW, None),) if juegos else (), movimientos(text) if juegos else (), 5,
        (text,) if juegos else (), revisa, "?revision=pendiente" if juegos else "",
        "/opl/auxiliares/8" if juegos else "", "/opl/auxiliares/6" if juegos else "", text if text == HOSTILE else "",
    )  # fmt: skip


PROCESO = Proceso(3, HOSTILE, "candidatura_independiente", HOSTILE, HOSTILE, "local", "32", NOW, NOW, activo=True)
WRONG = auxiliar_datos.REGISTRO.leer({"nombre": HOSTILE}).con_error("", DatoInvalido("ids_agotados", HOSTILE))
CRUDO = {"nombre": "Itzel", "fecha_nacimiento": "05/09/1990", "tipo_cuenta": "x"}

CONTEXTS: list[tuple[str, Any]] = [
    ("aspirante/auxiliares.html", lista(0)),
    ("aspirante/auxiliares.html", lista(0, filtrado=True)),
    ("aspirante/auxiliares.html", lista(50)),
    ("aspirante/auxiliares.html", lista(2, HOSTILE, filtrado=True)),
    ("aspirante/auxiliar.html", ficha(one(), full=False)),
    ("aspirante/auxiliar.html", ficha(one(HOSTILE), HOSTILE, error=HOSTILE)),
    *[("aspirante/auxiliar.html", ficha(baja(por, HOSTILE), HOSTILE)) for por in ("opl", "aspirante", "padron")],
    ("aspirante/auxiliar.html", ficha(one("", apellido_paterno="", estatus="por_restaurar"), full=False)),
    ("aspirante/auxiliar_baja.html", auxiliares.BajaContext(auxiliares.BAJA.vacio(), one(), 0)),
    ("aspirante/auxiliar_baja.html", auxiliares.BajaContext(auxiliares.BAJA.leer({}), one(HOSTILE), 2)),
    (
        "aspirante/auxiliar_registro.html",
        auxiliar_datos.RegistroContext(auxiliar_datos.REGISTRO.vacio(), 3, None, "", ""),
    ),
    ("aspirante/auxiliar_registro.html", auxiliar_datos.RegistroContext(WRONG, 3, PROCESO, "Candidatura", HOSTILE)),
    (
        "aspirante/auxiliar_editar.html",
        auxiliar_datos.EditarContext(auxiliar_datos.REGISTRO.vacio(CRUDO), one(), "05/09/1990", abierta=True),
    ),
    (
        "aspirante/auxiliar_editar.html",
        auxiliar_datos.EditarContext(
            auxiliar_datos.SOLO_CONTACTO.leer({"correo": HOSTILE}), one(HOSTILE), HOSTILE, abierta=False
        ),
    ),
    ("aspirante/carga_subir.html", carga.SubirContext(carga.SUBIR.vacio(), None, (), 20_000)),
    (
        "aspirante/carga_subir.html",
        carga.SubirContext(
            carga.SUBIR.leer({}), una_carga("por_aceptar", HOSTILE),
            (carga.Anterior(una_carga("aplicada", HOSTILE), "Registrado", "bien"),), 20_000,
        ),
    ),
    ("aspirante/carga.html", cargada("revisando")),
    ("aspirante/carga.html", cargada("aplicando", avance=500)),
    ("aspirante/carga.html", cargada("fallida", HOSTILE)),
    ("aspirante/carga.html", cargada("fallida", "Algo falló.", avance=500)),
    ("aspirante/carga.html", cargada("descartada")),
    ("aspirante/carga.html", cargada("por_aceptar")),
    ("aspirante/carga.html", cargada("por_aceptar", HOSTILE, malas=50, notas=50, rechazo=HOSTILE)),
    ("aspirante/carga.html", cargada("aplicada", "Motivo", malas=3, notas=1)),
    ("opl/auxiliares.html", opl.ListaContext(opl.FILTROS.vacio(), Hoja((), "", ""), 0, filtrado=False)),
    (
        "opl/auxiliares.html",
        opl.ListaContext(
            opl.FILTROS.leer({"nombre": HOSTILE, "revision": "otra"}),
            Hoja(
                (opl.Fila(7, "/opl/x", HOSTILE, 3, HOSTILE, "Activo", "bien", "Pendiente", "duda", True, 1, 9),),
                "?despues=7", "?antes=7",
            ), 1, filtrado=True,
        ),
    ),
    ("opl/auxiliar.html", revision(one(), juegos=0)),
    ("opl/auxiliar.html", revision(one(), revisa=False)),
    ("opl/auxiliar.html", revision(one(revision="corresponde", revisado_ms=NOW))),
    ("opl/auxiliar.html", revision(baja("opl", HOSTILE), HOSTILE, juegos=3)),
    ("opl/auxiliar_no_corresponde.html", opl.NoCorrespondeContext(opl.NO_CORRESPONDE.vacio(), one(), 0, "")),
    (
        "opl/auxiliar_no_corresponde.html",
        opl.NoCorrespondeContext(opl.NO_CORRESPONDE.leer({"causa": ""}), one(HOSTILE), 1, "?revision=pendiente"),
    ),
]  # fmt: skip
