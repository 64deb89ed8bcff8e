/** A chain of three RSA certificates: ours, pkijs, and the floor: the two signatures alone with prepared keys. */
import { createPublicKey, verify } from 'node:crypto'
import { parseCertificate, verifyCertificatePath } from '@zhicheng/crypto'
import { fromBER } from 'asn1js'
import { Certificate, CertificateChainValidationEngine } from 'pkijs'
import { measure, report } from './lib/rounds.ts'
import { rsaChain } from './lib/rsa-chain.ts'

const [leaf, middle, root] = await rsaChain()
const at = new Date()

async function ours(): Promise<void> {
  const [one, two, three] = [leaf, middle, root].map((bytes) => parseCertificate(bytes))
  const { status, validity } = await verifyCertificatePath({ leaf: one!, intermediates: [two!], anchors: [three!], at })
  if (status !== 'trusted' || validity !== 'valid') throw new Error('not trusted')
}

const parsed = [leaf, middle, root].map((bytes) => parseCertificate(bytes))

async function oursParsed(): Promise<void> {
  const [one, two, three] = parsed
  const { status } = await verifyCertificatePath({ leaf: one!, intermediates: [two!], anchors: [three!], at })
  if (status !== 'trusted') throw new Error('not trusted')
}

const read = (bytes: Uint8Array): Certificate =>
  new Certificate({ schema: fromBER(Uint8Array.from(bytes).buffer).result })

async function pkijs(): Promise<void> {
  const [one, two, three] = [leaf, middle, root].map(read)
  const engine = new CertificateChainValidationEngine({ trustedCerts: [three!], certs: [two!, one!], checkDate: at })
  if (!(await engine.verify()).result) throw new Error('not trusted')
}

const keys = [middle, root].map((bytes) => {
  const { spki } = parseCertificate(bytes).publicKey
  return createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
})

function floor(): void {
  for (const [index, key] of keys.entries()) {
    const { tbs, signature } = parsed[index]!
    if (!verify('sha256', tbs, key, signature)) throw new Error('not signed')
  }
}

const names = { ours: 'ours, parsing included', parsed: 'ours, parsed before', pkijs: 'pkijs, parsing included' }
const figures = await measure([
  { name: names.ours, work: ours },
  { name: names.parsed, work: oursParsed },
  { name: names.pkijs, work: pkijs },
  { name: 'floor: two signatures, keys prepared', work: floor },
])
report('certificate chain of 3, RSA-2048, CPU per chain', figures, {
  text: 'ours at most 0.3 ms',
  holds: figures.get(names.ours)! <= 0.3,
})
