import { beforeAll, describe, expect, it } from 'vitest'
import { describeWithMaterial, describeWithOpenssl, material, withWorkbench } from '../test/tools.ts'
import { type Certificate, formatCertificatePem, parseCertificate } from './certificate.ts'
import { buildCertificate, type CertificateInput, keyIdentifier } from './certificate-builder.ts'
import { type CertificatePathInput, verifyCertificatePath } from './certificate-path.ts'
import { type CertificateList, parseCertificateList } from './crl.ts'
import { buildCertificateList, type CertificateListInput } from './crl-build.ts'
import { der, parseDer } from './der.ts'
import { createDistinguishedName } from './distinguished-name.ts'
import { generateKeyPair } from './generate-key-pair.ts'
import { pemSigner } from './pem-signer.ts'
import { createSignature, parsePrivateKey } from './private-key.ts'
import type { PublicKey } from './public-key.ts'
import { allowDsa, allowSha1, type WeakAlgorithmSwitches } from './signature-algorithm.ts'
import type { Signer } from './signer.ts'

const at = new Date('2026-06-01T00:00:00Z')
const dates = { notBefore: new Date('2026-01-01T00:00:00Z'), notAfter: new Date('2027-01-01T00:00:00Z') }

interface Holder {
  readonly certificate: Certificate
  readonly signer: Signer
  readonly publicKey: PublicKey
  readonly privateKeyPem: string
}

type Change = Partial<CertificateInput>

const name = (commonName: string) =>
  createDistinguishedName([
    ['C', 'CN'],
    ['O', '样例'],
    ['CN', commonName],
  ])

async function issue(subject: string, issuer: Holder | undefined, change: Change = {}): Promise<Holder> {
  const { privateKeyPem, publicKey } = await generateKeyPair('ec-p256')
  return certify(subject, { privateKeyPem, publicKey }, issuer, change)
}

async function certify(
  subject: string,
  { privateKeyPem, publicKey }: Pick<Holder, 'privateKeyPem' | 'publicKey'>,
  issuer: Holder | undefined,
  change: Change = {},
): Promise<Holder> {
  const input: CertificateInput = {
    subject: name(subject),
    issuer: issuer?.certificate.subject ?? name(subject),
    publicKey,
    keyUsage: ['keyCertSign', 'cRLSign'],
    ...dates,
    ...(issuer ? { authorityKeyIdentifier: keyIdentifier(issuer.publicKey) } : {}),
    ...change,
  }
  const certificate = await buildCertificate(input, issuer?.signer ?? selfSigner(privateKeyPem))
  return {
    certificate,
    signer: pemSigner({ key: privateKeyPem, certificateChain: [certificate] }),
    publicKey,
    privateKeyPem,
  }
}

/** For a root, before there is a certificate of its own. */
function selfSigner(key: string): Pick<Signer, 'algorithm' | 'sign'> {
  const privateKey = parsePrivateKey(key)
  return { algorithm: 'ecdsa-p256-sha256', sign: (message) => createSignature({ privateKey, message }) }
}

const ca: Change = { authority: {} }
const leafUsage: Change = { keyUsage: ['digitalSignature', 'nonRepudiation'] }

let root: Holder
let middle: Holder
let leaf: Holder

beforeAll(async () => {
  root = await issue('样例根', undefined, ca)
  middle = await issue('样例中间', root, ca)
  leaf = await issue('样例签章人', middle, leafUsage)
})

async function verify(input: Partial<CertificatePathInput>) {
  const result = await verifyCertificatePath({
    leaf: leaf.certificate,
    intermediates: [middle.certificate],
    anchors: [root.certificate],
    at,
    usage: 'document-signing',
    ...input,
  })
  return { ...result, codes: result.findings.map(({ code }) => code) }
}

describe('the way to an anchor', () => {
  it('is found among loose certificates and leads from the certificate to the anchor', async () => {
    const stranger = await issue('样例旁人', undefined, ca)
    const intermediates = [stranger.certificate, root.certificate, leaf.certificate, middle.certificate]
    const result = await verify({ intermediates })
    expect(result).toMatchObject({
      status: 'trusted',
      validity: 'valid',
      revocation: { status: 'not-checked' },
      codes: [],
    })
    expect(result.path).toEqual([leaf.certificate, middle.certificate, root.certificate])
    expect(result.trustedBy).toBe(root.certificate)
  })

  it('is untrusted without its issuers, without anchors and with a stranger of the same name', async () => {
    expect(await verify({ intermediates: [] })).toMatchObject({
      status: 'untrusted',
      codes: ['CERTIFICATE_CHAIN_NOT_FOUND'],
    })
    expect(await verify({ anchors: [] })).toMatchObject({
      status: 'untrusted',
      path: [leaf.certificate, middle.certificate],
    })
    const impostor = await issue('样例根', undefined, ca)
    expect(await verify({ anchors: [impostor.certificate] })).toMatchObject({ status: 'untrusted' })
  })

  it('is broken where a signature is not that of the issuer that was meant', async () => {
    const changed = leaf.certificate.der.slice()
    changed[changed.length - 1]! ^= 1
    const result = await verify({ leaf: parseCertificate(changed) })
    expect(result).toMatchObject({ status: 'broken', codes: ['CERTIFICATE_SIGNATURE_INVALID'] })
  })

  it('is untrusted, not broken, where an anchor of the same name has another key', async () => {
    // Without an authority key identifier nothing but the signature tells the two apart.
    const old = await issue('样例旧根', undefined, ca)
    const below = await issue('样例旧签章人', old, { ...leafUsage, authorityKeyIdentifier: undefined } as never)
    const renewed = await issue('样例旧根', undefined, ca)
    const question = { leaf: below.certificate, intermediates: [] }
    expect(await verify({ ...question, anchors: [renewed.certificate] })).toMatchObject({
      status: 'untrusted',
      codes: ['CERTIFICATE_CHAIN_NOT_FOUND'],
    })
    for (const anchors of [
      [renewed.certificate, old.certificate],
      [old.certificate, renewed.certificate],
    ]) {
      expect(await verify({ ...question, anchors })).toMatchObject({ status: 'trusted', trustedBy: old.certificate })
    }
  })

  it('is untrusted where another key says it is the issuer that was meant, and the true issuer leads nowhere', async () => {
    const { certificate } = await issue('样例中间', undefined, ca)
    const impostor = { ...certificate, subjectKeyIdentifier: keyIdentifier(middle.publicKey) }
    const intermediates = [impostor, middle.certificate]
    expect(await verify({ intermediates, anchors: [] })).toMatchObject({ status: 'untrusted' })
    expect(await verify({ intermediates })).toMatchObject({ status: 'trusted' })
    expect(await verify({ intermediates: [impostor] })).toMatchObject({ status: 'broken' })
  })

  it('may be no longer than the certificate itself when that is trusted', async () => {
    const result = await verify({ anchors: [leaf.certificate], intermediates: [] })
    expect(result).toMatchObject({ status: 'trusted', path: [leaf.certificate], revocation: { status: 'not-checked' } })
  })

  it('is found past a cross certificate that leads nowhere', async () => {
    const elsewhere = await issue('样例别处', undefined, ca)
    const cross = await certify('样例中间', middle, elsewhere, ca)
    const result = await verify({ intermediates: [cross.certificate, middle.certificate] })
    expect(result).toMatchObject({ status: 'trusted', path: [leaf.certificate, middle.certificate, root.certificate] })
  })

  it('ends in loops of cross certificates and in crowds that all bear one name', async () => {
    const one = await issue('样例甲', undefined, ca)
    const two = await certify('样例乙', await generateKeyPair('ec-p256'), one, ca)
    const back = await certify('样例甲', one, two, ca)
    const below = await issue('样例下', back, leafUsage)
    const looped = await verify({ leaf: below.certificate, intermediates: [back.certificate, two.certificate] })
    expect(looped).toMatchObject({ status: 'untrusted' })
    const crowd = await Promise.all(
      Array.from({ length: 210 }, () => issue('样例众', one, { authority: {}, issuer: name('样例众') })),
    )
    const intermediates = crowd.map(({ certificate }) => certificate)
    const limited = await verify({ leaf: intermediates[0]!, intermediates })
    expect(limited.codes).toContain('CERTIFICATE_SEARCH_LIMITED')
    expect(limited.status).not.toBe('trusted')
  })
})

describe('the rules of the path', () => {
  const extension = (oid: string, value: Uint8Array, critical = true) => ({ extensions: [{ oid, critical, value }] })
  const subtree = (form: number, value: Uint8Array) => der.sequence(der.implicit(form, value))
  const constraints = (tag: 0 | 1, form: number, value: Uint8Array) =>
    extension('2.5.29.30', der.sequence(der.implicit(tag, der.sequence(subtree(form, value)))))
  const email = (address: string) =>
    extension('2.5.29.17', der.sequence(der.implicit(1, der.ia5String(address))), false)
  const constraintsOnDirectory = (subject: string) =>
    extension(
      '2.5.29.30',
      der.sequence(der.implicit(1, der.sequence(der.sequence(der.explicit(4, name(subject).der))))),
    )

  const cases: Record<string, { middle?: Change; leaf?: Change; code: string }> = {
    'an issuer that is no authority': { middle: { authority: undefined } as never, code: 'CERTIFICATE_NOT_CA' },
    'an issuer that may not sign certificates': { middle: { keyUsage: ['cRLSign'] }, code: 'CERTIFICATE_KEY_USAGE' },
    'an issuer for other purposes': {
      middle: { extendedKeyUsage: { purposes: ['1.3.6.1.5.5.7.3.1'] } },
      code: 'CERTIFICATE_PURPOSE',
    },
    'an unknown critical extension': { leaf: extension('1.2.3.4', der.null()), code: 'CERTIFICATE_CRITICAL_EXTENSION' },
    'an unknown critical extension above': {
      middle: extension('1.2.3.4', der.null()),
      code: 'CERTIFICATE_CRITICAL_EXTENSION',
    },
    'a key that may not sign': { leaf: { keyUsage: ['keyEncipherment'] }, code: 'CERTIFICATE_KEY_USAGE' },
    'a certificate of a web server': {
      leaf: { extendedKeyUsage: { purposes: ['1.3.6.1.5.5.7.3.1'] } },
      code: 'CERTIFICATE_PURPOSE',
    },
    'a certificate of a timestamp authority': {
      leaf: { extendedKeyUsage: { purposes: ['1.3.6.1.5.5.7.3.8'], critical: true } },
      code: 'CERTIFICATE_PURPOSE',
    },
    'a name outside a permitted subtree': {
      middle: constraints(0, 1, der.ia5String('gov.cn')),
      leaf: email('a@example.com'),
      code: 'CERTIFICATE_NAME_CONSTRAINTS',
    },
    'a name inside an excluded subtree': {
      middle: constraintsOnDirectory('样例签章人'),
      code: 'CERTIFICATE_NAME_CONSTRAINTS',
    },
    'name constraints of a form that is not supported': {
      middle: constraints(1, 8, der.oid('1.2.3')),
      code: 'CERTIFICATE_EXTENSION_MALFORMED',
    },
    'a policy that is required and missing': {
      middle: extension('2.5.29.36', der.sequence(der.implicit(0, der.integer(0)))),
      code: 'CERTIFICATE_POLICY',
    },
    'a malformed policy extension': {
      middle: extension('2.5.29.36', der.null()),
      code: 'CERTIFICATE_EXTENSION_MALFORMED',
    },
  }

  it.each(Object.keys(cases))('are broken by %s', async (title) => {
    const { middle: above = {}, leaf: below = {}, code } = cases[title]!
    const issuer = await issue('样例中间', root, { ...ca, ...above })
    const end = await issue('样例签章人', issuer, { ...leafUsage, ...below })
    const result = await verify({ leaf: end.certificate, intermediates: [issuer.certificate] })
    expect(result.status).toBe('broken')
    expect(result.codes).toContain(code)
    expect(result.trustedBy).toBeUndefined()
  })

  it('allow what the constraints allow', async () => {
    const issuer = await issue('样例中间', root, { ...ca, ...constraints(0, 1, der.ia5String('gov.cn')) })
    const end = await issue('样例签章人', issuer, { ...leafUsage, ...email('a@gov.cn') })
    expect(await verify({ leaf: end.certificate, intermediates: [issuer.certificate] })).toMatchObject({
      status: 'trusted',
      codes: [],
    })
  })

  it('count the length of the path below each authority', async () => {
    const short = await issue('样例短', root, { authority: { pathLength: 0 } })
    const below = await issue('样例再下', short, ca)
    const end = await issue('样例签章人', below, leafUsage)
    const result = await verify({ leaf: end.certificate, intermediates: [short.certificate, below.certificate] })
    expect(result).toMatchObject({ status: 'broken', codes: ['CERTIFICATE_PATH_LENGTH'] })
    const direct = await issue('样例签章人', short, leafUsage)
    expect(await verify({ leaf: direct.certificate, intermediates: [short.certificate] })).toMatchObject({
      status: 'trusted',
    })
  })

  it('want timeStamping alone and critical of a timestamp authority', async () => {
    const purposes = ['1.3.6.1.5.5.7.3.8']
    const check = async (extendedKeyUsage: NonNullable<Change['extendedKeyUsage']>) => {
      const end = await issue('样例时间戳', middle, { keyUsage: ['digitalSignature'], extendedKeyUsage })
      return (await verify({ leaf: end.certificate, usage: 'timestamping' })).status
    }
    expect(await check({ purposes, critical: true })).toBe('trusted')
    expect(await check({ purposes })).toBe('broken')
    expect(await check({ purposes: [...purposes, '1.3.6.1.5.5.7.3.4'], critical: true })).toBe('broken')
  })

  it('take the dates of the whole path at the moment asked for, the anchor’s included', async () => {
    expect(await verify({ at: new Date('2027-06-01') })).toMatchObject({ status: 'trusted', validity: 'expired' })
    expect(await verify({ at: new Date('2025-06-01') })).toMatchObject({ status: 'trusted', validity: 'not-yet-valid' })
    const old = await certify('样例根', root, undefined, {
      ...ca,
      notBefore: new Date('2020-01-01'),
      notAfter: new Date('2026-02-01'),
    })
    const result = await verify({ anchors: [old.certificate] })
    expect(result).toMatchObject({ validity: 'expired', codes: ['CERTIFICATE_EXPIRED'] })
    expect(await verify({ anchors: [old.certificate, root.certificate] })).toMatchObject({
      validity: 'valid',
      trustedBy: root.certificate,
    })
  })
})

describe('revocation', () => {
  const listOf = async (issuer: Holder, change: Partial<CertificateListInput> = {}): Promise<CertificateList> =>
    parseCertificateList(
      await buildCertificateList({
        issuer: issuer.signer,
        thisUpdate: new Date('2026-05-30T00:00:00Z'),
        nextUpdate: new Date('2026-06-06T00:00:00Z'),
        number: 1,
        revoked: [],
        ...change,
      }),
    )
  const revoked = (at: string, reason?: 'keyCompromise') => [
    { serialNumber: leaf.certificate.serialNumber, at: new Date(at), ...(reason ? { reason } : {}) },
  ]

  it('is good only when lists speak for every certificate below the anchor', async () => {
    const crls = [await listOf(middle), await listOf(root)]
    const good = await verify({ crls })
    expect(good).toMatchObject({ revocation: { status: 'good', at: new Date('2026-05-30T00:00:00Z') }, codes: [] })
    expect(await verify({ crls: crls.slice(0, 1) })).toMatchObject({
      revocation: { status: 'unknown' },
      codes: ['REVOCATION_UNKNOWN'],
    })
    expect(await verify({ crls: crls.slice(1) })).toMatchObject({ revocation: { status: 'not-checked' } })
    expect(await verify({})).toMatchObject({ revocation: { status: 'not-checked' } })
  })

  it('counts from its date on, for the certificate and for its issuers', async () => {
    const crls = [
      await listOf(middle, { revoked: revoked('2026-05-01T00:00:00Z', 'keyCompromise') }),
      await listOf(root),
    ]
    const result = await verify({ crls })
    expect(result).toMatchObject({
      status: 'trusted',
      revocation: { status: 'revoked', at: new Date('2026-05-01T00:00:00Z') },
    })
    expect(result.findings.find(({ code }) => code === 'CERTIFICATE_REVOKED')?.message).toContain('keyCompromise')
    const serialNumber = middle.certificate.serialNumber
    const above = [
      await listOf(middle),
      await listOf(root, { revoked: [{ serialNumber, at: new Date('2026-05-02') }] }),
    ]
    expect(await verify({ crls: above })).toMatchObject({ revocation: { status: 'revoked' } })
  })

  it('is told by a later list too, as long as the certificate had not expired by then', async () => {
    const later = { thisUpdate: new Date('2026-08-01'), nextUpdate: new Date('2026-08-08') }
    const crls = [await listOf(middle, { ...later, revoked: revoked('2026-07-01T00:00:00Z') }), await listOf(root)]
    const result = await verify({ crls })
    expect(result).toMatchObject({ revocation: { status: 'good' }, codes: ['CERTIFICATE_REVOKED_LATER'] })
    expect(await verify({ crls, at: new Date('2026-08-02') })).toMatchObject({ revocation: { status: 'revoked' } })
    const tooLate = { thisUpdate: new Date('2027-02-01'), nextUpdate: new Date('2027-03-01') }
    expect(await verify({ crls: [await listOf(middle, tooLate), await listOf(root)] })).toMatchObject({
      revocation: { status: 'unknown' },
    })
  })

  it('is not hidden by an older list that is still in date', async () => {
    const newer = { thisUpdate: new Date('2026-05-31'), number: 2, revoked: revoked('2026-05-31T00:00:00Z') }
    const crls = [await listOf(middle), await listOf(root), await listOf(middle, newer)]
    expect(await verify({ crls })).toMatchObject({ revocation: { status: 'revoked' } })
  })

  it('is unknown when the list is out of date, of an impostor, or says what is not understood', async () => {
    const impostor = await issue('样例中间', undefined, ca)
    const stale = { thisUpdate: new Date('2026-04-01'), nextUpdate: new Date('2026-04-08') }
    const unusable: CertificateList[] = [
      await listOf(middle, stale),
      await listOf(impostor),
      await withExtension(middle, { oid: '1.2.3.4', value: der.null() }),
    ]
    for (const list of unusable) {
      const result = await verify({ crls: [list, await listOf(root)] })
      expect(result.revocation).toEqual({ status: 'unknown' })
      expect(result.codes).toContain('CRL_UNUSABLE')
    }
  })

  it('does not listen to a list that speaks for other certificates only', async () => {
    const authoritiesOnly = der.sequence(der.implicit(2, der.boolean(true)))
    const list = await withExtension(middle, { oid: '2.5.29.28', value: authoritiesOnly })
    expect(await verify({ crls: [list, await listOf(root)] })).toMatchObject({ revocation: { status: 'unknown' } })
  })

  async function withExtension(
    issuer: Holder,
    { oid, value }: { oid: string; value: Uint8Array },
  ): Promise<CertificateList> {
    const plain = await listOf(issuer)
    const { children } = parseDer(plain.tbs)
    const [extensions] = children.at(-1)!.children
    const added = der.sequence(der.oid(oid), der.boolean(true), der.octetString(value))
    const tbs = der.sequence(
      ...children.slice(0, -1).map(({ bytes }) => bytes),
      der.explicit(0, der.sequence(...extensions!.children.map(({ bytes }) => bytes), added)),
    )
    const signature = der.bitString(await issuer.signer.sign(tbs))
    return parseCertificateList(der.sequence(tbs, children[1]!.bytes, signature))
  }
})

interface PkitsCase {
  id: string
  name: string
  cert: string
  other_certs?: string[]
  crls?: string[]
  valid: boolean
  params?: {
    user_initial_policy_set?: string[]
    initial_explicit_policy?: boolean
    initial_policy_mapping_inhibit?: boolean
  }
}

describeWithMaterial('the path validation suite of NIST (skipped unless ZHICHENG_MATERIAL is set)', () => {
  const folder = ['seal-pdf', 'pkits'] as const
  const certificate = (file: string): Certificate => parseCertificate(material(...folder, 'certs', file))
  // DSA with SHA-1: good only where somebody asks for both.
  const weak = new Set(['40105'])

  async function isGood(test: PkitsCase, switches: WeakAlgorithmSwitches): Promise<boolean> {
    const { user_initial_policy_set, initial_explicit_policy, initial_policy_mapping_inhibit } = test.params ?? {}
    const lists = ['TrustAnchorRootCRL.crl', ...(test.crls ?? [])].flatMap((file) => {
      try {
        return [parseCertificateList(material(...folder, 'crls', file))]
      } catch {
        return []
      }
    })
    const { status, validity, revocation } = await verifyCertificatePath({
      leaf: certificate(test.cert),
      intermediates: (test.other_certs ?? []).map(certificate),
      anchors: [certificate('TrustAnchorRootCertificate.crt')],
      crls: lists,
      at: new Date('2022-05-01T00:00:00Z'),
      policies: {
        ...(user_initial_policy_set ? { acceptable: user_initial_policy_set } : {}),
        requireExplicit: initial_explicit_policy ?? false,
        inhibitMapping: initial_policy_mapping_inhibit ?? false,
      },
      ...switches,
    })
    return status === 'trusted' && validity === 'valid' && revocation.status === 'good'
  }

  it.each([
    ['with DSA and SHA-1 switched on', { [allowDsa]: true, [allowSha1]: true }, new Set<string>()],
    ['by default, but for the path whose keys are DSA', {}, weak],
    ['with one of the two switches, but for that path', { [allowDsa]: true }, weak],
  ])('is decided as expected %s', async (_title, switches, refused) => {
    const cases = JSON.parse(new TextDecoder().decode(material(...folder, 'pkits-cases.json'))) as PkitsCase[]
    const wrong: string[] = []
    for (const test of cases) {
      if ((await isGood(test, switches)) !== (test.valid && !refused.has(test.id)))
        wrong.push(`${test.id} ${test.name}`)
    }
    expect(cases.length).toBe(123)
    expect(wrong).toEqual([])
  })
})

describeWithOpenssl('with the openssl command (skipped when it is missing)', () => {
  it('openssl verify agrees about good, revoked and missing', () =>
    withWorkbench(async ({ file, openssl }) => {
      const update = { thisUpdate: new Date('2026-05-30T00:00:00Z'), nextUpdate: new Date('2026-06-06T00:00:00Z') }
      const list = async (
        issuer: Holder,
        revoked: CertificateListInput['revoked'],
        number: number,
      ): Promise<string> => {
        const bytes = await buildCertificateList({ issuer: issuer.signer, ...update, number, revoked })
        return `-----BEGIN X509 CRL-----\n${Buffer.from(bytes).toString('base64')}\n-----END X509 CRL-----\n`
      }
      const serialNumber = leaf.certificate.serialNumber
      const revoked = [{ serialNumber, at: new Date('2026-05-01T00:00:00Z'), reason: 'superseded' as const }]
      const run = (lists: string): string =>
        openssl(
          'verify',
          ...['-crl_check_all', '-attime', String(at.getTime() / 1000), '-x509_strict'],
          ...['-CAfile', file('root.pem', formatCertificatePem(root.certificate))],
          ...['-untrusted', file('middle.pem', formatCertificatePem(middle.certificate))],
          ...['-CRLfile', file('lists.pem', lists), file('leaf.pem', formatCertificatePem(leaf.certificate))],
        )
      expect(run((await list(root, [], 1)) + (await list(middle, [], 1)))).toContain('OK')
      const bad = (await list(root, [], 1)) + (await list(middle, revoked, 2))
      expect(() => run(bad)).toThrow(/certificate revoked/)
      const missing = await list(root, [], 1)
      expect(() => run(missing)).toThrow(/unable to get certificate CRL/)
    }))
})
