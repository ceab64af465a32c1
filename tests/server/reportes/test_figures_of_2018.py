"""Public figures of one aspirante of 2018, who needed 866,593: what the mesa takes off, a report takes off too.

Public are: 1,578,774 sent; 1,089,512 of them preliminarily in lista nominal; less 432 simulations, 212,198 photocopies
and 6,714 not valid for other reasons, 870,168. How the other 489,262 were spread is not among those figures: here they
are put by hand into the classes that are left, and nothing is said of them but that they are all there.
"""

from __future__ import annotations

import csv
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from server.domain.apoyo import Ambito, Clase, Duplicado, OrigenApoyo, Resultado, Situacion, clase
from server.domain.dias import DIA_MS, dia_de
from server.domain.roles import Rol
from server.portals.informe import en_palabras, filas_de_clases, informe
from server.reportes import avance
from server.reportes.avance import Avance
from server.store import apoyos, catalogo, conteos
from server.store.writer import Tx
from tests.factories import NOW
from tests.server.portals.portal import abierto
from tests.server.store.test_conteos import arrive, index

ENVIADOS = 1_578_774
EN_LISTA_NOMINAL = 1_089_512
SIMULACION, FOTOCOPIA, NO_VALIDOS = 432, 212_198, 6_714
QUEDAN = 870_168


@dataclass(frozen=True)
class Grupo:
    """Apoyos of which the same is known."""

    n: int
    situacion: Situacion = Situacion.LISTA_NOMINAL
    duplicado: Duplicado = Duplicado.NO
    ambito: Ambito = Ambito.DENTRO

    def clase(self, resultado: Resultado) -> Clase:
        return clase(
            self.situacion, resultado, OrigenApoyo.BIEN, duplicado=self.duplicado, ambito=self.ambito
        )  # fmt: skip


# Not public (see above), by hand; only their sum follows from what is.
OTROS = (
    Grupo(200_000, Situacion.SIN_RESPUESTA),
    Grupo(120_000, Situacion.BAJA),
    Grupo(90_000, Situacion.NO_ENCONTRADO),
    Grupo(79_262, Situacion.PADRON),
)
INCISOS = {"n": SIMULACION, "e": FOTOCOPIA, "a": 3_000, "g": 2_000, "m": 1_714}


def test_the_public_figures_say_so_themselves() -> None:
    assert EN_LISTA_NOMINAL - SIMULACION - FOTOCOPIA - NO_VALIDOS == QUEDAN
    assert sum(grupo.n for grupo in OTROS) == ENVIADOS - EN_LISTA_NOMINAL == 489_262
    assert sum(n for inciso, n in INCISOS.items() if inciso not in "en") == NO_VALIDOS
    assert sum(INCISOS.values()) == 219_344


@pytest.fixture
def conn() -> Iterator[sqlite3.Connection]:
    made = index()
    proceso = catalogo.add_proceso(made, "candidatura_independiente", "Proceso", NOW)
    periodo = catalogo.add_periodo(made, proceso, "Presidencia", "32", NOW - 120 * DIA_MS, NOW, NOW)
    catalogo.add_aspirante(made, periodo, ("Persona", "De", "Prueba"), "a@ejemplo.mx", NOW)
    catalogo.add_auxiliar(made, 1, ("Auxiliar", "De", "Prueba"), "x@ejemplo.mx", NOW)
    made.execute("UPDATE periodos SET apoyos_requeridos = 866593")
    yield made
    made.close()


def move(
    conn: sqlite3.Connection, signo: int, grupo: Grupo, resultado: Resultado = Resultado.PENDIENTE, inciso: str = ""
) -> None:
    """So many apoyos into the counters, or out of them, through the statement by which every change goes."""
    conn.execute(
        "INSERT INTO cambios_de_conteo VALUES (?, 1, 1, ?, 1, '', '', ?, ?, 'bien', ?, ?)",
        (signo * grupo.n, dia_de(NOW) - 1, grupo.situacion, resultado, grupo.clase(resultado), inciso),
    )


def report(conn: sqlite3.Connection) -> Avance:
    found = avance.de_aspirante(conn, 1, NOW)
    assert found is not None
    assert found.clases.enviados == found.total.recibidos == ENVIADOS, "the classes add up to what was sent"
    return found


def test_the_report_says_the_public_figures(conn: sqlite3.Connection) -> None:
    """Through the counters, a million and a half at once, and the functions that the page is made of."""
    everyone = Grupo(EN_LISTA_NOMINAL)
    # As they arrive; then the padrón answers; then the mesa has looked at all of them.
    move(conn, 1, Grupo(ENVIADOS, Situacion.SIN_RESPUESTA))
    first = report(conn)
    assert dict(first.clases.por_clase)[Clase.EN_PROCESAMIENTO] == ENVIADOS
    assert (first.total.cuentan, first.total.en_espera) == (0, ENVIADOS)

    move(conn, -1, Grupo(ENVIADOS, Situacion.SIN_RESPUESTA))
    for grupo in (everyone, *OTROS):
        move(conn, 1, grupo)
    before = report(conn)
    assert before.total.lista_nominal == before.total.cuentan == EN_LISTA_NOMINAL
    assert dict(before.clases.por_clase)[Clase.EN_MESA] == EN_LISTA_NOMINAL
    assert before.clases.hallazgos == ()
    assert en_palabras(before) == "1,089,512 de 866,593 (126 %)"

    move(conn, -1, everyone)
    move(conn, 1, Grupo(QUEDAN), Resultado.VALIDO)
    for inciso, n in INCISOS.items():
        move(conn, 1, Grupo(n), Resultado.INCONSISTENTE, inciso)
    after = report(conn)
    classes = dict(after.clases.por_clase)
    assert classes[Clase.LISTA_NOMINAL] == after.total.cuentan == QUEDAN
    assert classes[Clase.CON_INCONSISTENCIA] == after.total.inconsistentes == SIMULACION + FOTOCOPIA + NO_VALIDOS
    assert classes[Clase.EN_MESA] == 0
    assert after.total.lista_nominal == EN_LISTA_NOMINAL, "what the padrón said does not change"
    assert conteos.por_inciso(conn, 1) == INCISOS
    found = dict(after.clases.hallazgos)
    assert (found.pop("Simulación"), found.pop("Fotocopia de la credencial")) == (SIMULACION, FOTOCOPIA)
    assert sum(found.values()) == NO_VALIDOS

    printed = informe(after)
    assert printed.grafica.total == ENVIADOS
    assert sum(one.cuantos for one in printed.clases) == ENVIADOS
    rows = {row[0]: row[1] for row in filas_de_clases(after)}
    assert (rows["En Lista Nominal"], rows["Con inconsistencia"], rows["Enviados"]) == (QUEDAN, 219_344, ENVIADOS)
    assert rows["De ellos: Simulación"] == SIMULACION
    assert rows["De ellos: Fotocopia de la credencial"] == FOTOCOPIA
    assert printed.meta == "870,168 de 866,593 (100 %)"
    assert printed.no_cuentan == "219,344: con inconsistencia; 289,262 por otras causas"


# -- in miniature -----------------------------------------------------------------------------------------------------

MINI_LISTA, MINI_SIMULACION, MINI_FOTOCOPIA, MINI_NO_VALIDOS = 1_090, 1, 212, 7
MINI_QUEDAN = 870
MINI_OTROS = (
    Grupo(200, Situacion.SIN_RESPUESTA), Grupo(120, Situacion.BAJA), Grupo(89, Situacion.NO_ENCONTRADO),
    Grupo(40, Situacion.PADRON), Grupo(15, duplicado=Duplicado.MISMO), Grupo(10, duplicado=Duplicado.OTRO),
    Grupo(15, ambito=Ambito.FUERA),
)  # fmt: skip


def fill(tx: Tx) -> None:
    """A thousandth of it: each apoyo arrives, the padrón answers, the mesa decides, by the functions that they use."""
    conn, number = tx.conn, 0
    verdicts = [
        *[(Resultado.VALIDO, "")] * MINI_QUEDAN, *[(Resultado.INCONSISTENTE, "n")] * MINI_SIMULACION,
        *[(Resultado.INCONSISTENTE, "e")] * MINI_FOTOCOPIA, *[(Resultado.INCONSISTENTE, "g")] * MINI_NO_VALIDOS,
    ]  # fmt: skip
    for grupo in (Grupo(MINI_LISTA), *MINI_OTROS):
        for n in range(grupo.n):
            number += 1
            id_ = arrive(conn, number, auxiliar=1 + number % 2, dia=-(number % 7), lote=500)
            apoyos.set_situacion(conn, id_, grupo.situacion, municipio="Calvillo", seccion=f"{number % 40:04}")
            apoyos.set_ambito(conn, id_, grupo.ambito)
            apoyos.set_duplicado(conn, id_, grupo.duplicado)
            if grupo == Grupo(MINI_LISTA):
                resultado, inciso = verdicts[n]
                apoyos.set_resultado(conn, id_, resultado, inciso=inciso)
    conn.execute("UPDATE periodos SET apoyos_requeridos = 867")


@pytest.mark.anyio
async def test_a_thousandth_of_it_apoyo_by_apoyo_on_the_page(tmp_path: Path) -> None:
    assert MINI_LISTA - MINI_SIMULACION - MINI_FOTOCOPIA - MINI_NO_VALIDOS == MINI_QUEDAN
    sent = MINI_LISTA + sum(grupo.n for grupo in MINI_OTROS)
    assert sent == 1_579
    async with abierto(tmp_path) as sitio:
        await sitio.write(fill)
        assert list(conteos.recount(sitio.caja.reader)) == []
        assert list(conteos.unsummed(sitio.caja.reader)) == []
        aspirante, opl = await sitio.entrar(Rol.ASPIRANTE), await sitio.entrar(Rol.OPERACION)
        for page in (
            (await aspirante.get("/aspirante/estadisticas/avance")).page(),
            (await opl.get("/opl/avance/1")).page(),
        ):
            for said in (
                "Recibidos 1,579", "Cuentan hasta hoy 870", "870 de 867 (100 %)", "Enviados 1,579 100 %",
                "De ellos: Simulación 1", "De ellos: Fotocopia de la credencial 212", "De ellos: Foto no válida 7",
                "Lista Nominal 1,130",
            ):  # fmt: skip
                assert said in page.text, said
            for one, (n, counts) in {
                Clase.LISTA_NOMINAL: ("870 55.1 %", "Sí"), Clase.EN_MESA: ("0 0 %", "Sí"),
                Clase.CON_INCONSISTENCIA: ("220 13.9 %", "No"),
                Clase.DUPLICADO_MISMO: ("15 0.9 %", "No"), Clase.DUPLICADO_OTRO: ("10 0.6 %", "No"),
                Clase.FUERA_DE_AMBITO: ("15 0.9 %", "No"), Clase.BAJAS: ("120 7.6 %", "No"),
                Clase.EN_PADRON: ("40 2.5 %", "No"),
                Clase.NO_ENCONTRADOS: ("89 5.6 %", "No"), Clase.EN_PROCESAMIENTO: ("200 12.7 %", "Aún no se sabe"),
                Clase.FUERA_DE_REGIMEN: ("0 0 %", "No"),
            }.items():  # fmt: skip
                word = {"Sí": "Cuenta", "No": "No cuenta"}.get(counts, "Por saberse")
                assert f"{one.texto} {word} {one.explicacion} {n}" in page.text, one
        text = (await aspirante.get("/aspirante/estadisticas/avance.csv")).body.decode("utf-8-sig")
        for line in ("En Lista Nominal,870,55.1 %,Sí", "De ellos: Simulación,1,,", "Enviados,1579,,"):
            assert line in text.splitlines(), line
        assert "Cifras preliminares e informativas" in text
        assert (await opl.get("/opl/avance/1.xlsx")).body[:2] == b"PK"
        assert (await opl.get("/opl/avance/99.csv")).status == 404
        assert (await opl.get("/opl/avance/1.pdf")).status == 404
        head, line = csv.reader((await opl.get("/opl/avance/periodos/1.csv")).body.decode("utf-8-sig").splitlines())
        found = dict(zip(head[-12:], map(int, line[-12:]), strict=True))
        assert found.pop("Enviados") == sum(found.values()) == 1_579
        page = (await aspirante.get("/aspirante/estadisticas/inconsistencias")).page()
        assert "Inconsistentes según la mesa 220" in page.text
