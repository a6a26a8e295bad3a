import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { NodeError } from '../../node/api/client.ts'
import { native } from '../../node/keys/native.ts'
import { printBundleFile } from '../../protocol/audit/bundle.ts'
import { printEquivocation } from '../../protocol/log/equivocation-file.ts'
import { proveSameSize } from '../../protocol/log/equivocation-maker.ts'
import { asked } from '../support/cli.ts'
import { PROOF } from '../support/fake-service.ts'
import { LEFT, LOG, RIGHT, signed } from '../support/forked.ts'

const EMPTY = { policy: null, proofs: [], openings: [], consistency: [], equivocations: [], keys: [] }

describe('candor evidence', () => {
  const directory = mkdtempSync(join(tmpdir(), 'candor-evidence-'))
  const file = join(directory, 'proof.txt')
  const made = proveSameSize(native, { subject: LOG, a: signed(LEFT, 12), b: signed(RIGHT, 12) })
  assert.ok(made.ok)
  const bytes = printEquivocation(native, made.value)
  writeFileSync(file, bytes)
  after(() => rmSync(directory, { recursive: true }))

  const notOurs = () => Promise.reject(new NodeError('EVIDENCE_KEY', 'it convicts nobody here'))

  it('lists what is held, and says so when that is nothing', async () => {
    const list = await asked(['evidence', 'list'])
    assert.match(list.out, /555555555555 +log of a\.example +tree +3 and 5/)
    assert.equal(list.exit, 0)
    const none = await asked(['evidence', 'list'], {}, { evidenceList: () => Promise.resolve([]) })
    assert.match(none.out, /No proof/)
  })

  it('shows both branches and how much they share', async () => {
    const evidenceList = () => Promise.resolve([{ ...PROOF, id: idOf(bytes) }])
    const held = { evidenceList, evidenceFile: () => Promise.resolve(bytes) }
    const { out, exit } = await asked(['evidence', 'show', '555555'], {}, held)
    assert.equal(exit, 0)
    assert.match(out, /The log of a\.example signed two histories/)
    assert.match(
      out,
      /head A {2}size 3, root Bwc[\s\S]*head B {2}size 5, root CAg[\s\S]*at most the first 2 entries/,
    )
    assert.match(out, /frozen here for good/)
  })

  it('writes the file for others, to a new file only', async () => {
    const out = join(directory, 'out.txt')
    const held = { evidenceFile: () => Promise.resolve(bytes) }
    assert.equal((await asked(['evidence', 'export', '555555', '-o', out], {}, held)).exit, 0)
    assert.deepEqual(readFileSync(out), Buffer.from(bytes))
    assert.equal((await asked(['evidence', 'export', '555555', '-o', out], {}, held)).exit, 6)
    const shown = await asked(['evidence', 'export', '555555'], {}, held)
    assert.equal(shown.out, Buffer.from(bytes).toString())
  })

  it('ends with 11 for a proof, 13 for one that convicts nobody here, and 10 for what is none', async () => {
    const sound = await asked(['evidence', 'check', file])
    assert.deepEqual([sound.exit, sound.calls], [11, [`addEvidence ${bytes.length} true`]])
    const foreign = await asked(['evidence', 'check', file], {}, { addEvidence: notOurs })
    assert.equal(foreign.exit, 13)
    assert.match(foreign.out, /log\.example[\s\S]*it convicts nobody here/)
    const junk = join(directory, 'junk.txt')
    writeFileSync(junk, bytes.slice(0, -1))
    for (const verb of ['check', 'add']) {
      const refused = await asked(['evidence', verb, junk])
      assert.deepEqual([refused.exit, refused.calls], [10, []], verb)
    }
  })

  it('hands a proof to the node and says what came of it', async () => {
    const { exit, out, calls } = await asked(['evidence', 'add', file])
    assert.deepEqual([exit, calls], [11, [`addEvidence ${bytes.length} false`]])
    assert.match(out, /taken in, and told to the other members/)
    assert.equal((await asked(['evidence', 'add', file], {}, { addEvidence: notOurs })).exit, 13)
  })

  it('hands a bundle to the node, and ends with 0 where nothing in it contradicts anything, else with 11', async () => {
    const bundle = join(directory, 'one.candor-bundle')
    const written = printBundleFile({ ...EMPTY, equivocations: [bytes] })
    writeFileSync(bundle, written)
    const none = await asked(['evidence', 'add', bundle])
    assert.deepEqual([none.exit, none.calls], [0, [`addBundle ${written.length}`]])
    assert.match(none.out, /Nothing in this bundle contradicts.*\n +2 of its heads agree.*; 1 are ahead/)
    const proofs = [{ state: 'new', proof: PROOF }] as const
    const heads = { agree: 0, wait: 0, passedOver: 1 }
    const addBundle = () => Promise.resolve({ proofs, heads })
    const found = await asked(['evidence', 'add', bundle], {}, { addBundle })
    assert.equal(found.exit, 11)
    assert.match(
      found.out,
      /The log of a\.example signed two histories[\s\S]*taken in, and told[\s\S]*1 say nothing/,
    )
    const { out } = await asked(['evidence', 'add', bundle, '--json'], {}, { addBundle })
    assert.equal(JSON.parse(out).schema, 'candor.cli/evidence-of-bundle@1')
  })

  it('answers in envelopes when asked for JSON', async () => {
    const evidenceList = () => Promise.resolve([{ ...PROOF, id: idOf(bytes) }])
    const held = { evidenceList, evidenceFile: () => Promise.resolve(bytes) }
    for (const [words, kind] of [
      [['list'], 'evidence-list'],
      [['show', '555555'], 'evidence'],
      [['export', '555555'], 'evidence-file'],
      [['check', file], 'evidence-check'],
      [['add', file], 'evidence-added'],
    ] as const) {
      const { out } = await asked(['evidence', ...words, '--json'], {}, held)
      assert.equal(JSON.parse(out).schema, `candor.cli/${kind}@1`)
    }
  })
})

function idOf(file: Uint8Array): string {
  return Buffer.from(native.sha256(file)).toString('hex')
}
