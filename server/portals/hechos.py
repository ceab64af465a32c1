"""What a page says after something was done: the code travels in the address, the sentence is here."""

from __future__ import annotations

HECHOS: dict[str, str] = {
    "guardado": "Los cambios quedaron guardados.",
    # the administrator's page and memory cards
    "revision_hecha": "La revisión terminó: vea el resultado abajo.",
    "correo_reintentado": "Los correos salen de nuevo: en unos momentos, lo que no haya salido vuelve a esta lista.",
    "correo_descartado": "El correo se descartó y no se enviará.",
    "acuses_pedidos": "Se pidieron de nuevo los acuses de esta tarjeta.",
    "tarjeta_olvidada": "El resultado se retiró de este servidor. Lo recibido está a salvo.",
}
