/** Walks the story by hand: an applicant, a payer and a clerk in Chromium, through the elements. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { chromiumArguments, findChromium } from '../../../tools/machine.ts'
import { openOutput } from './output.ts'
import { type Story, startStory } from './start.ts'
import { sampleMaterials } from './walk/sample-application.ts'

const executablePath = await findChromium()
const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js')
const folder = mkdtempSync(join(tmpdir(), 'zhicheng-pages-'))
/** Set it to a folder to look at the pages as pictures. */
const pictures = process.env['ZHICHENG_PICTURES']
let story: Story
let browser: Browser
const faults: string[] = []

beforeAll(async () => {
  if (!executablePath) return
  story = await startStory({ output: await openOutput(join(folder, 'out')), port: 0, platformPort: 0, pages: true })
  browser = await chromium.launch({ executablePath, args: [...chromiumArguments] })
}, 60_000)

afterAll(async () => {
  await browser?.close()
  await story?.close()
  rmSync(folder, { recursive: true, force: true })
})

async function open(viewport: { width: number; height: number }): Promise<{ context: BrowserContext; page: Page }> {
  const context = await browser.newContext({ viewport, locale: 'zh-CN', timezoneId: 'Asia/Shanghai', bypassCSP: false })
  const page = await context.newPage()
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error' && message.text().includes('Content Security Policy')) faults.push(message.text())
  })
  return { context, page }
}

async function look(page: Page, name: string): Promise<void> {
  if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true })
}

/** Every violation axe finds on the page, in the light and the elder style. */
async function violations(page: Page): Promise<string[]> {
  // The page's own policy forbids scripts from elsewhere, so axe comes in through the debugger.
  await page.evaluate(await (await import('node:fs/promises')).readFile(axe, 'utf8'))
  return page.evaluate(async () => {
    const { violations: found } = await (
      window as unknown as { axe: { run(): Promise<{ violations: { id: string; nodes: { target: string[] }[] }[] }> } }
    ).axe.run()
    return found.flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id}: ${target.join(' ')}`))
  })
}

async function logIn(
  page: Page,
  address: string,
  { platform, persona }: { platform: string; persona: string },
): Promise<void> {
  await page.goto(address)
  await page.getByRole('button', { name: '登录', exact: true }).first().click()
  await page
    .getByRole('link', { name: `使用${platform}登录` })
    .first()
    .click()
  await page.getByRole('button', { name: new RegExp(persona) }).click()
  await page.waitForURL(`${story.server.origin}/**`)
}

test.skipIf(!executablePath)(
  'an applicant, a payer and a clerk walk the whole story in Chromium (needs a browser)',
  async () => {
    const { origin } = story.server
    const applicant = await open({ width: 1280, height: 900 })
    const { page } = applicant
    await page.goto(`${origin}/`)
    await page.getByRole('button', { name: '登录', exact: true }).first().waitFor()
    await look(page, '1-start')
    expect(await violations(page)).toEqual([])
    await logIn(page, `${origin}/`, { platform: '浙里办', persona: '企业经办人' })

    await page.getByRole('button', { name: '提交申请' }).waitFor()
    await page.getByRole('button', { name: '提交申请' }).click()
    await page.getByText(/有 \d+ 处需要修改/).waitFor()
    await look(page, '2-errors')
    expect(await violations(page)).toEqual([])
    await fillForm(page)
    await look(page, '3-form')
    await page.getByRole('button', { name: '提交申请' }).click()
    await page.waitForURL(`${origin}/case?id=*`)
    await page.getByText('办理进度').waitFor()

    const clerk = await open({ width: 1280, height: 900 })
    await logIn(clerk.page, `${origin}/window`, { platform: '统一身份认证平台', persona: '窗口工作人员' })
    await act(clerk.page, '信用核查')
    await clerk.page.getByText('优先办理').first().waitFor()
    await look(clerk.page, '4-window')
    expect(await violations(clerk.page)).toEqual([])
    await act(clerk.page, '受理并发出缴费通知')

    await page.getByRole('button', { name: /支付 ￥120.00/ }).waitFor()
    expect(await violations(page)).toEqual([])
    await page.getByRole('button', { name: /支付 ￥120.00/ }).click()
    await look(page, '5-cashier')
    const payer = await applicant.context.newPage()
    await payer.setViewportSize({ width: 390, height: 800 })
    await payer.goto((await page.getByRole('link', { name: '在手机上打开付款页' }).getAttribute('href'))!)
    await payer.getByRole('button', { name: '确认支付' }).click()
    await payer.getByText('支付成功').waitFor()
    await page.getByText('支付成功').first().waitFor()
    await look(page, '6-paid')

    for (const action of ['作出许可决定', '制证、签章并送达', '归档移交']) await act(clerk.page, action)
    await clerk.page.getByText('已归档', { exact: true }).waitFor()
    await look(clerk.page, '7-archived')

    await page.reload()
    await page.getByText('食品经营许可证.pdf').first().waitFor()
    await expect.poll(() => page.getByText('核验通过').count(), { timeout: 15_000 }).toBeGreaterThanOrEqual(2)
    await look(page, '8-documents')
    expect(await violations(page)).toEqual([])
    await page.getByRole('radio', { name: '非常满意', exact: true }).check()
    await page.getByRole('button', { name: '提交评价' }).click()
    await page.getByText('您的评价：非常满意').waitFor()

    await page.setViewportSize({ width: 390, height: 800 })
    await page.getByRole('button', { name: /长辈版/ }).click()
    await look(page, '9-elder-phone')
    expect(await violations(page)).toEqual([])
    expect(faults).toEqual([])
  },
  120_000,
)

async function fillForm(page: Page): Promise<void> {
  const answers = {
    '法定代表人（负责人）': '张三（样例）',
    经营场所地址: '样例市样例区样例路1号',
    '面积（平方米）': '120',
    联系人: '王五（样例）',
    手机号码: '13700009050',
  }
  for (const [label, value] of Object.entries(answers)) await page.getByLabel(label).fill(value)
  for (const choice of ['餐饮服务', '热食类食品制售']) {
    await page.getByRole('radio', { name: choice }).check()
  }
  await page.getByRole('checkbox', { name: '我承诺以上内容真实有效' }).check()
  for (const { code, name, content } of await sampleMaterials()) {
    const path = join(folder, name)
    writeFileSync(path, content)
    const label = code === 'layout-plan' ? '经营场所布局和操作流程图' : '食品安全管理制度清单'
    await page.getByLabel(label).setInputFiles(path)
    await page.getByText(name).first().waitFor()
  }
}

async function act(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name }).first().click()
  const confirm = page.getByRole('button', { name: /^确认/ })
  if (await confirm.isVisible().catch(() => false)) await confirm.click()
  await expect.poll(() => page.getByRole('button', { name }).count(), { timeout: 20_000 }).toBe(0)
}
