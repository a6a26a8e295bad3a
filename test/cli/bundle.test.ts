import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { native } from '../../node/keys/native.ts'
import { printBundleFile, type Bundle } from '../../protocol/audit/bundle.ts'
import { printPolicy } from '../../protocol/log/policy.ts'
import { printEquivocation } from '../../protocol/log/equivocation-file.ts'
import { proveSameSize } from '../../protocol/log/equivocation-maker.ts'
import { printSignedCheckpoint, type SignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { parseNote, printNote, SIGNATURE_TYPE } from '../../protocol/log/note.ts'
import { policyOfLab, QUORUM } from '../support/bundle-reader.ts'
import { BundleLab, type LogInBytes } from '../support/bundles.ts'
import { candor } from '../support/cli.ts'
import { temporaryDirectory } from '../support/directory.ts'

describe('candor verify --bundle', function () {
  this.timeout(20_000)
  const { path, remove } = temporaryDirectory()
  let lab: BundleLab
  let log: LogInBytes
  let charter: string
  before(async () => {
    lab = await BundleLab.open(5)
    log = lab.log(0)
    for (let i = 0; i < 4; i++) log.say()
    charter = written('charter.candor', lab.charterBytes)
  })
  after(() => {
    lab.remove()
    remove()
  })

  function written(name: string, bytes: Uint8Array): string {
    writeFileSync(join(path, name), bytes)
    return join(path, name)
  }
  const bundled = (bundle: Bundle) => written('a.candor-bundle', printBundleFile(bundle))
  const verify = (file: string, ...more: readonly string[]) =>
    candor(['--home', join(path, 'nowhere'), 'verify', '--bundle', file, ...more])
  const good = (mirrors = QUORUM) => lab.bundle(0, [2], log.head(5, mirrors))
  const policyBytes = () => {
    const trust = policyOfLab(lab, log)
    assert.equal(trust.kind, 'policy')
    return trust.kind === 'policy' ? printPolicy(native, trust.policy) : new Uint8Array(0)
  }
  const dataOf = (out: string) => JSON.parse(out).data
  const codesOf = (out: string) => dataOf(out).findings.map(({ code }: { code: string }) => code)
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

  it('ends with 0, says each thing apart, what was checked and what that does not prove', async () => {
    const { exit, out } = await verify(bundled(good()), '--trust', charter, '--offline')
    assert.equal(exit, 0)
    for (const row of [
      /^✓ 1 statement: verified$/m,
      /signature +holds$/m,
      /in log +holds, whose newest head here has size 5$/m,
      /key state +holds$/m,
      /quorum +met, under size 5: confirmed by b\.example, c\.example, d\.example; 3 of 4 others are needed$/m,
      /time +existed by 20/m,
      /parts +public holds · partner not shown · research not shown$/m,
      /later +nothing in this bundle, which knows the log up to size 5$/m,
      /^Checked, in this process, from the file alone$/m,
      /^Not shown by this$/m,
      /that no key was revoked/,
    ])
      assert.match(out, row)
  })

  it('takes a policy as a file, or by its hash where the bundle carries it', async () => {
    const policy = policyBytes()
    const file = bundled({ ...good(), policy })
    const byFile = await verify(file, '--trust', written('a.policy', policy), '--offline', '--json')
    assert.deepEqual([byFile.exit, dataOf(byFile.out).trust.kind], [0, 'policy'])
    const byHash = await verify(file, '--trust', `sha256:${sha256(policy)}`, '--offline', '--json')
    assert.deepEqual([byHash.exit, dataOf(byHash.out).trust.digest], [0, sha256(policy)])
  })

  it('ends with 13 where the policy inside is not the one that was named, or there is none', async () => {
    const named = ['--trust', `sha256:${'0'.repeat(64)}`, '--offline']
    for (const bundle of [{ ...good(), policy: policyBytes() }, good()]) {
      const { exit, err } = await verify(bundled(bundle), ...named)
      assert.equal(exit, 13, err)
    }
    assert.equal((await verify(bundled(good()), '--trust', 'sha256:12', '--offline')).exit, 2)
  })

  it('ends with 20 for a trust file that is neither charter nor policy', async () => {
    const { exit, err } = await verify(bundled(good()), '--trust', written('junk', Uint8Array.of(1)))
    assert.equal(exit, 20)
    assert.match(err, /neither a charter nor a trust policy/)
  })

  it('ends with 12 below a quorum, and says so', async () => {
    const { exit, out } = await verify(bundled(good(QUORUM.slice(1))), '--trust', charter)
    assert.equal(exit, 12)
    assert.match(out, /quorum +NOT met: confirmed by c\.example, d\.example; 3 of 4 others are needed/)
    assert.match(out, /too few others confirmed it \(quorum-not-met, incomplete\)/)
  })

  it('ends with 10 for a statement that was changed', async () => {
    const bundle = good()
    const [opening] = bundle.openings
    assert.ok(opening)
    const part = { ...opening.part, bytes: Uint8Array.of(0xa0) }
    const { exit, out } = await verify(
      bundled({ ...bundle, openings: [{ ...opening, part }] }),
      '--trust',
      charter,
    )
    assert.equal(exit, 10)
    assert.match(out, /part-commitment/)
  })

  it('ends with 10 for a file cut short anywhere, and with 5 for none', async () => {
    const bytes = printBundleFile(good())
    for (const length of [0, 1, 100, bytes.length >> 1, bytes.length - 1]) {
      const { exit, err } = await verify(written('cut', bytes.subarray(0, length)), '--trust', charter)
      assert.equal(exit, 10, err)
      assert.match(err, /no bundle, or was altered or cut short \(bundle-cbor\)/)
    }
    assert.equal((await verify(join(path, 'none'), '--trust', charter)).exit, 5)
  })

  it('ends with 13 for a bundle of another network, and for a key that nobody declared', async () => {
    const other = await BundleLab.open(2)
    const foreign = await verify(bundled(good()), '--trust', written('other', other.charterBytes), '--json')
    other.remove()
    assert.equal(foreign.exit, 13)
    assert.ok(codesOf(foreign.out).includes('audit-outsider'))
    const { index } = log.say({}, lab.log(1).keystore.signer('statement'))
    const unknown = await verify(
      bundled(lab.bundle(0, [index], log.head(log.leaves.length, QUORUM))),
      '--trust',
      charter,
      '--json',
    )
    log.leaves.pop()
    assert.equal(unknown.exit, 13)
    assert.deepEqual(codesOf(unknown.out), ['key-unknown'])
  })

  const otherHead = (size: number): SignedCheckpoint => {
    const { publicKey, sign } = log.keystore.logSigner(1)
    const head = { origin: log.origin, size, root: new Uint8Array(32).fill(9) }
    const { note } = log.head(2)
    const text = printSignedCheckpoint(native, head, publicKey, sign)
    return { checkpoint: head, note: { ...note, ...noteOf(text) } }
  }

  it('ends with 11 for a proof of two histories of the log inside', async () => {
    const subject = {
      name: log.origin,
      type: SIGNATURE_TYPE.ed25519,
      key: log.keystore.logSigner(1).publicKey,
    }
    const proven = proveSameSize(native, {
      subject,
      a: printNote(log.head(5).note),
      b: printNote(otherHead(5).note),
    })
    assert.ok(proven.ok)
    const equivocations = [printEquivocation(native, proven.value)]
    const { exit, out } = await verify(bundled({ ...good(), equivocations }), '--trust', charter)
    assert.equal(exit, 11)
    assert.match(out, /SPLIT VIEW/)
  })

  it('ends with 11 for a head that the reader verified before and that contradicts it, with 0 for one it continues', async () => {
    const { proof } = log.consistency(log.head(3), log.head(5))
    const bundle = { ...good(), consistency: [{ from: log.head(3), to: log.head(5), proof }] }
    const since = (head: SignedCheckpoint) =>
      verify(bundled(bundle), '--trust', charter, '--since', written('head', printNote(head.note)))
    const continued = await since(log.head(3))
    assert.equal(continued.exit, 0)
    assert.match(continued.out, /continues your head of size 3/)
    assert.equal((await since(otherHead(3))).exit, 11)
    assert.equal((await since(log.head(2))).exit, 12, 'nothing in the bundle links it')
  })

  it('explains every hash, so that it can be made again', async () => {
    const head = log.head(5, QUORUM)
    const { proof } = log.consistency(log.head(3), head)
    const file = bundled({ ...good(), consistency: [{ from: log.head(3), to: head, proof }] })
    const { exit, out } = await verify(file, '--trust', charter, '--offline', '--explain', '--json')
    assert.equal(exit, 0)
    type Step = { what: string; input: string; sha256: string }
    const explained: { title: string; steps: Step[]; result: string }[] = dataOf(out).explained
    for (const { steps } of explained)
      for (const { input, sha256: hash } of steps) assert.equal(sha256(Buffer.from(input, 'hex')), hash)
    const place = explained.find(({ title }) => title.startsWith('Entry 2 under'))
    assert.ok(place)
    // Each hash goes into the next, from the entry to the root.
    place.steps.reduce(
      (before, { input, sha256: hash }) => {
        assert.ok(input.includes(before))
        return hash
      },
      Buffer.from(log.leaf(2).bytes).toString('hex'),
    )
    const root = Buffer.from(head.checkpoint.root).toString('hex')
    assert.equal(place.steps.at(-1)?.sha256, root)
    assert.match(place.result, /: the same$/)
    const part = explained.find(({ title }) => title.startsWith('The public part'))
    assert.ok(part?.result.includes(part.steps.at(-1)?.sha256 ?? 'none'))
    assert.equal(explained.length, 6, 'signature, part, place, link and two heads')
  })

  it('refuses to guess', async () => {
    const file = bundled(good())
    assert.equal((await verify(file, '--offline')).exit, 2)
    assert.equal((await verify(file, '--trust', charter, '--charter', charter)).exit, 2)
    assert.equal((await verify(file, '--all')).exit, 2)
    for (const words of [
      ['verify', '--all', '--offline'],
      ['verify', 'abcdefgh', '--trust', charter],
      ['verify', '--all', '--explain'],
      ['bundle', 'create', '-o', 'x'],
      ['bundle', 'create', 'abcdefgh', '--org', 'a.example', '-o', 'x'],
    ])
      assert.equal((await candor(words)).exit, 2, words.join(' '))
    assert.equal((await verify(file)).exit, 3, 'the charter of a node that is not there')
  })

  it('inspects without judging, whatever the file says', async () => {
    const policy = policyBytes()
    const file = bundled({ ...good(), policy })
    const { exit, out } = await candor(['bundle', 'inspect', file, '--json'])
    assert.equal(exit, 0)
    const data = dataOf(out)
    assert.deepEqual(data.policy, sha256(policy))
    assert.deepEqual([data.statements[0].index, data.statements[0].size, data.keys.length], [2, 5, 5])
    const text = await candor(['bundle', 'inspect', file])
    assert.match(text.out, /nothing here is verified/)
    assert.equal((await candor(['bundle', 'inspect', written('cut', Uint8Array.of(1))])).exit, 10)
  })
})

function noteOf(bytes: Uint8Array) {
  const read = parseNote(bytes)
  assert.ok(read.ok)
  return read.value
}
