/**
 * Certificate policies over a path (RFC 5280, sections 6.1.3 d to 6.1.5 g, in the graph form of RFC 9618).
 *
 * Only the newest level is kept: for each policy, what it maps to below and which policies of the top level lead to it.
 * That is all that the result depends on, and it cannot grow exponentially as the tree of RFC 5280 can.
 */
import { derError, derTag, expectUniversal, parseDer, readOid, readSmallInteger } from '../../der.ts'

/** What the relying party asks of policies. */
export interface PolicyInput {
  /** Policies that are acceptable; any by default. */
  readonly acceptable?: readonly string[] | undefined
  readonly requireExplicit?: boolean | undefined
  readonly inhibitMapping?: boolean | undefined
  readonly inhibitAny?: boolean | undefined
}

/** The policy extensions of one certificate. */
export interface PolicyExtensions {
  readonly policies?: readonly string[]
  readonly mappings?: readonly (readonly [issuer: string, subject: string])[]
  readonly requireExplicit?: number
  readonly inhibitMapping?: number
  readonly inhibitAny?: number
}

interface PolicyNode {
  expected: Set<string>
  /** Policies of the top level below any-policy that lead here. */
  authorities: Set<string>
}

const anyPolicy = '2.5.29.32.0'
const maxPolicies = 256

/** Reads the four policy extensions. Throws `ERR_DER_INVALID` for malformed or oversized ones. */
export function readPolicyExtensions(extensions: readonly { oid: string; value: Uint8Array }[]): PolicyExtensions {
  const result: { -readonly [Key in keyof PolicyExtensions]: PolicyExtensions[Key] } = {}
  for (const { oid, value } of extensions) {
    if (oid === '2.5.29.32') {
      const { children } = expectUniversal(parseDer(value), derTag.sequence, 'A policy extension')
      if (children.length === 0 || children.length > maxPolicies)
        throw derError('The certificate policies are empty or too many', 0)
      result.policies = children.map((policy) => readOid(policy.children[0], 'A certificate policy'))
      if (new Set(result.policies).size !== children.length) throw derError('A certificate policy is named twice', 0)
    } else if (oid === '2.5.29.33') {
      const { children } = expectUniversal(parseDer(value), derTag.sequence, 'A policy extension')
      if (children.length === 0 || children.length > maxPolicies)
        throw derError('The policy mappings are empty or too many', 0)
      result.mappings = children.map((pair) => [readOid(pair.children[0]), readOid(pair.children[1])] as const)
    } else if (oid === '2.5.29.36') {
      const { children } = expectUniversal(parseDer(value), derTag.sequence, 'The policy constraints')
      if (children.length === 0) throw derError('The policy constraints are empty', 0)
      for (const member of children) {
        if (member.tagClass !== 'context' || member.tag > 1) throw derError('The policy constraints are malformed', 0)
        const count = contentInteger(member.content)
        if (member.tag === 0) result.requireExplicit = count
        else result.inhibitMapping = count
      }
    } else if (oid === '2.5.29.54') {
      const count = readSmallInteger(parseDer(value), 'inhibitAnyPolicy')
      if (count < 0) throw derError('inhibitAnyPolicy is negative', 0)
      result.inhibitAny = count
    }
  }
  return result
}

/**
 * Runs the policy algorithm over the certificates of a path, the one below the anchor first and the leaf last.
 * Returns the reason why the path fails, or `undefined`.
 */
export function checkPolicies(
  path: readonly { readonly extensions: PolicyExtensions; readonly selfIssued: boolean }[],
  { acceptable, requireExplicit = false, inhibitMapping = false, inhibitAny = false }: PolicyInput,
): string | undefined {
  const length = path.length
  let explicit = requireExplicit ? 0 : length + 1
  let mapping = inhibitMapping ? 0 : length + 1
  let any = inhibitAny ? 0 : length + 1
  let level: Map<string, PolicyNode> | undefined = new Map([
    [anyPolicy, { expected: new Set([anyPolicy]), authorities: new Set<string>() }],
  ])
  for (const [index, { extensions, selfIssued }] of path.entries()) {
    const last = index === length - 1
    level = descend(level, extensions.policies, any > 0 || (!last && selfIssued))
    if (explicit === 0 && !level) return 'An explicit policy is required, and none holds over the whole path.'
    if (last) {
      if (!selfIssued && explicit > 0) explicit -= 1
      if (extensions.requireExplicit === 0) explicit = 0
      break
    }
    if (extensions.mappings) {
      if (extensions.mappings.some((pair) => pair.includes(anyPolicy))) return 'A policy mapping names any-policy.'
      if (level) level = applyMappings(level, extensions.mappings, mapping > 0)
    }
    if (!selfIssued) {
      if (explicit > 0) explicit -= 1
      if (mapping > 0) mapping -= 1
      if (any > 0) any -= 1
    }
    explicit = Math.min(explicit, extensions.requireExplicit ?? explicit)
    mapping = Math.min(mapping, extensions.inhibitMapping ?? mapping)
    any = Math.min(any, extensions.inhibitAny ?? any)
  }
  if (explicit > 0 || isAcceptable(level, acceptable)) return undefined
  return 'An explicit policy is required, and no acceptable policy holds over the whole path.'
}

function descend(
  above: Map<string, PolicyNode> | undefined,
  policies: readonly string[] | undefined,
  anyAllowed: boolean,
): Map<string, PolicyNode> | undefined {
  if (!above || !policies) return undefined
  const level = new Map<string, PolicyNode>()
  const parentsOf = (policy: string): PolicyNode[] => [...above.values()].filter((node) => node.expected.has(policy))
  const topLevel = above.get(anyPolicy)
  for (const policy of policies) {
    if (policy === anyPolicy) continue
    const parents = parentsOf(policy)
    if (parents.length > 0) level.set(policy, childOf(policy, parents))
    else if (topLevel) level.set(policy, { expected: new Set([policy]), authorities: new Set([policy]) })
  }
  if (policies.includes(anyPolicy) && anyAllowed) {
    for (const policy of new Set([...above.values()].flatMap((node) => [...node.expected]))) {
      if (level.has(policy)) continue
      if (policy === anyPolicy) level.set(policy, { expected: new Set([anyPolicy]), authorities: new Set() })
      else level.set(policy, childOf(policy, parentsOf(policy)))
    }
  }
  return level.size > 0 ? level : undefined
}

function childOf(policy: string, parents: readonly PolicyNode[]): PolicyNode {
  return { expected: new Set([policy]), authorities: new Set(parents.flatMap((parent) => [...parent.authorities])) }
}

function applyMappings(
  level: Map<string, PolicyNode>,
  mappings: readonly (readonly [string, string])[],
  allowed: boolean,
): Map<string, PolicyNode> | undefined {
  const targets = new Map<string, Set<string>>()
  for (const [issuer, subject] of mappings) {
    const set = targets.get(issuer)
    if (set) set.add(subject)
    else targets.set(issuer, new Set([subject]))
  }
  for (const [issuer, expected] of targets) {
    if (!allowed) level.delete(issuer)
    else {
      const node = level.get(issuer)
      if (node) node.expected = expected
      else if (level.has(anyPolicy)) level.set(issuer, { expected, authorities: new Set([issuer]) })
    }
  }
  return level.size > 0 ? level : undefined
}

function isAcceptable(level: Map<string, PolicyNode> | undefined, acceptable: readonly string[] | undefined): boolean {
  if (!level) return false
  if (!acceptable || acceptable.includes(anyPolicy) || level.has(anyPolicy)) return true
  const wanted = new Set(acceptable)
  return [...level.values()].some((node) => [...node.authorities].some((policy) => wanted.has(policy)))
}

function contentInteger(content: Uint8Array): number {
  if (content.length === 0 || content.length > 4 || content[0]! >= 0x80) {
    throw derError('A policy constraint is not a small number', 0)
  }
  return content.reduce((value, byte) => value * 256 + byte, 0)
}
