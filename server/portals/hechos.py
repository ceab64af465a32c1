"""What a page says after something was done: the code travels in the address, the sentence is here."""

from __future__ import annotations

HECHOS: dict[str, str] = {
    "guardado": "Los cambios quedaron guardados.",
    "auxiliar_registrado": "El auxiliar quedó registrado. Le enviamos por correo sus Id.",
    "auxiliar_registrado_baja": "El auxiliar quedó registrado y de baja: abajo está el motivo.",
    "auxiliar_baja": "El auxiliar quedó de baja. Le avisamos por correo.",
    "auxiliar_reactivado": "El auxiliar está activo de nuevo. Le enviamos por correo sus Id.",
    "auxiliar_correo": "El correo con los Id va en camino.",
    "carga_aceptada": "Los renglones correctos se están registrando.",
    "carga_descartada": "El archivo se descartó: no se registró a nadie.",
    "auxiliar_corresponde": "Quedó revisado: corresponde.",
    "auxiliar_no_corresponde": "Quedó de baja, y se le avisa por correo con la causa.",
}
