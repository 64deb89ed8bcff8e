/** The profile of a plain bag: everything RFC 8493 asks, and a container that is safe to read. */
import type { ArchiveProfile } from '../archive-profile.ts'

/** A valid bag of any content. */
export const bagitProfile: ArchiveProfile = {
  id: 'bagit',
  checks: [
    'security.names',
    'security.collisions',
    'security.links',
    'security.limits',
    'security.encryption',
    'usability.container',
    'integrity.declaration',
    'integrity.manifests',
    'integrity.completeness',
    'integrity.digest',
    'integrity.oxum',
    'integrity.bag-info',
    'integrity.fetch',
    'authenticity.tag-files',
  ],
  optional: { archiving: [], transfer: [], preservation: [] },
  codes: {},
}
