import { readSession } from '@zhicheng/identity/wire'
import { rateCase, readCase } from '@zhicheng/intake/wire'
import { readOrder, refreshOrder, startPayment } from '@zhicheng/pay/wire'
import { html } from 'lit'
import { describe, expect, test, vi } from 'vitest'
import './define.ts'
import { answering } from './testing/answers.ts'
import { cases, orders, reports, sessions } from './testing/samples.ts'
import { stage, textOf, violations } from './testing/stage.ts'

const styles = ['normal', 'elder'] as const
const click = (element: Element | null, selector: string): void =>
  element!.shadowRoot!.querySelector<HTMLElement>(selector)!.click()

describe.each(styles)('in %s style, axe finds nothing in', (style) => {
  test.each(Object.entries(sessions))('the login button: %s', async (_, session) => {
    const place = stage(
      html`<zc-login-button ui-style=${style} .fetch=${answering({ operation: readSession, answer: session })}></zc-login-button>`,
    )
    const element = place.querySelector('zc-login-button')
    await vi.waitFor(() => expect(element?.session).toBeDefined())
    await element?.updateComplete
    expect(await violations(place)).toEqual([])
    if (session.providers.length === 1) return
    click(element, 'button')
    await element?.updateComplete
    expect(element?.shadowRoot?.querySelector('.panel')).not.toBeNull()
    expect(await violations(place)).toEqual([])
  })

  test.each(Object.entries(orders))('the cashier: %s', async (_, order) => {
    const place = stage(
      html`<zc-cashier order="o-1" ui-style=${style} .fetch=${answering({ operation: readOrder, answer: order })}></zc-cashier>`,
    )
    await vi.waitFor(() => expect(textOf(place.querySelector('zc-cashier'))).toContain('120.00'))
    expect(await violations(place)).toEqual([])
  })

  test.each(Object.entries(cases))('the case tracker: %s', async (_, view) => {
    const place = stage(
      html`<zc-case-tracker case="c-1" ui-style=${style} .fetch=${answering({ operation: readCase, answer: view })}></zc-case-tracker>`,
    )
    await vi.waitFor(() => expect(textOf(place.querySelector('zc-case-tracker'))).toContain(view.itemName))
    expect(await violations(place)).toEqual([])
  })

  test.each(Object.entries(reports))('the document verdict: %s', async (_, report) => {
    const place = stage(html`<zc-document-verdict ui-style=${style} .report=${report}></zc-document-verdict>`)
    await place.querySelector('zc-document-verdict')?.updateComplete
    expect(await violations(place)).toEqual([])
  })
})

test('axe finds a planted violation, so that its silence means something', async () => {
  expect(await violations(stage(html`<button></button>`))).not.toEqual([])
})

test('the login links carry the page to come back to, and no script address', async () => {
  const bad = { ...sessions.anonymous, providers: [{ id: 'x', name: '恶意', loginUrl: 'javascript:alert(1)' }] }
  const place = stage(
    html`<zc-login-button return-path="/window?x=1" .fetch=${answering({ operation: readSession, answer: sessions.oneProvider })}></zc-login-button>
      <zc-login-button .fetch=${answering({ operation: readSession, answer: bad })}></zc-login-button>`,
  )
  const [good, evil] = place.querySelectorAll('zc-login-button')
  await vi.waitFor(() => expect(good?.shadowRoot?.querySelector('a')).not.toBeNull())
  await vi.waitFor(() => expect(evil?.shadowRoot?.querySelector('a')).not.toBeNull())
  expect(good?.shadowRoot?.querySelector('a')?.getAttribute('href')).toBe(
    '/api/identity/login/zhejiang?returnTo=%2Fwindow%3Fx%3D1',
  )
  expect(evil?.shadowRoot?.querySelector('a')?.getAttribute('href')).toBe('#')
})

test('Escape closes the user menu and gives the focus back', async () => {
  const place = stage(
    html`<zc-login-button .fetch=${answering({ operation: readSession, answer: sessions.company })}></zc-login-button>`,
  )
  const element = place.querySelector('zc-login-button')
  await vi.waitFor(() => expect(element?.shadowRoot?.querySelector('[aria-expanded]')).not.toBeNull())
  click(element, '[aria-expanded]')
  await element?.updateComplete
  element?.shadowRoot
    ?.querySelector('.panel')
    ?.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape', bubbles: true }))
  await element?.updateComplete
  expect(element?.shadowRoot?.querySelector('.panel')).toBeNull()
  expect(element?.shadowRoot?.activeElement?.getAttribute('aria-expanded')).toBe('false')
})

test('the cashier shows a code, and says paid once the order is paid', async () => {
  let paid = 0
  const fetch = answering(
    { operation: readOrder, answer: (count: number) => (count > 1 ? orders.paid : orders.created) },
    {
      operation: startPayment,
      answer: {
        order: { ...orders.created, status: 'paying' },
        action: {
          kind: 'scan',
          content: 'https://pay.example/c/1',
          expiresAt: new Date(Date.now() + 600_000).toISOString(),
        },
      },
    },
  )
  const place = stage(
    html`<zc-cashier order="o-1" poll-seconds="0.1" .fetch=${fetch} @zc-paid=${() => {
      paid += 1
    }}></zc-cashier>`,
  )
  const element = place.querySelector('zc-cashier')
  await vi.waitFor(() => expect(element?.shadowRoot?.querySelector('.button')).not.toBeNull())
  click(element, '.button')
  await vi.waitFor(() => expect(element?.shadowRoot?.querySelector('svg[role=img]')).not.toBeNull())
  expect(await violations(place)).toEqual([])
  await vi.waitFor(() => expect(textOf(element)).toContain('支付成功'))
  await new Promise((resolve) => setTimeout(resolve, 250))
  expect(paid).toBe(1)
})

test('an order under review offers no second payment', async () => {
  const place = stage(
    html`<zc-cashier order="o-1" .fetch=${answering({ operation: readOrder, answer: orders.review }, { operation: refreshOrder, answer: orders.review })}></zc-cashier>`,
  )
  const element = place.querySelector('zc-cashier')
  await vi.waitFor(() => expect(textOf(element)).toContain('请勿重复支付'))
  expect(element?.shadowRoot?.querySelector('button')).toBeNull()
})

test('an answer that breaks the contract is a failure with a way to try again, never a blank page', async () => {
  const place = stage(
    html`<zc-cashier order="o-1" .fetch=${answering({ operation: readOrder, answer: { id: 'o-1' } })}></zc-cashier>`,
  )
  await vi.waitFor(() => expect(textOf(place.querySelector('zc-cashier'))).toContain('重试'))
})

test('a finished case is rated once, with nothing chosen beforehand', async () => {
  let sent: unknown
  const fetch = answering(
    { operation: readCase, answer: cases.finished },
    {
      operation: rateCase,
      answer: async (_: number, request: Request) => {
        sent = await request.json()
        return cases.rated
      },
    },
  )
  const place = stage(html`<zc-case-tracker case="c-1" .fetch=${fetch}></zc-case-tracker>`)
  const element = place.querySelector('zc-case-tracker')
  await vi.waitFor(() => expect(element?.shadowRoot?.querySelector('form')).not.toBeNull())
  expect(element?.shadowRoot?.querySelector('input:checked')).toBeNull()
  click(element, 'input')
  await element?.updateComplete
  click(element, 'form .button')
  await vi.waitFor(() => expect(textOf(element)).toContain('您的评价：非常满意'))
  expect(sent).toEqual({ level: 5 })
})

test('nothing that was not checked looks good', async () => {
  const place = stage(html`<zc-document-verdict .report=${reports.indeterminate}></zc-document-verdict>`)
  const element = place.querySelector('zc-document-verdict')
  await element?.updateComplete
  const answers = [...(element?.shadowRoot?.querySelectorAll('dd') ?? [])].filter(
    ({ textContent }) => textContent === '未检查',
  )
  expect(answers.map(({ className }) => className)).toEqual(['unsure', 'unsure', 'unsure'])
  expect(textOf(element)).toContain('不能确定')
  expect(element?.shadowRoot?.querySelector('.banner.good')).toBeNull()
})

test('a config around hands down the back end and the elder style, also when it changes', async () => {
  const seen: string[] = []
  const fetch = (async (input: string) => {
    seen.push(input)
    return Response.json(sessions.anonymous)
  }) as typeof globalThis.fetch
  const place = stage(
    html`<zc-config api="/window/api"><zc-login-button .fetch=${fetch}></zc-login-button></zc-config>`,
  )
  const config = place.querySelector('zc-config')!
  await vi.waitFor(() => expect(seen).toEqual(['/window/api/identity/session']))
  config.uiStyle = 'elder'
  await vi.waitFor(() => expect(place.querySelector('zc-login-button')?.getAttribute('ui-style')).toBe('elder'))
})
