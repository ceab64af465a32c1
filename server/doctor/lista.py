"""The list of checks, in the order in which they are told. A new one is one more line here."""

from __future__ import annotations

from collections.abc import Callable

from server.doctor import ajustes, certificados, cola, copias, correo, disco, padron, reloj, sistema
from server.doctor.valores import Chequeo, Entorno, Resultado, falla

CHEQUEOS: tuple[tuple[str, Chequeo], ...] = (
    ("Sistema", sistema.servidor),
    ("Sistema", sistema.indice),
    ("Sistema", sistema.permisos),
    ("Sistema", sistema.limites),
    ("Sistema", sistema.intercambio),
    ("Disco", disco.datos),
    ("Disco", disco.segunda_copia),
    ("Copias", copias.segunda_copia),
    ("Copias", copias.replica),
    ("Reloj", reloj.hechos),
    ("Reloj", reloj.sincronia),
    ("Reloj", reloj.ntp),
    ("Llaves y certificados", certificados.llaves),
    ("Llaves y certificados", certificados.llaves_respaldo),
    ("Llaves y certificados", certificados.tls),
    ("Colas", cola.cola),
    ("Colas", cola.parciales),
    ("Correo", correo.smtp),
    ("Padrón", padron.vigente),
    ("Padrón", padron.servicio),
    ("Ajustes", ajustes.contradicciones),
    ("Ajustes", ajustes.desconocidos),
)


def examine(
    e: Entorno, on_result: Callable[[str, Resultado], None], chequeos: tuple[tuple[str, Chequeo], ...] = CHEQUEOS
) -> None:
    """Run every check; one that breaks is said, and the others go on."""
    for group, check in chequeos:
        try:
            for result in check(e):
                on_result(group, result)
        except Exception as error:  # noqa: BLE001 -- a doctor who faints at one patient is of no use to the rest
            name = f"{check.__module__.rpartition('.')[2]}.{check.__name__}"
            on_result(group, falla("revision_interrumpida", f"La revisión {name} no terminó ({type(error).__name__}).",
                                   "Revise permisos y discos; si persiste, avise a soporte."))  # fmt: skip
