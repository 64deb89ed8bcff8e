/** PEM texts: what is read can be written and read again; certificates and keys inside are those that were put there. */
import { utf8 } from '@zhicheng/core'
import { parseCertificates, verifyCertificateSignature } from '../../src/certificate.ts'
import { formatPem, parsePem } from '../../src/pem.ts'
import { seedAuthorities } from '../authority.ts'
import { describeCertificate, describeValue } from '../claims.ts'
import { seedKey } from '../keys.ts'
import { type Target, Violation } from '../target.ts'

/** Accepted is a text with certificates, all signed by known authorities, or one with other blocks. */
export const pemTarget: Target = {
  name: 'pem',
  async seeds() {
    const authorities = await seedAuthorities()
    const bundle = authorities.flatMap(({ leaf, middle, root }) => [leaf, middle, root])
    const one = formatPem('CERTIFICATE', bundle[0]!.der)
    return [
      one,
      bundle.map(({ der }) => formatPem('CERTIFICATE', der)).join('# 样例\r\n'),
      formatPem('PRIVATE KEY', seedKey('sm2', 'leaf').pkcs8),
      `Bag Attributes\n${one.replaceAll('\n', '\r\n')}`,
      '-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA\n-----END RSA PRIVATE KEY-----\n',
    ].map((text) => utf8(text))
  },
  async run(input) {
    const text = new TextDecoder().decode(input)
    const blocks = parsePem(text)
    for (const block of blocks) {
      const [again] = parsePem(formatPem(block.label, block.bytes))
      if (describeValue([again?.label, again?.bytes]) !== describeValue([block.label, block.bytes])) {
        throw new Violation('A block, written and read again, is another.')
      }
    }
    if (!blocks.some(({ label }) => label === 'CERTIFICATE'))
      return { accepted: true, label: `${blocks.length} blocks` }
    const claims: string[] = []
    for (const certificate of parseCertificates(text)) {
      for (const { root, middle } of await seedAuthorities()) {
        for (const { publicKey } of [root, middle]) {
          if (certificate.signatureAlgorithm === 'unknown') continue
          if (await verifyCertificateSignature(certificate, publicKey)) claims.push(describeCertificate(certificate))
        }
      }
    }
    return { accepted: true, label: `${claims.length > 0 ? 'signed' : 'unsigned'} certificates`, claims }
  },
}
