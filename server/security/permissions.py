"""One function per action: may this person do it? (row A4). The route table names one beside every page.

They look at who asks, never at what is asked for: whose data a page shows is decided by its own query (an aspirante's
pages know no folio but `quien.solicitud`). tests/architecture/test_routes.py walks roles and routes.
"""

from __future__ import annotations

from collections.abc import Callable

from server.domain.roles import ROLES_OPL, Rol
from server.security.sessions import Quien

Permiso = Callable[[Quien], bool]

_PERSONAL: set[Permiso] = set()
_BEFORE_ACTIVE: set[Permiso] = set()


def datos_personales(permiso: Permiso) -> Permiso:
    """Pages that show people's data, or decide who may see them: the OPL's roles need the second factor for them."""
    _PERSONAL.add(permiso)
    return permiso


def antes_de_activar(permiso: Permiso) -> Permiso:
    """Pages for an account whose Declaración de Confidencialidad is not accepted yet (A1)."""
    _BEFORE_ACTIVE.add(permiso)
    return permiso


def needs_second_factor(permiso: Permiso, quien: Quien) -> bool:
    """Whether this person must still pass the second factor for this action."""
    return permiso in _PERSONAL and quien.rol in ROLES_OPL and not quien.segundo_factor


def needs_active_account(permiso: Permiso) -> bool:
    """Whether the action is only for active accounts."""
    return permiso is not publico and permiso not in _BEFORE_ACTIVE


def publico(quien: Quien) -> bool:
    """Pages of everyone; nobody need be in."""
    return True


@antes_de_activar
def cuenta_propia(quien: Quien) -> bool:
    """One's own account: password, sessions, Declaración, the way out."""
    return True


def entrar_opl(quien: Quien) -> bool:
    """The OPL's front page, and what everyone there may read."""
    return quien.rol in ROLES_OPL


def entrar_aspirante(quien: Quien) -> bool:
    """The aspirante's front page and manuals."""
    return quien.rol is Rol.ASPIRANTE


@datos_personales
def administrar(quien: Quien) -> bool:
    """The box and its settings: health, queue, keys, memory cards, texts."""
    return quien.rol is Rol.ADMINISTRACION


@datos_personales
def administrar_cuentas(quien: Quien) -> bool:
    """Accounts of the OPL (A1)."""
    return quien.rol is Rol.ADMINISTRACION


def ver_periodos(quien: Quien) -> bool:
    """Periodos (B1)."""
    return quien.rol in ROLES_OPL


@datos_personales
def administrar_periodos(quien: Quien) -> bool:
    """Create and change periodos (B1)."""
    return quien.rol is Rol.ADMINISTRACION


@datos_personales
def ver_aspirantes(quien: Quien) -> bool:
    """Aspirantes and their data (B2). The mesa sees expedientes, not who they are for."""
    return quien.rol in (Rol.ADMINISTRACION, Rol.AUDIENCIA, Rol.AYUDA)


@datos_personales
def administrar_aspirantes(quien: Quien) -> bool:
    """Register, confirm and change aspirantes (B2, B3)."""
    return quien.rol is Rol.ADMINISTRACION


@datos_personales
def revisar_auxiliares(quien: Quien) -> bool:
    """Cédulas de Registro de Auxiliar: look at the testigos, say whether they correspond, baja (B4)."""
    return quien.rol in (Rol.ADMINISTRACION, Rol.OPERACION)


@datos_personales
def ver_auxiliares(quien: Quien) -> bool:
    """Auxiliares of every aspirante (B4): who reviews their cédulas, and who helps them."""
    return quien.rol in (Rol.ADMINISTRACION, Rol.OPERACION, Rol.AYUDA)


def ver_avance(quien: Quien) -> bool:
    """Reporte de avance of every aspirante (B6): counts, no people."""
    return quien.rol in ROLES_OPL


@datos_personales
def ver_registros(quien: Quien) -> bool:
    """Consulta de registros of every aspirante (B6). An operator will see only what is assigned (A4)."""
    return quien.rol in (Rol.ADMINISTRACION, Rol.AUDIENCIA)


@datos_personales
def ver_accesos(quien: Quien) -> bool:
    """Who looked at what personal data (B13)."""
    return quien.rol is Rol.ADMINISTRACION


def auxiliares_propios(quien: Quien) -> bool:
    """An aspirante's own auxiliares (C2-C4)."""
    return quien.rol is Rol.ASPIRANTE


def registros_propios(quien: Quien) -> bool:
    """An aspirante's own registros, reports and exports (C5-C7)."""
    return quien.rol is Rol.ASPIRANTE


def cuenta_activa_propia(quien: Quien) -> bool:
    """One's own data, password, second factor and sessions, once the account is active (A1)."""
    return True


@datos_personales
def revisar_mesa(quien: Quien) -> bool:
    """The bandeja and the review of registros (G1-G5)."""
    return quien.rol in (Rol.OPERACION, Rol.ADMINISTRACION)


@datos_personales
def coordinar_mesa(quien: Quien) -> bool:
    """Assigning, balancing, criteria, cases raised, agreement between operators (B7, G4)."""
    return quien.rol is Rol.ADMINISTRACION


@datos_personales
def capturar_papel(quien: Quien) -> bool:
    """Typing in cédulas of paper (B5)."""
    return quien.rol in (Rol.OPERACION, Rol.ADMINISTRACION)


@datos_personales
def administrar_papel(quien: Quien) -> bool:
    """Granting the régimen de excepción, opening and closing packages, settling two captures that differ (B5)."""
    return quien.rol is Rol.ADMINISTRACION


@datos_personales
def ver_audiencias(quien: Quien) -> bool:
    """Hearings: who schedules them, and who reviews in them (B8)."""
    return quien.rol in (Rol.ADMINISTRACION, Rol.AUDIENCIA)


@datos_personales
def administrar_audiencias(quien: Quien) -> bool:
    """Scheduling hearings, naming reviewers, concluding them with their acta (B8)."""
    return quien.rol is Rol.ADMINISTRACION


@datos_personales
def revisar_audiencia(quien: Quien) -> bool:
    """Reviewing registros in a hearing one was named for (B8); the operation asks whether one was."""
    return quien.rol in (Rol.AUDIENCIA, Rol.ADMINISTRACION)


def audiencias_propias(quien: Quien) -> bool:
    """An aspirante's own hearings (C7)."""
    return quien.rol is Rol.ASPIRANTE
