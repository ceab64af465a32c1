"""Stages as tables: what goes in, how it ends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.domain.apoyo import Situacion
from server.domain.banderas import Bandera, Codigo
from server.expedientes.abrir import Datos
from server.padron.proveedor import SILENCIO, Respuesta
from server.pipeline import paciencia
from server.pipeline.compulsa import compulsar, con_correcciones, contestado
from server.pipeline.outcome import ConBanderas, Cuarentena, Desenlace, Reintenta, Sigue
from server.pipeline.stages import CADENA, ETAPAS, FRENTE, NOMBRES, desde, siguiente
from server.store.tablero import ETAPAS as DEL_TABLERO
from sync_protocol import registro
from tests.factories import Phone

BIEN = Datos(
    "NOÉ", "PÉREZ", "RAMÍREZ", clave_elector="PRRMNO80010132H100", curp="PERN800101HZSRMX03", cic="123456789",
    ocr="0123456789012",
)  # fmt: skip


def banderas(*found: tuple[Codigo, str]) -> ConBanderas:
    return ConBanderas(tuple(Bandera(*one) for one in found))


def test_the_stages_are_those_of_the_rows_in_order() -> None:
    assert NOMBRES == DEL_TABLERO
    assert [siguiente(one) for one in NOMBRES] == [*NOMBRES[1:], None]
    assert (*FRENTE, "verificar_padron", *CADENA) == NOMBRES
    assert desde("compulsar", FRENTE) == ("compulsar",)
    assert len({etapa.texto for etapa in ETAPAS}) == len(ETAPAS)


@pytest.mark.parametrize(
    ("changes", "criterio", "expected"),
    [
        ({"curp": ""}, "", Sigue()),
        ({"clave_elector": "", "curp": "", "cic": "", "ocr": ""}, "", Sigue()),
        ({"curp": "", "clave_elector": "PRRMNO8001013"}, "", banderas((Codigo.DATO_INVALIDO, "clave_elector"))),
        ({"curp": "PERN800101HZSRMX90"}, "", banderas((Codigo.DATO_INVALIDO, "curp"))),
        ({"curp": "", "cic": "1234", "ocr": "0000"}, "",
         banderas((Codigo.DATO_INVALIDO, "cic"), (Codigo.DATO_INVALIDO, "ocr"))),
        ({"curp": ""}, "sin_firma", banderas((Codigo.PAPEL, "sin_firma"))),
    ],
)  # fmt: skip
def test_compulsar(changes: dict[str, str], criterio: str, expected: Desenlace) -> None:
    assert compulsar(replace(BIEN, **changes), criterio) == expected


def curp(body: str) -> str:
    from server.domain.curp import check_digit

    return body + check_digit(body)


@pytest.mark.parametrize(
    ("body", "differs"),
    [
        ("PERN800101HZSRMX0", False),
        ("PERN800102HZSRMX0", True),
        ("PERN800101MZSRMX0", True),
        ("PERN800101HJCRMX0", True),
    ],
)
def test_curp_against_clave(body: str, differs: bool) -> None:
    clave = "PRRMNX80010132H100"
    found = compulsar(replace(BIEN, clave_elector=clave, curp=curp(body)))
    assert found == (banderas((Codigo.CURP_CLAVE, "")) if differs else Sigue())


@pytest.mark.parametrize(
    ("nombres", "expected"),
    [
        (("NOE", "PEREZ", "RAMIREZ"), Sigue()),
        (("Noé", "Pérez-Ramírez", ""), Sigue()),
        (("", "", ""), Sigue()),
        (("NOÉ", "PÉREZ", "RAMOS"), banderas((Codigo.NOMBRE_PADRON, ""))),
    ],
)
def test_the_name_in_the_padron(nombres: tuple[str, str, str], expected: Desenlace) -> None:
    answer = Respuesta(
        Situacion.LISTA_NOMINAL, nombre=nombres[0], apellido_paterno=nombres[1], apellido_materno=nombres[2]
    )
    assert contestado(BIEN, answer) == expected


def test_silence_is_told() -> None:
    assert contestado(BIEN, SILENCIO) == banderas((Codigo.PADRON_SIN_RESPUESTA, ""))


def test_what_was_corrected_is_what_is_compared_with_the_codes() -> None:
    plain = Phone.plaintext(Phone(100001, 200001, 1, None), 1)  # type: ignore[arg-type]
    sealed = registro.decode(plain, tipo=registro.Tipo.APOYO, folio=Phone(100001, 200001, 1, None).folio(1))  # type: ignore[arg-type]
    assert isinstance(sealed, registro.Apoyo)
    changed = con_correcciones(sealed, replace(BIEN, ocr=""))
    assert (changed.cic, changed.ocr, changed.nombre) == ("123456789", None, "NOÉ")
    assert changed.imagenes == sealed.imagenes


@pytest.mark.parametrize(
    ("motivo", "intentos", "expected"),
    [
        ("sobre_danado", 0, Cuarentena("sobre_danado")),
        ("papel_danado", 0, Cuarentena("papel_danado")),
        ("lector_murio", 0, Reintenta("lector_murio", 5_000)),
        ("lector_murio", 1, Reintenta("lector_murio", 10_000)),
        ("lector_murio", 2, Cuarentena("lector_murio")),
        ("llave_desconocida", 0, Reintenta("llave_desconocida", 600_000)),
        ("lote_ilegible", 8, Reintenta("lote_ilegible", 6 * 3_600_000)),
        ("lote_ilegible", 9, Cuarentena("lote_ilegible")),
        ("error_interno", 0, Reintenta("error_interno", 30_000)),
        ("error_interno", 5, Cuarentena("error_interno")),
    ],
)
def test_a_failure_is_tried_again_for_as_long_as_that_makes_sense(
    motivo: str, intentos: int, expected: Desenlace
) -> None:
    assert paciencia.tras_falla(motivo, intentos) == expected


def test_waits_grow_to_a_cap() -> None:
    waits = [paciencia.PADRON.espera_ms(n) for n in range(1, 40)]
    assert waits[:3] == [60_000, 120_000, 240_000]
    assert waits == sorted(waits)
    assert max(waits) == waits[-1] == 6 * 3_600_000
