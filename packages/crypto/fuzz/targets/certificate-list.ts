/** Revocation lists: read, verified with the key of their issuer, and used to decide about a certificate. */
import { verifyCertificatePath } from '../../src/certificate-path.ts'
import { findRevoked, listRevoked, parseCertificateList, verifyCertificateList } from '../../src/crl.ts'
import { seedAuthorities, seedTime } from '../authority.ts'
import { describeValue } from '../claims.ts'
import type { Target } from '../target.ts'

/** Accepted is a list that carries the signature of a known authority, or that a path took for an answer about the leaf. */
export const certificateListTarget: Target = {
  name: 'crl',
  async seeds() {
    const lists = (await seedAuthorities()).map(async ({ list, leaf }) => [
      await list('root'),
      await list('middle', [
        { serialNumber: leaf.serialNumber, at: new Date('2026-05-01T00:00:00Z'), reason: 'keyCompromise' },
        { serialNumber: '7f', at: new Date('2026-05-02T00:00:00Z') },
      ]),
      await list('middle', [{ serialNumber: '80ff', at: new Date('2026-05-01T00:00:00Z'), reason: 'superseded' }]),
    ])
    return (await Promise.all(lists)).flat()
  },
  async run(input) {
    const list = parseCertificateList(input)
    // A lazy reader may fail at any entry, but only in the way it promises.
    const entries = [...take(listRevoked(list), 2000)]
    const { der: _der, signature: _signature, signatureAlgorithm, ...rest } = list
    const claim = describeValue({ ...rest, entries })
    for (const { root, middle, leaf, crls } of await seedAuthorities()) {
      findRevoked(list, leaf)
      const signed =
        signatureAlgorithm !== 'unknown' &&
        ((await verifyCertificateList(list, root.publicKey)) || (await verifyCertificateList(list, middle.publicKey)))
      if (signed) return { accepted: true, label: 'signed', claims: [claim] }
      const { revocation } = await verifyCertificatePath({
        leaf,
        intermediates: [middle],
        anchors: [root],
        crls: [crls[0]!, list],
        at: seedTime,
      })
      // Only the list of the root is genuine here: about the leaf it says nothing.
      if (revocation.status === 'good' || revocation.status === 'revoked') {
        return { accepted: true, label: revocation.status, claims: [claim] }
      }
    }
    return { accepted: false, label: 'not signed' }
  },
}

function* take<Item>(items: Iterable<Item>, count: number): Generator<Item> {
  let left = count
  for (const item of items) {
    if (left === 0) return
    left -= 1
    yield item
  }
}
