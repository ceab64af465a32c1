// What other people's JavaScript says of our bytes, and bytes that it makes for us to read. One job a run: JSON in on
// standard input, JSON out on standard output; bytes travel as Base64. Nothing here is ours but the layout of SPEC §3.1.

import { readFileSync } from "node:fs";
import { Aes256Gcm, CipherSuite, HkdfSha256 } from "@hpke/core";
import { XWing } from "@hpke/hybridkem-x-wing";
import { encode } from "@msgpack/msgpack";
import Ajv2020 from "ajv/dist/2020.js";
import { CompactSign, compactVerify, createLocalJWKSet, importJWK, calculateJwkThumbprint } from "jose";

const suite = new CipherSuite({ kem: new XWing(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
const subtle = globalThis.crypto.subtle;

const bytes = (base64) => new Uint8Array(Buffer.from(base64, "base64"));
const base64 = (raw) => Buffer.from(raw).toString("base64");
const concat = (...parts) => new Uint8Array(Buffer.concat(parts.map((part) => Buffer.from(part))));
const sha256 = async (raw) => new Uint8Array(await subtle.digest("SHA-256", raw));

const P256 = { name: "ECDSA", namedCurve: "P-256" };
const SIGN = { name: "ECDSA", hash: "SHA-256" };
const HEADER = 72;
const ENC = 1120;
const SIGNATURE = 64;

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

// SPEC §4: a sobre carries the form whose s is at most half the order.
function lowS(signature) {
  const s = BigInt("0x" + Buffer.from(signature.slice(32)).toString("hex"));
  if (s <= ORDER / 2n) return signature;
  return concat(signature.slice(0, 32), Buffer.from((ORDER - s).toString(16).padStart(64, "0"), "hex"));
}

async function unseal({ seed, enc, info, ciphertext }) {
  const recipientKey = await suite.kem.importKey("raw", bytes(seed), false);
  const plaintext = await suite.open({ recipientKey, enc: bytes(enc), info: bytes(info) }, bytes(ciphertext));
  return base64(plaintext);
}

const jobs = {
  // Opens each, or says why not.
  async open({ items }) {
    const results = [];
    for (const item of items) {
      try {
        results.push({ plaintext: await unseal(item) });
      } catch (error) {
        results.push({ error: String(error) });
      }
    }
    return results;
  },

  async seal({ publicKey, info, plaintext }) {
    const recipientPublicKey = await suite.kem.importKey("raw", bytes(publicKey), true);
    const { enc, ct } = await suite.seal({ recipientPublicKey, info: bytes(info) }, bytes(plaintext));
    return { enc: base64(enc), ciphertext: base64(ct) };
  },

  // A whole sobre: header, MessagePack, seal and signature, none of them by our code.
  async sobre({ publicKey, jwk, header, label, content }) {
    const sealing = bytes(publicKey);
    const images = [];
    for (const [tipo, datos] of Object.entries(content.imagenes)) {
      const raw = bytes(datos);
      images.push({ tipo, formato: "image/jpeg", sha256: await sha256(raw), datos: raw });
    }
    const plaintext = encode({ ...content, imagenes: images });
    const head = Buffer.alloc(HEADER);
    head.write("ACOPIO", 0, "ascii");
    head.writeUInt8(1, 6);
    head.writeUInt8(header.tipo, 7);
    head.writeUInt32BE(header.solicitud, 8);
    head.writeUInt32BE(header.auxiliar, 12);
    head.writeUInt32BE(header.dispositivo, 16);
    head.writeUInt32BE(header.registro, 20);
    Buffer.from(await sha256(sealing)).copy(head, 24, 0, 8);
    Buffer.from(bytes(header.anterior)).copy(head, 32);
    head.writeUInt16BE(ENC, 64);
    head.writeUInt16BE(SIGNATURE, 66);
    head.writeUInt32BE(plaintext.length + 16, 68);
    const recipientPublicKey = await suite.kem.importKey("raw", sealing, true);
    const info = concat(Buffer.from(label, "ascii"), [0], head);
    const { enc, ct } = await suite.seal({ recipientPublicKey, info }, plaintext);
    const unsigned = concat(head, new Uint8Array(enc), new Uint8Array(ct));
    const key = await subtle.importKey("jwk", jwk, P256, false, ["sign"]);
    const signature = lowS(new Uint8Array(await subtle.sign(SIGN, key, unsigned)));
    const raw = concat(unsigned, signature);
    return { sobre: base64(raw), codigo: base64(await sha256(raw)) };
  },

  // WebCrypto on a signature of ours.
  async ecdsa({ items }) {
    const results = [];
    for (const { jwk, message, signature } of items) {
      const key = await subtle.importKey("jwk", jwk, P256, false, ["verify"]);
      results.push(await subtle.verify(SIGN, key, bytes(signature), bytes(message)));
    }
    return results;
  },

  // An acuse, offline, as anyone can who has the JWK Set.
  async acuse({ token, jwks }) {
    const { payload, protectedHeader } = await compactVerify(token, createLocalJWKSet(jwks), { algorithms: ["ES256"] });
    return { header: protectedHeader, payload: JSON.parse(new TextDecoder().decode(payload)) };
  },

  async refusesAcuse({ tokens, jwks }) {
    const results = [];
    for (const token of tokens) {
      results.push(await jobs.acuse({ token, jwks }).then(() => false, () => true));
    }
    return results;
  },

  async jws({ jwk, header, payload }) {
    const key = await importJWK(jwk, "ES256");
    return await new CompactSign(bytes(payload)).setProtectedHeader(header).sign(key);
  },

  async thumbprint({ jwk }) {
    return await calculateJwkThumbprint(jwk, "sha256");
  },

  // The vector files against their own schema.
  async schema({ schema, files }) {
    const validate = new Ajv2020({ strict: false, allErrors: true }).compile(JSON.parse(schema));
    const results = {};
    for (const [name, text] of Object.entries(files)) {
      results[name] = validate(JSON.parse(text)) ? [] : validate.errors.slice(0, 5);
    }
    return results;
  },
};

const { job, ...input } = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(await jobs[job](input)));
