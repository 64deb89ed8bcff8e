import { fromUtf8, utf8 } from '@zhicheng/core'
import { describe, expect, it } from 'vitest'
import {
  formatAnswer,
  formatTicketRequest,
  formatUserRequest,
  parseTicketAnswer,
  parseTicketRequest,
  parseUserAnswer,
  parseUserRequest,
} from './zheliban-messages.ts'

const bytes = (value: unknown) => utf8(JSON.stringify(value))

describe('messages of 浙里办', () => {
  it('have the platform’s field names', () => {
    expect(fromUtf8(formatTicketRequest({ ticketId: 't', appId: 'a' }))).toBe('{"ticketId":"t","appId":"a"}')
    expect(fromUtf8(formatUserRequest({ token: 't' }))).toBe('{"token":"t"}')
    expect(fromUtf8(formatAnswer({ success: true, data: { accessToken: 't' } }))).toBe(
      '{"success":true,"errorCode":null,"errorMsg":null,"data":{"accessToken":"t"}}',
    )
  })

  it('come back as they went out', () => {
    expect(parseTicketRequest(formatTicketRequest({ ticketId: 't', appId: 'a' }))).toEqual({
      ticketId: 't',
      appId: 'a',
    })
    expect(parseUserRequest(formatUserRequest({ token: 't' }))).toEqual({ token: 't' })
    expect(parseTicketAnswer(formatAnswer({ success: true, data: { accessToken: 't' } }))).toEqual({
      success: true,
      data: { accessToken: 't' },
    })
  })

  it('take unknown fields and nulls, which the platform adds', () => {
    const data = {
      userType: 'PERSON',
      personInfo: { userId: 'u', userName: 'n', idNo: null, nation: '01' },
      organizationInfoList: [],
    }
    expect(parseUserAnswer(bytes({ success: true, errorCode: null, data, traceId: 'x' }))).toEqual({
      success: true,
      data: { userType: 'PERSON', personInfo: { userId: 'u', userName: 'n', idNo: null } },
    })
  })

  it('carry a refusal with its code, and no other text is taken for a code', () => {
    const refusal = { success: false, errorCode: 'C-USER-SSO-TICKET-INVALID', errorMsg: '票据无效', data: null }
    expect(parseTicketAnswer(bytes(refusal))).toMatchObject({ success: false, errorCode: 'C-USER-SSO-TICKET-INVALID' })
    expect(parseTicketAnswer(bytes({ success: false }))).toMatchObject({ errorCode: 'unknown' })
    expect(parseTicketAnswer(bytes({ ...refusal, errorCode: '<script>' }))).toBeUndefined()
  })

  it.each([
    ['nothing', ''],
    ['a page', '<html></html>'],
    ['null', 'null'],
    ['no envelope', '{"accessToken":"t"}'],
    ['success as text', '{"success":"true","data":{"accessToken":"t"}}'],
    ['no data', '{"success":true,"data":null}'],
    ['an empty token', '{"success":true,"data":{"accessToken":""}}'],
    ['a token that is an object', '{"success":true,"data":{"accessToken":{}}}'],
  ])('of %s are none', (_, text) => {
    expect(parseTicketAnswer(utf8(text))).toBeUndefined()
    expect(parseUserAnswer(utf8(text))).toBeUndefined()
  })

  it('that are not UTF-8 are none', () => {
    expect(parseTicketAnswer(new Uint8Array([0xff, 0xfe]))).toBeUndefined()
  })
})
