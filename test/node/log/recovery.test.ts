import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { NodeError } from '../../../node/errors.ts'
import { Keystore } from '../../../node/keys/keystore.ts'
import { readMemory, writeMemory } from '../../../node/keys/memory.ts'
import { Recovery, SETTLE_MS, type RecoveryParts } from '../../../node/log/recovery.ts'
import { countStart } from '../../../node/starts.ts'
import { temporaryDirectory } from '../../support/directory.ts'
import { MemoryKeyValue } from '../../support/memory-kv.ts'

/** A member among `count` others, whose node holds `held` entries of its log and has signed before. */
function recoveryOf(other: Partial<RecoveryParts> & { readonly held?: number } = {}) {
  const world = { now: 0, held: other.held ?? 5, connected: new Set<string>(), recovered: [] as string[] }
  const count = other.count ?? 4
  const recovery = new Recovery({
    clock: { now: () => world.now },
    others: () => Array.from({ length: count }, (_, i) => `peer-${i}`),
    count,
    connected: () => world.connected,
    heldSize: () => world.held,
    hasSigned: true,
    isRestored: false,
    fault: undefined,
    onRecovered: (how) => void world.recovered.push(how),
    ...other,
  })
  const answer = (peer: string, own: number, agrees = true, told = true) =>
    recovery.onExchange({ peer, own, agrees, told })
  const settle = () => {
    world.now += SETTLE_MS
    recovery.check()
  }
  const why = () => {
    const state = recovery.current()
    return 'why' in state ? state.why : state.kind
  }
  return { recovery, world, answer, settle, why }
}

describe('recovering before signing', () => {
  it('waits for floor(2n/3) + 1 of the other members', () => {
    const { recovery, answer, settle, why } = recoveryOf()
    answer('peer-0', 5)
    answer('peer-1', 5)
    settle()
    assert.match(why(), /2 of 4 other members .* 3 must/)
    answer('peer-1', 5)
    assert.equal(recovery.isRecovered(), false)
    answer('peer-2', 5)
    assert.equal(recovery.isRecovered(), true)
  })

  it('counts no answer of a stranger, but believes a head of ours that one shows', () => {
    const { recovery, answer, settle, why } = recoveryOf({ count: 1 })
    answer('stranger', 9)
    answer('peer-0', 5)
    settle()
    assert.match(why(), /ahead elsewhere: other members hold 9 entries of it, this database 5/)
    assert.equal(recovery.isRecovered(), false)
  })

  it('goes on once it holds what the others hold, and knows then that it was restored', () => {
    const { world, answer, settle, recovery } = recoveryOf({ count: 1 })
    answer('peer-0', 7)
    settle()
    assert.equal(recovery.isRecovered(), false)
    world.held = 7
    settle()
    assert.deepEqual(world.recovered, ['restored'])
  })

  it('waits for a connected member that is silent, even with enough answers', () => {
    const { world, answer, settle, recovery } = recoveryOf()
    world.connected.add('peer-3')
    for (const peer of ['peer-0', 'peer-1', 'peer-2']) answer(peer, 5)
    settle()
    assert.equal(recovery.isRecovered(), false)
    world.connected.delete('peer-3')
    settle()
    assert.equal(recovery.isRecovered(), true)
  })

  it('does not count a member whose head of our log was not compared', () => {
    const { answer, settle, recovery } = recoveryOf({ count: 1 })
    answer('peer-0', 3, false)
    settle()
    assert.equal(recovery.isRecovered(), false)
  })

  it('does not count a member that did not say what our cosigners stated', () => {
    const { answer, settle, recovery } = recoveryOf({ count: 1 })
    answer('peer-0', 5, true, false)
    settle()
    assert.equal(recovery.isRecovered(), false)
    answer('peer-0', 5)
    assert.equal(recovery.isRecovered(), true)
  })

  it('starts for the first time on one answer: keys that never signed, an empty log, nobody who knows it', () => {
    const { world, answer, settle } = recoveryOf({ hasSigned: false, held: 0 })
    answer('peer-0', 0)
    assert.deepEqual(world.recovered, [])
    settle()
    assert.deepEqual(world.recovered, ['first'])
  })

  for (const [what, parts] of [
    ['keys that have signed', { hasSigned: true, held: 0 }],
    ['a log that is not empty', { hasSigned: false, held: 1 }],
  ] as const) {
    it(`takes ${what} for no first start`, () => {
      const { answer, settle, recovery } = recoveryOf(parts)
      answer('peer-0', 0)
      settle()
      assert.equal(recovery.isRecovered(), false)
    })
  }

  it('takes a log that somebody knows for no first start', () => {
    const { world, answer, settle } = recoveryOf({ hasSigned: false, held: 0 })
    answer('peer-0', 3)
    world.held = 3
    settle()
    assert.deepEqual(world.recovered, [])
    answer('peer-1', 0)
    answer('peer-2', 3)
    assert.deepEqual(world.recovered, ['restored'])
  })

  it('asks nobody where there is nobody', () => {
    const { world, recovery } = recoveryOf({ count: 0 })
    recovery.check()
    assert.deepEqual(world.recovered, ['current'])
  })

  it('says that it was restored when keystore and database tell two histories', () => {
    const { world, answer } = recoveryOf({ count: 1, isRestored: true })
    answer('peer-0', 5)
    assert.deepEqual(world.recovered, ['restored'])
  })

  it('never goes on over a damaged log or a contradicting head', () => {
    const fault = new NodeError('STORE_DAMAGED', 'the log is damaged')
    const damaged = recoveryOf({ count: 0, fault })
    damaged.recovery.check()
    assert.equal(damaged.recovery.current().kind, 'damaged')
    const forked = recoveryOf({ count: 1 })
    forked.recovery.onConflict()
    forked.answer('peer-0', 5)
    assert.equal(forked.recovery.current().kind, 'forked')
  })
})

describe('what a keystore remembers', () => {
  const { path, remove } = temporaryDirectory()
  after(remove)

  it('is nothing at first, and then what was written', () => {
    assert.deepEqual(readMemory(path), { signed: 'never', starts: 0 })
    writeMemory(path, { signed: 'ever', starts: 7 })
    assert.deepEqual(readMemory(path), { signed: 'ever', starts: 7 })
  })

  it('is that it has signed, when it cannot be read', () => {
    writeFileSync(join(path, 'memory'), 'x')
    assert.equal(readMemory(path).signed, 'ever')
  })

  it('renews a log key that never signed, and no other', () => {
    const { keystore } = Keystore.create(join(path, 'keys'), undefined)
    const before = keystore.logSigner(1).publicKey
    keystore.renewLogKey(1)
    const renewed = keystore.logSigner(1).publicKey
    assert.notDeepEqual(renewed, before)
    assert.deepEqual(Keystore.open(join(path, 'keys'), undefined).logSigner(1).publicKey, renewed)
    keystore.remember({ signed: 'ever', starts: 1 })
    assert.throws(() => keystore.renewLogKey(1), /never replaced/)
  })

  it('tells a database or keys from a backup by the number of starts', async () => {
    const { keystore } = Keystore.create(join(path, 'counted'), undefined)
    const database = Object.assign(new MemoryKeyValue(), {
      close: () => Promise.resolve(),
      compact: () => Promise.resolve(),
    })
    assert.equal(await countStart(keystore, database), 'continued')
    const early = Object.assign(database.copy(), {
      close: () => Promise.resolve(),
      compact: () => Promise.resolve(),
    })
    const memory = keystore.memory()
    for (let i = 0; i < 2; i++) assert.equal(await countStart(keystore, database), 'continued')
    // A crash between the two writes leaves the database ahead by one.
    keystore.remember({ ...keystore.memory(), starts: keystore.memory().starts - 1 })
    assert.equal(await countStart(keystore, database), 'continued')
    assert.equal(await countStart(keystore, early), 'restored')
    keystore.remember(memory)
    assert.equal(await countStart(keystore, database), 'restored')
  })
})
