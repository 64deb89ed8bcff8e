import type { Meta, StoryObj } from '@storybook/web-components-vite'
import { readSession } from '@zhicheng/identity/wire'
import { html, type TemplateResult } from 'lit'
import '../define.ts'
import { answering } from '../testing/answers.ts'
import { sessions } from '../testing/samples.ts'

type Arguments = { session: keyof typeof sessions; uiStyle: 'normal' | 'elder' }

const meta: Meta<Arguments> = {
  title: '统一身份认证/zc-login-button',
  argTypes: {
    session: { control: 'select', options: Object.keys(sessions) },
    uiStyle: { control: 'inline-radio', options: ['normal', 'elder'] },
  },
  render: ({ session, uiStyle }): TemplateResult => html`<zc-login-button
    lang="zh-CN"
    ui-style=${uiStyle}
    .fetch=${answering({ operation: readSession, answer: sessions[session] })}
  ></zc-login-button>`,
}

export default meta
type Story = StoryObj<Arguments>

export const Anonymous: Story = { args: { session: 'anonymous', uiStyle: 'normal' } }
export const OneProvider: Story = { args: { session: 'oneProvider', uiStyle: 'normal' } }
export const Person: Story = { args: { session: 'person', uiStyle: 'normal' } }
export const Company: Story = { args: { session: 'company', uiStyle: 'normal' } }
export const Elder: Story = { args: { session: 'company', uiStyle: 'elder' } }
