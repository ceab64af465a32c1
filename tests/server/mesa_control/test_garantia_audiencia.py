"""Hearings as operations (row B8): contesting, scheduling, impeded reviewers, deciding, concluding; twice is once."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from server.domain.garantia_audiencia import MINUTO, Acto, Estado, SinRevisar, despues
from server.errors import AppError, DatoInvalido
from server.mesa_control import garantia_audiencia as op
from server.mesa_control.garantia_audiencia import Guardada, PorAceptar
from server.store import archivos, audiencia_registros, audiencia_revisores, audiencias, conteos
from server.store.audiencia_registros import Impugnables
from server.store.por_clave import PorClave
from server.store.writer import Tx
from tests.server.mesa_control.audiencias_de_prueba import (
    CONFIRMA,
    HOUR,
    VALIDO,
    cita,
    cuenta,
    cuenta_de_aspirante,
    dictar,
    inconsistentes,
)
from tests.server.portals.portal import Sitio, abierto

pytestmark = pytest.mark.anyio
TODO = Impugnables()


@pytest.fixture
async def sitio(tmp_path: Path) -> AsyncIterator[Sitio]:
    async with abierto(tmp_path) as made:
        yield made


class Caso:
    """An OPL with an operator, two reviewers and an administrator; five registros found inconsistent."""

    def __init__(self, tx: Tx, n: int = 5) -> None:
        self.tx, self.conn = tx, tx.conn
        self.operador = cuenta(tx, "operacion")
        self.uno, self.dos, self.admin = cuenta(tx, "audiencia"), cuenta(tx, "audiencia"), cuenta(tx, "administracion")
        self.aspirante = cuenta_de_aspirante(tx, 1)
        self.apoyos = inconsistentes(tx, n, self.operador)

    def pide(self, **how: object) -> int:
        """The aspirante contests everything."""
        return op.solicitar(self.tx, 1, TODO, None, "", cuenta=self.aspirante).audiencia

    def programa(self, id_: int, *revisores: int, en_ms: int | None = None, minutos: int = 60) -> None:
        """It gets a date."""
        given = cita(self.tx, *(revisores or (self.uno,)), en_ms=en_ms, minutos=minutos)
        done = op.programar(self.tx, id_, given, aceptados=(), cuenta=self.admin)
        assert done == Guardada(cambio=True)

    def inicia(self, *revisores: int) -> int:
        """One that is being held."""
        id_ = self.pide()
        self.programa(id_, *revisores, en_ms=self.tx.now_ms + 10 * MINUTO)
        op.iniciar(self.tx, id_, "Aspirante y representante", cuenta=self.uno, administra=False)
        return id_

    def concluye(self, id_: int, acta: bytes = b"%PDF-") -> None:
        """It ends now."""
        op.concluir(self.tx, id_, acta, op.huella(self.conn, id_), self.tx.now_ms, cuenta=self.admin)

    def estado(self, id_: int) -> str:
        found = audiencias.get(self.conn, id_)
        assert found is not None
        return found.estado.value


async def run(sitio: Sitio, story: object, n: int = 5) -> None:
    """Tell a story on the write thread."""
    await sitio.write(lambda tx: story(Caso(tx, n)))  # type: ignore[operator]


async def test_what_may_be_contested(sitio: Sitio) -> None:
    def story(c: Caso) -> None:
        good, waits, opinion, own = inconsistentes(c.tx, 4, c.operador, desde=20)
        dictar(c.tx, good, c.operador, "valido")
        c.conn.execute("UPDATE apoyos SET resultado = 'pendiente', inciso = '', detalle = '' WHERE id = ?", (waits,))
        dictar(c.tx, opinion, c.dos, "valido", ronda="segunda", firme=False)  # an opinion changes nothing
        c.conn.execute("UPDATE apoyos SET inciso = 'f' WHERE id = ?", (own,))
        found = {apoyo for apoyo, _ in audiencia_registros.all_impugnables(c.conn, 1, TODO)}
        assert found == {*c.apoyos, opinion, own}
        assert [one for one, _ in audiencia_registros.all_impugnables(c.conn, 1, Impugnables(inciso="f"))] == [own]
        assert audiencia_registros.all_impugnables(c.conn, 2, TODO) == []
        assert audiencia_registros.count_impugnables(c.conn, 1, Impugnables(auxiliar=99)) == (0, 0)
        rows, newer, older = audiencia_registros.impugnables(c.conn, 1, TODO, PorClave(), 3)
        assert ([row.apoyo for row in rows], newer, older) == ([own, opinion, c.apoyos[4]], False, True)

    await run(sitio, story)


async def test_a_request_grows_and_shrinks_until_it_is_scheduled(sitio: Sitio) -> None:
    def story(c: Caso) -> None:
        first = op.solicitar(c.tx, 1, TODO, c.apoyos[:2], "Son originales.", cuenta=c.aspirante)
        assert first.agregados == 2
        assert op.solicitar(c.tx, 1, TODO, c.apoyos[:2], "Son originales.", cuenta=c.aspirante) == replace(
            first, agregados=0
        )
        assert op.solicitar(c.tx, 1, TODO, None, "", cuenta=c.aspirante) == replace(first, agregados=3)
        assert op.retirar(c.tx, first.audiencia, 1, c.apoyos[3:], cuenta=c.aspirante) == 2
        assert op.retirar(c.tx, first.audiencia, 1, c.apoyos[3:], cuenta=c.aspirante) == 0
        with pytest.raises(DatoInvalido, match="audiencia_vacia"):
            op.retirar(c.tx, first.audiencia, 1, c.apoyos, cuenta=c.aspirante)
        assert audiencia_registros.apoyos(c.conn, first.audiencia) == c.apoyos[:3]
        c.programa(first.audiencia)
        for late in (
            lambda: op.retirar(c.tx, first.audiencia, 1, c.apoyos[:1], cuenta=c.aspirante),
            lambda: op.argumentar(c.tx, first.audiencia, 1, "x", cuenta=c.aspirante),
        ):
            with pytest.raises(AppError, match="audiencia_en_otra_etapa"):
                late()
        # What was found meanwhile goes into another request.
        again = op.solicitar(c.tx, 1, TODO, None, "", cuenta=c.aspirante)
        assert (again.agregados, again.audiencia != first.audiencia) == (2, True)
        with pytest.raises(DatoInvalido, match="nada_que_impugnar"):
            op.solicitar(c.tx, 1, TODO, c.apoyos[:1], "", cuenta=c.aspirante)

    await run(sitio, story)


async def test_the_index_itself_keeps_a_registro_in_one_open_hearing(sitio: Sitio) -> None:
    def story(c: Caso) -> None:
        first = c.pide()
        c.programa(first)
        other = audiencias.add(c.conn, 1, c.aspirante, c.tx.now_ms)
        with pytest.raises(sqlite3.IntegrityError):
            c.conn.execute(
                "INSERT INTO audiencia_registros (audiencia_id, apoyo_id, dictamen_inicial) VALUES (?, ?, 1)",
                (other, c.apoyos[0]),
            )
        op.desistir(c.tx, first, 1, cuenta=c.aspirante)
        assert op.solicitar(c.tx, 1, TODO, None, "", cuenta=c.aspirante).agregados == 5

    await run(sitio, story)


async def test_by_filter_no_more_comes_than_was_shown(sitio: Sitio) -> None:
    def story(c: Caso) -> None:
        n, corte = audiencia_registros.count_impugnables(c.conn, 1, TODO)
        inconsistentes(c.tx, 2, c.operador, desde=30)
        done = op.solicitar(c.tx, 1, Impugnables(corte=corte), None, "", cuenta=c.aspirante)
        assert done.agregados == n == 5

    await run(sitio, story)


async def test_another_aspirante_reaches_nothing(sitio: Sitio) -> None:
    def story(c: Caso) -> None:
        id_ = c.pide()
        for act in (
            lambda: op.retirar(c.tx, id_, 2, c.apoyos[:1], cuenta=c.aspirante),
            lambda: op.argumentar(c.tx, id_, 2, "x", cuenta=c.aspirante),
            lambda: op.argumentar(c.tx, id_, 2, "x", cuenta=c.aspirante, apoyo=c.apoyos[0]),
            lambda: op.desistir(c.tx, id_, 2, cuenta=c.aspirante),
        ):
            with pytest.raises(AppError, match="no_encontrado"):
                act()
        with pytest.raises(DatoInvalido):
            op.solicitar(c.tx, 2, TODO, c.apoyos, "", cuenta=c.aspirante)
        assert c.estado(id_) == "solicitada"
        assert audiencias.get(c.conn, id_, 2) is None

    await run(sitio, story)


async def test_whoever_gave_any_opinion_is_impeded(sitio: Sitio) -> None:
    def story(c: Caso) -> None:
        tercera, antes = cuenta(c.tx, "administracion"), cuenta(c.tx, "audiencia")
        dictar(c.tx, c.apoyos[1], c.dos, "valido", ronda="segunda", firme=False)
        dictar(c.tx, c.apoyos[2], tercera, ronda="tercera")
        dictar(c.tx, c.apoyos[3], antes, "elevado", inciso="", detalle="", firme=False)
        id_ = c.pide()
        assert audiencia_revisores.impedidos(c.conn, id_) == {c.operador, c.dos, tercera, antes}
        for wrong, code in (
            (c.dos, "revisor_impedido"), (tercera, "revisor_impedido"), (antes, "revisor_impedido"),
            (c.operador, "revisor_ajeno"), (c.aspirante, "revisor_ajeno"), (0, "revisor_ajeno"),
            (cuenta(c.tx, "audiencia", estatus="suspendida"), "revisor_ajeno"),
        ):  # fmt: skip
            with pytest.raises(DatoInvalido, match=code):
                op.programar(c.tx, id_, cita(c.tx, c.uno, wrong), aceptados=(), cuenta=c.admin)
        with pytest.raises(DatoInvalido, match="audiencia_sin_revisores"):
            op.programar(c.tx, id_, cita(c.tx), aceptados=(), cuenta=c.admin)
        assert c.estado(id_) == "solicitada"
        c.programa(id_, c.uno, c.admin, en_ms=c.tx.now_ms + MINUTO)
        # Between naming and beginning, one of them decides in the mesa.
        dictar(c.tx, c.apoyos[0], c.admin, ronda="reapertura")
        with pytest.raises(DatoInvalido, match="revisor_impedido"):
            op.iniciar(c.tx, id_, "", cuenta=c.uno, administra=False)
        assert op.nombrar(c.tx, id_, [c.uno], cuenta=c.admin)
        op.iniciar(c.tx, id_, "", cuenta=c.uno, administra=False)
        assert {row.revisor for row in audiencia_registros.registros(c.conn, id_)[0]} == {c.uno}

    await run(sitio, story)


async def test_scheduling_twice_is_once_and_another_date_is_told(sitio: Sitio) -> None:
    def story(c: Caso) -> None:
        id_ = c.pide()
        given = cita(c.tx, c.uno)
        assert op.programar(c.tx, id_, given, aceptados=(), cuenta=c.admin) == Guardada(cambio=True)
        assert op.programar(c.tx, id_, given, aceptados=(), cuenta=c.admin) == Guardada(cambio=False)
        mails = c.conn.execute("SELECT cuenta_id, datos FROM correos WHERE clase = 'audiencia_programada'").fetchall()
        assert {(row["cuenta_id"], json.loads(row["datos"])["que"]) for row in mails} == {
            (c.aspirante, "programada"), (c.uno, "nombrado"),
        }  # fmt: skip
        c.conn.execute("UPDATE correos SET estado = 'enviado'")
        assert op.programar(
            c.tx, id_, replace(given, inicia_ms=given.inicia_ms + HOUR), aceptados=(), cuenta=c.admin
        ) == Guardada(cambio=True)
        woken = c.conn.execute("SELECT cuenta_id, datos FROM correos WHERE estado = 'pendiente'").fetchall()
        assert {(row["cuenta_id"], json.loads(row["datos"])["que"]) for row in woken} == {
            (c.aspirante, "cambio"), (c.uno, "cambio"),
        }  # fmt: skip
        c.conn.execute("UPDATE correos SET estado = 'enviado'")
        # Only who reviews changes: whoever is new is told, and the aspirante is not troubled.
        assert op.nombrar(c.tx, id_, [c.uno, c.dos], cuenta=c.admin)
        assert not op.nombrar(c.tx, id_, [c.dos, c.uno], cuenta=c.admin)
        [told] = c.conn.execute("SELECT cuenta_id FROM correos WHERE estado = 'pendiente'").fetchall()
        assert told["cuenta_id"] == c.dos
        assert len(c.conn.execute("SELECT 1 FROM bitacora WHERE evento = 'audiencia_programada'").fetchall()) == 2

    await run(sitio, story)


async def test_conflicts_are_saved_only_when_these_were_accepted(sitio: Sitio) -> None:
    def story(c: Caso) -> None:
        first = op.solicitar(c.tx, 1, TODO, c.apoyos[:2], "", cuenta=c.aspirante).audiencia
        c.programa(first)
        second = c.pide()
        near = cita(c.tx, c.dos, en_ms=c.tx.now_ms + 3 * HOUR + 30 * MINUTO)
        asked = op.programar(c.tx, second, near, aceptados=(), cuenta=c.admin)
        assert isinstance(asked, PorAceptar)
        assert [(one.otra.id, one.entre_ms // MINUTO) for one in asked.conflictos] == [(first, 30)]
        assert c.estado(second) == "solicitada"
        codes = [one.codigo for one in asked.conflictos]
        # The other hearing moved meanwhile: what was accepted is something else now.
        op.programar(
            c.tx, first, cita(c.tx, c.uno, en_ms=c.tx.now_ms + 2 * HOUR + 10 * MINUTO), aceptados=(), cuenta=c.admin
        )
        again = op.programar(c.tx, second, near, aceptados=codes, cuenta=c.admin)
        assert isinstance(again, PorAceptar)
        done = op.programar(c.tx, second, near, aceptados=[one.codigo for one in again.conflictos], cuenta=c.admin)
        assert done == Guardada(cambio=True)

    await run(sitio, story)


async def test_no_date_in_the_past_and_no_start_before_its_hour(sitio: Sitio) -> None:
    def story(c: Caso) -> None:
        id_ = c.pide()
        for past in (c.tx.now_ms, c.tx.now_ms - 1):
            with pytest.raises(DatoInvalido, match="audiencia_pasada"):
                op.programar(c.tx, id_, cita(c.tx, c.uno, en_ms=past), aceptados=(), cuenta=c.admin)
        c.programa(id_, en_ms=c.tx.now_ms + 31 * MINUTO)
        with pytest.raises(AppError, match="audiencia_aun_no"):
            op.iniciar(c.tx, id_, "", cuenta=c.uno, administra=False)
        with pytest.raises(AppError, match="audiencia_ajena"):
            op.iniciar(c.tx, id_, "", cuenta=c.dos, administra=False)

    await run(sitio, story)


async def test_deciding_is_for_whose_turn_it_is_and_counts_at_once(sitio: Sitio) -> None:
    def story(c: Caso) -> None:
        id_ = c.inicia(c.uno, c.dos)
        mine = [apoyo for apoyo, _ in audiencia_registros.turno(c.conn, id_, c.uno)]
        theirs = [apoyo for apoyo, _ in audiencia_registros.turno(c.conn, id_, c.dos)]
        assert sorted(mine + theirs) == c.apoyos
        for who, apoyo in ((c.uno, theirs[0]), (c.dos, mine[0]), (c.admin, mine[0]), (c.operador, mine[0])):
            for act in (
                lambda who=who, apoyo=apoyo: op.mirar(c.tx, id_, apoyo, cuenta=who),
                lambda who=who, apoyo=apoyo: op.decidir(c.tx, id_, apoyo, VALIDO, cuenta=who),
                lambda who=who, apoyo=apoyo: op.no_revisar(c.tx, id_, apoyo, SinRevisar.DESISTIDO, cuenta=who),
            ):
                with pytest.raises(AppError, match="audiencia_ajena"):
                    act()
        before = conteos.total(c.conn, 1)
        op.mirar(c.tx, id_, mine[0], cuenta=c.uno)
        assert audiencia_revisores.mirando(c.conn, id_, c.uno) == mine[0]
        made = op.decidir(c.tx, id_, mine[0], VALIDO, cuenta=c.uno)
        assert op.decidir(c.tx, id_, mine[0], VALIDO, cuenta=c.uno) == made
        row = audiencia_registros.registro(c.conn, id_, mine[0])
        assert row is not None
        assert row.despues is not None
        assert (row.antes.inciso, row.despues.resultado, row.despues.dictamen) == ("e", "valido", made)
        [kept] = c.conn.execute("SELECT sustituye, ronda, firme FROM dictamenes WHERE id = ?", (made,)).fetchall()
        assert tuple(kept) == (row.antes.dictamen, "audiencia", 1)
        after = conteos.total(c.conn, 1)
        assert (after.inconsistentes, after.validos) == (before.inconsistentes - 1, before.validos + 1)
        assert after.cuentan == before.cuentan + 1
        seen = c.conn.execute("SELECT actor, objeto FROM bitacora WHERE evento = 'datos_consultados'").fetchall()
        assert [tuple(one) for one in seen] == [(f"cuenta:{c.uno}", f"apoyo:{mine[0]}")]

    await run(sitio, story)


async def test_it_ends_only_when_every_registro_was_looked_at(sitio: Sitio) -> None:
    def story(c: Caso) -> None:
        id_ = c.inicia()
        for apoyo in c.apoyos[:2]:
            op.decidir(c.tx, id_, apoyo, CONFIRMA, cuenta=c.uno)
        op.decidir(c.tx, id_, c.apoyos[2], VALIDO, cuenta=c.uno)
        op.decidir(c.tx, id_, c.apoyos[3], replace(CONFIRMA, inciso="m", detalle="Sin firma"), cuenta=c.uno)
        with pytest.raises(AppError, match="audiencia_faltan"):
            c.concluye(id_)
        op.no_revisar(c.tx, id_, c.apoyos[4], SinRevisar.DESISTIDO, cuenta=c.uno)
        op.no_revisar(c.tx, id_, c.apoyos[4], SinRevisar.DESISTIDO, cuenta=c.uno)
        with pytest.raises(AppError, match="audiencia_en_otra_etapa"):
            op.no_revisar(c.tx, id_, c.apoyos[0], SinRevisar.NO_ABRE, cuenta=c.uno)
        old = op.huella(c.conn, id_)
        totals = audiencias.totales(c.conn, id_)
        assert (totals.confirmados, totals.cambiados, totals.otro_inciso, totals.sin_revisar, totals.faltan) == (
            2, 1, 1, 1, 0,
        )  # fmt: skip
        assert totals.revisados + totals.sin_revisar == totals.registros == 5
        op.no_revisar(c.tx, id_, c.apoyos[4], SinRevisar.NO_ABRE, cuenta=c.uno)
        with pytest.raises(AppError, match="audiencia_cambio"):
            op.concluir(c.tx, id_, b"%PDF-", old, c.tx.now_ms, cuenta=c.admin)
        c.concluye(id_, b"%PDF-1")
        c.concluye(id_, b"%PDF-2")  # once more: it changes nothing
        found = audiencias.get(c.conn, id_)
        assert found is not None
        assert found.acta_archivo is not None
        kept = archivos.get(c.conn, found.acta_archivo)
        assert kept is not None
        assert (kept.contenido, found.acta_resumen) == (b"%PDF-1", hashlib.sha256(b"%PDF-1").digest())
        assert len(c.conn.execute("SELECT 1 FROM correos WHERE clase = 'audiencia_concluida'").fetchall()) == 1
        with pytest.raises(AppError, match="audiencia_en_otra_etapa"):
            op.decidir(c.tx, id_, c.apoyos[0], VALIDO, cuenta=c.uno)

    await run(sitio, story)


async def test_an_acta_too_large_for_a_row_keeps_its_digest(sitio: Sitio) -> None:
    def story(c: Caso) -> None:
        id_ = c.inicia()
        for apoyo in c.apoyos:
            op.decidir(c.tx, id_, apoyo, CONFIRMA, cuenta=c.uno)
        acta = b"x" * (op.MAX_ACTA + 1)
        c.concluye(id_, acta)
        found = audiencias.get(c.conn, id_)
        assert found is not None
        assert (found.acta_archivo, found.acta_resumen) == (None, hashlib.sha256(acta).digest())

    await run(sitio, story)


async def test_after_a_hearing_only_a_new_dictamen_may_be_contested(sitio: Sitio) -> None:
    def story(c: Caso) -> None:
        id_ = c.inicia()
        for apoyo in c.apoyos[:4]:
            op.decidir(c.tx, id_, apoyo, CONFIRMA, cuenta=c.uno)
        op.no_revisar(c.tx, id_, c.apoyos[4], SinRevisar.NO_ABRE, cuenta=c.uno)
        c.concluye(id_)
        # What was confirmed stands; what nobody could look at may be contested anew.
        assert [one for one, _ in audiencia_registros.all_impugnables(c.conn, 1, TODO)] == [c.apoyos[4]]
        dictar(c.tx, c.apoyos[0], c.operador, ronda="reapertura", inciso="m", detalle="Sin firma")
        again = c.pide()
        assert audiencia_registros.apoyos(c.conn, again) == [c.apoyos[0], c.apoyos[4]]
        # Who decided in the first hearing gave an opinion too.
        assert c.uno in audiencia_revisores.impedidos(c.conn, again)

    await run(sitio, story)


async def test_it_goes_on_another_day_and_what_was_decided_stands(sitio: Sitio) -> None:
    def story(c: Caso) -> None:
        id_ = c.inicia()
        op.decidir(c.tx, id_, c.apoyos[0], VALIDO, cuenta=c.uno)
        later = cita(c.tx, c.uno, c.dos, en_ms=c.tx.now_ms + 20 * MINUTO)
        assert op.continuar(c.tx, id_, "Terminó el horario.", later, aceptados=(), cuenta=c.admin) == Guardada(True)
        assert c.estado(id_) == "programada"
        with pytest.raises(AppError, match="audiencia_en_otra_etapa"):
            op.decidir(c.tx, id_, c.apoyos[1], VALIDO, cuenta=c.uno)
        with pytest.raises(AppError, match="audiencia_en_otra_etapa"):
            op.continuar(c.tx, id_, "otra", later, aceptados=(), cuenta=c.admin)
        op.iniciar(c.tx, id_, "Sólo el representante", cuenta=c.admin, administra=True)
        op.iniciar(c.tx, id_, "Sólo el representante", cuenta=c.admin, administra=True)
        rows = {row.apoyo: row for row in audiencia_registros.registros(c.conn, id_)[0]}
        assert rows[c.apoyos[0]].despues is not None
        assert {rows[apoyo].revisor for apoyo in c.apoyos[1:]} == {c.uno, c.dos}
        first, second = audiencias.sesiones(c.conn, id_)
        assert (first.suspendida_por, first.terminada_ms, second.asistentes, second.terminada_ms) == (
            "Terminó el horario.", c.tx.now_ms, "Sólo el representante", None,
        )  # fmt: skip
        assert audiencia_registros.decided_since(c.conn, id_, second.iniciada_ms + 1) == 0

    await run(sitio, story)


async def test_whoever_decided_is_in_the_acta_though_others_took_their_place(sitio: Sitio) -> None:
    def story(c: Caso) -> None:
        id_ = c.inicia()
        op.decidir(c.tx, id_, c.apoyos[0], VALIDO, cuenta=c.uno)
        op.nombrar(c.tx, id_, [c.dos], cuenta=c.admin)
        assert [one.cuenta for one in audiencia_revisores.revisores(c.conn, id_)] == [c.dos]
        assert [one.cuenta for one in audiencia_revisores.revisaron(c.conn, id_)] == [c.uno, c.dos]

    await run(sitio, story)


async def test_desisting_frees_the_registros_and_tells_the_reviewers(sitio: Sitio) -> None:
    def story(c: Caso) -> None:
        id_ = c.pide()
        c.programa(id_, c.uno)
        op.desistir(c.tx, id_, 1, cuenta=c.aspirante)
        op.desistir(c.tx, id_, 1, cuenta=c.aspirante)
        [told] = c.conn.execute("SELECT datos FROM correos WHERE cuenta_id = ?", (c.uno,)).fetchall()
        assert json.loads(told["datos"])["que"] == "desistida"
        assert len(c.conn.execute("SELECT 1 FROM bitacora WHERE evento = 'audiencia_desistida'").fetchall()) == 1
        with pytest.raises(AppError, match="audiencia_en_otra_etapa"):
            op.programar(c.tx, id_, cita(c.tx, c.uno), aceptados=(), cuenta=c.admin)
        assert len(audiencia_registros.all_impugnables(c.conn, 1, TODO)) == 5

    await run(sitio, story)


@pytest.mark.parametrize("estado", list(Estado))
async def test_every_operation_asks_the_table_of_stages(sitio: Sitio, estado: Estado) -> None:
    def story(c: Caso) -> None:
        id_ = c.pide()
        if estado is Estado.DESISTIDA:
            op.desistir(c.tx, id_, 1, cuenta=c.aspirante)
        elif estado is not Estado.SOLICITADA:
            c.programa(id_, c.uno, en_ms=c.tx.now_ms + MINUTO)
        if estado in (Estado.EN_DESAHOGO, Estado.CONCLUIDA):
            op.iniciar(c.tx, id_, "", cuenta=c.uno, administra=False)
        if estado is Estado.CONCLUIDA:
            for apoyo in c.apoyos:
                op.decidir(c.tx, id_, apoyo, CONFIRMA, cuenta=c.uno)
            c.concluye(id_)
        assert c.estado(id_) == estado
        other = cita(c.tx, c.uno, c.dos, en_ms=c.tx.now_ms + 5 * HOUR)
        acts = {
            Acto.MODIFICAR: lambda: op.retirar(c.tx, id_, 1, c.apoyos[:1], cuenta=c.aspirante),
            Acto.PROGRAMAR: lambda: op.programar(c.tx, id_, other, aceptados=(), cuenta=c.admin),
            Acto.REVISORES: lambda: op.nombrar(c.tx, id_, [c.dos], cuenta=c.admin),
            Acto.REVISAR: lambda: op.decidir(c.tx, id_, c.apoyos[0], VALIDO, cuenta=c.uno),
            Acto.CONTINUAR: lambda: op.continuar(c.tx, id_, "x", other, aceptados=(), cuenta=c.admin),
        }
        for acto, act in acts.items():
            if despues(estado, acto) is None:
                with pytest.raises(AppError, match="audiencia_en_otra_etapa"):
                    act()
                assert c.estado(id_) == estado

    await run(sitio, story)
