import { defineConfig } from 'tsup'

export default defineConfig({
  entry: [
    'src/index.ts',
    'src/pkcs11.ts',
    'src/testing.ts',
    'src/lib/engines/engine-node.ts',
    'src/lib/engines/engine-web.ts',
  ],
  // Resolved when the package is used: package.json `imports` sends Node to one engine and everyone else to the other.
  external: ['#engine'],
  format: ['esm'],
  dts: false,
  sourcemap: true,
  clean: true,
  target: 'node20',
  removeNodeProtocol: false,
})
