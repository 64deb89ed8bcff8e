/** Name constraints (RFC 5280, section 4.2.1.10) for directory, DNS, email, URI and IP names. */
import { derError, derTag, expectUniversal, parseDer, readOid, readText } from '../../der.ts'
import { type GeneralName, nameForm, readGeneralName, readGeneralNames } from './general-names.ts'
import { canonicalName, isInDirectory } from './names.ts'

/** What the certificates above demand: each permitted set must hold, no excluded subtree may. */
export interface NameConstraints {
  permitted: GeneralName[][]
  excluded: GeneralName[]
}

const supported: ReadonlySet<number> = new Set(Object.values(nameForm))

/**
 * Adds the constraints of one certificate. Throws `ERR_DER_INVALID` when they are malformed, have a form that this code
 * cannot compare, or use the minimum and maximum that RFC 5280 forbids: what is not understood must not be passed over.
 */
export function addNameConstraints(constraints: NameConstraints, value: Uint8Array): void {
  const { children } = expectUniversal(parseDer(value), derTag.sequence, 'The name constraints')
  if (children.length === 0 || children.length > 2) throw derError('The name constraints are malformed', 0)
  for (const member of children) {
    if (member.tagClass !== 'context' || member.tag > 1) throw derError('The name constraints are malformed', 0)
    if (member.children.length > 1000) throw derError('The name constraints have more than 1000 subtrees', 0)
    const subtrees = member.children.map((subtree) => {
      const [base, ...range] = subtree.children
      if (!base || range.length > 0) throw derError('A name constraint has a range or no base', subtree.offset)
      const name = readGeneralName(base)
      if (!supported.has(name.form)) throw derError('A name constraint has a form that is not supported', base.offset)
      return name
    })
    if (member.tag === 0) constraints.permitted.push(subtrees)
    else constraints.excluded.push(...subtrees)
  }
}

/** The names of a certificate that constraints are held against. */
export function constrainedNames(certificate: {
  readonly subject: { readonly der: Uint8Array }
  readonly extensions: readonly { readonly oid: string; readonly value: Uint8Array }[]
}): GeneralName[] {
  const alternative = certificate.extensions.find(({ oid }) => oid === '2.5.29.17')
  const names = alternative ? readGeneralNames(parseDer(alternative.value)) : []
  const subject = parseDer(certificate.subject.der)
  if (subject.children.length > 0) {
    if (!names.some(({ form }) => form === nameForm.email)) {
      // Old certificates carry the address in the subject, where a constraint must reach it too.
      for (const attribute of subject.children.flatMap((relative) => relative.children)) {
        if (readOid(attribute.children[0]) !== '1.2.840.113549.1.9.1') continue
        const text = readText(attribute.children[1], 'An email address')
        names.push({ form: nameForm.email, text, der: new Uint8Array() })
      }
    }
    names.push({ form: nameForm.directory, text: '', der: certificate.subject.der })
  }
  return names
}

/** The first of the names that is excluded or not permitted, as a text for people; `undefined` when all are fine. */
export function findForbiddenName(
  { permitted, excluded }: NameConstraints,
  names: readonly GeneralName[],
): string | undefined {
  for (const name of names) {
    const ofForm = (base: GeneralName): boolean => base.form === name.form
    const holds = (base: GeneralName): boolean => isInSubtree(name, base)
    if (excluded.filter(ofForm).some(holds)) return 'A name lies in a subtree that its issuers exclude.'
    for (const set of permitted) {
      const bases = set.filter(ofForm)
      if (bases.length > 0 && !bases.some(holds)) return 'A name lies outside the subtrees that its issuers permit.'
    }
  }
  return undefined
}

function isInSubtree(name: GeneralName, base: GeneralName): boolean {
  switch (name.form) {
    case nameForm.directory:
      return isInDirectory(canonicalName(name.der), canonicalName(base.der))
    case nameForm.dns: {
      const host = name.text.toLowerCase()
      const zone = base.text.toLowerCase().replace(/^\./, '')
      return zone === '' || host === zone || host.endsWith(`.${zone}`)
    }
    case nameForm.email:
      return isMailboxIn(name.text, base.text)
    case nameForm.uri:
      return isHostIn(hostOf(name.text), base.text)
    default:
      return isAddressIn(name.der, base.der)
  }
}

function isMailboxIn(mailbox: string, base: string): boolean {
  const at = mailbox.lastIndexOf('@')
  if (base.includes('@')) {
    const baseAt = base.lastIndexOf('@')
    return (
      mailbox.slice(0, at) === base.slice(0, baseAt) &&
      mailbox.slice(at).toLowerCase() === base.slice(baseAt).toLowerCase()
    )
  }
  return isHostIn(mailbox.slice(at + 1), base)
}

function isHostIn(host: string, base: string): boolean {
  const given = host.toLowerCase()
  const wanted = base.toLowerCase()
  // With a leading dot only hosts below the domain are meant, without one only that host.
  return wanted.startsWith('.') ? given.length > wanted.length && given.endsWith(wanted) : given === wanted
}

function hostOf(uri: string): string {
  const host = /^[a-z][a-z0-9+.-]*:\/\/(?:[^@/?#]*@)?([^:/?#]+)/i.exec(uri)?.[1]
  if (host === undefined) throw derError('A URI under name constraints has no host', 0)
  return host
}

function isAddressIn(address: Uint8Array, range: Uint8Array): boolean {
  const half = range.length / 2
  if (address.length !== half) return false
  return address.every((byte, index) => (byte & range[half + index]!) === (range[index]! & range[half + index]!))
}
