/** `zhicheng cert verify`: the path of a certificate to what the user trusts, with its dates, rules and revocation. */
import { basename } from 'node:path'
import type { Verdict } from '@zhicheng/core'
import {
  allowDsa,
  allowSha1,
  type Certificate,
  type CertificatePathResult,
  type CertificateUsage,
  parseCertificate,
  verifyCertificatePath,
} from '@zhicheng/crypto'
import * as v from 'valibot'
import { commandError } from '../errors.ts'
import { inFile, readUserFile } from '../lib/input-file.ts'
import { readCertificates, readOcspResponses } from '../lib/key-files.ts'
import { choiceOption, listOption, timeOption } from '../lib/options.ts'
import { exitStatus, type Verb, type VerbContext, type VerbValues } from '../lib/verb.ts'
import { readTrustOptions } from '../lib/verify-document.ts'

const usages = ['any', 'document-signing', 'seal-making', 'timestamping'] as const satisfies readonly CertificateUsage[]

const certificateReport = v.object({
  subject: v.string(),
  issuer: v.string(),
  serial: v.string(),
  notBefore: v.string(),
  notAfter: v.string(),
})

const pathReport = v.object({
  file: v.string(),
  verdict: v.picklist(['TOTAL-PASSED', 'INDETERMINATE', 'TOTAL-FAILED']),
  subIndication: v.optional(v.string()),
  /** The moment the question was asked for. */
  at: v.string(),
  usage: v.picklist(usages),
  chain: v.object({
    status: v.picklist(['trusted', 'untrusted', 'broken']),
    trustedBy: v.optional(v.string()),
    path: v.array(certificateReport),
  }),
  validity: v.picklist(['valid', 'expired', 'not-yet-valid']),
  revocation: v.object({
    status: v.picklist(['good', 'revoked', 'unknown', 'not-checked']),
    source: v.optional(v.picklist(['ocsp', 'crl'])),
    at: v.optional(v.string()),
  }),
  findings: v.array(
    v.object({ code: v.string(), severity: v.picklist(['info', 'warning', 'error']), message: v.string() }),
  ),
})

type PathReport = v.InferOutput<typeof pathReport>

export const verb: Verb = {
  name: 'cert verify',
  summary: 'Verifies a certificate up to a trusted root, by RFC 5280 (验证书链)',
  usage: [
    'LEAF [--chain F]... [--trust DIR] [--crl F]... [--ocsp F]... [--at TIME] [--policy OID]... [--json]',
    '',
    '  --chain             issuers between the certificate and the root, in any order, one or more in a file',
    '  --trust             folder of trusted root certificates; without it nothing is better than INDETERMINATE',
    '  --crl, --ocsp       revocation list, OCSP response; every certificate below the root needs one of the two, or the',
    '                      answer stays INDETERMINATE',
    '  --at                the moment for which the question is asked; now by default',
    `  --usage             what the certificate is used for: ${usages.join(', ')}; any by default`,
    '  --policy            acceptable certificate policy; it binds where a certificate or --explicit-policy demands one',
    '  --explicit-policy   an acceptable policy must hold over the whole path',
    '  --inhibit-mapping   policies of one authority are not taken for those of another',
    '  --inhibit-any       the policy "any" counts for nothing',
    '  --allow-sha1, --allow-dsa   accept what is refused as too weak, for the archives of earlier years',
  ].join('\n'),
  options: {
    chain: { type: 'string', multiple: true },
    trust: { type: 'string' },
    crl: { type: 'string', multiple: true },
    ocsp: { type: 'string', multiple: true },
    at: { type: 'string' },
    usage: { type: 'string' },
    policy: { type: 'string', multiple: true },
    'explicit-policy': { type: 'boolean' },
    'inhibit-mapping': { type: 'boolean' },
    'inhibit-any': { type: 'boolean' },
    'allow-sha1': { type: 'boolean' },
    'allow-dsa': { type: 'boolean' },
    json: { type: 'boolean' },
  },
  output: pathReport,
  async run(context, values, positionals) {
    const [path, ...further] = positionals
    if (path === undefined) throw commandError('ERR_COMMAND_ARGUMENTS', 'Give the certificate that is to be verified.')
    const at = timeOption(values, 'at') ?? new Date()
    const usage = choiceOption(values, 'usage', usages) ?? 'any'
    const leaf = await readLeaf(context, path)
    const { trust = [], crls } = await readTrustOptions(context, values)
    const intermediates: Certificate[] = []
    for (const file of [...listOption(values, 'chain'), ...further]) {
      intermediates.push(...(await readCertificates(context, file)))
    }
    const result = await verifyCertificatePath({
      leaf,
      intermediates,
      anchors: trust,
      at,
      crls,
      ocspResponses: await readOcspResponses(context, listOption(values, 'ocsp')),
      usage,
      policies: readPolicies(values),
      [allowSha1]: values['allow-sha1'] === true,
      [allowDsa]: values['allow-dsa'] === true,
    })
    const report = describe(result, { file: basename(path), at, usage })
    context.print(values['json'] ? JSON.stringify(report, null, 2) : formatReport(report))
    return report.verdict === 'TOTAL-PASSED' ? exitStatus.good : exitStatus.other
  },
}

async function readLeaf(context: VerbContext, path: string): Promise<Certificate> {
  const bytes = await readUserFile(context, path)
  return inFile(path, () => parseCertificate(bytes))
}

function readPolicies(values: VerbValues): NonNullable<Parameters<typeof verifyCertificatePath>[0]['policies']> {
  const acceptable = listOption(values, 'policy')
  const wrong = acceptable.find((oid) => !/^[0-2](\.(0|[1-9]\d{0,38})){1,64}$/.test(oid))
  if (wrong !== undefined) {
    throw commandError(
      'ERR_COMMAND_ARGUMENTS',
      `--policy takes an object identifier such as 1.2.156.1; "${wrong}" is none.`,
    )
  }
  return {
    ...(acceptable.length > 0 ? { acceptable } : {}),
    requireExplicit: values['explicit-policy'] === true,
    inhibitMapping: values['inhibit-mapping'] === true,
    inhibitAny: values['inhibit-any'] === true,
  }
}

function describe(
  result: CertificatePathResult,
  { file, at, usage }: { file: string; at: Date; usage: (typeof usages)[number] },
): PathReport {
  const { status, path, trustedBy, validity, revocation, findings } = result
  const [verdict, subIndication] = judge(result)
  return {
    file,
    verdict,
    ...(subIndication === undefined ? {} : { subIndication }),
    at: at.toISOString(),
    usage,
    chain: {
      status,
      ...(trustedBy ? { trustedBy: trustedBy.subject.text } : {}),
      path: path.map((certificate) => ({
        subject: certificate.subject.text,
        issuer: certificate.issuer.text,
        serial: certificate.serialNumber,
        notBefore: certificate.notBefore.toISOString(),
        notAfter: certificate.notAfter.toISOString(),
      })),
    },
    validity,
    revocation: {
      status: revocation.status,
      ...(revocation.source ? { source: revocation.source } : {}),
      ...(revocation.at ? { at: revocation.at.toISOString() } : {}),
    },
    findings: findings.map(({ code, severity, message }) => ({ code, severity, message })),
  }
}

/** The worst comes first. Sub-indications are those of ETSI EN 319 102-1. */
function judge({ status, validity, revocation, findings }: CertificatePathResult): [Verdict, string?] {
  if (status === 'broken') {
    const signature = findings.some(({ code }) => code === 'CERTIFICATE_SIGNATURE_INVALID')
    return ['TOTAL-FAILED', signature ? 'SIG_CRYPTO_FAILURE' : 'CHAIN_CONSTRAINTS_FAILURE']
  }
  if (revocation.status === 'revoked') return ['TOTAL-FAILED', 'REVOKED']
  if (status === 'untrusted') return ['INDETERMINATE', 'NO_CERTIFICATE_CHAIN_FOUND']
  if (validity !== 'valid') return ['INDETERMINATE', 'OUT_OF_BOUNDS_NO_POE']
  return revocation.status === 'good' ? ['TOTAL-PASSED'] : ['INDETERMINATE', 'TRY_LATER']
}

function formatReport({ file, verdict, subIndication, at, chain, validity, revocation, findings }: PathReport): string {
  return [
    `${file}: ${verdict}${subIndication ? `, ${subIndication}` : ''}`,
    `  at          ${at}`,
    `  chain       ${chain.status}`,
    ...chain.path.map(({ subject, notAfter }) => `              ${subject} (until ${notAfter})`),
    `  dates       ${validity}`,
    `  revocation  ${revocation.status}${revocation.source ? `, by ${revocation.source.toUpperCase()}` : ''}`,
    ...findings.map(({ severity, code, message }) => `  ${severity}: ${message} [${code}]`),
  ].join('\n')
}
