import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { statesOfOthers } from '../../cli/cosigner-keys.ts'
import { remember } from '../../cli/remembered.ts'
import type { Service } from '../../node/api/client.ts'
import { native } from '../../node/keys/native.ts'
import { parseBundleFile } from '../../protocol/audit/bundle.ts'
import { printBase32 } from '../../protocol/bytes.ts'
import { equivocationId } from '../../protocol/log/equivocation.ts'
import { printEquivocation } from '../../protocol/log/equivocation-file.ts'
import { proveSameSize } from '../../protocol/log/equivocation-maker.ts'
import { printSignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { printNote, SIGNATURE_TYPE } from '../../protocol/log/note.ts'
import { BUNDLE_ITEMS_MAX } from '../../protocol/limits.ts'
import { BundleLab, TIME, type Cosigners, type LogInBytes } from '../support/bundles.ts'
import { serving } from '../support/api.ts'
import { asked, candor } from '../support/cli.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { labService } from '../support/lab-service.ts'

describe('candor bundle create', function () {
  this.timeout(30_000)
  const { path, remove } = temporaryDirectory()
  let lab: BundleLab
  let log: LogInBytes
  let record: string
  let files = 0
  before(async () => {
    lab = await BundleLab.open(4)
    log = lab.log(0)
    for (let i = 0; i < 5; i++) log.say()
    record = printBase32(log.say().record)
    lab.log(1).change({ kind: 'add', purpose: 'statement' })
    writeFileSync(join(path, 'charter'), lab.charterBytes)
  })
  after(() => {
    lab.remove()
    remove()
  })

  const everybody = (number: number): Cosigners =>
    lab.logs.flatMap((_, at) => (at === number ? [] : [[at, TIME + at] as const]))
  const create = async (
    words: readonly string[],
    other: Partial<Service> = labService(lab, { cosigners: everybody }),
  ) => {
    const file = join(path, `${(files += 1)}.candor-bundle`)
    const ran = await asked(['bundle', 'create', ...words, '-o', file, '--json'], {}, other)
    return { ...ran, file }
  }
  const verify = (file: string, ...more: readonly string[]) =>
    candor(['verify', '--bundle', file, '--trust', join(path, 'charter'), '--offline', '--json', ...more])
  const bundleIn = (file: string) => {
    const read = parseBundleFile(new Uint8Array(readFileSync(file)))
    assert.ok(read.ok)
    return read.value
  }

  it('takes what shows a record, and that verifies elsewhere', async () => {
    const made = await create([record])
    assert.equal(made.exit, 0, made.err)
    assert.equal(JSON.parse(made.out).data.verdict, 'verified')
    assert.equal((await verify(made.file)).exit, 0)
    const { keys, proofs, policy } = bundleIn(made.file)
    assert.deepEqual([proofs.length, keys.length], [1, 5], 'leaf 0 of four members and one key event')
    assert.ok(policy !== null)
  })

  it('says where its reader will find less than a verified record', async () => {
    const made = await create([record], labService(lab, { cosigners: () => [] }))
    assert.equal(made.exit, 0)
    assert.deepEqual(JSON.parse(made.out).data.findings, ['quorum-not-met'])
    assert.equal((await verify(made.file)).exit, 12)
  })

  it('carries proofs of two histories along, against the log inside', async () => {
    const { publicKey: key, sign } = log.keystore.logSigner(1)
    const size = log.leaves.length
    const forged = printSignedCheckpoint(
      native,
      { origin: log.origin, size, root: new Uint8Array(32) },
      key,
      sign,
    )
    const subject = { name: log.origin, type: SIGNATURE_TYPE.ed25519, key }
    const proven = proveSameSize(native, { subject, a: printNote(log.head(size).note), b: forged })
    assert.ok(proven.ok)
    const file = printEquivocation(native, proven.value)
    const id = Buffer.from(equivocationId(native, file)).toString('hex')
    const evidence = [
      { id, origin: log.origin, file },
      { id: 'other', origin: lab.log(1).origin, file: Uint8Array.of(1) },
    ]
    const made = await create([record], labService(lab, { cosigners: everybody, evidence }))
    assert.equal(bundleIn(made.file).equivocations.length, 1)
    assert.equal((await verify(made.file)).exit, 11)
  })

  it('takes all of a member, or all since a head, which it then continues', async () => {
    const all = await create(['--org', log.domain])
    assert.equal(bundleIn(all.file).proofs.length, log.leaves.length)
    assert.equal((await verify(all.file)).exit, 0)
    const head = join(path, 'head')
    writeFileSync(head, printNote(log.head(4).note))
    const since = await create(['--since', head])
    assert.deepEqual(
      bundleIn(since.file).proofs.map(({ index }) => index),
      [4, 5, 6],
    )
    const { exit, out } = await verify(since.file, '--since', head)
    assert.deepEqual([exit, JSON.parse(out).data.continues], [0, [{ origin: log.origin, size: 4 }]])
    writeFileSync(head, printNote(log.head(log.leaves.length).note))
    assert.equal((await create(['--since', head])).exit, 5)
    assert.equal((await create(['--org', 'nobody.example'])).exit, 5)
  })

  it('finds the key events of a member that revoked a key, which the node does not list', async () => {
    const own = lab.log(2)
    const id = own.keystore.signer('statement').keyId
    const said = own.say()
    own.change({ kind: 'add', purpose: 'statement' }, { kind: 'revoke', id, since: said.index })
    own.change({ kind: 'revoke', id, since: 1 })
    const made = await create([printBase32(said.record)])
    const events = bundleIn(made.file).keys.filter(({ file }) => file.signed.checkpoint.origin === own.origin)
    assert.deepEqual(
      events.map(({ file }) => file.index),
      [0, 2, 3, 4],
    )
    const { exit, out } = await verify(made.file)
    assert.equal(exit, 13)
    assert.match(out, /key-suspect/)
  })

  it('refuses what does not fit, before it is fetched', async () => {
    const service = labService(lab, { cosigners: everybody })
    const logs = async () =>
      (await service.logs?.())?.map((one) => ({ ...one, size: BUNDLE_ITEMS_MAX + 1 })) ?? []
    const made = await create(['--org', log.domain], { ...service, logs })
    assert.equal(made.exit, 20)
    assert.match(made.err, /more than one bundle holds/)
    assert.match(made.err, /mirror"/)
    const big = lab.log(3)
    for (let i = 0; i < 18; i++) big.say({ public: { description: 'x'.repeat(60_000) } })
    const long = await create(['--org', big.domain])
    assert.equal(long.exit, 20)
    assert.match(long.err, /this is more than one bundle holds \(1048576 bytes\)/)
  })

  describe('and candor verify ID', () => {
    it('learns the keys of those who confirmed without reading their logs', async () => {
      const other = lab.log(1)
      for (let i = 0; i < 40; i++) other.say()
      const read: string[] = []
      const service = labService(lab, { cosigners: everybody })
      const entries: Service['entries'] = (origin, from, count) => {
        if (from > 0 || count > 1) read.push(`${origin} ${from} ${count}`)
        return service.entries?.(origin, from, count) ?? Promise.reject(new Error('bug: it has entries'))
      }
      const { exit, out } = await asked(['verify', record, '--json'], {}, { ...service, entries })
      assert.equal(exit, 0)
      const [report] = JSON.parse(out).data.reports
      assert.deepEqual(report.cosigners, ['b.example', 'c.example', 'd.example'])
      // The log of c.example is read because it revoked a key (above), and for that alone.
      assert.ok(read.every((call) => !call.startsWith(other.origin) && !call.startsWith(lab.log(3).origin)))
      assert.match(
        (await asked(['verify', record], {}, service)).out,
        /no key of those who confirmed was revoked/,
      )
    })

    it('counts nobody whose keys the node shows wrongly', async () => {
      const service = labService(lab, { cosigners: everybody })
      const inclusion: Service['inclusion'] = async (origin, index, size) => {
        const shown = await (service.inclusion?.(origin, index, size) ??
          Promise.reject(new Error('bug: it has proofs')))
        return origin === lab.log(3).origin ? { ...shown, proof: [new Uint8Array(32)] } : shown
      }
      const { out } = await asked(['verify', record, '--json'], {}, { ...service, inclusion })
      assert.deepEqual(JSON.parse(out).data.reports[0].cosigners, ['b.example', 'c.example'])
    })

    it('counts nobody whose log does not continue what was verified here before', async () => {
      const other = lab.log(3)
      const size = other.leaves.length
      const countedAfter = async (note: Uint8Array) => {
        const home = join(path, `home-${(files += 1)}`)
        remember(home, native.sha256, other.origin, note)
        const auditor = { charter: lab.charter, home, onProgress: () => undefined }
        let states = 0
        await serving(labService(lab, { cosigners: everybody }), async ({ client }) => {
          states = (await statesOfOthers(client, auditor, [other.origin], () => true)).length
        })
        return states
      }
      const { publicKey, sign } = other.keystore.logSigner(1)
      const headOf = (at: number) =>
        printSignedCheckpoint(
          native,
          { origin: other.origin, size: at, root: new Uint8Array(32) },
          publicKey,
          sign,
        )
      other.say()
      assert.equal(await countedAfter(printNote(other.head(size).note)), 1)
      assert.equal(await countedAfter(headOf(size)), 0, 'another history')
      assert.equal(await countedAfter(headOf(size + 9)), 0, 'an older head than before')
    })

    it('explains each hash of the record', async () => {
      const service = labService(lab, { cosigners: everybody })
      const { exit, out } = await asked(['verify', record, '--explain'], {}, service)
      assert.equal(exit, 0)
      assert.match(out, /leaf hash: 00, then the entry\n {6}input {4}00d284/)
      assert.match(out, /→ root in the head [0-9a-f]{64} \(.*\): the same/)
      assert.match(out, /→ the commitment in the entry [0-9a-f]{64}: the same/)
    })
  })
})
