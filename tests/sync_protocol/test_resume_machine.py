"""Both ends, joined by a line that cuts at any byte, duplicates, reorders, damages and loses (SPEC §1, §8).

The property: exactly one registro for a folio, always the same acuse, nothing deleted from the phone without a
verified acuse whose bytes the server durably holds; and when the line is quiet again, everything arrives. More
examples: ACOPIO_HYPOTHESIS=largo.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sync_protocol import acuse as acuses
from sync_protocol import tus_server
from sync_protocol.folio import Folio
from sync_protocol.queue import EstadoCola
from sync_protocol.tus_events import TusRequest
from tests.sync_protocol import material, model
from tests.sync_protocol.model import CHAIN, DAY, MINUTE, Answer, Item, Phone, Request, Server, SessionAnswer

LONG = os.environ.get("ACOPIO_HYPOTHESIS") == "largo"
ROUNDS = 4
"""Sessions in which everything drains. One is enough unless the server's prefix was damaged, or the phone had nearly
run out of restarts."""

which = st.integers(0, 63)
places = st.integers(0, 71) | st.integers(0, 2200)
"""Bytes of a sobre: the header is short, and damage to it is told from other damage only if integrity comes first."""
fates = st.sampled_from([*["well"] * 4, *["cut"] * 4, *["in pieces"] * 2, *["again"] * 2, *["damaged"] * 2, "lost"])
"""What becomes of a message. Many arrive: a line on which nothing ever arrives finds nothing."""
TROUBLE = (
    *("impatience", "killed", "portal", "rot", "rot", "sync", "crash", "amnesia"),
    *("second copy down", "second copy up", "minutes", "days", "clean-up", "number used twice"),
    *("old DELETE", "old DELETE"),
)


class Machine(RuleBasedStateMachine):
    """Rules are what people, phones, lines and servers do; `which` picks among what there is."""

    def __init__(self) -> None:
        super().__init__()
        self.phone = Phone()
        self.server = Server()
        self.session_requests: list[bytes] = []
        self.session_answers: list[SessionAnswer] = []
        self.requests: list[Request] = []
        self.arriving: dict[int, tuple[Request, bytes]] = {}
        """Requests whose head has arrived, with the rest of the body as it will arrive."""
        self.answers: list[Answer] = []
        self.duplicates = 0
        self.verified: set[str] = set()

    @initialize(count=st.integers(1, 3))
    def first_day(self, count: int) -> None:
        for _ in range(count):
            self.phone.capture()
        self.open_session()

    @rule(moves=st.lists(st.tuples(which, fates, places), min_size=4, max_size=20))
    def things_go_on(self, moves: list[tuple[int, str, int]]) -> None:
        """Whatever is pending goes on, in any order. One rule for all of it: a delivery is eight such moves, and a walk
        in which each were a rule of its own would hardly ever deliver anything."""
        for which, fate, place in moves:
            pending = self.pending()
            pending[which % len(pending)](fate, place)

    @rule(moves=st.lists(which, min_size=2, max_size=8))
    def things_go_well(self, moves: list[int]) -> None:
        """For a while nothing is lost; the order is still any."""
        self.things_go_on([(which, "well", 0) for which in moves])

    def pending(self) -> list[Callable[[str, int], None]]:
        """Everything that can go on: the phone sends or deletes, messages arrive, bodies go on."""
        return [
            *(partial(self.send, item) for item in self.sendable()),
            *(partial(self.delete, item) for item in self.deletable()),
            *(partial(self.give_up, item) for item in self.waiting()),
            *(partial(self.session_request, request) for request in self.session_requests),
            *(partial(self.session_answer, answer) for answer in self.session_answers),
            *(partial(self.request, request) for request in self.requests),
            *(partial(self.body, id_) for id_ in sorted(self.arriving)),
            *(partial(self.answer, answer) for answer in self.answers),
        ] or [lambda _, __: self.open_session()]

    # --- The phone

    @precondition(lambda self: self.phone.captured < len(CHAIN))
    @rule()
    def capture(self) -> None:
        self.phone.capture()

    def open_session(self) -> None:
        self.session_requests.append(self.phone.open_session())

    def sendable(self) -> list[Item]:
        return [item for item in self.phone.items.values() if item.step is not None and self.phone.token]

    def send(self, item: Item, _: str, __: int) -> None:
        request = self.phone.next_request(item)
        if request is not None:
            self.requests.append(request)

    def waiting(self) -> list[Item]:
        return [item for item in self.phone.items.values() if item.upload is not None and item.step is None]

    def give_up(self, item: Item, _: str, __: int) -> None:
        """Silence. What was sent may still be under way, and arrive later."""
        self.phone.give_up(item)

    def deletable(self) -> list[Item]:
        return [item for item in self.phone.items.values() if item.estado is EstadoCola.ACUSADO]

    def delete(self, item: Item, _: str, __: int) -> None:
        self.phone.delete(item)

    # --- The line

    def session_request(self, request: bytes, fate: str, _: int) -> None:
        if fate != "again":
            self.session_requests.remove(request)
        if fate != "lost":
            self.session_answers.append(self.server.session(request))

    def session_answer(self, answer: SessionAnswer, fate: str, _: int) -> None:
        """The last, or that of a session that was given up: with `again`, it will be heard once more, as old news."""
        if fate != "again":
            self.session_answers.remove(answer)
        if fate not in ("lost", "cut"):
            self.phone.session_answered(answer)

    def request(self, request: Request, fate: str, place: int) -> None:
        self.requests.remove(request)
        if fate == "lost":
            return
        if fate == "again":
            self.duplicates += 1
            self.requests.append(model.stale(request, 10**6 + self.duplicates))
        body = model.flipped(request.body, place) if fate == "damaged" else request.body
        reply, put_out = self.server.begin(request)
        for older, refused in put_out:
            self.arriving.pop(older.id, None)
            self.answers.append(model.as_http(older, refused))
        if reply is None:
            self.arriving[request.id] = (request, body)
        elif fate != "cut":
            self.answers.append(model.as_http(request, reply))

    def body(self, id_: int, fate: str, place: int) -> None:
        """A piece, and the rest later or never; or all of it, and the answer may find the line dead."""
        request, rest = self.arriving[id_]
        piece = rest[:place] if fate in ("in pieces", "cut") else rest
        listening = self.server.receive(request, piece)
        rest = rest[len(piece) :]
        if listening and fate == "in pieces" and rest:
            self.arriving[id_] = (request, rest)
            return
        del self.arriving[id_]
        reply = self.server.end(request, complete=not rest)
        if reply is not None and fate not in ("cut", "lost"):
            self.answers.append(model.as_http(request, reply))

    def answer(self, answer: Answer, fate: str, place: int) -> None:
        """In any order, and also to requests that were given up. A `damaged` one is heard about another sobre: a proxy
        mixed up two lines."""
        if fate != "again":
            self.answers.remove(answer)
        about = answer.about
        if fate == "damaged" and self.phone.items:
            about = sorted(self.phone.items)[place % len(self.phone.items)]
        if fate != "lost":
            self.phone.replied(about, answer.http)

    # --- Trouble

    @rule(kind=st.sampled_from(TROUBLE), which=which, place=places)
    def trouble(self, kind: str, which: int, place: int) -> None:
        """What happens to phones and servers rather than to messages."""
        server = self.server
        match kind:
            case "impatience":
                self.open_session()
            case "killed":
                self.phone.restart()
            case "portal" if waiting := self.waiting():
                status = (200, 204, 302, 404, 410, 502)[place % 6]
                said = model.HttpReply("PATCH", status, {"content-type": "text/html", "acopio-acuse": "a.b.c"})
                self.phone.replied(waiting[which % len(waiting)].registro, said)
            case "rot" if held := [upload.held for upload in server.uploads.values() if upload.held]:
                # A byte of a partial upload goes bad on the server's disk.
                one = held[which % len(held)]
                one[place % len(one)] ^= 0x20
            case "sync":
                server.sync()
            case "crash" | "amnesia":
                self.arriving.clear()
                server.crash(forgets_uploads=kind == "amnesia")
            case "second copy down" | "second copy up":
                server.second_copy_up = kind.endswith("up")
                server.settle()
            case "minutes" | "days":
                server.now_ms += 20 * MINUTE if kind == "minutes" else 8 * DAY
            case "clean-up":
                server.expire()
            case "old DELETE" if server.uploads:
                # One that was sent when the prefix was damaged, and that the line kept until now.
                url = sorted(server.uploads)[which % len(server.uploads)]
                about = server.uploads[url].folio.registro
                headers = {"tus-resumable": "1.0.0", "authorization": f"Bearer {self.phone.token}"}
                self.duplicates += 1
                self.requests.append(Request(10**6 + self.duplicates, about, url, TusRequest("DELETE", headers)))
            case "number used twice" if server.registros:
                self.same_folio_with_other_content(sorted(server.registros)[which % len(server.registros)])

    def same_folio_with_other_content(self, folio: Folio) -> None:
        """A phone restored from a copy uses a number twice: the first stays, the second is told so."""
        raw = other_sobre(folio.registro)
        before = self.server.registros[folio].raw
        late = model.Partial(folio, material.codigo(raw), len(raw), self.server.now_ms + DAY, bytearray(raw))
        reply = self.server.accept(late)
        assert (reply.status, reply.headers["Acopio-Codigo"]) == (409, "folio_en_conflicto")
        assert "Acopio-Acuse" not in reply.headers
        assert tus_server.head_reply(self.server.state(late)).headers["Acopio-Codigo"] == "folio_en_conflicto"
        assert self.server.registros[folio].raw == before

    # --- The property

    @invariant()
    def one_registro_for_a_folio(self) -> None:
        assert set(self.server.inserted.values()) <= {1}
        for folio, stored in self.server.registros.items():
            assert stored.raw == CHAIN[folio.registro]

    @invariant()
    def always_the_same_acuse(self) -> None:
        assert all(len(given) == 1 for given in self.server.given.values())

    @invariant()
    def no_acuse_that_is_not_true(self) -> None:
        for folio in self.server.given:
            assert model.is_intact(self.server, folio, material.codigo(CHAIN[folio.registro]))

    @invariant()
    def nothing_is_deleted_without_a_verified_acuse(self) -> None:
        gone = set(range(self.phone.captured)) - set(self.phone.items)
        assert gone == set(self.phone.ledger)
        for registro, (codigo, acuse) in self.phone.ledger.items():
            folio = self.phone.folio(registro)
            if acuse not in self.verified:  # verifying is dear, and an acuse does not change
                acuses.verify(acuse, model.KEYS, folio=folio, codigo=codigo, tam=len(CHAIN[registro]))
                self.verified.add(acuse)
            assert model.is_intact(self.server, folio, codigo)
            assert {acuse} == self.server.given[folio]

    @invariant()
    def what_is_still_here_is_whole(self) -> None:
        for registro, item in self.phone.items.items():
            assert item.raw == CHAIN[registro]

    # --- The end

    def teardown(self) -> None:
        """The line is quiet, the second copy is back: everything arrives, whatever was before."""
        self.server.second_copy_up = True
        for _ in range(ROUNDS):
            if not self.phone.items:
                break
            self.phone.session_answered(self.server.session(self.phone.open_session()))
            for item in list(self.phone.items.values()):
                self.drain(item)
        assert {item.registro: item.estado for item in self.phone.items.values()} == {}
        assert set(self.phone.ledger) == set(range(self.phone.captured))
        assert len(self.server.registros) == self.phone.captured
        self.nothing_is_deleted_without_a_verified_acuse()
        self.one_registro_for_a_folio()

    def drain(self, item: Item) -> None:
        for _ in range(20):
            request = self.phone.next_request(item)
            if request is None:
                break
            reply, _ = self.server.begin(request)
            if reply is None:
                assert self.server.receive(request, request.body)
                reply = self.server.end(request, complete=True)
            assert reply is not None
            self.phone.replied(item.registro, model.as_http(request, reply).http)
        else:
            raise AssertionError(f"registro {item.registro} does not come to rest")
        if item.estado is EstadoCola.ACUSADO:
            self.phone.delete(item)


_others: dict[int, bytes] = {}


def other_sobre(registro: int) -> bytes:
    if registro not in _others:
        anterior = b"\x02" * 32
        _others[registro] = material.seal(Folio(123, 45, 7, registro), anterior)
    return _others[registro]


TestResumeMachine = Machine.TestCase
TestResumeMachine.settings = settings(
    max_examples=3000 if LONG else 120,
    stateful_step_count=60 if LONG else 30,
    deadline=None,
)
