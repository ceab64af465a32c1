"""Every finding of `acopio verify`: a stable code, how grave it is, and a sentence on what to do (row X1)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import msgspec

KEPT = 200
"""Findings kept of each code; the rest are counted. A lost disk must not fill the memory with its own report."""


class Gravedad(StrEnum):
    """FALLA: something that was promised does not hold. AVISO: look at it. INFORMACION: good to know, nothing to do."""

    FALLA = "falla"
    AVISO = "aviso"
    INFORMACION = "informacion"


@dataclass(frozen=True, slots=True)
class Clase:
    """One row of the catalogue."""

    codigo: str
    gravedad: Gravedad
    texto: str
    que_hacer: str


_RESTORE = "No borre nada. Restaure ese lote de la segunda copia o del respaldo y repita la revisión."
_INDEX = "Detenga el servidor, aparte el índice, inicie (se repone del diario) y repita la revisión."
_ASK = "No borre nada; guarde este informe y avise a soporte."

F, A, N = Gravedad.FALLA, Gravedad.AVISO, Gravedad.INFORMACION

_ROWS = (
    # the diario
    (F, "lote_faltante", "Falta un lote en el diario.", _RESTORE),
    (F, "lote_ilegible", "Un lote está incompleto, alterado o no se puede leer.", _RESTORE),
    (F, "lote_no_sigue", "Un lote no sigue al anterior: la cadena está rota.", _RESTORE),
    (F, "lote_distinto", "Un lote no es el que el índice conoce.", _RESTORE),
    (F, "miembro_alterado", "El contenido de un lote no corresponde a su código de integridad.", _RESTORE),
    (F, "evento_invalido", "Un alta o una baja anotada en el diario no se puede leer.", _ASK),
    (A, "archivo_ajeno", "En la carpeta del diario hay un archivo que no es un lote.", "Vea de quién es y sáquelo de ahí."),
    (N, "lote_a_medias", "Quedó un lote a medio escribir de un corte; nadie recibió acuse de él.", "Nada: se retira al iniciar."),
    (N, "lote_nuevo", "Hay lotes más nuevos que el índice.", "Nada: si el servidor anda, acaban de llegar; si no, se reponen al iniciar."),
    # sobres
    (F, "sobre_invalido", "Un sobre guardado no tiene la forma debida.", _ASK),
    (F, "sobre_ajeno", "Un sobre guardado no es del folio que dice su lote.", _ASK),
    (F, "sobre_firma", "La firma del teléfono no corresponde a un sobre guardado.", _ASK),
    (F, "dispositivo_sin_llave", "No está la llave pública del teléfono que firmó un sobre.", _ASK),
    (F, "llave_de_apertura_faltante", "Un sobre se cerró con una llave que este servidor no tiene.", "Recupere llaves.json de su respaldo: sin ella ese sobre no se abre."),
    (F, "sobre_no_abre", "Un sobre guardado no abre o su contenido no es el debido.", _ASK),
    # acuses
    (F, "acuse_invalido", "Un acuse guardado no tiene la forma debida.", _ASK),
    (F, "acuse_firma", "La firma de un acuse no es de este servidor.", "Revise que llaves.json sea de este servidor; si lo es, avise a soporte."),
    (F, "acuse_ajeno", "Un acuse no nombra el folio, el código de integridad o el tamaño de su sobre.", _ASK),
    # the index against the diario
    (F, "indice_ilegible", "El índice no está o no se puede leer.", "Reponga su respaldo o, si no hay, inicie sin él: registros y acuses vuelven del diario."),
    (F, "fila_sin_bytes", "El índice tiene una fila cuyos bytes no están en el diario.", _RESTORE),
    (F, "miembro_sin_fila", "El diario tiene un sobre o un evento que el índice no tiene.", _INDEX),
    (F, "fila_distinta", "Una fila del índice no dice lo mismo que el diario.", _INDEX),
    (F, "cuenta_distinta", "Una cuenta guardada no es la que resulta de volver a contar.", _INDEX),
    (F, "apoyo_descuadrado", "Los apoyos que se consultan en los portales no corresponden a los registros recibidos.", _ASK),
    (F, "conteo_descuadrado", "Una cifra de los reportes no es la que resulta de volver a contar los apoyos.", _ASK),
    (F, "clases_no_suman", "Las clases en que se reportan los apoyos de un aspirante no suman lo que se envió.", _ASK),
    (F, "clase_distinta", "Hay apoyos en una clase que no es la que les toca.", _ASK),
    (F, "resultado_sin_dictamen", "El resultado de un apoyo no es el del dictamen que lo rige.", _ASK),
    (F, "trabajo_faltante", "Un apoyo recibido no tiene el trabajo que lo pasa a la siguiente etapa.", _ASK),
    (A, "trabajo_huerfano", "Hay un trabajo de un folio que no está.", _ASK),
    (A, "referencia_huerfana", "Un registro nombra una sesión o un correo que no está.", "Nada urgente: el registro y su acuse están; guarde el informe."),
    (A, "parcial_sin_fila", "Hay bytes a medio llegar que no son de ninguna subida.", "Nada: el servidor los retira solo a los pocos minutos de andar."),
    (N, "folio_en_conflicto", "Se conserva otro contenido de un folio ya recibido.", "Que lo vea quien revisa: puede ser un teléfono restaurado, o una alteración."),
    # the padrón
    (A, "padron_sin_archivo", "No está el archivo de la versión vigente del padrón: todo queda «Sin respuesta».", "Impórtelo otra vez con «acopio padron import»; después de una restauración es lo esperado."),
    (A, "padron_alterado", "El archivo de una versión del padrón no es el que se importó.", "Impórtelo otra vez con «acopio padron import» y revise el disco; luego retire esa versión."),
    # phones
    (N, "hueco_en_telefono", "A un teléfono le faltan números de registro aquí.", "Nada: el teléfono puede tenerlos aún. Si ya terminó el plazo, pregunte al auxiliar."),
    (A, "cadena_de_telefono", "Un registro no nombra al anterior del mismo teléfono.", "Que lo vea quien revisa: puede ser un teléfono restaurado de un respaldo."),
    # bitácora and SQLite
    (F, "bitacora_rota", "La cadena de la bitácora no sigue: un evento fue alterado o borrado.", "No borre nada; compare con el respaldo de la base y avise a soporte."),
    (A, "bitacora_evento", "La bitácora tiene eventos que esta versión no conoce.", "¿Se restauró la base de una versión más nueva? Actualice el programa."),
    (F, "base_danada", "SQLite encuentra daños en el archivo del índice.", "Reponga el respaldo del índice, o apártelo e inicie: registros y acuses vuelven del diario."),
    (F, "base_referencias", "El índice tiene referencias que no llevan a nada.", _ASK),
    (A, "base_esquema", "El esquema del índice no es el de esta versión.", "Si es de una versión anterior, se actualiza al iniciar; si no, alguien lo cambió a mano."),
    # copies
    (F, "copia_ausente", "La segunda copia no responde.", "Revise que el disco esté montado y con permisos: mientras tanto no se dan acuses."),
    (F, "copia_faltante", "A la segunda copia le falta un lote intermedio.", "Reinicie el servidor: vuelve a copiar desde el hueco. Repita la revisión."),
    (F, "copia_distinta", "Un lote de la segunda copia no es igual al del diario.", "Si el del diario está bien, aparte el de la copia y reinicie el servidor; si no, restaure el del diario desde la copia."),
    (A, "copia_atrasada", "La segunda copia aún no tiene los últimos lotes.", "Si el servidor anda, espere; si no baja, revise /salud/listo. Sus acuses aún no se han dado."),
    (A, "llaves_sin_copia", "Junto a la segunda copia no están las llaves envueltas, o son otras.", "Reinicie el servidor con la segunda copia disponible, o copie llaves.json a mano."),
)  # fmt: skip

CATALOGO: dict[str, Clase] = {codigo: Clase(codigo, g, texto, hacer) for g, codigo, texto, hacer in _ROWS}


class Hallazgo(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was found. `donde`: lote, folio, device or file; never a person."""

    codigo: str
    donde: str
    detalle: str = ""

    @property
    def clase(self) -> Clase:
        """Its row of the catalogue."""
        return CATALOGO[self.codigo]


class Hallazgos:
    """Gathers findings; keeps the first of each code and counts them all."""

    def __init__(self) -> None:
        self.kept: list[Hallazgo] = []
        self.counts: dict[str, int] = {}

    def add(self, codigo: str, donde: str, detalle: str = "") -> None:
        """One more; `codigo` is of the catalogue."""
        assert codigo in CATALOGO, codigo
        self.counts[codigo] = self.counts.get(codigo, 0) + 1
        if self.counts[codigo] <= KEPT:
            self.kept.append(Hallazgo(codigo=codigo, donde=donde, detalle=detalle))

    def extend(self, others: list[Hallazgo]) -> None:
        """Those of a part."""
        for other in others:
            self.add(other.codigo, other.donde, other.detalle)

    def worst(self) -> Gravedad | None:
        """The gravest of what was found; None when nothing was, or only information."""
        found = {CATALOGO[codigo].gravedad for codigo in self.counts}
        return next((g for g in (Gravedad.FALLA, Gravedad.AVISO) if g in found), None)
