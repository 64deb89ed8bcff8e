import { beforeAll, describe, expect, it } from 'vitest'
import { at, ca, type Holder, issue, leaf, middle, preparePath, root, verify } from '../test/path-makers.ts'
import { describeWithOpenssl, withWorkbench } from '../test/tools.ts'
import { formatCertificatePem } from './certificate.ts'
import { type CertificateList, parseCertificateList } from './crl.ts'
import { buildCertificateList, type CertificateListInput } from './crl-build.ts'
import { der, parseDer } from './der.ts'

beforeAll(preparePath)

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
