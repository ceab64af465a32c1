"""What a page says after something was done: the code travels in the address, the sentence is here."""

from __future__ import annotations

HECHOS: dict[str, str] = {
    "guardado": "Los cambios quedaron guardados.",
    "sin_cambios": "No había nada que cambiar.",
    "aviso_publicado": "El aviso quedó publicado.",
    "periodo_creado": "El periodo quedó registrado.",
    "aspirante_registrado": "El registro quedó guardado. Imprima la cédula, recabe la firma y confírmelo.",
    "aspirante_confirmado": "El registro quedó confirmado. El correo con el folio único está en camino.",
    "aspirante_ya_confirmado": "El registro ya estaba confirmado; no se envió otro correo.",
    "aspirante_sin_confirmar": "El registro no está confirmado y activo; no se envió nada.",
    "aspirante_correo": "El correo quedó corregido. El aviso va a la dirección nueva.",
    "aspirante_reenvio": "El correo con el folio único se enviará otra vez.",
    "aspirante_baja": "El registro quedó inactivo.",
    "aspirante_reactivado": "El registro está activo otra vez.",
    "aspirante_sin_cambio": "El registro ya estaba así; no cambió nada.",
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
