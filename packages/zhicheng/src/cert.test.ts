import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '@zhicheng/core'
import { answerCertificateStatusRequest, formatCertificatePem, requestCertificateStatus } from '@zhicheng/crypto'
import { createTestAuthority } from '@zhicheng/crypto/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { document, hasTool, material, type Outcome, refused, run, temporaryFolder, tool } from './test-support/run.ts'
import { verb } from './verbs/cert-verify.ts'

let folder: ReturnType<typeof temporaryFolder>

beforeAll(async () => {
  folder = temporaryFolder()
  for (const algorithm of ['sm2', 'ec-p256'] as const) {
    const authority = await createTestAuthority({ algorithm, name: `样例 ${algorithm} 根` })
    const signer = await authority.createSigner({ commonName: '样例签章人', profile: 'document-signing' })
    const at = join(folder.path, algorithm)
    mkdirSync(join(at, 'trust'), { recursive: true })
    writeFileSync(join(at, 'trust/ca.pem'), formatCertificatePem(authority.certificate))
    writeFileSync(join(at, 'leaf.pem'), formatCertificatePem(signer.certificateChain[0]))
    writeFileSync(join(at, 'ca.crl'), await authority.currentCrl())
    const responder = await authority.createOcspResponder({ commonName: '样例状态服务' })
    const answer = () =>
      answerCertificateStatusRequest(
        requestCertificateStatus({ certificate: signer.certificateChain[0], issuer: authority.certificate }),
        {
          signer: responder,
          issuer: authority.certificate,
          lookup: authority.lookup,
          clock: systemClock,
          validitySeconds: 3600,
        },
      )
    writeFileSync(join(at, 'good.ocsp'), await answer())
    authority.revoke(signer.certificateChain[0].serialNumber, new Date(Date.now() - 60_000), 'keyCompromise')
    writeFileSync(join(at, 'revoked.crl'), await authority.currentCrl())
    writeFileSync(join(at, 'revoked.ocsp'), await answer())
  }
})

afterAll(() => folder.remove())

async function ask(
  algorithm: string,
  words: readonly string[],
): Promise<Outcome & { report: Record<string, unknown> }> {
  const outcome = await run(join(folder.path, algorithm), ['cert', 'verify', ...words, '--json'])
  return { ...outcome, report: document(outcome, verb.output!) }
}

describe.each(['sm2', 'ec-p256'])('a certificate of %s', (algorithm) => {
  const trusted = ['leaf.pem', '--trust', 'trust']

  test('passes when its path, its dates and its revocation are all known to be good', async () => {
    const { status, report } = await ask(algorithm, [...trusted, '--crl', 'ca.crl', '--usage', 'document-signing'])
    expect(status).toBe(0)
    expect(report).toMatchObject({
      file: 'leaf.pem',
      verdict: 'TOTAL-PASSED',
      usage: 'document-signing',
      chain: { status: 'trusted', path: [{ serial: expect.any(String) }, {}] },
      validity: 'valid',
      revocation: { status: 'good', source: 'crl' },
    })
  })

  test('takes an OCSP response in place of a list, and revoked by any of them is revoked', async () => {
    const good = await ask(algorithm, [...trusted, '--ocsp', 'good.ocsp'])
    expect(good).toMatchObject({ status: 0, report: { revocation: { status: 'good', source: 'ocsp' } } })
    const revoked = await ask(algorithm, [...trusted, '--ocsp', 'revoked.ocsp', '--crl', 'ca.crl'])
    expect(revoked).toMatchObject({ status: 1, report: { subIndication: 'REVOKED', revocation: { source: 'ocsp' } } })
  })

  test('stays open where something was not checked', async () => {
    for (const [words, subIndication] of [
      [['leaf.pem'], 'NO_CERTIFICATE_CHAIN_FOUND'],
      [trusted, 'TRY_LATER'],
      [[...trusted, '--crl', 'ca.crl', '--at', '2000-01-01'], 'OUT_OF_BOUNDS_NO_POE'],
    ] as const) {
      const { status, report } = await ask(algorithm, words)
      expect({ status, ...report }).toMatchObject({ status: 1, verdict: 'INDETERMINATE', subIndication })
    }
  })

  test('fails when it was revoked, and when it is used for something else', async () => {
    const revoked = await ask(algorithm, [...trusted, '--crl', 'revoked.crl'])
    expect(revoked).toMatchObject({ status: 1, report: { verdict: 'TOTAL-FAILED', subIndication: 'REVOKED' } })
    const misused = await ask(algorithm, [...trusted, '--crl', 'ca.crl', '--usage', 'timestamping'])
    expect(misused).toMatchObject({ status: 1, report: { subIndication: 'CHAIN_CONSTRAINTS_FAILURE' } })
  })
})

test('the report for people says the same, in lines', async () => {
  const { status, out } = await run(join(folder.path, 'sm2'), ['cert', 'verify', 'leaf.pem', '--trust', 'trust'])
  expect(status).toBe(1)
  expect(out).toContain('leaf.pem: INDETERMINATE, TRY_LATER')
  expect(out).toContain('CN=样例签章人')
})

test('what cannot be asked is one line and status 2', async () => {
  const at = join(folder.path, 'sm2')
  await refused(at, ['cert', 'verify'], 'ERR_COMMAND_ARGUMENTS')
  await refused(at, ['cert', 'verify', 'none.pem'], 'ERR_COMMAND_FILE')
  await refused(at, ['cert', 'verify', 'ca.crl'], 'ERR_DER_INVALID')
  await refused(at, ['cert', 'verify', 'leaf.pem', '--crl', 'leaf.pem'], 'ERR_PEM_INVALID')
  await refused(at, ['cert', 'verify', 'leaf.pem', '--ocsp', 'ca.crl'], 'ERR_OCSP_INVALID')
  await refused(at, ['cert', 'verify', 'leaf.pem', '--policy', 'any'], 'ERR_COMMAND_ARGUMENTS')
  await refused(at, ['cert', 'verify', 'leaf.pem', '--usage', 'tls'], 'ERR_COMMAND_ARGUMENTS')
})

test.runIf(hasTool('openssl'))('openssl agrees about the P-256 path and its revocation', () => {
  const at = join(folder.path, 'ec-p256')
  for (const name of ['ca', 'revoked']) {
    const pem = tool(at, 'openssl', ['crl', '-inform', 'DER', '-in', `${name}.crl`])
    writeFileSync(join(at, `${name}.crl.pem`), pem.text)
  }
  const words = (crl: string) => ['verify', '-crl_check', '-CAfile', 'trust/ca.pem', '-CRLfile', crl, 'leaf.pem']
  expect(tool(at, 'openssl', words('ca.crl.pem')).status).toBe(0)
  expect(tool(at, 'openssl', words('revoked.crl.pem')).text).toContain('certificate revoked')
})

interface PkitsCase {
  name: string
  cert: string
  other_certs?: string[]
  crls?: string[]
  valid: boolean
  params?: Partial<Record<'user_initial_policy_set', string[]>> &
    Partial<Record<'initial_explicit_policy' | 'initial_policy_mapping_inhibit', boolean>>
}

const suite = material('seal-pdf')

test.runIf(suite)('the path validation suite of NIST is decided as expected, every case', async () => {
  const pkits = join(suite!, 'pkits')
  const trust = join(folder.path, 'pkits-trust')
  mkdirSync(trust)
  copyFileSync(join(pkits, 'certs/TrustAnchorRootCertificate.crt'), join(trust, 'root.crt'))
  const cases = JSON.parse(readFileSync(join(pkits, 'pkits-cases.json'), 'utf8')) as PkitsCase[]
  const wrong: string[] = []
  for (const { name, cert, other_certs = [], crls = [], valid, params = {} } of cases) {
    const { status } = await run(pkits, [
      ...['cert', 'verify', join('certs', cert), '--trust', trust, '--at', '2022-05-01T00:00:00Z'],
      ...other_certs.flatMap((file) => ['--chain', join('certs', file)]),
      ...['TrustAnchorRootCRL.crl', ...crls].flatMap((file) => ['--crl', join('crls', file)]),
      ...(params.user_initial_policy_set ?? []).flatMap((oid) => ['--policy', oid]),
      ...(params.initial_explicit_policy ? ['--explicit-policy'] : []),
      ...(params.initial_policy_mapping_inhibit ? ['--inhibit-mapping'] : []),
      ...(name.includes('_dsa_') ? ['--allow-dsa', '--allow-sha1'] : []),
    ])
    if (status !== (valid ? 0 : 1)) wrong.push(`${name} ended with ${status}`)
  }
  expect(cases).toHaveLength(123)
  expect(wrong).toEqual([])
})
