// What the bench tells a peer that is given our work: {seed, firma, kid, devices: {id: JWK}}, byte strings in base64url.
import crypto from 'node:crypto'
import { readFileSync } from 'node:fs'

const bytes = (text) => Buffer.from(text, 'base64url')

// PKCS#8 around raw private keys: node:crypto takes no others.
const x25519 = (raw) =>
  crypto.createPrivateKey({
    key: Buffer.concat([Buffer.from('302e020100300506032b656e04220420', 'hex'), raw]), format: 'der', type: 'pkcs8',
  })
const mlkem768 = (seed) =>
  crypto.createPrivateKey({
    key: Buffer.concat([Buffer.from('3054020100300b060960864801650304040204428040', 'hex'), seed]),
    format: 'der', type: 'pkcs8',
  })

export function load(path) {
  const { seed, firma, kid, devices } = JSON.parse(readFileSync(path, 'utf8'))
  // X-Wing's expansion of its seed: ML-KEM-768's d | z, then the X25519 scalar.
  const expanded = crypto.createHash('shake256', { outputLength: 96 }).update(bytes(seed)).digest()
  const private_ = x25519(expanded.subarray(64))
  return {
    mlkem: mlkem768(expanded.subarray(0, 64)),
    x25519: private_,
    point: bytes(crypto.createPublicKey(private_).export({ format: 'jwk' }).x),
    firma: crypto.createPrivateKey({ key: firma, format: 'jwk' }),
    kid,
    devices: new Map(
      Object.entries(devices).map(([id, jwk]) => [Number(id), crypto.createPublicKey({ key: jwk, format: 'jwk' })]),
    ),
  }
}
