/** The profiles there are, by name: which checks a package has to pass and what its metadata has to hold. */
import type { ArchiveProfile } from './archive-profile.ts'
import { bagitProfile } from './profiles/bagit.ts'
import { gbt42727Profile } from './profiles/gbt42727-2023.ts'

/** Names of the profiles there are. */
export type ProfileId = 'bagit' | 'gbt42727-2023'

/** The profiles by name. */
export const archiveProfiles: Readonly<Record<ProfileId, ArchiveProfile>> = {
  bagit: bagitProfile,
  'gbt42727-2023': gbt42727Profile,
}

/** The profile that a package claims in its bag-info (`Zhicheng-Profile`), or plain `bagit`. */
export function profileOf(claimed: string | undefined): ArchiveProfile {
  return claimed !== undefined && Object.hasOwn(archiveProfiles, claimed)
    ? archiveProfiles[claimed as ProfileId]
    : bagitProfile
}
