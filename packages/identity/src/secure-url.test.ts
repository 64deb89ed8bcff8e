import { describe, expect, it } from 'vitest'
import { secureUrl } from './secure-url.ts'

describe('an address a login runs over', () => {
  it.each([
    'https://id.example.gov.cn',
    'http://127.0.0.1:4600',
    'http://localhost',
    'http://[::1]:1',
    'http://a.localhost',
  ])('%s is accepted', (address) => {
    expect(secureUrl(address, { what: 'issuer' }).href).toContain('://')
  })

  it.each([
    'http://id.example.gov.cn',
    'http://127.0.0.1.example.com',
    'http://localhost.example.com',
    'http://10.0.0.1',
    'ftp://127.0.0.1',
    'javascript:alert(1)',
  ])('%s is refused', (address) => {
    expect(() => secureUrl(address, { what: 'issuer' })).toThrow(
      expect.objectContaining({ code: 'ERR_IDENTITY_INSECURE_URL' }),
    )
  })

  it.each(['', 'id.example.gov.cn', 'https://user:pass@id.example.gov.cn'])(
    '%j is a mistake of configuration',
    (address) => {
      expect(() => secureUrl(address, { what: 'issuer' })).toThrow(
        expect.objectContaining({ code: 'ERR_IDENTITY_CONFIGURATION' }),
      )
    },
  )

  it('may be plain http where the switch was set on purpose', () => {
    expect(secureUrl('http://10.0.0.1', { what: 'issuer', insecure: true }).host).toBe('10.0.0.1')
  })
})
