"""What an institute says of itself on its pages, mails and printables: name, colour, contact, legal texts.

Kept as rows of `ajustes` (one a field); what was never set has the value written here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

COLOR = "#4a2c6b"


@dataclass(frozen=True, slots=True)
class Institucion:
    """The institute that hosts the box. `color`: `#rrggbb`, dark enough for white text. `logo`: id in `archivos` or 0.

    Texts are plain; the long ones keep their line breaks.
    """

    nombre: str
    siglas: str = ""
    color: str = COLOR
    logo: int = 0
    domicilio: str = ""
    contacto_correo: str = ""
    contacto_telefono: str = ""
    horario: str = ""
    leyenda_cedula: str = (
        "Manifiesto que los datos de esta cédula son los míos y son correctos, y que la cuenta de correo que aparece "
        "aquí es de mi uso personal. Su resguardo y el de los medios con que ingreso al portal son mi responsabilidad."
    )
    responsiva: str = (
        "Conozco mis obligaciones en el tratamiento de los datos personales que recabe, me comprometo a usarlos sólo "
        "para el fin para el que se me confían y acepto recibir avisos por correo electrónico."
    )
    declaracion: str = (
        "Me comprometo a guardar confidencialidad sobre los datos personales que conozca por mi encargo, a usarlos "
        "sólo para las funciones que se me asignaron, a no compartir mi cuenta ni mi contraseña, y a dar aviso de "
        "inmediato de cualquier uso indebido del que tenga noticia."
    )

    @classmethod
    def of(cls, nombre: str, ajustes: Mapping[str, str], logo: int = 0) -> Institucion:
        """From the settings that were made; `nombre` is the one in the environment, `ajustes["nombre"]` wins."""
        known = {field.name for field in fields(cls)} - {"logo"}
        values = {clave: valor for clave, valor in ajustes.items() if clave in known and valor}
        return cls(**{"nombre": nombre, **values, "logo": logo})  # type: ignore[arg-type]

    @property
    def corto(self) -> str:
        """Its siglas, or its name where there are none."""
        return self.siglas or self.nombre
