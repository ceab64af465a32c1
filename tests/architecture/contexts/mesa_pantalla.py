"""Contexts of the review screen: filled, of paper, not opening, with errors, and hostile."""

from __future__ import annotations

from typing import Any

from server.domain.apoyo import Via
from server.domain.inconsistencias import DEL_PROTOCOLO
from server.domain.marcas import Marca
from server.errors import DatoInvalido
from server.mesa_control.criterios import Criterios
from server.portals.mesa_control import bandeja, correccion, pantalla, revision
from server.store.mi_bandeja import Trabajo, Ultima
from server.store.mirada import Papel
from sync_protocol.registro import IMAGENES

HOSTILE = '<script>alert("x")</script>'
NOW = 1_790_000_000_000


def incisos(via: Via = Via.APP) -> tuple[pantalla.Inciso, ...]:
    return pantalla.incisos(Criterios(0, tuple(one for one in DEL_PROTOCOLO.values() if one.via is via)))


def contenido(text: str = "ROSALÍA", **changes: Any) -> pantalla.Contenido:
    at = "/mesa/revision/7"
    junto = pantalla.Junto(text, NOW, True, 3, text, f"{at}/junto/9/foto")
    values: dict[str, Any] = {
        "via": "app", "ronda": text, "folio": text, "aspirante": text, "recibido_ms": NOW, "captura_ms": NOW,
        "limite_ms": NOW, "situacion": text,
        "imagenes": tuple(
            pantalla.Imagen(n, tipo, tipo.title(), f"{at}/imagen/{tipo}") for n, tipo in enumerate(IMAGENES, 1)
        ),
        "filas": (
            pantalla.Fila("Nombre", text, text, "", "", ""), pantalla.Fila("CIC", text, "", text, "Difiere", "mal"),
            pantalla.Fila("OCR", "", "", "", "", ""),
        ),
        "banderas": (text, text), "marcas": (Marca.AUXILIAR_DE_BAJA,),
        "bloques": (pantalla.Bloque(text, "foto", text, f"{at}/imagen/foto", (junto, junto)),), "papel": None,
        "papel_criterio": "", "leido": True, **changes,
    }  # fmt: skip
    return pantalla.Contenido(**values)


def papel(text: str = "ROSALÍA") -> pantalla.Contenido:
    return contenido(
        text, via="papel", captura_ms=None, imagenes=(), banderas=(), marcas=(), leido=False,
        bloques=(pantalla.Bloque(text, "anverso", text, "", (pantalla.Junto(text, NOW, False, 0, text, ""),)),),
        papel=Papel(text, 3, "otra", text), papel_criterio=text,
    )  # fmt: skip


def una(one: pantalla.Contenido | None, text: str = "", **changes: Any) -> revision.RevisionContext:
    form = revision.FORMULARIO.vacio()
    if text:
        form = revision.FORMULARIO.leer({"resultado": "inconsistente", "inciso": "f", "detalle": text, "motivo": text})
        for campo in ("inciso", "detalle", "motivo"):
            form = form.con_error(campo, DatoInvalido("falta_detalle", text))
    values: dict[str, Any] = {
        "revision": 7, "contenido": one, "no_abre": "" if one else text or "Está dañado.",
        "incisos": incisos(Via.PAPEL if one and not one.imagenes else Via.APP) if one else (), "opciones": (text,),
        "sello": "AAAA", "form": form, "saltadas": "1,2", "anterior": revision.Anterior(3, text, NOW), "hoy": 1_234,
        "meta": 400, "version": 0, **changes,
    }  # fmt: skip
    return revision.RevisionContext(**values)


def mi_bandeja(n: int, text: str = "Válido", **changes: Any) -> bandeja.BandejaContext:
    values: dict[str, Any] = {
        "trabajo": Trabajo(n, n, n, n), "meta": 400, "ultima": Ultima(1, 2, "valido", "", NOW) if n else None,
        "retenidas": tuple(bandeja.Retenida(one, text, NOW, NOW, one % 2 == 0) for one in range(min(n, 8))),
        "ultima_texto": text, "reclamo_minutos": 20, "pronto_dias": 2, **changes,
    }  # fmt: skip
    return bandeja.BandejaContext(**values)


def corregir(text: str = "ROSALÍA", *, mal: bool = False) -> correccion.CorregirContext:
    form = correccion.FORMULARIO.vacio({campo.nombre: text for campo in correccion.FORMULARIO.campos})
    if mal:
        form = form.con_error("curp", DatoInvalido("curp_forma", text))
    return correccion.CorregirContext(7, form, contenido(text))


CONTEXTS: list[tuple[str, Any]] = [
    ("mesa_control/bandeja.html", mi_bandeja(0)),
    ("mesa_control/bandeja.html", mi_bandeja(500)),
    ("mesa_control/bandeja.html", mi_bandeja(3, HOSTILE)),
    ("mesa_control/revision.html", una(contenido())),
    ("mesa_control/revision.html", una(contenido(), "Escriba el detalle.", version=3)),
    ("mesa_control/revision.html", una(contenido(aspirante="", bloques=(), banderas=(), marcas=(), leido=False))),
    ("mesa_control/revision.html", una(papel(), anterior=None)),
    ("mesa_control/revision.html", una(None)),
    ("mesa_control/revision.html", una(contenido(HOSTILE), HOSTILE)),
    ("mesa_control/revision.html", una(papel(HOSTILE), HOSTILE)),
    ("mesa_control/revision.html", una(None, HOSTILE)),
    ("mesa_control/corregir.html", corregir()),
    ("mesa_control/corregir.html", corregir(HOSTILE, mal=True)),
]
