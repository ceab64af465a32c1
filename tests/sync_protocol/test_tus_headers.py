"""Each header of tus as it may be written, and nothing else (SPEC §8.3). The refused ones are in `tus.json`."""

from __future__ import annotations

import base64
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync_protocol import tus_headers as th
from sync_protocol.errors import RemoteProtocolError

ALPHABET = sorted(set(string.ascii_letters + string.digits + string.punctuation) - {","})
keys = st.text(alphabet=ALPHABET, min_size=1, max_size=64)


@given(st.dictionaries(keys, st.binary(max_size=60), max_size=8))
def test_metadata_there_and_back(pairs: dict[str, bytes]) -> None:
    assert th.read({"upload-metadata": th.write_metadata(pairs)}, "upload-metadata") == pairs


@pytest.mark.parametrize(
    ("value", "pairs"),
    [
        ("", {}),
        ("a", {"a": b""}),
        ("a ", {"a": b""}),
        ("a YQ==, b Yg==", {"a": b"a", "b": b"b"}),
        ("a YQ==,", {"a": b"a"}),
    ],
)
def test_metadata_as_others_write_it(value: str, pairs: dict[str, bytes]) -> None:
    assert th.read({"upload-metadata": value}, "upload-metadata") == pairs


@given(st.integers(0, 10**16 - 1))
def test_integers(value: int) -> None:
    for name in ("upload-offset", "upload-length", "content-length"):
        assert th.read({name: str(value)}, name) == value


@pytest.mark.parametrize("value", ["10000000000000000", "-0", "+1", "1_000", "1e3", "٣", "0x1", "01", " 1", "1\n"])
def test_no_other_integers(value: str) -> None:
    with pytest.raises(RemoteProtocolError, match="tus_cabecera"):
        th.read({"upload-offset": value}, "upload-offset")


@given(st.binary(min_size=32, max_size=32))
def test_checksum(digest: bytes) -> None:
    value = f"sha256 {base64.b64encode(digest).decode()}"
    assert th.read({"upload-checksum": value}, "upload-checksum") == th.Checksum(digest)


def test_absent_and_required() -> None:
    assert th.read({}, "upload-offset") is None
    with pytest.raises(RemoteProtocolError, match="upload-offset"):
        th.require({}, "upload-offset")


@given(st.sampled_from(sorted(th.READERS)), st.text(max_size=200))
def test_any_value_is_read_or_is_a_protocol_error(name: str, value: str) -> None:
    try:
        th.read({name: value}, name)
    except RemoteProtocolError as error:
        assert error.code in {"tus_cabecera", "tus_algoritmo"}  # noqa: PT017
