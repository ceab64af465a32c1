// What an acuse demands of one record, all of it in OpenSSL by way of node:crypto: SHA-256 against the announced code,
// the device's signature, HPKE (X-Wing, HKDF-SHA256, AES-256-GCM; RFC 9180, base mode) and the signed receipt.
// Not done, in the peer's favour: the content is not decoded, its images are not hashed, the folio has no check character.
import crypto from 'node:crypto'

const HEADER = 72
const ENC = 1120
const MLKEM_CT = 1088
const SIGNATURE = 64
const HALF_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n / 2n
const INFO = Buffer.from('acopio/sobre/v1\0', 'latin1')
const XWING_LABEL = Buffer.from('5c2e2f2f5e5c', 'hex')
const KEM_SUITE = Buffer.from('KEM\x64\x7a', 'latin1')
const HPKE_SUITE = Buffer.from('HPKE\x64\x7a\x00\x01\x00\x02', 'latin1')
const VERSION = Buffer.from('HPKE-v1')
const NOTHING = Buffer.alloc(0)

const hmac = (key, ...parts) => {
  const mac = crypto.createHmac('sha256', key)
  for (const part of parts) mac.update(part)
  return mac.digest()
}
const extract = (salt, label, ikm) => hmac(salt, VERSION, HPKE_SUITE, label, ikm)
// One block of HKDF-Expand: 32 bytes at most, which is all that is needed here.
const expand = (prk, label, info, length) =>
  hmac(prk, Buffer.from([0, length]), VERSION, HPKE_SUITE, label, info, Buffer.from([1])).subarray(0, length)

const PSK_ID_HASH = extract(NOTHING, 'psk_id_hash', NOTHING)

function decapsulate(keys, enc) {
  const pqc = crypto.decapsulate(keys.mlkem, enc.subarray(0, MLKEM_CT))
  const point = enc.subarray(MLKEM_CT)
  const publicKey = crypto.createPublicKey({
    key: { kty: 'OKP', crv: 'X25519', x: point.toString('base64url') }, format: 'jwk',
  })
  const classic = crypto.diffieHellman({ privateKey: keys.x25519, publicKey })
  return crypto.createHash('sha3-256')
    .update(pqc).update(classic).update(point).update(keys.point).update(XWING_LABEL).digest()
}

function open(keys, header, enc, ciphertext) {
  const shared = decapsulate(keys, enc)
  const infoHash = extract(NOTHING, 'info_hash', Buffer.concat([INFO, header]))
  const context = Buffer.concat([Buffer.from([0]), PSK_ID_HASH, infoHash])
  const secret = extract(shared, 'secret', NOTHING)
  const key = expand(secret, 'key', context, 32)
  const nonce = expand(secret, 'base_nonce', context, 12)
  const cipher = crypto.createDecipheriv('aes-256-gcm', key, nonce)
  cipher.setAuthTag(ciphertext.subarray(-16))
  const content = cipher.update(ciphertext.subarray(0, -16))
  cipher.final()
  return content
}

function refuse(why) {
  throw new Error(why)
}

/** The record's folio, counters and size, once it is proven that it is whole, the device's own, and opens. */
export function check(keys, raw, announced) {
  const codigo = crypto.hash('sha256', raw, 'hex')
  if (codigo !== announced) refuse('integridad_distinta')
  if (raw.length < HEADER + ENC + 16 + SIGNATURE || raw.toString('latin1', 0, 6) !== 'ACOPIO') refuse('sobre_magia')
  const end = raw.length - SIGNATURE
  if (raw.readUInt32BE(68) !== end - HEADER - ENC) refuse('sobre_longitud')
  const device = raw.readUInt32BE(16)
  const key = keys.devices.get(device) ?? refuse('cabecera_ajena')
  const signature = raw.subarray(end)
  if (BigInt('0x' + signature.toString('hex', 32)) > HALF_ORDER) refuse('firma_invalida')
  if (!crypto.verify('sha256', raw.subarray(0, end), { key, dsaEncoding: 'ieee-p1363' }, signature)) {
    refuse('firma_invalida')
  }
  try {
    open(keys, raw.subarray(0, HEADER), raw.subarray(HEADER, HEADER + ENC), raw.subarray(HEADER + ENC, end))
  } catch {
    refuse('sobre_no_abre')
  }
  return { codigo, device, registro: raw.readUInt32BE(20), tam: raw.length }
}

const encoded = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** The receipt: a compact JWS, ES256, with the payload of our acuse. */
export function receipt(keys, folio, { codigo, tam, registro }, received) {
  const payload = {
    iss: 'Instituto de Prueba', iat: Math.floor(received / 1000), folio, tipo: registro === 0 ? 'testigos' : 'apoyo',
    codigo, tam, recibido: new Date(received).toISOString(), v: 1,
  }
  const text = encoded({ alg: 'ES256', typ: 'acopio-acuse+jwt', kid: keys.kid }) + '.' + encoded(payload)
  const signature = crypto.sign('sha256', Buffer.from(text), { key: keys.firma, dsaEncoding: 'ieee-p1363' })
  return text + '.' + signature.toString('base64url')
}
