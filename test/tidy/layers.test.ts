import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

/** What each directory of `node/` may import, besides `protocol/` and the files that stand in `node/` itself. */
const SIBLINGS: Readonly<Record<string, readonly string[]>> = {
  api: ['interop', 'keys'],
  catalog: ['log', 'store'],
  dataset: ['keys', 'net'],
  demo: ['api', 'keys'],
  disclosure: ['keys', 'log', 'store'],
  escrow: ['disclosure', 'keys', 'log', 'store'],
  evidence: ['store'],
  interop: [],
  keys: [],
  log: ['keys', 'store', 'sync'],
  net: ['sync'],
  outgoing: ['keys', 'store'],
  service: [
    'api',
    'catalog',
    'dataset',
    'disclosure',
    'escrow',
    'evidence',
    'interop',
    'keys',
    'log',
    'outgoing',
    'store',
    'witness',
  ],
  store: ['net'],
  sync: ['evidence', 'log', 'net', 'store', 'witness'],
  witness: ['evidence', 'keys', 'log', 'store', 'sync'],
}

type Import = { readonly from: string; readonly to: string }

const files = (layer: string) =>
  readdirSync(layer, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(layer, name))

function importsOf(layer: string): readonly Import[] {
  return files(layer).flatMap((from) =>
    [...readFileSync(from, 'utf8').matchAll(/(?:from|import|import\()\s*'(\.[^']+)'/g)].map(
      ([, path = '']) => ({
        from,
        to: normalize(join(dirname(from), path)),
      }),
    ),
  )
}

const layerOf = (path: string) => path.split('/')[0]
const roomOf = (path: string) => (path.split('/').length > 2 ? (path.split('/')[1] ?? '') : '')

describe('the layers', () => {
  it('import downwards only', () => {
    const upwards = [
      ...importsOf('protocol').filter(({ to }) => layerOf(to) !== 'protocol'),
      ...importsOf('node').filter(({ to }) => !['protocol', 'node'].includes(layerOf(to) ?? '')),
      ...importsOf('cli').filter(({ to }) => layerOf(to) === 'node' && to !== 'node/api/client.ts'),
      ...['protocol', 'node', 'cli'].flatMap(importsOf).filter(({ to }) => /^(?:test|bench)\//.test(to)),
    ]
    assert.deepEqual(upwards, [])
  })

  it('keep the rooms of node/ apart', () => {
    const breaches = importsOf('node').filter(({ from, to }) => {
      const [room, other] = [roomOf(from), roomOf(to)]
      if (layerOf(to) !== 'node' || room === '' || other === '' || room === other) return false
      return SIBLINGS[room]?.includes(other) !== true
    })
    assert.deepEqual(breaches, [])
  })

  it('name no Node or DOM global in protocol/', () => {
    const globals =
      /(?<![\w.'"`])(?:process|Buffer|console|fetch|setTimeout|crypto|TextEncoder|TextDecoder|URL|Date\.now|Math\.random)\b(?=[.(])/
    const found = files('protocol').filter((name) =>
      globals.test(withoutComments(readFileSync(name, 'utf8'))),
    )
    assert.deepEqual(found, [])
  })

  it('are on the map: every directory stands in ARCHITECTURE.md', () => {
    const map = readFileSync('ARCHITECTURE.md', 'utf8')
    const missing = ['protocol', 'node', 'cli'].flatMap((layer) =>
      readdirSync(layer, { withFileTypes: true })
        .filter((entry) => entry.isDirectory() && !map.includes(`${layer}/${entry.name}/`))
        .map((entry) => `${layer}/${entry.name}/`),
    )
    assert.deepEqual(missing, [])
  })

  it('leave no unfinished marks', () => {
    const marks = new RegExp(
      `\\b(?:${['TO', 'FIX', 'XX', 'HA'].map((a, i) => a + ['DO', 'ME', 'X', 'CK'][i]).join('|')})\\b`,
    )
    const found = ['protocol', 'node', 'cli', 'test', 'bench']
      .flatMap(files)
      .filter((name) => marks.test(readFileSync(name, 'utf8')))
    assert.deepEqual(found, [])
  })
})

function withoutComments(source: string): string {
  return source.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/\/\/.*$/gm, '')
}
