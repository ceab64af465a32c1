"""Entering by a provider's word (row A2), against a provider that is not ours: oidc-provider-mock on loopback."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from server.config import ProveedorOidc, Settings
from server.errors import ConfigurationError
from server.security.oidc import Oidc, OidcError
from tests.server.portals.entrar.gente import aspirante, codigo, con_factor, identifica
from tests.server.portals.portal import Persona, Respuesta, Sitio, abierto

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the mock uses what Authlib has moved elsewhere
    import oidc_provider_mock

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.socket,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::authlib.deprecate.AuthlibDeprecationWarning"),
]
ALMA = "alma@ejemplo.mx"


@pytest.fixture
def provider() -> Iterator[str]:
    users = [
        oidc_provider_mock.User(sub="alma", claims={"email": "Alma@ejemplo.mx", "email_verified": True}),
        oidc_provider_mock.User(sub="otra", claims={"email": "otra@ejemplo.mx", "email_verified": True}),
        oidc_provider_mock.User(sub="sin", claims={"email": ALMA, "email_verified": False}),
        oidc_provider_mock.User(sub="calla", claims={"email": ALMA}),
        oidc_provider_mock.User(sub="texto", claims={"email": ALMA, "email_verified": "true"}),
        oidc_provider_mock.User(sub="nadie", claims={}),
    ]
    with oidc_provider_mock.run_server_in_thread(user_claims=users, require_nonce=True) as server:
        yield f"http://localhost:{server.server_port}"


@pytest.fixture
async def sitio(tmp_path: Path, provider: str) -> AsyncIterator[Sitio]:
    google = ProveedorOidc("google", "acopio", "secreto", f"{provider}/.well-known/openid-configuration")
    gone = ProveedorOidc("x", "acopio", "secreto", "http://127.0.0.1:9/.well-known/openid-configuration")
    async with abierto(tmp_path, oidc=(google, gone)) as made:
        yield made


async def there(persona: Persona, sub: str, action: str = "authorize") -> str:
    """Off to the provider and back: the address, on our side, that it sends the browser to."""
    answer = await persona.get("/entrar/oidc/google")
    url = answer.location
    asked = parse_qs(urlsplit(url).query)
    assert asked["scope"] == ["openid email"]
    assert asked["code_challenge_method"] == ["S256"]
    assert "nonce" in asked
    assert ALMA not in url

    def sign_in() -> str:
        with httpx2.Client(trust_env=False) as client:
            return client.post(url, data={"sub": sub, "action": action}).headers["location"]

    back = urlsplit(await asyncio.to_thread(sign_in))
    return f"{back.path}?{back.query}"


def refused(answer: Respuesta) -> list[str]:
    assert answer.status in (422, 429, 502)
    assert "acopio=" not in "".join(answer.cookies)
    return answer.page().codes


async def test_in_by_a_verified_address_and_the_folio(sitio: Sitio) -> None:
    solicitud = await aspirante(sitio)
    alma = await identifica(sitio, solicitud, sigue="/aspirante/auxiliares")
    assert "Continuar con Google" in (await alma.get("/entrar/aspirante/como")).text
    back = await there(alma, "alma")
    assert (await alma.get(back)).location == "/aspirante/auxiliares"
    assert list(alma.cookies) == ["acopio"]
    assert sitio.eventos("entrada")[-1]["datos"] == '{"por":"google"}'
    assert refused(await (await identifica(sitio, solicitud)).get(back)) == ["paso_vencido"], "replayed elsewhere"


@pytest.mark.parametrize(
    ("sub", "code"),
    [
        ("otra", "credenciales"),
        ("sin", "correo_sin_verificar"),
        ("calla", "correo_sin_verificar"),
        ("texto", "correo_sin_verificar"),
        ("nadie", "correo_sin_verificar"),
    ],
)
async def test_any_other_address_stays_outside(sitio: Sitio, sub: str, code: str) -> None:
    alma = await identifica(sitio, await aspirante(sitio))
    assert refused(await alma.get(await there(alma, sub))) == [code]
    assert "acopio-oidc" not in alma.cookies, "a state is good once"


async def test_the_right_address_with_another_folio(sitio: Sitio) -> None:
    solicitud = await aspirante(sitio)
    alma = await identifica(sitio, solicitud + 1)
    assert refused(await alma.get(await there(alma, "alma"))) == ["credenciales"]


async def test_forged_returns(sitio: Sitio) -> None:
    solicitud = await aspirante(sitio)
    alma, mallory = await identifica(sitio, solicitud), await identifica(sitio, solicitud)
    mine, hers = await there(mallory, "alma"), await there(alma, "alma")
    assert refused(await alma.get(mine)) == ["paso_vencido"], "a state that another browser was given"
    await alma.get("/entrar/oidc/google")
    assert refused(await alma.get(hers)) == ["paso_vencido"], "a state that a newer one replaced"
    for query in ("", "?code=x", "?state=&code=x", "?code=x&state=%C3%A1"):
        persona = await identifica(sitio, solicitud)
        await persona.get("/entrar/oidc/google")
        assert refused(await persona.get(f"/entrar/oidc/google/regreso{query}")) == ["paso_vencido"]
        assert refused(await sitio.nadie().get(f"/entrar/oidc/google/regreso{query}")) == ["paso_vencido"]
    crossed = await identifica(sitio, solicitud)
    back = await there(crossed, "alma")
    assert refused(await crossed.get(back.replace("/google/", "/x/"))) == ["paso_vencido"]


async def test_a_code_that_is_none_and_a_person_who_says_no(sitio: Sitio) -> None:
    alma = await identifica(sitio, await aspirante(sitio))
    back = await there(alma, "alma")
    state = parse_qs(urlsplit(back).query)["state"][0]
    assert refused(await alma.get(f"/entrar/oidc/google/regreso?code=inventado&state={state}")) == [
        "proveedor_no_confirmo"
    ]
    state = parse_qs(urlsplit((await alma.get("/entrar/oidc/google")).location).query)["state"][0]
    denied = await alma.get(f"/entrar/oidc/google/regreso?error=access_denied&state={state}")
    assert refused(denied) == ["proveedor_no_confirmo"]
    assert refused(await alma.get(await there(alma, "alma", action="deny"))) == ["paso_vencido"], "it names no state"


async def test_an_identity_that_was_made_for_another_visit(provider: str) -> None:
    """The provider's signed word is bound to the nonce that only one browser keeps."""
    google = ProveedorOidc("google", "acopio", "secreto", f"{provider}/.well-known/openid-configuration")
    providers = Oidc((google,), "http://127.0.0.1:8000")
    one, other = await providers.begin("google"), await providers.begin("google")
    assert one is not None
    assert other is not None

    def code() -> str:
        with httpx2.Client(trust_env=False) as client:
            back = client.post(one.url, data={"sub": "alma", "action": "authorize"}).headers["location"]
        return parse_qs(urlsplit(back).query)["code"][0]

    with pytest.raises(OidcError, match="proveedor_no_confirmo"):
        await providers.finish("google", await asyncio.to_thread(code), other)
    given = await asyncio.to_thread(code)
    assert await providers.finish("google", given, one) == "Alma@ejemplo.mx"
    with pytest.raises(OidcError, match="proveedor_no_confirmo"):
        await providers.finish("google", given, one)
    assert await providers.begin("facebook") is None


async def test_the_second_factor_is_asked_for_all_the_same(sitio: Sitio) -> None:
    solicitud = await aspirante(sitio)
    secret, _ = await con_factor(sitio, int(sitio.read("SELECT id FROM cuentas")[0][0]))
    alma = await identifica(sitio, solicitud)
    assert (await alma.get(await there(alma, "alma"))).location == "/entrar/segundo-factor"
    assert list(alma.cookies) == ["acopio-factor"]
    done = await alma.post("/entrar/segundo-factor", {"codigo": codigo(sitio, secret)})
    assert done.location == "/aspirante"


async def test_a_provider_that_is_away_or_unknown(sitio: Sitio) -> None:
    alma = await identifica(sitio, await aspirante(sitio))
    assert refused(await alma.get("/entrar/oidc/x")) == ["proveedor_no_responde"]
    assert (await alma.get("/entrar/oidc/facebook")).status == 404
    assert (await alma.get("/entrar/oidc/facebook/regreso")).status == 404
    assert (await sitio.nadie().get("/entrar/oidc/google")).location == "/entrar/aspirante"


async def test_off_by_default(tmp_path: Path) -> None:
    async with abierto(tmp_path) as sitio:
        alma = await identifica(sitio, await aspirante(sitio))
        assert "Google" not in (await alma.get("/entrar/aspirante/como")).text
        assert (await alma.get("/entrar/oidc/google")).status == 404


def test_settings() -> None:
    url = "https://accounts.google.com/.well-known/openid-configuration"
    found = Settings.from_env({"ACOPIO_FRASE": "una frase bien larga", "ACOPIO_OIDC_GOOGLE": f" id|se|creto|{url} "})
    assert found.oidc == (ProveedorOidc("google", "id", "se|creto", url),)
    for bad in ("id", "id|secreto", "id||" + url, f"|s|{url}", "id|s|http://accounts.google.com/x", "id|s|ftp://x"):
        with pytest.raises(ConfigurationError, match="ACOPIO_OIDC_X"):
            Settings.from_env({"ACOPIO_OIDC_X": bad})
