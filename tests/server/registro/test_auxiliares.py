"""Alta, baja, reactivation, correction, review and the padrón check of auxiliares (C2, C4, B4; P7.3-7.7, P8.6)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.registro import auxiliares
from server.registro.auxiliares import Hecho, Rechazo, Registrado
from server.store import auxiliares as store
from server.store import dispositivos
from server.store.auxiliares import MAX_ID, Auxiliar, Filtro, FiltroOpl
from tests.server.registro.archivos import clave
from tests.server.registro.caja import Caja, abierta, datos, registered

ACTOR = "cuenta:9"


@pytest.fixture
def caja(tmp_path: Path) -> Iterator[Caja]:
    with abierta(tmp_path) as made:
        yield made


def get(caja: Caja, id_: int) -> Auxiliar:
    found = caja.ask(lambda conn: store.get(conn, id_))
    assert found is not None
    return found


def mails(caja: Caja) -> list[tuple[str, str]]:
    return [(clase, data) for clase, data in caja.rows("SELECT clase, datos FROM correos ORDER BY id")]


def movimientos(caja: Caja, id_: int) -> list[tuple[str, str]]:
    return [(one.movimiento, one.por) for one in reversed(caja.ask(lambda conn: store.movimientos_of(conn, id_)))]


def test_without_a_padron_it_is_active_and_without_an_answer(caja: Caja) -> None:
    done = caja.do(lambda tx: auxiliares.registrar(tx, 1, datos(), ACTOR))
    assert done == Registrado(1, "SIN_RESPUESTA")
    assert get(caja, 1).estatus == "activo"
    assert mails(caja) == [("auxiliar_alta", "{}")]
    assert movimientos(caja, 1) == [("alta", "aspirante")]
    [(evento, data)] = caja.rows("SELECT evento, datos FROM bitacora WHERE objeto = 'auxiliar:1'")
    assert evento == "auxiliar_alta"
    assert json.loads(data) == {"situacion": "SIN_RESPUESTA", "solicitud": 1}


@pytest.mark.parametrize("situacion", ["LISTA_NOMINAL", "PADRON"])
def test_in_the_padron_it_is_active(caja: Caja, situacion: str) -> None:
    caja.load_padron((clave(1), situacion, ""))
    assert caja.do(lambda tx: auxiliares.registrar(tx, 1, datos(), ACTOR)) == Registrado(1, situacion)
    assert get(caja, 1).estatus == "activo"


def test_not_in_the_padron_or_a_baja_there_is_a_baja_at_once_with_its_reason(caja: Caja) -> None:
    caja.load_padron((clave(1), "BAJA", "DEFUNCION"))
    first, second = registered(caja, datos(1), datos(2))
    one, two = get(caja, first), get(caja, second)
    assert (one.estatus, one.baja_por, one.situacion) == ("baja", "padron", "BAJA")
    assert one.baja_causa == "El Padrón Electoral (corte 31/08/2026) la tiene como baja: defunción."
    assert two.baja_causa == "La clave de elector no se encontró en el Padrón Electoral (corte 31/08/2026)."
    assert (two.situacion, movimientos(caja, second)) == ("NO_ENCONTRADO", [("alta", "aspirante"), ("baja", "padron")])
    assert mails(caja) == []


def test_a_padron_that_comes_later_is_asked_about_who_waited(caja: Caja) -> None:
    kept, dropped, gone = registered(caja, datos(1), datos(2), datos(3))
    caja.do(lambda tx: auxiliares.dar_de_baja(tx, gone, "Se fue", "aspirante", ACTOR))
    caja.load_padron((clave(1), "PADRON", ""))
    assert (get(caja, kept).estatus, get(caja, kept).situacion) == ("activo", "PADRON")
    assert (get(caja, dropped).baja_por, get(caja, dropped).situacion) == ("padron", "NO_ENCONTRADO")
    assert get(caja, gone).situacion == "SIN_RESPUESTA"
    assert mails(caja)[-1][0] == "auxiliar_baja"
    assert json.loads(mails(caja)[-1][1])["por"] == "padron"
    [(data,)] = caja.rows("SELECT datos FROM bitacora WHERE evento = 'auxiliares_verificados'")
    assert json.loads(data) == {"bajas": 1, "verificados": 2}


def test_the_same_person_twice_is_refused_within_an_aspirante_only(caja: Caja) -> None:
    registered(caja, datos(1))
    again = caja.do(lambda tx: auxiliares.registrar(tx, 1, datos(2, correo="gestor1@ejemplo.mx"), ACTOR))
    assert isinstance(again, Rechazo)
    assert (again.campo, again.codigo) == ("correo", "correo_repetido")
    assert again.texto == "Ese correo ya es del auxiliar 1, que está activo."
    again = caja.do(lambda tx: auxiliares.registrar(tx, 1, datos(2, clave_elector=clave(1)), ACTOR))
    assert isinstance(again, Rechazo)
    assert again.campo == "clave_elector"
    assert isinstance(caja.do(lambda tx: auxiliares.registrar(tx, 2, datos(1), ACTOR)), Registrado)
    assert caja.value("SELECT count(*) FROM auxiliares") == 2


def test_who_the_padron_did_not_know_comes_back_with_another_clave(caja: Caja) -> None:
    caja.load_padron((clave(2), "LISTA_NOMINAL", ""))
    registered(caja, datos(1))
    done = caja.do(lambda tx: auxiliares.registrar(tx, 1, datos(1, clave_elector=clave(2)), ACTOR))
    assert done == Registrado(2, "LISTA_NOMINAL")
    assert isinstance(caja.do(lambda tx: auxiliares.registrar(tx, 1, datos(1), ACTOR)), Rechazo)


def test_an_aspirante_that_is_not_active_registers_nobody(caja: Caja) -> None:
    caja.do(lambda tx: tx.conn.execute("UPDATE aspirantes SET estatus = 'inactivo' WHERE id = 1"))
    done = caja.do(lambda tx: auxiliares.registrar(tx, 1, datos(1), ACTOR))
    assert isinstance(done, Rechazo)
    assert done.codigo == "aspirante_inactivo"


def test_baja_and_reactivation_by_the_aspirante(caja: Caja) -> None:
    [id_] = registered(caja, datos())
    assert isinstance(caja.do(lambda tx: auxiliares.dar_de_baja(tx, id_, "  ", "aspirante", ACTOR)), Rechazo)
    done = caja.do(lambda tx: auxiliares.dar_de_baja(tx, id_, "Ya no colabora", "aspirante", ACTOR))
    assert isinstance(done, Hecho)
    assert (done.auxiliar.estatus, done.auxiliar.baja_causa) == ("baja", "Ya no colabora")
    again = caja.do(lambda tx: auxiliares.dar_de_baja(tx, id_, "Otra vez", "aspirante", ACTOR))
    assert isinstance(again, Rechazo)
    assert again.codigo == "ya_de_baja"
    back = caja.do(lambda tx: auxiliares.reactivar(tx, id_, ACTOR))
    assert isinstance(back, Hecho)
    assert (back.auxiliar.estatus, back.auxiliar.baja_ms, back.auxiliar.baja_por) == ("activo", None, "")
    assert [clase for clase, _ in mails(caja)] == ["auxiliar_alta", "auxiliar_baja", "auxiliar_alta"]
    assert movimientos(caja, id_) == [("alta", "aspirante"), ("baja", "aspirante"), ("alta", "aspirante")]
    assert isinstance(caja.do(lambda tx: auxiliares.reactivar(tx, id_, ACTOR)), Rechazo)


def test_what_the_opl_dropped_the_aspirante_cannot_bring_back(caja: Caja) -> None:
    [id_] = registered(caja, datos())
    caja.do(lambda tx: auxiliares.dar_de_baja(tx, id_, "Ya no colabora", "aspirante", ACTOR))
    since = get(caja, id_).baja_ms
    caja.clock.advance(60_000)
    caja.do(lambda tx: auxiliares.dar_de_baja(tx, id_, "La foto es de otra persona", "opl", ACTOR))
    assert get(caja, id_).baja_ms == since, "what it sent since the first baja stays marked"
    back = caja.do(lambda tx: auxiliares.reactivar(tx, id_, ACTOR))
    assert isinstance(back, Rechazo)
    assert back.codigo == "baja_del_opl"
    edited = caja.do(lambda tx: auxiliares.editar(tx, id_, datos(5), ACTOR))
    assert isinstance(edited, Rechazo)
    again = caja.do(lambda tx: auxiliares.registrar(tx, 1, datos(), ACTOR))
    assert isinstance(again, Rechazo)
    assert "no puede registrarse otra vez" in again.texto


def test_a_baja_of_the_padron_is_taken_back_when_it_says_otherwise(caja: Caja) -> None:
    caja.load_padron()
    [id_] = registered(caja, datos())
    back = caja.do(lambda tx: auxiliares.reactivar(tx, id_, ACTOR))
    assert isinstance(back, Rechazo)
    assert back.codigo == "padron_no_permite"
    caja.load_padron((clave(1), "LISTA_NOMINAL", ""), corte="2026-09-15")
    back = caja.do(lambda tx: auxiliares.reactivar(tx, id_, ACTOR))
    assert isinstance(back, Hecho)
    assert (back.auxiliar.estatus, back.auxiliar.situacion) == ("activo", "LISTA_NOMINAL")


def test_reactivation_of_somebody_whose_mail_is_taken_by_now(caja: Caja) -> None:
    caja.load_padron((clave(2), "LISTA_NOMINAL", ""))
    [id_] = registered(caja, datos(1))
    registered(caja, datos(2, correo="gestor1@ejemplo.mx"))
    caja.load_padron((clave(1), "LISTA_NOMINAL", ""))
    back = caja.do(lambda tx: auxiliares.reactivar(tx, id_, ACTOR))
    assert isinstance(back, Rechazo)
    assert back.codigo == "correo_repetido"


def test_correcting_the_clave_asks_the_padron_again(caja: Caja) -> None:
    caja.load_padron((clave(2), "PADRON", ""), (clave(3), "BAJA", "duplicado"))
    [id_] = registered(caja, datos(1))
    done = caja.do(lambda tx: auxiliares.editar(tx, id_, datos(1, clave_elector=clave(2)), ACTOR))
    assert isinstance(done, Hecho)
    assert (done.auxiliar.estatus, done.auxiliar.situacion) == ("activo", "PADRON")
    done = caja.do(lambda tx: auxiliares.editar(tx, id_, datos(1, clave_elector=clave(3)), ACTOR))
    assert isinstance(done, Hecho)
    assert (done.auxiliar.estatus, done.auxiliar.baja_por) == ("baja", "padron")
    [(data,), _] = caja.rows("SELECT datos FROM bitacora WHERE evento = 'auxiliar_editado' ORDER BY id")
    assert json.loads(data) == {"campos": ["clave_elector"]}, "which fields, never what was in them"


def test_once_a_phone_was_enrolled_only_contact_data_change(caja: Caja) -> None:
    [id_] = registered(caja, datos(1))
    caja.do(lambda tx: dispositivos.insert(tx.conn, id_, "modelo", tx.now_ms))
    other = datos(7, nombre="Otra", correo="nuevo@ejemplo.mx", telefono="4921234567")
    done = caja.do(lambda tx: auxiliares.editar(tx, id_, other, ACTOR))
    assert isinstance(done, Hecho)
    one = done.auxiliar
    assert (one.nombre, one.clave_elector) == ("Itzel", clave(1))
    assert (one.correo, one.telefono) == ("nuevo@ejemplo.mx", "4921234567")
    assert [clase for clase, _ in mails(caja)] == ["auxiliar_alta", "auxiliar_alta"], "the new address learns the ids"


def test_one_from_the_diario_without_data_is_active_with_them(caja: Caja) -> None:
    from server.store import catalogo

    caja.do(lambda tx: catalogo.ensure_known(tx.conn, 1, 500, tx.now_ms))
    caja.do(lambda tx: dispositivos.insert(tx.conn, 500, "modelo", tx.now_ms))
    done = caja.do(lambda tx: auxiliares.editar(tx, 500, datos(4), ACTOR))
    assert isinstance(done, Hecho)
    assert (done.auxiliar.estatus, done.auxiliar.clave_elector) == ("activo", clave(4))


def test_review_by_the_opl(caja: Caja) -> None:
    [id_] = registered(caja, datos())
    caja.do(lambda tx: tx.conn.execute(
        "INSERT INTO cuentas (id, rol, nombre, cargo, correo, telefono, estatus, creada_ms) "
        "VALUES (9, 'operacion', 'Ana', '', 'ana@ejemplo.mx', '', 'activa', 0)"
    ))  # fmt: skip
    done = caja.do(lambda tx: auxiliares.revisar(tx, id_, 9, corresponde=True))
    assert isinstance(done, Hecho)
    assert (done.auxiliar.revision, done.auxiliar.revisado_por, done.auxiliar.estatus) == ("corresponde", 9, "activo")
    refused = caja.do(lambda tx: auxiliares.revisar(tx, id_, 9, corresponde=False))
    assert isinstance(refused, Rechazo)
    assert refused.campo == "causa"
    done = caja.do(lambda tx: auxiliares.revisar(tx, id_, 9, corresponde=False, causa="Es otra persona"))
    assert isinstance(done, Hecho)
    assert (done.auxiliar.revision, done.auxiliar.baja_por, done.auxiliar.baja_causa) == (
        "no_corresponde", "opl", "Es otra persona",
    )  # fmt: skip
    assert json.loads(mails(caja)[-1][1]) == {"causa": "Es otra persona", "por": "opl"}
    done = caja.do(lambda tx: auxiliares.revisar(tx, id_, 9, corresponde=True))
    assert isinstance(done, Hecho)
    assert (done.auxiliar.estatus, movimientos(caja, id_)[-1]) == ("activo", ("alta", "opl"))


def test_a_mail_is_not_sent_again_at_once(caja: Caja) -> None:
    [id_] = registered(caja, datos())
    assert isinstance(caja.do(lambda tx: auxiliares.reenviar(tx, id_, ACTOR)), Rechazo)
    caja.do(lambda tx: tx.conn.execute("UPDATE correos SET estado = 'enviado'"))
    assert isinstance(caja.do(lambda tx: auxiliares.reenviar(tx, id_, ACTOR)), Rechazo)
    caja.clock.advance(auxiliares.RESEND_MS)
    assert isinstance(caja.do(lambda tx: auxiliares.reenviar(tx, id_, ACTOR)), Hecho)
    assert len(mails(caja)) == 2


def test_ids_end_at_999999_and_those_never_given_come_then(caja: Caja) -> None:
    caja.do(lambda tx: store.insert(tx.conn, MAX_ID, 1, datos(1), "PADRON", tx.now_ms))
    caja.do(lambda tx: store.insert(tx.conn, 1, 1, datos(2), "PADRON", tx.now_ms))
    assert registered(caja, datos(3), datos(4)) == [2, 3]


def test_no_id_left(caja: Caja, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MAX_ID", 2)
    assert registered(caja, datos(1), datos(2)) == [1, 2]
    done = caja.do(lambda tx: auxiliares.registrar(tx, 1, datos(3), ACTOR))
    assert isinstance(done, Rechazo)
    assert done.codigo == "ids_agotados"


def test_the_list_is_filtered_and_turned_by_key(caja: Caja) -> None:
    registered(caja, *(datos(n) for n in range(1, 8)))
    registered(caja, datos(50, nombre="Ánima", apellido_paterno="Ñáñez_"), solicitud=1)
    registered(caja, datos(60), solicitud=2)
    caja.do(lambda tx: auxiliares.dar_de_baja(tx, 3, "x", "aspirante", ACTOR))

    def ids(filtro: Filtro, **keys: int | None) -> list[int]:
        keys = {"before": None, "after": None, "limit": 3} | keys
        return [one.auxiliar.id for one in caja.ask(lambda conn: store.page(conn, 1, filtro, **keys))]  # type: ignore[arg-type]

    assert ids(Filtro()) == [8, 7, 6]
    assert ids(Filtro(), before=6) == [5, 4, 3]
    assert ids(Filtro(), before=3) == [2, 1]
    assert ids(Filtro(), after=3) == [6, 5, 4]
    assert ids(Filtro(nombre="nañez ÁNIMA")) == [8]
    assert ids(Filtro(nombre="_")) == [8]
    assert (
        ids(Filtro(nombre="%")) == ids(Filtro(nombre="*")) == ids(Filtro(nombre="[a]")) == ids(Filtro(nombre="?")) == []
    )
    assert ids(Filtro(nombre="NANEZ_")) == ids(Filtro(nombre="ñÁñ")) == [8]
    assert ids(Filtro(estatus="baja")) == ids(Filtro(motivo="aspirante")) == [3]
    assert ids(Filtro(correo="gestor5@")) == [5]
    assert ids(Filtro(id=9)) == [], "another aspirante's"
    assert caja.ask(lambda conn: store.count(conn, 1, Filtro(situacion="SIN_RESPUESTA"))) == 8
    assert caja.ask(lambda conn: store.by_estatus(conn, 1)) == {"activo": 7, "baja": 1}


def test_the_opl_lists_those_with_a_phone(caja: Caja) -> None:
    registered(caja, datos(1), datos(2), datos(3))
    registered(caja, datos(1), solicitud=2)
    for id_ in (1, 3, 4):
        caja.do(lambda tx, id_=id_: dispositivos.insert(tx.conn, id_, "modelo", tx.now_ms))  # type: ignore[misc]

    def ids(filtro: FiltroOpl) -> list[int]:
        return [
            one.auxiliar.id
            for one in caja.ask(lambda conn: store.page_opl(conn, filtro, before=None, after=None, limit=9))
        ]

    assert ids(FiltroOpl()) == [4, 3, 1]
    assert ids(FiltroOpl(aspirante=1)) == [3, 1]
    assert ids(FiltroOpl(testigos="con")) == []
    assert ids(FiltroOpl(testigos="sin", revision="pendiente", estatus="activo", nombre="itzel")) == [4, 3, 1]
    assert caja.ask(lambda conn: store.count_opl(conn, FiltroOpl(aspirante=2))) == 1
    assert caja.ask(lambda conn: store.neighbour(conn, FiltroOpl(), 3, older=True)) == 1
    assert caja.ask(lambda conn: store.neighbour(conn, FiltroOpl(), 1, older=True)) is None
    assert caja.ask(lambda conn: store.neighbour(conn, FiltroOpl(), 1, older=False)) == 3
    assert caja.ask(lambda conn: store.aspirante_name(conn, 2)) == "Beto Prueba Dos"
