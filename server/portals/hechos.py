"""What a page says after something was done: the code travels in the address, the sentence is here."""

from __future__ import annotations

HECHOS: dict[str, str] = {
    "guardado": "Los cambios quedaron guardados.",
    # entering, and one's own account
    "salio": "Salió de su cuenta. Si el equipo es compartido, cierre también la ventana.",
    "entre_otra_vez": "Su cuenta cambió mientras entraba. Entre otra vez.",
    "codigo_enviado": "Si el usuario y el folio son correctos, el código va en camino a su correo.",
    "restablecer_pedido": "Si esa cuenta existe, le enviamos un correo con los pasos. El enlace sirve una hora.",
    "contrasena_lista": "Su contraseña quedó lista. Entre con ella.",
    "contrasena_cambiada": "Su contraseña cambió y todas sus sesiones se cerraron. Entre con la nueva.",
    "contrasena_cambiada_aqui": "Su contraseña cambió. Sus otras sesiones se cerraron.",
    "declaracion_entregada": "Su declaración quedó entregada. Le avisaremos por correo cuando se revise.",
    "factor_ya_puesto": "Su cuenta ya tiene un segundo paso.",
    "factor_retirado": "El segundo paso quedó retirado.",
    "factor_obligatorio": "Por los datos personales que consulta, su cuenta debe conservar el segundo paso.",
    "sesion_cerrada": "Esa sesión quedó cerrada.",
    "sesiones_cerradas": "Sus otras sesiones quedaron cerradas.",
    # accounts of the OPL
    "cuenta_invitada": "La invitación va en camino a su correo. Sirve siete días.",
    "restablecer_enviado": "El enlace para cambiar la contraseña va en camino a su correo. Sirve una hora.",
    "declaracion_aceptada": "La declaración quedó aceptada y la cuenta, activa. Ya se le avisó por correo.",
    "declaracion_devuelta": "La declaración se devolvió. El motivo va en camino a su correo.",
    "declaracion_otra": "Mientras tanto llegó otra declaración de esta persona. Revísela antes de resolver.",
    "cuenta_suspendida": "La cuenta quedó suspendida y sus sesiones, cerradas.",
    "cuenta_reactivada": "La cuenta quedó como estaba antes de suspenderse.",
    "rol_cambiado": "El rol cambió. Sus sesiones se cerraron: la persona debe entrar otra vez.",
    "factor_retirado_cuenta": "El segundo paso quedó retirado. La persona hará uno nuevo al entrar.",
}
