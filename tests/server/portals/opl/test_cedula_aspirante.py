"""What the Cédula de confirmación says of an aspirante: as people write it, and complete."""

from __future__ import annotations

import datetime
from dataclasses import fields

from server.clock import CENTRO
from server.domain.institucion import Institucion
from server.portals.opl.cedula_aspirante import cedula
from server.store.aspirantes import Aspirante, DatosAspirante
from server.store.periodos import Periodo


def at(day: int, hour: int) -> int:
    return int(datetime.datetime(2026, 9, day, hour, tzinfo=CENTRO).timestamp() * 1000)


def an_aspirante(**changes: str) -> Aspirante:
    values = {field.name: f"[{field.name}]" for field in fields(DatosAspirante) if field.name != "periodo_id"}
    values |= {"fecha_nacimiento": "1980-02-01", "fecha_manifestacion": "2026-09-03", "entidad": "20", **changes}
    datos = DatosAspirante(periodo_id=1, **values)
    return Aspirante(7, datos, b"png", "sin_confirmar", None, 0, None, "", False)


PERIODO = Periodo(
    1, 1, "Proceso Electoral Local", "candidatura_independiente", "Gubernatura", "local", "20", at(1, 0), at(30, 18),
    True, None, "ninguna", None, 1,
)  # fmt: skip


def test_everything_that_was_registered_is_on_it() -> None:
    said = cedula(Institucion("OPL", leyenda_cedula="Es verdad."), an_aspirante(tipo_cuenta="x"), PERIODO, at(5, 9))
    assert said.nombre == "[nombre] [apellido_paterno] [apellido_materno]"
    assert (said.inicia, said.termina, said.emitida) == ("01/09/2026 00:00", "30/09/2026 18:00", "05/09/2026 09:00")
    assert (said.fecha_nacimiento, said.fecha_manifestacion) == ("01/02/1980", "03/09/2026")
    assert said.telefonos == (("Móvil", "[tel_movil]"), ("Domicilio", "[tel_domicilio]"), ("Oficina", "[tel_oficina]"))
    assert (said.entidad, said.tipo_cuenta, said.folio) == ("20 Oaxaca", "X (Twitter)", "7")
    assert (said.emblema_png, said.leyenda, said.proceso) == (b"png", "Es verdad.", "Proceso Electoral Local")
    for name in ("lugar_nacimiento", "correo", "clave_elector", "ocr", "cic", "municipio", "seccion", "oficio"):
        assert getattr(said, name) == f"[{name}]"
    assert (said.folio_interno, said.observaciones) == ("[folio_interno]", "[observaciones]")


def test_what_is_not_known_is_empty() -> None:
    said = cedula(Institucion("OPL"), an_aspirante(fecha_nacimiento="", tel_movil="", entidad=""), None, 0)
    assert (said.fecha_nacimiento, said.entidad, said.inicia, said.proceso) == ("", "", "", "")
    assert [kind for kind, _ in said.telefonos] == ["Domicilio", "Oficina"]
