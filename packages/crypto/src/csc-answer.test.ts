import { fromUtf8, type PlatformRequest, secret, toBase64, utf8 } from '@zhicheng/core'
import { describe, expect, it } from 'vitest'
import { requestCscAuthorization, requestCscSignatures, requestCscToken } from './csc.ts'
import { parseCscAuthorizationRequest, parseCscSignaturesRequest, parseCscTokenRequest } from './csc-answer.ts'
import { cscFieldsOf, cscOffer } from './lib/devices/csc-algorithms.ts'

const access = { baseUrl: 'https://rssp.example/csc/v2' }
const bodyOf = ({ body }: PlatformRequest): Uint8Array => body!
const json = (value: unknown): Uint8Array => utf8(JSON.stringify(value))
const hash = toBase64(new Uint8Array(32))

const authorization = {
  credentialID: 'seal',
  numSignatures: 1,
  hashes: [hash],
  hashAlgorithmOID: '2.16.840.1.101.3.4.2.1',
  authData: [{ id: 'PIN', value: '123456' }],
}

const signing = {
  credentialID: 'seal',
  SAD: 'sad',
  hashes: [hash],
  hashAlgorithmOID: '2.16.840.1.101.3.4.2.1',
  signAlgo: '1.2.840.113549.1.1.1',
}

describe('the service’s half of the CSC API', () => {
  it.each(['rsa-sha256', 'rsa-sha512', 'rsa-pss-sha256', 'ecdsa-p384-sha384', 'sm2-sm3'] as const)(
    'understands what the client’s half asks for: %s',
    (algorithm) => {
      const length = { sha256: 32, sha384: 48, sha512: 64, sm3: 32 }[algorithm.split('-').at(-1)!]!
      const hashes = [new Uint8Array(length).fill(7)]
      for (const offered of [[cscOffer(algorithm)], ['1.2.840.113549.1.1.1', cscOffer(algorithm)]]) {
        const fields = cscFieldsOf(algorithm, offered)!
        const request = requestCscSignatures(access, { credentialId: 'seal', sad: secret('sad'), hashes, ...fields })
        expect(parseCscSignaturesRequest(bodyOf(request))).toMatchObject({ credentialId: 'seal', algorithm, hashes })
      }
      expect(cscFieldsOf(algorithm, ['1.2.3'])).toBeUndefined()
    },
  )

  it('reads leave to sign and tokens, with secrets as such', () => {
    const request = requestCscAuthorization(access, {
      credentialId: 'seal',
      hashes: [new Uint8Array(32)],
      hashAlgorithm: 'sm3',
      authData: { PIN: secret('123456') },
    })
    const parsed = parseCscAuthorizationRequest(bodyOf(request))
    expect(parsed).toMatchObject({ credentialId: 'seal', numSignatures: 1, hashAlgorithm: 'sm3' })
    expect(parsed.authData.get('PIN')?.reveal()).toBe('123456')
    expect(JSON.stringify([...parsed.authData])).not.toContain('123456')
    const client = { ...access, clientId: 'window', clientSecret: secret('word') }
    const token = requestCscToken({ ...client, grant: { type: 'refresh_token', refreshToken: secret('r') } })
    const read = parseCscTokenRequest(bodyOf(token))
    expect([read.grantType, read.clientSecret.reveal(), read.refreshToken?.reveal()]).toEqual([
      'refresh_token',
      'word',
      'r',
    ])
    expect(() => parseCscTokenRequest(utf8('grant_type=client_credentials'))).toThrow(
      expect.objectContaining({ code: 'ERR_CSC_INVALID' }),
    )
  })

  it.each<[string, unknown]>([
    ['no number', { ...authorization, numSignatures: undefined }],
    ['another number', { ...authorization, numSignatures: 2 }],
    ['no hashes', { ...authorization, numSignatures: 0, hashes: [] }],
    ['a short hash', { ...authorization, hashes: ['AAAA'] }],
    ['thousands of hashes', { ...authorization, numSignatures: 1001, hashes: new Array(1001).fill(hash) }],
    ['SHA-1', { ...authorization, hashAlgorithmOID: '1.3.14.3.2.26', hashes: [toBase64(new Uint8Array(20))] }],
    ['an unknown digest', { ...authorization, hashAlgorithmOID: '1.2.3' }],
    ['an identifier twice', { ...authorization, authData: [...authorization.authData, ...authorization.authData] }],
    ['authData of texts', { ...authorization, authData: ['123456'] }],
    ['a list', [authorization]],
  ])('refuses to read a wish for leave with %s', (_, value) => {
    expect(() => parseCscAuthorizationRequest(json(value))).toThrow(
      expect.objectContaining({ code: 'ERR_CSC_INVALID' }),
    )
  })

  it.each<[string, unknown]>([
    ['no SAD', { ...signing, SAD: '' }],
    ['RSA without its digest', { ...signing, hashAlgorithmOID: undefined }],
    ['RSA with SM3', { ...signing, hashAlgorithmOID: '1.2.156.10197.1.401' }],
    ['a digest that contradicts', { ...signing, signAlgo: '1.2.840.10045.4.3.3' }],
    ['SHA-1 with RSA', { ...signing, hashAlgorithmOID: undefined, signAlgo: '1.2.840.113549.1.1.5' }],
    ['Ed25519', { ...signing, signAlgo: '1.3.101.112' }],
    ['PSS without parameters', { ...signing, signAlgo: '1.2.840.113549.1.1.10' }],
    ['PSS with broken parameters', { ...signing, signAlgo: '1.2.840.113549.1.1.10', signAlgoParams: 'AAAA' }],
    ['PSS with parameters that are no Base64', { ...signing, signAlgo: '1.2.840.113549.1.1.10', signAlgoParams: '%' }],
    ['an identifier that is a text', { ...signing, signAlgo: 'RSA' }],
    ['an identifier of endless digits', { ...signing, signAlgo: `1.2.${'9'.repeat(120)}` }],
    ['an identifier outside its tree', { ...signing, signAlgo: '9.9.9' }],
    ['signing later', { ...signing, operationMode: 'A' }],
  ])('refuses to read a wish for signatures with %s', (_, value) => {
    expect(() => parseCscSignaturesRequest(json(value))).toThrow(expect.objectContaining({ code: 'ERR_CSC_INVALID' }))
    expect(fromUtf8(json(value))).toContain('credentialID')
  })
})
