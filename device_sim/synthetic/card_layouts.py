"""Where everything stands on the six models of card: a table of positions and colours, no drawing (row D3).

A card is drawn after its layout, so a new model is a row here. The layouts are our own; what is true to the
real cards is which codes each model carries, because that is what a phone and the server read: C a PDF417
with text; D to F a Code 128 of the CIC, an MRZ and one or two dense QR; G and H also the public QR.
"""

from dataclasses import dataclass
from typing import Final, Literal

from device_sim.synthetic.artwork import Palette
from device_sim.synthetic.people import Modelo

Box = tuple[int, int, int, int]  # left, top, right, bottom
QRKind = Literal["denso", "publico"]


@dataclass(frozen=True, slots=True)
class Field:
    """One datum: its label, the datum's name in `cards`, where its label starts and how wide it may run."""

    label: str
    datum: str
    x: int
    y: int
    width: int
    size: int = 34


@dataclass(frozen=True, slots=True)
class Front:
    """The anverso of a model."""

    palette: Palette
    institution: str
    subtitle: str
    photo: Box
    ghost: Box | None
    signature: Box
    fields: tuple[Field, ...]
    legend_y: int


@dataclass(frozen=True, slots=True)
class Back:
    """The reverso of a model. A box of a code is what it may fill: codes are set in whole points a module."""

    palette: Palette
    pdf417: Box | None
    code128: Box | None
    qrs: tuple[tuple[QRKind, Box], ...]
    dense_bytes: int
    mrz_y: int | None
    fingerprint: Box
    signature: Box
    votes: Box | None
    ocr_x: int | None
    legend: tuple[int, int]


_IFE: Final = Palette(
    (250, 248, 236), (236, 240, 222), (150, 178, 120), (206, 176, 140), (86, 112, 62), (255, 255, 250)
)
_IFE_D: Final = Palette(
    (246, 250, 246), (226, 238, 230), (120, 176, 150), (196, 196, 150), (28, 92, 72), (250, 255, 250)
)
_INE_E: Final = Palette(
    (252, 246, 249), (244, 228, 238), (214, 150, 184), (176, 176, 196), (140, 30, 92), (255, 250, 253)
)
_INE_F: Final = Palette(
    (248, 247, 253), (230, 228, 244), (158, 150, 206), (206, 168, 190), (78, 56, 132), (252, 250, 255)
)
_INE_G: Final = Palette(
    (251, 249, 247), (240, 232, 232), (206, 160, 160), (160, 180, 190), (122, 24, 62), (255, 250, 250)
)
_INE_H: Final = Palette(
    (246, 251, 252), (224, 240, 242), (130, 188, 196), (196, 178, 160), (12, 92, 108), (248, 255, 255)
)

_INE_NAME: Final = "INSTITUTO NACIONAL ELECTORAL"
_IFE_NAME: Final = "INSTITUTO FEDERAL ELECTORAL"
_CPV: Final = "CREDENCIAL PARA VOTAR"


def _name_and_address(x: int, y: int, width: int) -> tuple[Field, ...]:
    """Three lines of name and three of domicilio, under one label each."""
    return (
        Field("NOMBRE", "apellido_paterno", x, y, width, 40),
        Field("", "apellido_materno", x, y + 46, width, 40),
        Field("", "nombre", x, y + 92, width, 40),
        Field("DOMICILIO", "domicilio_1", x, y + 188, width, 32),
        Field("", "domicilio_2", x, y + 228, width, 32),
        Field("", "domicilio_3", x, y + 268, width, 32),
    )


FRONTS: Final[dict[Modelo, Front]] = {
    "C": Front(
        palette=_IFE,
        institution=_IFE_NAME,
        subtitle="REGISTRO FEDERAL DE ELECTORES · " + _CPV,
        photo=(1170, 214, 1540, 708),
        ghost=None,
        signature=(1170, 724, 1540, 884),
        fields=(
            *_name_and_address(70, 214, 760),
            Field("EDAD", "edad", 870, 214, 120),
            Field("SEXO", "sexo", 1020, 214, 100),
            Field("FOLIO", "folio", 870, 326, 280, 30),
            Field("AÑO DE REGISTRO", "registro", 870, 438, 280),
            Field("CLAVE DE ELECTOR", "clave_elector", 70, 576, 560, 38),
            Field("CURP", "curp", 660, 576, 480, 36),
            Field("ESTADO", "entidad", 70, 684, 130),
            Field("MUNICIPIO", "municipio", 230, 684, 520, 32),
            Field("SECCIÓN", "seccion", 790, 684, 150),
            Field("EMISIÓN", "anio_emision", 70, 792, 150),
            Field("NÚMERO DE EMISIÓN", "emision", 290, 792, 200),
            Field("VIGENCIA HASTA", "vigencia", 660, 792, 220),
        ),
        legend_y=926,
    ),
    "D": Front(
        palette=_IFE_D,
        institution=_IFE_NAME,
        subtitle="REGISTRO FEDERAL DE ELECTORES · " + _CPV,
        photo=(60, 214, 440, 720),
        ghost=(1320, 560, 1530, 840),
        signature=(60, 736, 440, 890),
        fields=(
            *_name_and_address(490, 214, 800),
            Field("EDAD", "edad", 1330, 214, 100),
            Field("SEXO", "sexo", 1460, 214, 80),
            Field("AÑO DE REGISTRO", "registro", 1330, 326, 220),
            Field("VIGENCIA", "vigencia", 1330, 438, 200),
            Field("CLAVE DE ELECTOR", "clave_elector", 490, 576, 790, 42),
            Field("CURP", "curp", 490, 690, 480, 36),
            Field("ESTADO", "entidad", 1000, 690, 110),
            Field("SECCIÓN", "seccion", 1150, 690, 140),
            Field("MUNICIPIO", "municipio", 490, 798, 480, 32),
            Field("EMISIÓN", "anio_emision", 1000, 798, 150),
            Field("NÚM.", "emision", 1150, 798, 100),
        ),
        legend_y=926,
    ),
    "E": Front(
        palette=_INE_E,
        institution=_INE_NAME,
        subtitle="MÉXICO · " + _CPV,
        photo=(60, 214, 430, 706),
        ghost=(1350, 232, 1530, 472),
        signature=(1050, 736, 1530, 890),
        fields=(
            *_name_and_address(480, 214, 820),
            Field("SEXO", "sexo", 60, 728, 90),
            Field("FECHA DE NACIMIENTO", "nacimiento", 190, 728, 260),
            Field("CLAVE DE ELECTOR", "clave_elector", 480, 576, 640, 40),
            Field("CURP", "curp", 1140, 576, 400, 34),
            Field("AÑO DE REGISTRO", "registro", 480, 688, 220),
            Field("ESTADO", "entidad", 740, 688, 110),
            Field("SECCIÓN", "seccion", 890, 688, 140),
            Field("MUNICIPIO", "municipio", 480, 798, 520, 32),
            Field("EMISIÓN", "anio_emision", 60, 828, 130),
            Field("VIGENCIA", "vigencia", 250, 828, 160),
        ),
        legend_y=926,
    ),
    "F": Front(
        palette=_INE_F,
        institution=_INE_NAME,
        subtitle="MÉXICO · " + _CPV,
        photo=(1160, 214, 1540, 720),
        ghost=(70, 600, 250, 840),
        signature=(1160, 736, 1540, 890),
        fields=(
            *_name_and_address(70, 214, 760),
            Field("SEXO", "sexo", 870, 214, 90),
            Field("FECHA DE NACIMIENTO", "nacimiento", 870, 326, 270),
            Field("AÑO DE REGISTRO", "registro", 870, 438, 240),
            Field("CLAVE DE ELECTOR", "clave_elector", 300, 576, 540, 38),
            Field("ESTADO", "entidad", 870, 576, 110),
            Field("SECCIÓN", "seccion", 1000, 576, 140),
            Field("CURP", "curp", 300, 688, 540, 36),
            Field("EMISIÓN", "anio_emision", 870, 688, 120),
            Field("VIGENCIA", "vigencia", 1000, 688, 140),
            Field("MUNICIPIO", "municipio", 300, 798, 800, 32),
        ),
        legend_y=926,
    ),
    "G": Front(
        palette=_INE_G,
        institution=_INE_NAME,
        subtitle="MÉXICO · " + _CPV,
        photo=(60, 200, 430, 692),
        ghost=(1360, 210, 1530, 436),
        signature=(60, 712, 430, 890),
        fields=(
            *_name_and_address(480, 204, 780),
            Field("SEXO", "sexo", 1290, 204, 60),
            Field("CLAVE DE ELECTOR", "clave_elector", 480, 566, 560, 38),
            Field("CURP", "curp", 1080, 566, 460, 36),
            Field("FECHA DE NACIMIENTO", "nacimiento", 480, 678, 300),
            Field("AÑO DE REGISTRO", "registro", 820, 678, 220),
            Field("SECCIÓN", "seccion", 1080, 678, 170, 52),
            Field("VIGENCIA", "vigencia_completa", 1290, 678, 250),
            Field("ESTADO", "entidad", 480, 798, 110),
            Field("MUNICIPIO", "municipio", 620, 798, 660, 32),
        ),
        legend_y=926,
    ),
    "H": Front(
        palette=_INE_H,
        institution=_INE_NAME,
        subtitle="MÉXICO · " + _CPV,
        photo=(1170, 200, 1540, 692),
        ghost=(940, 210, 1110, 436),
        signature=(1170, 712, 1540, 890),
        fields=(
            *_name_and_address(70, 204, 780),
            Field("SEXO", "sexo", 1010, 466, 90),
            Field("CLAVE DE ELECTOR", "clave_elector", 70, 566, 560, 38),
            Field("CURP", "curp", 660, 566, 460, 36),
            Field("SECCIÓN", "seccion", 70, 678, 170, 52),
            Field("FECHA DE NACIMIENTO", "nacimiento", 270, 678, 300),
            Field("AÑO DE REGISTRO", "registro", 610, 678, 220),
            Field("VIGENCIA", "vigencia_completa", 870, 678, 250),
            Field("ESTADO", "entidad", 70, 798, 110),
            Field("MUNICIPIO", "municipio", 210, 798, 860, 32),
        ),
        legend_y=926,
    ),
}

BACKS: Final[dict[Modelo, Back]] = {
    "C": Back(
        palette=_IFE,
        pdf417=(180, 664, 1560, 944),
        code128=None,
        qrs=(),
        dense_bytes=0,
        mrz_y=None,
        fingerprint=(1250, 70, 1540, 420),
        signature=(820, 120, 1210, 330),
        votes=(180, 66, 780, 626),
        ocr_x=50,
        legend=(1180, 560),
    ),
    "D": Back(
        palette=_IFE_D,
        pdf417=None,
        code128=(70, 70, 800, 190),
        qrs=(("denso", (1170, 60, 1550, 440)),),
        dense_bytes=180,
        mrz_y=716,
        fingerprint=(850, 60, 1110, 380),
        signature=(850, 400, 1130, 540),
        votes=(70, 300, 800, 640),
        ocr_x=None,
        legend=(1180, 600),
    ),
    "E": Back(
        palette=_INE_E,
        pdf417=None,
        code128=(780, 70, 1540, 190),
        qrs=(("denso", (60, 60, 500, 500)),),
        dense_bytes=260,
        mrz_y=716,
        fingerprint=(530, 60, 750, 340),
        signature=(780, 320, 1180, 500),
        votes=None,
        ocr_x=None,
        legend=(800, 600),
    ),
    "F": Back(
        palette=_INE_F,
        pdf417=None,
        code128=(60, 70, 740, 190),
        qrs=(("denso", (780, 60, 1140, 420)), ("denso", (1180, 60, 1540, 420))),
        dense_bytes=220,
        mrz_y=716,
        fingerprint=(60, 300, 270, 580),
        signature=(310, 300, 740, 500),
        votes=None,
        ocr_x=None,
        legend=(800, 600),
    ),
    "G": Back(
        palette=_INE_G,
        pdf417=None,
        code128=(60, 500, 740, 600),
        qrs=(
            ("denso", (60, 60, 440, 440)),
            ("denso", (480, 60, 860, 440)),
            ("publico", (1230, 60, 1550, 380)),
        ),
        dense_bytes=260,
        mrz_y=736,
        fingerprint=(930, 60, 1170, 380),
        signature=(1090, 440, 1550, 600),
        votes=None,
        ocr_x=None,
        legend=(1230, 636),
    ),
    "H": Back(
        palette=_INE_H,
        pdf417=None,
        code128=(860, 500, 1540, 600),
        qrs=(
            ("publico", (60, 60, 380, 380)),
            ("denso", (740, 60, 1120, 440)),
            ("denso", (1160, 60, 1540, 440)),
        ),
        dense_bytes=300,
        mrz_y=736,
        fingerprint=(440, 60, 680, 380),
        signature=(60, 440, 520, 600),
        votes=None,
        ocr_x=None,
        legend=(370, 636),
    ),
}
