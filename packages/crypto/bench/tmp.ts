import { parseCertificate, verifyCertificatePath } from '@zhicheng/crypto'
import { rsaChain } from './lib/rsa-chain.ts'

const ders = await rsaChain()
const at = new Date()
for (let i = 0; i < 15000; i++) {
  const [a, b, c] = ders.map((d) => parseCertificate(d))
  await verifyCertificatePath({ leaf: a!, intermediates: [b!], anchors: [c!], at })
}
