import { expect, test } from 'vitest'
import { readExamples, runExample } from './readme.ts'

const [example = ''] = readExamples('README.md')

test('the README’s example runs as it stands, and its document verifies', () => {
  expect(example.trim().split('\n').length).toBeLessThanOrEqual(10)
  expect(runExample(example)).toEqual({ status: 0, stdout: 'TOTAL-PASSED\n', stderr: '' })
})

test('an example that seals something else than it verifies is found', () => {
  const tampered = example.replace('verifyPdf(sealed,', 'verifyPdf(sealed.with(200, 32),')
  expect(tampered).not.toBe(example)
  expect(runExample(tampered).stdout).not.toContain('TOTAL-PASSED')
})

test('an example that does not run is found', () => {
  expect(runExample(example.replace('signPdf(pdf', 'signPdff(pdf')).status).not.toBe(0)
})
