/**
 * Runs every published vector through the package: in Node, in browsers, and as it is installed from its tarball on
 * every Node that is supported. Plain JavaScript with nothing imported, so that it runs wherever it is copied.
 */

/**
 * Each vector as one result: `passed`, `failed` with what was wrong, or `skipped` where the package has no such function.
 *
 * @param {typeof import('../src/index.ts')} crypto
 * @param {import('./run-vectors.d.mts').Vectors} vectors
 * @returns {Promise<import('./run-vectors.d.mts').VectorResult[]>}
 */
export async function runVectors(crypto, vectors) {
  const results = []
  for (const [name, needed, run] of [
    ...digests(crypto, vectors),
    ...signatures(crypto, vectors),
    ...ciphers(crypto, vectors),
  ]) {
    if (needed.some((member) => !(member in crypto))) {
      results.push({ name, result: 'skipped' })
      continue
    }
    try {
      await run()
      results.push({ name, result: 'passed' })
    } catch (error) {
      results.push({ name, result: 'failed', detail: String(error) })
    }
  }
  return results
}

function* digests({ hash, hmac, createHash }, { sm, classic }) {
  for (const [index, vector] of sm.sm3.entries()) {
    const message = utf8(vector.message ?? vector.repeat.repeat(vector.times))
    yield [`SM3, GB/T 32905, ${index + 1}`, [], () => equal(hash('sm3', message), vector.digest)]
    yield [`SM3 in pieces, ${index + 1}`, [], () => equal(inPieces(createHash('sm3'), message), vector.digest)]
  }
  const keyed = sm.hmacSm3
  yield ['HMAC-SM3', [], () => equal(hmac('sm3', utf8(keyed.key), utf8(keyed.message)), keyed.mac)]
  for (const { algorithm, message, digest } of classic.sha) {
    yield [`${algorithm}, FIPS 180-4`, [], () => equal(hash(algorithm, utf8(message)), digest)]
  }
  const { algorithm, key, message, mac } = classic.hmac
  yield ['HMAC, RFC 4231', [], () => equal(hmac(algorithm, utf8(key), utf8(message)), mac)]
}

function inPieces(state, message) {
  for (let at = 0; at < message.length; at += 1009) state.update(message.subarray(at, at + 1009))
  return state.digest()
}

function* signatures(crypto, { sm, classic }) {
  const { der, parsePublicKey, parsePrivateKey, sm2Z, hash } = crypto
  const vector = sm.sm2Sign
  const point = bytes(`04${vector.Px}${vector.Py}`)
  const publicKey = parsePublicKey(onCurve(der, '1.2.156.10197.1.301', point))
  const message = utf8(vector.message)
  const userId = utf8(vector.id)
  const sm2 = { algorithm: 'sm2-sm3', publicKey, message, userId }
  yield ['SM2, GB/T 32918.5, Z', [], () => equal(sm2Z(publicKey, userId), vector.Z)]
  yield ['SM2, GB/T 32918.5, e', [], () => equal(hash('sm3', sm2Z(publicKey), message), vector.e)]
  yield ['SM2, GB/T 32918.5, signature', [], () => holds(crypto, sm2, numbers(der, vector.r, vector.s))]
  yield [
    'SM2 with the key of GB/T 32918.5',
    [],
    async () => {
      const privateKey = parsePrivateKey(sec1(der, '1.2.156.10197.1.301', bytes(vector.d)))
      equal(privateKey.publicKey.keyBytes, hex(point))
      await holds(crypto, sm2, await crypto.createSignature({ privateKey, message, userId }))
    },
  ]
  for (const { algorithm, curve, message: text, x, y, r, s } of classic.ecdsa) {
    const input = {
      algorithm,
      publicKey: parsePublicKey(onCurve(der, curve, bytes(`04${x}${y}`))),
      message: utf8(text),
    }
    yield [`${algorithm}, RFC 6979`, [], () => holds(crypto, input, numbers(der, r, s))]
  }
  const { rsaVerify, rsaSign } = classic
  yield [
    'RSA, WeChat Pay, verified',
    [],
    () => {
      const { algorithm, message: text } = rsaVerify
      const input = { algorithm, publicKey: parsePublicKey(bytes(rsaVerify.spki)), message: utf8(text) }
      return holds(crypto, input, bytes(rsaVerify.signature))
    },
  ]
  yield [
    'RSA, WeChat Pay, signed',
    [],
    async () => {
      const privateKey = parsePrivateKey(rsaSign.privateKeyPem)
      equal(await crypto.createSignature({ privateKey, message: utf8(rsaSign.message) }), rsaSign.signature)
    },
  ]
  const ed25519 = der.sequence(der.oid('1.3.101.112'))
  for (const [index, { secret, public: raw, message: text, signature }] of classic.ed25519.entries()) {
    const key = parsePublicKey(der.sequence(ed25519, der.bitString(bytes(raw))))
    const input = { algorithm: 'ed25519', publicKey: key, message: bytes(text) }
    yield [`Ed25519, RFC 8032, ${index + 1}`, [], () => holds(crypto, input, bytes(signature))]
    yield [
      `Ed25519, RFC 8032, signed, ${index + 1}`,
      [],
      async () => {
        const pkcs8 = der.sequence(der.integer(0), ed25519, der.octetString(der.octetString(bytes(secret))))
        equal(await crypto.createSignature({ privateKey: parsePrivateKey(pkcs8), message: bytes(text) }), signature)
      },
    ]
  }
  for (const [kind, algorithms] of [
    ['rsa-2048', ['rsa-sha256', 'rsa-sha384', 'rsa-sha512', 'rsa-pss-sha256']],
    ['ec-p256', ['ecdsa-p256-sha256']],
    ['sm2', ['sm2-sm3']],
  ]) {
    yield [`a new key of the kind ${kind}`, [], () => roundTrip(crypto, kind, algorithms)]
  }
}

async function roundTrip(crypto, kind, algorithms) {
  const { privateKeyPem, publicKey } = await crypto.generateKeyPair(kind)
  const privateKey = crypto.parsePrivateKey(privateKeyPem)
  const message = utf8('样例')
  for (const algorithm of algorithms) {
    const signature = await crypto.createSignature({ privateKey, message, algorithm })
    await holds(crypto, { algorithm, publicKey, message }, signature)
  }
}

/** The signature verifies, and over another message it does not. */
async function holds({ verifySignature }, input, signature) {
  if (!(await verifySignature({ ...input, signature }))) throw new Error('the signature does not verify')
  if (await verifySignature({ ...input, signature, message: utf8('another message') })) {
    throw new Error('the signature verifies over another message')
  }
}

function* ciphers(crypto, { encryption }) {
  const { sm4Ecb, sm4CbcPkcs7, sm4Gcm, sm4Ccm, sm2Encrypt } = encryption
  const both = ['encryptSm4', 'decryptSm4']
  const goes = (parameters, plain, cipher) => {
    equal(crypto.encryptSm4(parameters, plain), cipher)
    equal(crypto.decryptSm4(parameters, bytes(cipher)), hex(plain))
  }
  const key = bytes(sm4Ecb.key)
  yield ['SM4, GB/T 32907', both, () => goes({ mode: 'ecb', key, padding: 'none' }, bytes(sm4Ecb.plain), sm4Ecb.cipher)]
  yield [
    'SM4, GB/T 32907, a million times',
    both,
    () => {
      // Zeros under CBC encrypt the block before once more, each time.
      const text = new Uint8Array(16_000_000)
      text.set(bytes(sm4Ecb.plain))
      const chained = crypto.encryptSm4({ mode: 'cbc', key, iv: new Uint8Array(16), padding: 'none' }, text)
      equal(chained.subarray(-16), sm4Ecb.cipherAfterOneMillionRounds)
    },
  ]
  const { iv, plainUtf8, cipher } = sm4CbcPkcs7
  yield [
    'SM4-CBC',
    both,
    () => goes({ mode: 'cbc', key: bytes(sm4CbcPkcs7.key), iv: bytes(iv) }, utf8(plainUtf8), cipher),
  ]
  for (const [mode, vector] of [
    ['gcm', sm4Gcm],
    ['ccm', sm4Ccm],
  ]) {
    const parameters = { mode, key: bytes(vector.key), iv: bytes(vector.iv), additionalData: bytes(vector.aad) }
    yield [
      `SM4-${mode.toUpperCase()}, RFC 8998`,
      both,
      () => goes(parameters, bytes(vector.plain), vector.cipher + vector.tag),
    ]
  }
  for (const layout of ['c1c3c2', 'c1c2c3']) {
    yield [
      `SM2 encryption, GB/T 32918.5, ${layout}`,
      ['decryptSm2'],
      () => {
        const { C1, C2, C3, d, message } = sm2Encrypt
        const privateKey = crypto.parsePrivateKey(sec1(crypto.der, '1.2.156.10197.1.301', bytes(d)))
        const ciphertext = bytes(layout === 'c1c3c2' ? C1 + C3 + C2 : C1 + C2 + C3)
        equal(crypto.decryptSm2({ privateKey, layout }, ciphertext), hex(utf8(message)))
      },
    ]
  }
}

function onCurve(der, curve, point) {
  return der.sequence(der.sequence(der.oid('1.2.840.10045.2.1'), der.oid(curve)), der.bitString(point))
}

function sec1(der, curve, scalar) {
  return der.sequence(der.integer(1), der.octetString(scalar), der.explicit(0, der.oid(curve)))
}

function numbers(der, r, s) {
  return der.sequence(der.unsignedInteger(bytes(r)), der.unsignedInteger(bytes(s)))
}

function equal(actual, expected) {
  if (hex(actual) !== expected.toLowerCase()) throw new Error(`${hex(actual)} in place of ${expected.toLowerCase()}`)
}

function utf8(text) {
  return new TextEncoder().encode(text)
}

function bytes(text) {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

function hex(value) {
  return Array.from(value, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
