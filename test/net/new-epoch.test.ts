/** What an operator does when the own log cannot go on: it was frozen, or its keys are lost with their disk. */
import assert from 'node:assert/strict'
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Client } from '../../node/api/client.ts'
import { Keystore } from '../../node/keys/keystore.ts'
import { native } from '../../node/keys/native.ts'
import { printSignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { printEquivocation } from '../../protocol/log/equivocation-file.ts'
import { proveSameSize } from '../../protocol/log/equivocation-maker.ts'
import { equivocationId } from '../../protocol/log/equivocation.ts'
import { SIGNATURE_TYPE } from '../../protocol/log/note.ts'
import { contentOf } from '../../cli/report-content.ts'
import { candor } from '../support/cli.ts'
import { makeCoalition, type Coalition } from '../support/coalition.ts'
import { hasCode } from '../support/directory.ts'
import { holdAlike } from '../support/held.ts'
import { startNode, type NodeProcess } from '../support/process.ts'
import { until } from '../support/until.ts'

const PROOF = 'ab'.repeat(32)

async function publish(client: Client, title: string): Promise<string> {
  const draft = await client.addDraft(contentOf({ title, summary: 'What happened.' }))
  const { record } = await client.publishDraft(draft.id, 0)
  return record
}

describe('a log that cannot go on', function () {
  this.timeout(240_000)
  const running = new Map<string, NodeProcess>()
  let coalition: Coalition

  const member = (name: string) => {
    const found = coalition.members.find(({ domain }) => domain === `${name}.example`)
    assert.ok(found !== undefined)
    return found
  }
  const clientOf = (name: string): Client => {
    const node = running.get(name)
    assert.ok(node !== undefined)
    return node.client
  }
  const start = async (name: string) => {
    running.set(name, await startNode(member(name).home, coalition.charterFile))
  }
  const isOk = async (name: string) => (await clientOf(name).status()).state === 'ok'
  const operator = (name: string, ...words: readonly string[]) =>
    candor(['--home', member(name).home.directory, '--json', ...words])
  const epochs = async (name: string, of: string) =>
    (await clientOf(name).keys(of)).epochs.map(({ origin, state, closedAt }) => {
      return [origin.split('/').at(-1), state, ...(closedAt === undefined ? [] : [closedAt])]
    })
  const sizeAt = async (name: string, origin: string) =>
    (await clientOf(name).logs()).find((log) => log.origin === origin)?.size
  const lastOf = async (name: string) => (await clientOf(name).status()).log

  before(async () => {
    coalition = await makeCoalition(3)
    for (const name of ['a', 'b', 'c']) await start(name)
    await until('all may sign', async () => (await isOk('a')) && (await isOk('b')) && (await isOk('c')))
    // Nobody judges a proof against a key, or verifies all, before the log that declares the key is there.
    const clients = ['a', 'b', 'c'].map(clientOf)
    await until('everybody holds the log of everybody', () => holdAlike(clients, 3))
  })

  after(async () => {
    await Promise.all([...running.values()].map((node) => node.kill()))
    coalition.remove()
  })

  it('is not given up without a yes, and goes on until then', async () => {
    const { exit } = await operator('a', 'log', 'recover', '--because', 'A test', '--no-input')
    assert.equal(exit, 7)
    await publish(clientOf('a'), 'Still in the first log')
    assert.equal((await clientOf('a').keys(undefined)).epochs.length, 1)
  })

  it('ends at the head that its owner names, with the proof and an explanation that everybody sees', async () => {
    const kept = await publish(clientOf('a'), 'Kept')
    const { origin, size } = await lastOf('a')
    const left = await publish(clientOf('a'), 'Left behind')
    await until('B holds it', async () => (await sizeAt('b', origin)) === size + 1)
    const begun = Date.now()
    const because = 'Two machines wrote this log after a restore.'
    const words = ['--because', because, '--proof', PROOF, '--size', String(size), '--yes']
    const { exit, out, err } = await operator('a', 'log', 'recover', ...words)
    assert.equal(exit, 0, out + err)
    const opened = JSON.parse(out).data
    assert.deepEqual([opened.closed.size, opened.leftOut, opened.state], [size, 1, 'ok'])
    const again = await publish(clientOf('a'), 'In the new log')
    for (const name of ['b', 'c']) {
      await until(`${name} holds the new log`, async () => (await sizeAt(name, opened.origin)) === 2)
      assert.deepEqual(await epochs(name, 'a.example'), [
        ['1', 'closed', size],
        ['2', 'open'],
      ])
      const retired = (await clientOf(name).logs()).find((log) => log.origin === origin)
      assert.equal(retired?.state, 'retired')
      assert.match(retired.why, /its author closed it at a head that .*\/2 continues it/)
      assert.ok(Date.parse(retired.since) >= begun - 1_000)
      const { epochs: shown } = await clientOf(name).keys('a.example')
      assert.deepEqual(shown[1]?.because, { proof: PROOF, text: because })
      const marksOf = async (record: string) =>
        (await clientOf(name).record(record, 'a.example')).versions.flatMap(({ marks }) => marks)
      assert.deepEqual(await marksOf(kept), [])
      assert.deepEqual(await marksOf(again), [])
      assert.deepEqual(await marksOf(left), ['it stands above the head at which its author closed this log'])
    }
    const verified = (...words: readonly string[]) =>
      operator('b', 'verify', ...words).then(({ exit }) => exit)
    assert.deepEqual(await Promise.all([verified(kept), verified(again), verified(left)]), [0, 0, 13])
    assert.equal(await verified('--all'), 0)
    const { items } = await clientOf('b').records({ author: 'a.example', limit: 10 })
    assert.deepEqual(
      items.filter(({ marks }) => marks.length > 0).map(({ record }) => record),
      [left],
    )
  })

  it('is frozen by a proof everywhere, and goes on in the next epoch, which ends it where the histories part', async () => {
    const kept = await publish(clientOf('c'), 'In both histories')
    const { origin, size } = await lastOf('c')
    // A frozen log grows nowhere: who does not hold the record by then never will.
    for (const name of ['a', 'b'])
      await until(`${name} holds it`, async () => (await sizeAt(name, origin)) === size)
    const note = await clientOf('c').head(origin)
    const { publicKey, sign } = Keystore.open(member('c').home.keys, undefined).logSigner(1)
    const forged = { origin, size, root: new Uint8Array(32).fill(5) }
    const other = printSignedCheckpoint(native, forged, publicKey, sign)
    const subject = { name: origin, type: SIGNATURE_TYPE.ed25519, key: publicKey }
    const proof = proveSameSize(native, { subject, a: note, b: other })
    assert.ok(proof.ok, proof.ok ? '' : proof.fault)
    await clientOf('a').addEvidence(printEquivocation(native, proof.value))
    await until(
      'C knows that its log is frozen',
      async () => (await clientOf('c').status()).state === 'read-only',
    )
    await assert.rejects(publish(clientOf('c'), 'Too late'), hasCode('LOG_FROZEN'))

    const words = ['--because', 'A second machine had our keys.', '--yes']
    const { exit, out, err } = await operator('c', 'log', 'recover', ...words)
    assert.equal(exit, 0, out + err)
    const opened = JSON.parse(out).data
    // The two heads of this size share no more than the entries below them.
    assert.ok(opened.closed.size < size)
    assert.deepEqual([opened.leftOut, opened.state], [size - opened.closed.size, 'ok'])
    const again = await publish(clientOf('c'), 'In the new log')
    for (const name of ['a', 'b']) {
      await until(`${name} holds the new log`, async () => (await sizeAt(name, opened.origin)) === 2)
      const { epochs: shown } = await clientOf(name).keys('c.example')
      assert.equal(
        shown[1]?.because?.proof,
        Buffer.from(equivocationId(native, printEquivocation(native, proof.value))).toString('hex'),
      )
      const marked = await Promise.all(
        [kept, again].map(
          async (record) => (await clientOf(name).record(record, 'c.example')).versions[0]?.marks.length,
        ),
      )
      assert.ok((marked[0] ?? 0) > 0)
      assert.equal(marked[1], 0)
    }
  })

  it('is brought back from the 24 words on a new machine', async () => {
    const { home, words, port } = member('b')
    const old = await publish(clientOf('b'), 'Before the disk was lost')
    const { origin, size, root } = await lastOf('b')
    await until('C holds it', async () =>
      (await clientOf('c').logs()).some((log) => log.origin === origin && log.root === root),
    )
    await running.get('b')?.kill()
    renameSync(home.directory, `${home.directory}.lost`)

    const file = join(coalition.directory, 'words')
    writeFileSync(file, `${words}\n`)
    const named = ['b.example', '--name', 'Member B', '--sector', 'finance']
    const listen = ['--listen', `/ip4/127.0.0.1/tcp/${port}`]
    const made = await operator(
      'b',
      'init',
      ...named,
      ...listen,
      '--no-passphrase',
      '--recover',
      '--words-file',
      file,
    )
    assert.equal(made.exit, 0, made.out + made.err)
    assert.ok(!made.out.includes(words))
    await start('b')
    const client = clientOf('b')
    await assert.rejects(publish(client, 'Too early'), hasCode('READ_ONLY'))
    await until('B has its own log back', async () => (await sizeAt('b', origin)) === size)
    assert.match((await client.status()).readOnly?.why ?? '', /recovered from its phrase/)
    await until('a quorum confirmed all of it', async () =>
      (await client.logs()).some((log) => log.origin === origin && log.confirmed.quorum?.size === size),
    )

    const { exit, out, err } = await until('the others have answered', async () => {
      const ran = await operator('b', 'log', 'recover', '--because', 'The disk was lost.', '--yes')
      return ran.exit === 14 ? undefined : ran
    })
    assert.equal(exit, 0, out + err)
    const opened = JSON.parse(out).data
    assert.deepEqual([opened.closed.size, opened.leftOut, opened.state], [size, 0, 'ok'])
    const young = await publish(client, 'On the new machine')
    for (const name of ['a', 'c']) {
      await until(`${name} holds it`, async () => (await sizeAt(name, opened.origin)) === 2)
      for (const record of [old, young]) {
        const { versions } = await clientOf(name).record(record, 'b.example')
        assert.deepEqual(
          versions.map(({ marks }) => marks),
          [[]],
        )
      }
    }
    await until('A knows the new node', async () =>
      (await clientOf('a').peers()).some(
        ({ domain, state }) => domain === 'b.example' && state === 'connected',
      ),
    )
  })

  it('is frozen by no thief of its old key, once it was closed at a head that others confirmed', async () => {
    const origin = (await lastOf('b')).origin.replace(/2$/, '1')
    const note = await clientOf('a').head(origin)
    const { publicKey, sign } = Keystore.open(`${member('b').home.directory}.lost/keys`, undefined).logSigner(
      1,
    )
    const size = (await sizeAt('a', origin)) ?? 0
    const forged = { origin, size, root: new Uint8Array(32).fill(5) }
    const other = printSignedCheckpoint(native, forged, publicKey, sign)
    const subject = { name: origin, type: SIGNATURE_TYPE.ed25519, key: publicKey }
    const proof = proveSameSize(native, { subject, a: note, b: other })
    assert.ok(proof.ok, proof.ok ? '' : proof.fault)
    const added = await clientOf('a').addEvidence(printEquivocation(native, proof.value))
    assert.deepEqual([added.state, added.proof.freezes], ['new', false])
    await until('C holds the proof too', async () =>
      (await clientOf('c').evidenceList()).some(
        ({ id, freezes }) => id === added.proof.id && freezes === false,
      ),
    )
    for (const name of ['a', 'c']) {
      const log = (await clientOf(name).logs()).find((one) => one.origin === origin)
      assert.deepEqual([log?.state, log?.frozen], ['retired', undefined])
      assert.match(log?.why ?? '', /proofs of two histories are held \(1\), which freeze nothing/)
      assert.equal((await operator(name, 'verify', '--org', 'b.example')).exit, 0)
    }
    const shown = await candor(['--home', member('a').home.directory, 'evidence', 'show', added.proof.id])
    assert.match(shown.out, /nothing is frozen, and later heads of it are void/)
  })

  it('is refused to a keystore from before the new epoch', async () => {
    await running.get('b')?.stop()
    const { home } = member('b')
    renameSync(home.directory, `${home.directory}.new`)
    renameSync(`${home.directory}.lost`, home.directory)
    await start('b')
    const client = clientOf('b')
    await until('the old keystore knows that it is old', async () =>
      /older than the log/.test((await client.status()).readOnly?.why ?? ''),
    )
    await assert.rejects(publish(client, 'From the old disk'), hasCode('READ_ONLY'))
  })
})
