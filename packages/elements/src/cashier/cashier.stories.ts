import type { Meta, StoryObj } from '@storybook/web-components-vite'
import { readOrder, refreshOrder, startPayment } from '@zhicheng/pay/wire'
import { html, type TemplateResult } from 'lit'
import '../define.ts'
import { answering } from '../testing/answers.ts'
import { orders } from '../testing/samples.ts'

type Arguments = { order: keyof typeof orders; uiStyle: 'normal' | 'elder' }

const meta: Meta<Arguments> = {
  title: '公共支付/zc-cashier',
  argTypes: {
    order: { control: 'select', options: Object.keys(orders) },
    uiStyle: { control: 'inline-radio', options: ['normal', 'elder'] },
  },
  render: ({ order, uiStyle }): TemplateResult => html`<zc-cashier
    lang="zh-CN"
    order="o-1"
    poll-seconds="60"
    ui-style=${uiStyle}
    .fetch=${answering(
      { operation: readOrder, answer: orders[order] },
      { operation: refreshOrder, answer: orders.paid },
      {
        operation: startPayment,
        answer: () => ({
          order: { ...orders.created, status: 'paying' },
          action: {
            kind: 'scan',
            content: 'https://pay.example/c/0001',
            expiresAt: new Date(Date.now() + 900_000).toISOString(),
          },
        }),
      },
    )}
  ></zc-cashier>`,
}

export default meta
type Story = StoryObj<Arguments>

export const Created: Story = { args: { order: 'created', uiStyle: 'normal' } }
export const Paid: Story = { args: { order: 'paid', uiStyle: 'normal' } }
export const UnderReview: Story = { args: { order: 'review', uiStyle: 'normal' } }
export const Elder: Story = { args: { order: 'created', uiStyle: 'elder' } }
