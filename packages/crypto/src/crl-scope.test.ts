import { beforeAll, describe, expect, it } from 'vitest'
import { describeWithOpenssl, withWorkbench } from '../test/tools.ts'
import { type Certificate, formatCertificatePem } from './certificate.ts'
import { buildCertificate, type CertificateInput } from './certificate-builder.ts'
import { verifyCertificatePath } from './certificate-path.ts'
import { type CertificateList, parseCertificateList } from './crl.ts'
import { buildCertificateList, type CertificateListInput } from './crl-build.ts'
import { der } from './der.ts'
import { createDistinguishedName } from './distinguished-name.ts'
import { generateKeyPair } from './generate-key-pair.ts'
import { pemSigner } from './pem-signer.ts'
import type { Signer } from './signer.ts'
import { createTestAuthority, type TestAuthority } from './testing.ts'

const at = new Date()
const day = 86_400_000
const ago = (days: number) => new Date(at.getTime() - days * day)
const address = 'http://crl.example/user.crl'

let root: TestAuthority
let middle: TestAuthority
let leaf: Certificate

const uri = (url: string) => der.implicit(6, der.ia5String(url))
const pointName = (url: string) => der.explicit(0, der.explicit(0, uri(url)))

async function certify(change: Partial<CertificateInput>): Promise<Signer> {
  const { publicKey, privateKeyPem } = await generateKeyPair('ec-p256')
  const certificate = await buildCertificate(
    {
      subject: createDistinguishedName([['CN', '样例签章人']]),
      issuer: root.certificate.subject,
      publicKey,
      notBefore: ago(30),
      notAfter: ago(-300),
      keyUsage: ['digitalSignature'],
      ...change,
    },
    root.signer,
  )
  return pemSigner({ key: privateKeyPem, certificateChain: [certificate] })
}

beforeAll(async () => {
  root = await createTestAuthority({ algorithm: 'ec-p256', name: '样例根' })
  middle = await root.createIntermediate({ commonName: '样例中间' })
  leaf = (await certify({ crlUrl: address })).certificateChain[0]
})

async function listOf(change: Partial<CertificateListInput> = {}): Promise<CertificateList> {
  return parseCertificateList(
    await buildCertificateList({
      issuer: root.signer,
      thisUpdate: ago(1),
      nextUpdate: ago(-7),
      number: 5,
      revoked: [],
      ...change,
    }),
  )
}

/** The issuing distribution point (RFC 5280, section 5.2.5), as a list carries it. */
const scope = (...members: readonly Uint8Array[]) => ({
  extensions: [{ oid: '2.5.29.28', critical: true, value: der.sequence(...members) }],
})
const flag = (tag: number) => der.implicit(tag, der.boolean(true))
const reasons = (...bits: readonly number[]) => der.implicit(3, der.namedBits(bits))
const entryOf = ({ serialNumber }: Certificate, reason?: 'certificateHold' | 'removeFromCRL' | 'superseded') => ({
  serialNumber,
  at: ago(1),
  ...(reason ? { reason } : {}),
})

async function statusBy(
  crls: readonly CertificateList[],
  about: Certificate = leaf,
  more: readonly Certificate[] = [],
) {
  const { revocation } = await verifyCertificatePath({
    leaf: about,
    anchors: [root.certificate],
    intermediates: more,
    crls,
    at,
  })
  return revocation.status
}

describe('a list that speaks for a part of the certificates', () => {
  it('of users tells about users, and not about authorities', async () => {
    const list = await listOf(scope(flag(1)))
    expect(await statusBy([list])).toBe('good')
    expect(await statusBy([list], middle.certificate)).toBe('unknown')
    expect(await statusBy([await listOf({ ...scope(flag(1)), revoked: [entryOf(leaf)] })])).toBe('revoked')
  })

  it('of authorities tells about authorities, and not about users', async () => {
    const list = await listOf(scope(flag(2)))
    expect(await statusBy([list])).toBe('unknown')
    expect(await statusBy([list], middle.certificate)).toBe('good')
  })

  it('of attribute certificates tells about neither', async () => {
    const list = await listOf(scope(flag(5)))
    expect(await statusBy([list])).toBe('unknown')
    expect(await statusBy([list], middle.certificate)).toBe('unknown')
  })

  it('of one distribution point tells about the certificates that name it', async () => {
    expect(await statusBy([await listOf(scope(pointName(address)))])).toBe('good')
    expect(await statusBy([await listOf(scope(pointName('http://crl.example/other.crl')))])).toBe('unknown')
    expect(await statusBy([await listOf(scope(pointName(address)))], middle.certificate)).toBe('unknown')
  })

  it('of some reasons is good only beside lists of all the others', async () => {
    const some = await listOf(scope(reasons(1, 2)))
    const others = scope(reasons(3, 4, 5, 6, 7, 8))
    expect(await statusBy([some])).toBe('unknown')
    expect(await statusBy([some, await listOf(others)])).toBe('good')
    expect(await statusBy([some, await listOf({ ...others, revoked: [entryOf(leaf, 'superseded')] })])).toBe('revoked')
  })

  it('whose scope is not understood is not used', async () => {
    for (const member of [der.implicit(6, der.null()), der.null(), der.explicit(0, der.null())]) {
      expect(await statusBy([await listOf(scope(member))])).toBe('unknown')
    }
  })
})

describe('an indirect list', () => {
  const ofListers = 'http://crl.example/of-listers.crl'
  let lister: Signer
  let pointed: Certificate

  beforeAll(async () => {
    const subject = createDistinguishedName([['CN', '样例吊销机构']])
    lister = await certify({ subject, keyUsage: ['cRLSign'], crlUrl: ofListers })
    const issuer = der.implicit(2, der.sequence(der.explicit(4, subject.der)))
    const value = der.sequence(der.sequence(pointName(address), issuer))
    pointed = (await certify({ extensions: [{ oid: '2.5.29.31', value }] })).certificateChain[0]
  })

  const indirect = (change: Partial<CertificateListInput> = {}) =>
    listOf({ issuer: lister, ...scope(pointName(address), flag(4)), ...change })
  /** Beside the root's list about the signer of the other list, which says nothing about the certificate itself. */
  const status = async (lists: readonly CertificateList[], revoked: CertificateListInput['revoked'] = []) =>
    statusBy([...lists, await listOf({ ...scope(pointName(ofListers)), revoked })], pointed, [
      lister.certificateChain[0],
    ])

  it('tells about the certificates of the issuer that its entries name', async () => {
    const certificateIssuer = root.certificate.subject
    expect(await status([])).toBe('unknown')
    expect(await status([await indirect()])).toBe('good')
    expect(await status([await indirect({ revoked: [{ ...entryOf(pointed), certificateIssuer }] })])).toBe('revoked')
    const stranger = createDistinguishedName([['CN', '样例旁人']])
    const others = [{ ...entryOf(pointed), certificateIssuer: stranger }]
    expect(await status([await indirect({ revoked: others })])).toBe('good')
    // Without a name an entry is about the lister's own certificates.
    expect(await status([await indirect({ revoked: [entryOf(pointed)] })])).toBe('good')
  })

  it('names an issuer for all entries that follow', async () => {
    const certificateIssuer = root.certificate.subject
    const revoked = [{ serialNumber: '7b', at: ago(1), certificateIssuer }, entryOf(pointed)]
    expect(await status([await indirect({ revoked })])).toBe('revoked')
    const stranger = createDistinguishedName([['CN', '样例旁人']])
    const further = [revoked[0]!, { serialNumber: '7c', at: ago(1), certificateIssuer: stranger }, entryOf(pointed)]
    expect(await status([await indirect({ revoked: further })])).toBe('good')
  })

  it('that does not say that it is one tells nothing about other issuers’ certificates', async () => {
    const direct = scope(pointName(address))
    const revoked = [{ ...entryOf(pointed), certificateIssuer: root.certificate.subject }]
    expect(await status([await indirect(direct)])).toBe('unknown')
    expect(await status([await indirect({ ...direct, revoked })])).toBe('unknown')
  })

  it('of a signer whose own certificate is revoked is not used', async () => {
    expect(await status([await indirect()], [entryOf(leaf)])).toBe('good')
    expect(await status([await indirect()], [entryOf(lister.certificateChain[0])])).toBe('unknown')
  })
})

describe('a delta list', () => {
  const delta = (change: Partial<CertificateListInput> = {}) =>
    listOf({ number: 6, deltaBase: 5, thisUpdate: ago(0.5), revoked: [entryOf(leaf)], ...change })

  it('adds to the complete list that it names, or to a later one', async () => {
    const base = await listOf()
    expect(await statusBy([base])).toBe('good')
    expect(await statusBy([base, await delta()])).toBe('revoked')
    expect(await statusBy([base, await delta({ deltaBase: 3 })])).toBe('revoked')
  })

  it('takes back what was on hold', async () => {
    const base = await listOf({ revoked: [entryOf(leaf, 'certificateHold')] })
    expect(await statusBy([base])).toBe('revoked')
    expect(await statusBy([base, await delta({ revoked: [entryOf(leaf, 'removeFromCRL')] })])).toBe('good')
    expect(await statusBy([base, await delta({ revoked: [] })])).toBe('revoked')
  })

  it.each<[string, Partial<CertificateListInput>]>([
    ['of a later complete list', { number: 8, deltaBase: 7 }],
    ['that is no newer than the complete list', { number: 5, deltaBase: 4 }],
    ['of another scope', scope(flag(1))],
    ['that is out of date', { thisUpdate: ago(9), nextUpdate: ago(2) }],
  ])('%s takes nothing back', async (_, change) => {
    const base = await listOf({ revoked: [entryOf(leaf, 'certificateHold')] })
    const revoked = [entryOf(leaf, 'removeFromCRL')]
    expect(await statusBy([base, await delta({ revoked })])).toBe('good')
    expect(await statusBy([base, await delta({ revoked, ...change })])).toBe('revoked')
  })

  it('of an impostor takes nothing back', async () => {
    const impostor = await createTestAuthority({ algorithm: 'ec-p256', name: '样例根' })
    const base = await listOf({ revoked: [entryOf(leaf, 'certificateHold')] })
    const forged = await delta({ issuer: impostor.signer, revoked: [entryOf(leaf, 'removeFromCRL')] })
    expect(forged.issuer.text).toBe(base.issuer.text)
    expect(await statusBy([base, forged])).toBe('revoked')
  })

  it('counts when it is the newest of several', async () => {
    const base = await listOf({ revoked: [entryOf(leaf, 'certificateHold')] })
    const back = await delta({ number: 7, revoked: [entryOf(leaf, 'removeFromCRL')] })
    const again = await delta({ number: 8 })
    expect(await statusBy([base, back])).toBe('good')
    expect(await statusBy([base, back, again])).toBe('revoked')
    expect(await statusBy([again, back, base])).toBe('revoked')
  })

  it('says nothing without the complete list', async () => {
    expect(await statusBy([await delta({ revoked: [] })])).toBe('unknown')
  })
})

describeWithOpenssl('with the openssl command (skipped when it is missing)', () => {
  it('it reads scopes, deltas and indirect entries as we wrote them', () =>
    withWorkbench(async ({ file, openssl }) => {
      const show = ({ der: bytes }: CertificateList) =>
        openssl('crl', '-inform', 'DER', '-in', file('list.crl', bytes), '-noout', '-text')
      const text = show(await listOf({ number: 6, deltaBase: 5, ...scope(pointName(address), flag(1)) }))
      expect(text).toMatch(/X509v3 Delta CRL Indicator: critical\s+5\n/)
      expect(text).toMatch(/X509v3 Issuing Distribution Point: critical/)
      expect(text).toContain('Only User Certificates')
      const certificateIssuer = root.certificate.subject
      const entries = show(
        await listOf({ ...scope(flag(4)), revoked: [{ ...entryOf(leaf, 'superseded'), certificateIssuer }] }),
      )
      expect(entries).toContain('Indirect CRL')
      expect(entries).toMatch(/X509v3 Certificate Issuer: critical\s+DirName:/)
      expect(entries).toContain('Superseded')
    }))

  it('it agrees about a complete list and its delta', () =>
    withWorkbench(async ({ file, openssl }) => {
      const ca = file('ca.pem', formatCertificatePem(root.certificate))
      const about = file('leaf.pem', formatCertificatePem(leaf))
      const pem = ({ der: bytes }: CertificateList) => openssl('crl', '-inform', 'DER', '-in', file('x.crl', bytes))
      const check = (...lists: readonly CertificateList[]) => {
        const crls = file('lists.pem', lists.map(pem).join(''))
        return openssl('verify', '-crl_check', '-extended_crl', '-use_deltas', '-CRLfile', crls, '-CAfile', ca, about)
      }
      // openssl looks for deltas only where the certificate or the list says that there are some.
      const freshest = {
        oid: '2.5.29.46',
        value: der.sequence(der.sequence(pointName('http://crl.example/delta.crl'))),
      }
      const base = await listOf({ extensions: [freshest] })
      const delta = (change: Partial<CertificateListInput> = {}) =>
        listOf({ number: 6, deltaBase: 5, thisUpdate: ago(0.5), revoked: [entryOf(leaf)], ...change })
      expect(check(base)).toContain('OK')
      expect(check(base, await delta({ revoked: [] }))).toContain('OK')
      for (const [lists, openssls] of [
        [[base, await delta()], 'revoked'],
        [[base, await delta({ revoked: [] })], 'good'],
        [[base, await delta({ number: 8, deltaBase: 7 })], 'good'],
      ] as const) {
        expect(await statusBy(lists)).toBe(openssls)
        if (openssls === 'good') expect(check(...lists)).toContain('OK')
        else expect(() => check(...lists)).toThrow('certificate revoked')
      }
    }))
})
