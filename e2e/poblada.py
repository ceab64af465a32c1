"""A box as an institute has it in the middle of a periodo: every state that a page can show is in it somewhere.

Made with the portals' own operations while no server runs; sessions too, so that nobody has to type passwords.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import Browser, BrowserContext

from server import demo, demo_opl, keyring, seed
from server.app import KEYS, writing
from server.clock import system_clock
from server.config import Settings
from server.documentos import aviso, imagenes
from server.domain.auxiliar import DatosAuxiliar
from server.domain.captura_papel import CAMPOS
from server.domain.inconsistencias import DEL_PROTOCOLO
from server.domain.institucion import Institucion
from server.domain.plazo import limite
from server.domain.reglas import PREFIJO
from server.domain.roles import Rol
from server.domain.umbral import Umbral
from server.expedientes.abrir import Datos
from server.keyring import Keyring
from server.mesa_control import bandeja, captura_manual, criterios, dictamen, elevacion, regimen
from server.mesa_control import garantia_audiencia as garantia
from server.mesa_control.captura_manual import Captura
from server.mesa_control.dictamen import Decision
from server.registro import aspirantes, auxiliares, emblema, institucion, periodos
from server.security import cuentas, sessions
from server.security.archivo_firmado import Firmado
from server.security.cuentas import Datos as DatosCuenta
from server.store import ajustes, correos, elevaciones, revisiones, sesiones_portal
from server.store.apoyos import PAPEL_DESDE
from server.store.aspirantes import DatosAspirante
from server.store.audiencia_registros import Impugnables
from server.store.periodos import DatosPeriodo
from server.store.writer import Tx
from sync_protocol.registro import IMAGENES
from tests import factories
from tests.registros_en_mesa import recibir, recibir_papel, variadas

PADRON = 400
SEED = 2026
NOMBRE_LARGO = "Instituto Estatal Electoral y de Participación Ciudadana de la Entidad Federativa de Ejemplo del Norte"
UNA_PALABRA = "W" * 200
HOUR = 3_600_000
DAY = 24 * HOUR
FIRMADA = Firmado("declaracion-firmada.pdf", "application/pdf", b"%PDF-1.7 de ejemplo")


@dataclass
class Poblada:
    """A server and who is in. `cookies`: by visitor's name, a session's unless they are named; "nadie" has none.

    `ejemplos`: what stands in addresses. `sembrados`: auxiliares whose phones send.
    """

    url: str
    place: demo.Place
    cookies: dict[str, str] = field(default_factory=dict)
    ejemplos: dict[str, str] = field(default_factory=dict)
    sembrados: list[seed.Sembrado] = field(default_factory=list)

    def enter(self, context: BrowserContext, quien: str) -> None:
        """Let the browser be this visitor from now on."""
        context.clear_cookies()
        if quien != "nadie":
            name, _, value = self.cookies[quien].rpartition("=")
            context.add_cookies([{"name": name or "acopio", "value": value, "url": self.url}])

    def open(self, browser: Browser, quien: str, **options: object) -> BrowserContext:
        """A browser of this visitor's."""
        context = browser.new_context(locale="es-MX", timezone_id="America/Mexico_City", **options)  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        self.enter(context, quien)
        return context


def picture(words: str, color: str = "#1f6f54") -> bytes:
    """A PNG with something to see."""
    image = Image.new("RGB", (640, 360), "white")
    draw = ImageDraw.Draw(image)
    draw.ellipse((40, 40, 320, 320), fill=color)
    draw.text((350, 160), words, fill="black", font_size=48)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def session(tx: Tx, cuenta: int, *, segundo_factor: bool = True) -> str:
    """Somebody is in; returns what their browser keeps."""
    token = secrets.token_bytes(sessions.TOKEN_BYTES)
    sesiones_portal.add(
        tx.conn, sessions.digest(token), cuenta, segundo_factor=segundo_factor, agente="Chromium en Linux",
        now_ms=tx.now_ms, vence_ms=tx.now_ms + 8 * HOUR,
    )  # fmt: skip
    return sessions.encode(token)


def _account(tx: Tx, nombre: str, correo: str, rol: Rol) -> cuentas.Invitada:
    return cuentas.invite(tx, DatosCuenta(nombre, "Dirección de Organización", correo, "4920000000", rol), None)


def make(box: Poblada, env: dict[str, str], *, revisada: bool = True) -> None:
    """Fill the box's folder. `env`: the settings of its server, whose keys are there already.

    `revisada`: with what the mesa decided, and with hearings in every stage.
    """
    settings = Settings.from_env(env)
    padron = box.place.root / "padron.csv"
    keys = keyring.load(settings.datos / KEYS, keyring.read_secret(settings.llave_archivo, settings.frase))
    contrasena = demo_opl.password_hash()
    with writing(settings, system_clock) as writer:
        writer.run(lambda tx: seed.import_padron(tx, seed.padron_rows(padron), "2026-10-31"))
        emblemas = [emblema.read(picture("Juntas")), None, None]
        made = writer.run(lambda tx: demo_opl.register(tx, seed.padron_rows(padron), keys, emblemas, contrasena)).value
        box.sembrados = made.auxiliares[:2]
        people = [row for row in seed.padron_rows(padron) if row["fecha_nacimiento"] < "2000"]
        writer.run(lambda tx: _more(tx, box, people, contrasena, revisada=revisada))
        if revisada:
            writer.run(lambda tx: _pantalla(tx, box, keys, made.auxiliares[-1]))
            writer.run(lambda tx: _papel(tx, box, keys, people))
            writer.run(lambda tx: _audiencias(tx, box))


def _more(
    tx: Tx, box: Poblada, people: list[dict[str, str]], contrasena: str, *, revisada: bool
) -> None:  # fmt: skip
    conn = tx.conn
    of = {row["rol"]: row["id"] for row in conn.execute("SELECT id, rol FROM cuentas WHERE aspirante_id IS NULL")}
    admin = of["administracion"]
    box.ejemplos["operacion"] = str(of["operacion"])
    folios = [row[0] for row in conn.execute("SELECT id FROM aspirantes ORDER BY id")]
    _periodos(tx, box, folios[0])
    _aspirantes(tx, box, people, folios, admin)
    _auxiliares(tx, box, people, folios[0])
    _cuentas(tx, box, contrasena, admin)
    _institucion(tx, box, admin)
    _correos(tx, box, admin)
    box.cookies |= {
        "administracion": session(tx, admin), "operacion": session(tx, of["operacion"]),
        "sin_segundo_paso": session(tx, admin, segundo_factor=False),
    }  # fmt: skip
    session(tx, admin)  # another browser of hers
    for quien, folio in (("aspirante", folios[0]), ("aspirante_sin_nada", int(box.ejemplos["folio_nuevo"]))):
        [account] = conn.execute("SELECT id FROM cuentas WHERE aspirante_id = ?", (folio,)).fetchone()
        box.cookies[quien] = session(tx, account)
    _apoyos(tx, folios[0])
    if revisada:
        _mesa(tx, box, folios[0], admin)
    _cuarentena(tx, box)


def _periodos(tx: Tx, box: Poblada, folio: int) -> None:
    [periodo] = tx.conn.execute("SELECT periodo_id FROM aspirantes WHERE id = ?", (folio,)).fetchone()
    tx.conn.execute(
        "UPDATE periodos SET apoyos_requeridos = 400, dispersion = 'municipio', unidades_requeridas = 12 WHERE id = ?",
        (periodo,),
    )
    tx.conn.executemany(
        "INSERT INTO periodo_unidades VALUES (?, ?, ?, 3)",
        [(periodo, f"{n:03}", f"Municipio de Ejemplo {n}") for n in range(1, 25)],
    )
    for nombre, first, last, activo in (("Diputación local", -90, -20, True), ("Gubernatura", 40, 90, True),
                                        (UNA_PALABRA, -9, 40, False)):  # fmt: skip
        [proceso] = tx.conn.execute("SELECT max(id) FROM procesos").fetchone()
        datos = DatosPeriodo(
            proceso, nombre, "local", "32", tx.now_ms + first * DAY, tx.now_ms + last * DAY, activo, Umbral()
        )
        periodos.guardar(tx, None, datos, None, aceptadas=(), gracia_ms=DAY, actor="consola")
    box.ejemplos["periodo"] = str(periodo)


def _aspirante(row: dict[str, str], periodo: int, **changes: str) -> DatosAspirante:
    datos = DatosAspirante(
        periodo_id=periodo, nombre=row["nombre"].title(), apellido_paterno=row["apellido_paterno"].title(),
        apellido_materno=row["apellido_materno"].title(), lugar_nacimiento="Fresnillo",
        fecha_nacimiento=row["fecha_nacimiento"], tel_domicilio="", tel_oficina="4921234567", tel_movil="4920000010",
        correo=f"aspirante.{row['seccion']}@ejemplo.mx", tipo_cuenta="google", clave_elector=row["clave_elector"],
        curp=row["curp"], ocr=row["ocr"], cic=row["cic"], entidad=row["entidad"], municipio=row["municipio"].title(),
        seccion=row["seccion"], fecha_manifestacion="2026-10-05", oficio="OPL/SE/014/2026", folio_interno="A-7",
        observaciones="Entregó dos copias.\nUna de ellas, sin fecha.",
    )  # fmt: skip
    return replace(datos, **changes)


def _aspirantes(tx: Tx, box: Poblada, people: list[dict[str, str]], folios: list[int], admin: int) -> None:
    periodo = int(box.ejemplos["periodo"])
    actor = f"cuenta:{admin}"

    def registered(datos: DatosAspirante, png: bytes | None = None) -> int:
        seen = [d.codigo for d in aspirantes.diferencias(tx.conn, datos, None)]
        saved = aspirantes.registrar(tx, datos, png, revisadas=seen, actor=actor)
        assert isinstance(saved, aspirantes.Guardado), saved
        return saved.folio

    new = registered(_aspirante(people[40], periodo))
    aspirantes.confirmar(tx, new, actor=actor)
    # A CURP of somebody else: told as a difference, and allowed.
    unconfirmed = registered(_aspirante(people[41], periodo, curp=people[42]["curp"]))
    left = registered(_aspirante(people[43], periodo), emblema.read(picture("Otra", "#335c99")))
    aspirantes.confirmar(tx, left, actor=actor)
    aspirantes.dar_baja(tx, left, "Renunció por escrito.", cuenta=admin, actor=actor)
    tx.conn.execute("UPDATE aspirantes SET nombre = ? WHERE id = ?", (UNA_PALABRA, folios[1]))
    box.ejemplos |= {
        "folio": str(folios[0]), "folio_nuevo": str(new), "folio_sin_confirmar": str(unconfirmed),
        "folio_de_baja": str(left), "folio_largo": str(folios[1]),
    }  # fmt: skip


def _auxiliar(row: dict[str, str], **changes: str) -> DatosAuxiliar:
    datos = DatosAuxiliar(
        nombre=row["nombre"].title(), apellido_paterno=row["apellido_paterno"].title(),
        apellido_materno=row["apellido_materno"].title(), fecha_nacimiento=row["fecha_nacimiento"],
        telefono="4921112233", correo=f"auxiliar.{row['seccion']}@ejemplo.mx", tipo_cuenta="google",
        clave_elector=row["clave_elector"], curp=row["curp"], referencia="Brigada 3",
    )  # fmt: skip
    return replace(datos, **changes)


def _auxiliares(tx: Tx, box: Poblada, people: list[dict[str, str]], folio: int) -> None:
    def registered(datos: DatosAuxiliar) -> int:
        done = auxiliares.registrar(tx, folio, datos, "consola")
        assert isinstance(done, auxiliares.Registrado), done
        return done.id

    fine = [row for row in people[60:] if row["situacion"] == "LISTA_NOMINAL"]
    gone = next(row for row in people[60:] if row["situacion"] == "BAJA")
    left = registered(_auxiliar(fine[0]))
    auxiliares.dar_de_baja(tx, left, "Dejó de colaborar. " * 12, "aspirante", "consola")
    long = registered(_auxiliar(fine[1], nombre=UNA_PALABRA, correo="a" * 60 + "@ejemplo.mx"))
    for row in fine[2:30]:
        registered(_auxiliar(row))
    box.ejemplos |= {
        "auxiliar": str(box.sembrados[0].auxiliar), "auxiliar_de_baja": str(left), "auxiliar_largo": str(long),
        "auxiliar_del_padron": str(registered(_auxiliar(gone))), "auxiliar_sin_telefono": str(long + 1),
    }  # fmt: skip


def _cuentas(tx: Tx, box: Poblada, contrasena: str, admin: int) -> None:
    invited = _account(tx, "Ofelia Ledesma Tapia", "ofelia@ejemplo.mx", Rol.AYUDA)
    for quien, correo in (("por_declarar", "por.declarar@ejemplo.mx"), ("por_aceptar", "por.aceptar@ejemplo.mx"),
                          ("devuelta", "devuelta@ejemplo.mx"), ("nueva", "nueva@ejemplo.mx")):  # fmt: skip
        made = _account(tx, f"Persona {quien.replace('_', ' ').title()}", correo, Rol.AUDIENCIA)
        cuentas.accept_invitation(tx, made.token, contrasena)
        box.ejemplos[f"cuenta_{quien}"] = str(made.cuenta)
        if quien in ("por_aceptar", "devuelta"):
            declaracion = cuentas.hand_in(tx, made.cuenta, FIRMADA)
            if quien == "devuelta":
                cuentas.resolve(tx, declaracion, admin, acepta=False, motivo="Falta la firma en la segunda hoja.")
        if quien == "nueva":
            cuentas.declare_at_console(tx, made.cuenta, FIRMADA)
        box.cookies[quien] = session(tx, made.cuenta, segundo_factor=False)
    long = _account(tx, UNA_PALABRA[:120], "l" * 60 + "@ejemplo.mx", Rol.OPERACION)
    suspended = _account(tx, "Rubén Cisneros Paz", "ruben@ejemplo.mx", Rol.OPERACION)
    cuentas.suspend(tx, suspended.cuenta, admin, "Cambió de adscripción.")
    reset = cuentas.send_reset(tx, int(box.ejemplos["cuenta_devuelta"]), admin)
    box.ejemplos |= {
        "cuenta": str(invited.cuenta), "cuenta_larga": str(long.cuenta), "cuenta_suspendida": str(suspended.cuenta),
        "cuenta_propia": str(admin), "invitacion": invited.token, "restablecer": reset.token,
    }  # fmt: skip


def _institucion(tx: Tx, box: Poblada, admin: int) -> None:
    says = {
        "nombre": NOMBRE_LARGO, "siglas": "IEEPC", "color": "#7a1f3d", "domicilio": "Av. Ejemplo 100, Zacatecas",
        "contacto_correo": "contacto@ejemplo.mx", "contacto_telefono": "492 000 0000",
        "horario": "lunes a viernes, de 9 a 17 horas",
    }  # fmt: skip
    institucion.cambiar(tx, admin, says, imagenes.png(picture("IEEPC", "#7a1f3d"), 600))
    own = Institucion(**says)
    for clase, titulo in (("integral", "Aviso de privacidad integral"), ("simplificado", "Aviso simplificado")) * 2:
        id_ = institucion.publicar_aviso(tx, admin, clase, titulo, aviso.modelo(clase, own))
        box.ejemplos.setdefault("aviso_anterior", str(id_))
        box.ejemplos["aviso"] = str(id_)


def _correos(tx: Tx, box: Poblada, admin: int) -> None:
    for n in range(3):
        correos.add_to_account(tx.conn, f"prueba:{n}", "cuenta_activa", admin, "{}", tx.now_ms)
        tx.conn.execute(
            "UPDATE correos SET estado = 'fallido', intentos = 12, ultimo_error = 'destinatario_rechazado' "
            "WHERE clave = ?",
            (f"prueba:{n}",),
        )
    [failed] = tx.conn.execute("SELECT max(id) FROM correos WHERE estado = 'fallido'").fetchone()
    box.ejemplos["correo"] = str(failed)


def _cuarentena(tx: Tx, box: Poblada) -> None:
    """Work that was given up, for each kind of reason."""
    ids = [row[0] for row in tx.conn.execute("SELECT id FROM apoyos ORDER BY id DESC LIMIT 3")]
    for id_, motivo in zip(ids, ("lector_murio", "lote_ilegible", "sobre_danado"), strict=True):
        tx.conn.execute(
            "INSERT OR REPLACE INTO trabajos (id, etapa, estado, intentos, proximo_ms, motivo, creado_ms) "
            "VALUES (?, 'leer_codigos', 'cuarentena', 3, 0, ?, ?)",
            (id_, motivo, tx.now_ms),
        )
    box.ejemplos["cuarentena"] = str(ids[0])


def _apoyos(tx: Tx, solicitud: int) -> None:
    """Apoyos of the last days as the pipeline and the mesa will have left them: the reports have something to draw."""
    today = (tx.now_ms - 6 * HOUR) // DAY
    own = [row[0] for row in tx.conn.execute("SELECT id FROM auxiliares WHERE aspirante_id = ?", (solicitud,))]
    states = ["LISTA_NOMINAL"] * 7 + ["PADRON", "BAJA", "NO_ENCONTRADO", "SIN_RESPUESTA", "SIN_RESPUESTA"]
    for n in range(360):
        situacion = states[n * 7 % len(states)]
        bad = n % 11 == 0
        dia = today - (n * n) % 9
        tx.conn.execute(
            "INSERT INTO apoyos (id, folio, solicitud, auxiliar, dispositivo, recibido_ms, dia, marcas, origen, "
            "nombre, apellido_paterno, apellido_materno, situacion, motivo_baja, municipio, seccion, resultado, "
            "inciso, detalle) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'Rosales', 'Mena', ?, ?, ?, ?, ?, ?, ?)",
            (
                10_000_000 + n, f"{solicitud:06}-{own[n % len(own)]:06}-0000901-{n:06}-7", solicitud,
                own[n % len(own)], 901, dia * DAY + 6 * HOUR + n * 60_000, dia,
                '["auxiliar_de_baja","reloj_sin_referencia"]' if n % 40 == 0 else "[]",
                "inconsistente" if n % 40 == 0 else "bien", UNA_PALABRA if n == 1 else "Rosalía", situacion,
                "defuncion" if situacion == "BAJA" else "", f"{n % 30 + 1:03}", f"{n % 90 + 1:04}",
                "inconsistente" if bad else ("valido" if n % 3 else "pendiente"), "abdgk"[n % 5] if bad else "",
                "La fotografía está tomada de una pantalla." if bad else "",
            ),
        )  # fmt: skip


def _mesa(tx: Tx, box: Poblada, solicitud: int, admin: int) -> None:
    """Work of the mesa in every state: late, waiting, assigned, held, decided, in doubt, raised, reopened."""
    operators = [
        int(row[0]) for row in tx.conn.execute("SELECT id FROM cuentas WHERE rol = 'operacion' AND estatus = 'activa'")
    ]
    first, second = operators[0], admin
    ids = [PAPEL_DESDE + 9_000 + n for n in range(60)]
    for n, id_ in enumerate(ids):
        tx.conn.execute(
            "INSERT INTO apoyos (id, folio, solicitud, auxiliar, dispositivo, recibido_ms, dia, marcas, origen, via) "
            "VALUES (?, ?, ?, 0, 0, ?, ?, '[]', 'bien', 'papel')",
            (
                id_,
                f"{solicitud:06}-papel-{n:06}",
                solicitud,
                tx.now_ms - n * 6 * HOUR,
                (tx.now_ms - (n + 1) * 6 * HOUR) // DAY,
            ),
        )
        entrada = tx.now_ms - n * 6 * HOUR
        made = revisiones.add(tx.conn, id_, solicitud, "primera", entrada, limite(entrada, 10))
        assert made is not None
        if n % 4 == 0:
            revisiones.asignar(tx.conn, [made], first if n < 50 else int(box.ejemplos["cuenta_suspendida"]), tx.now_ms)
        elif n % 4 == 1 and n < 40:
            motivo = UNA_PALABRA[:160] if n == 5 else "La cédula trae dos firmas."
            resultado = "elevado" if n in (5, 9) else "inconsistente" if n % 8 == 1 else "valido"
            dictamen.decidir(
                tx,
                Decision(
                    made,
                    first,
                    resultado,
                    "pd" if resultado == "inconsistente" else "",
                    motivo=motivo if resultado == "elevado" else "",
                    abierto_ms=tx.now_ms - 21_000,
                    en_pantalla={"banderas": ["papel", "duplicado_mismo"], "imagenes": []},
                ),
            )
    for n in (1, 13):
        waiting = revisiones.pendiente_de(tx.conn, ids[n])
        if waiting is not None:
            dictamen.decidir(tx, Decision(waiting.id, second, "valido", abierto_ms=tx.now_ms))
        else:
            elevacion.reabrir(tx, ids[n], admin, "Lo pidió la oficialía.")
    cases = [one.id for one in elevaciones.of_apoyo(tx.conn, ids[5])]
    raised = elevaciones.of_apoyo(tx.conn, ids[9])[0]
    elevacion.resolver(tx, raised.id, admin, "valido", "", "", "Acuerdo 12 del Consejo General.", tx.now_ms)
    incisos = list(DEL_PROTOCOLO.values())
    nuevo = replace(incisos[0], inciso="o", texto=f"Otra cosa {UNA_PALABRA}", detalle="Cuál", pide_detalle=True)
    version = criterios.publicar(
        tx, [*incisos[:14], nuevo, *incisos[14:]], "Acuerdo del Consejo General.", admin, base=0
    )
    folio = tx.conn.execute("SELECT folio FROM apoyos WHERE id = ?", (ids[1],)).fetchone()[0]
    box.ejemplos |= {
        "operador": str(first), "caso": str(cases[0]), "revisado": folio, "criterios": str(version),
    }  # fmt: skip


# -- the review screen
def _pantalla(tx: Tx, box: Poblada, keys: keyring.Keyring, sembrado: seed.Sembrado) -> None:
    """Registros that wait in the mesa: two are in the operator's hands for a day, one of them of paper."""
    cuenta = int(box.ejemplos["operacion"])
    ajustes.poner(tx.conn, f"{PREFIJO}reclamo_minutos", "1440", None, tx.now_ms)
    phone = factories.enrol(tx, sembrado, keys.apertura.public)
    colours = ("#1f6f54", "#335c99", "#7a1f3d", "#6b4700")
    images = [
        {tipo: picture(f"{tipo} {n}", colour) for tipo, colour in zip(IMAGENES, colours, strict=True)} for n in range(6)
    ]
    people = [{"nombre": "ROSALÍA", "cic": "123456789", "ocr": "0123456789012"}, {"nombre": UNA_PALABRA[:100]}]
    made = recibir(tx, keys, phone, variadas(images, people, 6))
    paper = Datos("EUSEBIO", "LARA", "", "LRXXES60010132H100")
    made.append(recibir_papel(tx, keys, sembrado.solicitud, cuenta, paper, "La hoja está rota."))
    for revision in (made[1], made[-1]):
        bandeja.reclamar(tx, revision, cuenta)
    box.ejemplos |= {"revision": str(made[1]), "revision_papel": str(made[-1])}


def _papel(tx: Tx, box: Poblada, keys: Keyring, people: list[dict[str, str]]) -> None:
    """Captura manual: grants, a package with cédulas in every state, another that is closed, one with nothing."""
    of = {row["rol"]: row["id"] for row in tx.conn.execute("SELECT id, rol FROM cuentas WHERE estatus = 'activa'")}
    operator, admin = of["operacion"], of["administracion"]
    folio = int(box.ejemplos["folio"])
    regimen.otorgar(tx, folio, (UNA_PALABRA[:120], "Jerez"), "OPL/CG/031/2026", tx.now_ms - 9 * DAY, cuenta=admin)
    [box.ejemplos["excepcion"]] = map(str, tx.conn.execute("SELECT min(id) FROM excepciones").fetchone())
    [last] = tx.conn.execute("SELECT max(id) FROM excepciones").fetchone()
    tx.conn.execute("UPDATE excepciones SET revocada_ms = ?, revocada_por = ? WHERE id = ?", (tx.now_ms, admin, last))

    def package(name: str, cedulas: int) -> int:
        received = tx.now_ms - HOUR
        return regimen.abrir_paquete(
            tx, folio, name, cedulas, received, "Una caja, con acuse.", cuenta=admin, gracia_ms=DAY
        )

    def share(percent: int) -> None:
        tx.conn.execute(
            "INSERT INTO ajustes (clave, valor, cambiado_ms) VALUES ('regla_papel_doble_pct', ?, 1) "
            "ON CONFLICT DO UPDATE SET valor = excluded.valor",
            (str(percent),),
        )

    def typed(n: int, criterio: str = "", comentario: str = "", **changes: str) -> Captura:
        datos = {campo: people[n][campo] for campo in CAMPOS} | changes
        return Captura(Datos(**datos), criterio, comentario)

    first, second, empty = package("P-0001", 12), package(UNA_PALABRA[:60], 2), package("P-0003", 4)
    share(0)
    noted = "La leyenda está cortada por la copia."
    captura_manual.capturar(tx, keys, first, 1, typed(1, "otra", noted), cuenta=operator)
    captura_manual.declarar_faltante(tx, first, 9, "Venía en blanco.", cuenta=operator)
    share(100)
    for numero, who in ((2, operator), (3, operator), (4, admin)):
        captura_manual.capturar(tx, keys, first, numero, typed(numero), cuenta=who)
    captura_manual.repetir(tx, keys, first, 3, typed(3, "copia", nombre=UNA_PALABRA[:60]), cuenta=admin)
    share(10)
    regimen.cerrar(tx, second, "El paquete traía menos.", [1, 2], cuenta=admin)
    [cedula] = tx.conn.execute("SELECT id FROM cedulas_papel WHERE estado = 'por_conciliar'").fetchone()
    [registro] = tx.conn.execute("SELECT folio FROM apoyos WHERE via = 'papel'").fetchone()
    box.ejemplos |= {
        "paquete": str(first), "paquete_cerrado": str(second), "paquete_sin_nada": str(empty), "cedula": str(cedula),
        "registro_papel": registro,
    }  # fmt: skip


def _audiencias(tx: Tx, box: Poblada) -> None:
    """Four hearings, one in each stage that a page shows; some registros are left to be contested."""
    conn, solicitud, admin = tx.conn, int(box.ejemplos["folio"]), int(box.ejemplos["cuenta_propia"])
    [aspirante] = conn.execute("SELECT id FROM cuentas WHERE aspirante_id = ?", (solicitud,)).fetchone()
    [operador] = conn.execute("SELECT id FROM cuentas WHERE rol = 'operacion' ORDER BY id").fetchone()
    found = conn.execute(
        "SELECT id, inciso, detalle FROM apoyos WHERE solicitud = ? AND resultado = 'inconsistente' ORDER BY id",
        (solicitud,),
    ).fetchall()
    for apoyo in found:
        conn.execute(
            "INSERT INTO dictamenes (apoyo_id, ronda, resultado, inciso, detalle, criterios_version, cuenta_id, "
            "abierto_ms, en_ms, en_pantalla, firme) VALUES (?, 'primera', 'inconsistente', ?, ?, 0, ?, ?, ?, '{}', 1)",
            (apoyo["id"], apoyo["inciso"], apoyo["detalle"], operador, tx.now_ms, tx.now_ms),
        )
    ids = [apoyo["id"] for apoyo in found]
    argument = "Las credenciales son originales.\n" + UNA_PALABRA
    names = ("audiencia_concluida", "audiencia_en_curso", "audiencia_programada", "audiencia")
    for place, name in enumerate(names):
        which = ids[place * 6 : place * 6 + 6]
        made = garantia.solicitar(tx, solicitud, Impugnables(), which, argument, cuenta=aspirante).audiencia
        box.ejemplos[name], box.ejemplos["audiencia_apoyo"] = str(made), str(which[0])
        if name == "audiencia":
            continue
        minutes = 10 if name != "audiencia_programada" else 3 * 60
        cita = garantia.Programacion(tx.now_ms + minutes * 60_000, 60, UNA_PALABRA, "Lic. Nadia Ruiz", (admin,))
        near = [one.codigo for one in garantia.conflictos_de(conn, made, cita)]
        garantia.programar(tx, made, cita, aceptados=near, cuenta=admin)
        if name == "audiencia_programada":
            continue
        garantia.iniciar(tx, made, "La persona aspirante\nSu representante", cuenta=admin, administra=True)
        if name == "audiencia_concluida":
            for n, apoyo in enumerate(which):
                said = ("valido", "", "") if n % 2 else ("inconsistente", "f", "El OCR no se lee")
                garantia.decidir(tx, made, apoyo, garantia.Decision(*said, tx.now_ms, {}), cuenta=admin)
            garantia.concluir(tx, made, b"%PDF-1.4", garantia.huella(conn, made), tx.now_ms, cuenta=admin)


@contextmanager
def poblada(folder: Path, *, phones: bool = True) -> Iterator[Poblada]:
    """A box like that, and its server while it lasts."""
    from e2e.conftest import _acopio, _environment

    place, port = demo.Place(folder), demo.free_port()
    env = _environment(place, port)
    _acopio("init", env=env)
    padron = str(folder / "padron.csv")
    _acopio("padron", padron, "--size", str(PADRON), "--seed", str(SEED), env=env, module="device_sim")
    box = Poblada(f"http://127.0.0.1:{port}", place)
    make(box, env)
    with demo.serving(env, box.url, folder / "servidor.log"):
        if phones:
            status, result = demo.run_phones(place, env, box.url, 1, SEED, box.sembrados)
            assert status == 0, result
        yield box


@contextmanager
def vacia(folder: Path) -> Iterator[Poblada]:
    """A box that nobody has used: an administrator is in, and that is all."""
    from e2e.conftest import _acopio, _environment

    place, port = demo.Place(folder), demo.free_port()
    env = _environment(place, port)
    _acopio("init", env=env)
    box = Poblada(f"http://127.0.0.1:{port}", place)

    def first(tx: Tx) -> None:
        made = _account(tx, "Guadalupe Rentería Olmos", "administracion@ejemplo.mx", Rol.ADMINISTRACION)
        cuentas.accept_invitation(tx, made.token, demo_opl.password_hash())
        cuentas.declare_at_console(tx, made.cuenta, FIRMADA)
        box.cookies["administracion"] = session(tx, made.cuenta)

    with writing(Settings.from_env(env), system_clock) as writer:
        writer.run(first)
    with demo.serving(env, box.url, folder / "servidor.log"):
        yield box
