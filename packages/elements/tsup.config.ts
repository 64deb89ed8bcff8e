import { defineConfig } from 'tsup'

export default defineConfig({
  // One file an element, so that a page with one element loads one.
  entry: [
    'src/index.ts',
    'src/define.ts',
    ...['case-tracker', 'cashier', 'config', 'document-verdict', 'login-button'].map(
      (name) => `src/${name}/${name}.ts`,
    ),
  ],
  format: ['esm'],
  dts: false,
  sourcemap: true,
  clean: true,
  target: 'node20',
  removeNodeProtocol: false,
})
