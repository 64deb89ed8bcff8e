/** Key usages and purposes of the certificates a test authority issues. */
import type { CertificateInput } from '../../certificate-builder.ts'
import { der } from '../../der.ts'
import { extensionOid } from './certificate-extensions.ts'

/** What a test certificate is for. */
export type TestProfile = 'document-signing' | 'seal-making' | 'timestamping' | 'ocsp' | 'platform'

type Profile = Pick<CertificateInput, 'keyUsage' | 'extendedKeyUsage' | 'extensions'>

/** Contents by profile. */
export const testProfiles: Readonly<Record<TestProfile, Profile>> = {
  // Document signing (RFC 9336); mail protection beside it for the validators that look for that.
  'document-signing': {
    keyUsage: ['digitalSignature', 'nonRepudiation'],
    extendedKeyUsage: { purposes: ['1.3.6.1.5.5.7.3.36', '1.3.6.1.5.5.7.3.4'] },
  },
  'seal-making': { keyUsage: ['digitalSignature', 'nonRepudiation'] },
  // RFC 3161, 2.3: this purpose alone, and critical.
  timestamping: {
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: { purposes: ['1.3.6.1.5.5.7.3.8'], critical: true },
  },
  // RFC 6960, 4.2.2.2: the responder's own certificate need not be looked up in turn.
  ocsp: {
    keyUsage: ['digitalSignature'],
    extendedKeyUsage: { purposes: ['1.3.6.1.5.5.7.3.9'] },
    extensions: [{ oid: extensionOid.ocspNoCheck, value: der.null() }],
  },
  platform: { keyUsage: ['digitalSignature'] },
}
