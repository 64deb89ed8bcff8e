import type { Meta, StoryObj } from '@storybook/web-components-vite'
import { rateCase, readCase } from '@zhicheng/intake/wire'
import { html, type TemplateResult } from 'lit'
import '../define.ts'
import { answering } from '../testing/answers.ts'
import { cases } from '../testing/samples.ts'

type Arguments = { case: keyof typeof cases; uiStyle: 'normal' | 'elder' }

const meta: Meta<Arguments> = {
  title: '一窗受理/zc-case-tracker',
  argTypes: {
    case: { control: 'select', options: Object.keys(cases) },
    uiStyle: { control: 'inline-radio', options: ['normal', 'elder'] },
  },
  render: ({ case: name, uiStyle }): TemplateResult => html`<zc-case-tracker
    lang="zh-CN"
    case="c-1"
    ui-style=${uiStyle}
    .fetch=${answering({ operation: readCase, answer: cases[name] }, { operation: rateCase, answer: cases.rated })}
  ></zc-case-tracker>`,
}

export default meta
type Story = StoryObj<Arguments>

export const Running: Story = { args: { case: 'running', uiStyle: 'normal' } }
export const Overdue: Story = { args: { case: 'overdue', uiStyle: 'normal' } }
export const Finished: Story = { args: { case: 'finished', uiStyle: 'normal' } }
export const Rated: Story = { args: { case: 'rated', uiStyle: 'normal' } }
export const Elder: Story = { args: { case: 'finished', uiStyle: 'elder' } }
