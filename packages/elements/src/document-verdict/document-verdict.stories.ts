import type { Meta, StoryObj } from '@storybook/web-components-vite'
import { html, type TemplateResult } from 'lit'
import '../define.ts'
import { reports } from '../testing/samples.ts'

type Arguments = { report: keyof typeof reports; uiStyle: 'normal' | 'elder' }

const meta: Meta<Arguments> = {
  title: '电子印章/zc-document-verdict',
  argTypes: {
    report: { control: 'select', options: Object.keys(reports) },
    uiStyle: { control: 'inline-radio', options: ['normal', 'elder'] },
  },
  render: ({ report, uiStyle }): TemplateResult =>
    html`<zc-document-verdict lang="zh-CN" ui-style=${uiStyle} .report=${reports[report]}></zc-document-verdict>`,
}

export default meta
type Story = StoryObj<Arguments>

export const Passed: Story = { args: { report: 'passed', uiStyle: 'normal' } }
export const Indeterminate: Story = { args: { report: 'indeterminate', uiStyle: 'normal' } }
export const Failed: Story = { args: { report: 'failed', uiStyle: 'normal' } }
export const WithoutSignature: Story = { args: { report: 'none', uiStyle: 'normal' } }
export const Elder: Story = { args: { report: 'passed', uiStyle: 'elder' } }
