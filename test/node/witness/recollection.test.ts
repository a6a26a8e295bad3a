import assert from 'node:assert/strict'
import { native } from '../../../node/keys/native.ts'
import { keyOf } from '../../../node/store/prefixes.ts'
import { ROLE_BYTE } from '../../../node/witness/cosigner.ts'
import { CosignedHeads } from '../../../node/witness/cosigned-heads.ts'
import { printKept } from '../../../node/witness/kept.ts'
import { Recollection } from '../../../node/witness/recollection.ts'
import { keyId } from '../../../protocol/identity/key.ts'
import { parseSignedCheckpoint, printOrigin } from '../../../protocol/log/checkpoint.ts'
import type { CosignerRole } from '../../../protocol/log/cosignature.ts'
import { printNote } from '../../../protocol/log/note.ts'
import { accountsOf } from '../../support/accounts.ts'
import { cosignatureOf, NETWORK_ID, noteOf, signedBytes, testCosigner, testKey } from '../../support/notes.ts'
import { ORIGIN, OwnLog } from '../../support/own-log.ts'

const OURS = 'm1.example'
const TIME = 1_700_000_000
const ROLES: readonly CosignerRole[] = ['witness', 'mirror']
const [DOMAIN = ''] = ORIGIN.split('/')

describe('what others remember of our cosigners', () => {
  /** Another member's log, held here with two entries. */
  let log: OwnLog
  let note: Uint8Array
  let givenUp: (readonly [string, string])[]
  let keys: Partial<Record<CosignerRole, ReturnType<typeof testCosigner>>>
  let recollection: Recollection

  beforeEach(async () => {
    log = await OwnLog.open()
    await log.appender.append([log.incident()])
    const { complete } = log.log
    assert.ok(complete)
    note = complete
    givenUp = []
    keys = { witness: testCosigner(1, 'witness'), mirror: testCosigner(1, 'mirror') }
    const { charter } = accountsOf([{ origin: ORIGIN, keys: [] }])
    recollection = new Recollection({
      primitives: native,
      charter,
      store: log.store,
      logs: log.logs,
      ownDomain: OURS,
      signers: (role) => {
        const key = keys[role]
        if (key === undefined) return []
        const id = keyId(native, key.key)
        return [{ publicKey: key.key, keyId: id, sign: key.sign, signMany: async (all) => all.map(key.sign) }]
      },
      giveUp: async (role, origin) => {
        keys = {}
        givenUp.push([role, origin])
      },
    })
  })

  afterEach(() => log.directory.remove())

  const cosigned = (time: number, role: CosignerRole = 'mirror', by = testCosigner(1, role), on = note) => {
    const head = noteOf(on)
    return printNote({ ...head, signatures: [...head.signatures, cosignatureOf(by, head, time)] })
  }
  const remember = async (size: number, time: number, roles: readonly CosignerRole[] = ROLES) => {
    const head = parseSignedCheckpoint(note)
    assert.ok(head.ok)
    const { root } = head.value.checkpoint
    const on = signedBytes({ origin: ORIGIN, size, root })
    const value = printKept({ size, root, time, note: on })
    const rows = roles.map((role) => {
      return {
        type: 'put',
        key: keyOf('cosigner', { log: log.log.number }, { byte: ROLE_BYTE[role] }),
        value,
      } as const
    })
    await log.store.batch(rows)
  }

  it('is what we remember ourselves, where nothing was forgotten', async () => {
    await remember(2, TIME)
    for (const role of ROLES)
      for (const time of [TIME - 60, TIME]) await recollection.heedNote(cosigned(time, role))
    await remember(9, TIME + 60)
    await recollection.heedNote(cosigned(TIME))
    assert.deepEqual(givenUp, [])
  })

  it('takes the keys of both roles, once, where one stated more than we know', async () => {
    await remember(1, TIME)
    await recollection.heedNote(cosigned(TIME))
    await recollection.heedNote(cosigned(TIME, 'witness'))
    assert.deepEqual(givenUp, [['mirror', ORIGIN]])
  })

  it('takes them where the head is the same, and was stated later than we know', async () => {
    await remember(2, TIME)
    await recollection.heedNote(cosigned(TIME + 1, 'witness'))
    assert.deepEqual(givenUp, [['witness', ORIGIN]])
  })

  it('takes them where nothing at all is known of the log, or of that role', async () => {
    await remember(2, TIME, ['witness'])
    await recollection.heedNote(cosigned(TIME))
    assert.deepEqual(givenUp, [['mirror', ORIGIN]])
  })

  it('takes them for a log that this database never held', async () => {
    const elsewhere = ORIGIN.replace(/1$/, '2')
    const head = signedBytes({ origin: elsewhere, size: 3, root: new Uint8Array(32).fill(7) })
    await recollection.heedNote(cosigned(TIME, 'witness', undefined, head))
    assert.deepEqual(givenUp, [['witness', elsewhere]])
  })

  it('is nothing where it is not our word: a forged line, another key of that name, a log of no member', async () => {
    const head = noteOf(note)
    const line = cosignatureOf(testCosigner(1, 'mirror'), head, TIME)
    const bent = { ...line, bytes: line.bytes.with(-1 + line.bytes.length, (line.bytes.at(-1) ?? 0) ^ 1) }
    await recollection.heedNote(printNote({ ...head, signatures: [...head.signatures, bent] }))
    await recollection.heedNote(
      cosigned(TIME, 'mirror', { ...testKey(77), name: testCosigner(1, 'mirror').name }),
    )
    const stranger = printOrigin({ domain: 'stranger.example', networkId: NETWORK_ID, epoch: 1 })
    const theirs = signedBytes({ origin: stranger, size: 3, root: new Uint8Array(32) })
    await recollection.heedNote(cosigned(TIME, 'mirror', undefined, theirs))
    await recollection.heedNote(new Uint8Array(9))
    assert.deepEqual(givenUp, [])
  })

  it('tells nothing beside a record that is damaged: that one is named by the check of the store', async () => {
    const key = keyOf('cosigner', { log: log.log.number }, { byte: ROLE_BYTE.mirror })
    await log.store.batch([{ type: 'put', key, value: new Uint8Array(3) }])
    await recollection.heedNote(cosigned(TIME))
    assert.deepEqual(givenUp, [])
  })

  it('is asked of every member, which tells it line by line, also of heads before the newest', async () => {
    const { logs } = accountsOf([
      {
        origin: printOrigin({ domain: OURS, networkId: NETWORK_ID, epoch: 1 }),
        keys: ROLES.map((role) => [role, testCosigner(1, role).key] as const),
      },
      {
        origin: printOrigin({ domain: 'm2.example', networkId: NETWORK_ID, epoch: 1 }),
        keys: [['mirror', testCosigner(2, 'mirror').key]],
      },
    ])
    const open = () => {
      const heads = new CosignedHeads({
        primitives: native,
        store: log.store,
        logs: log.logs,
        members: [DOMAIN, OURS, 'm2.example'],
        outside: [],
        keysOf: (domain) => {
          const keysOf = logs.find(({ origin }) => origin.startsWith(`${domain}/`))?.keys
          return keysOf && { open: keysOf, all: [keysOf] }
        },
        isStruck: () => false,
        accuse: async () => undefined,
      })
      heads.open()
      return heads
    }
    const heads = open()
    const both = printNote({
      ...noteOf(note),
      signatures: [
        ...noteOf(cosigned(TIME)).signatures,
        cosignatureOf(testCosigner(2, 'mirror'), noteOf(note), TIME + 5),
      ],
    })
    assert.equal((await heads.add(both)).kind, 'new')
    // The log goes on, and the others with it, while we are away.
    for (const later of [700, 1_400]) {
      await log.appender.append([log.incident()])
      const { complete } = log.log
      assert.ok(complete)
      const lines = [2].map((n) => cosignatureOf(testCosigner(n, 'mirror'), noteOf(complete), TIME + later))
      await heads.add(
        printNote({ ...noteOf(complete), signatures: [...noteOf(complete).signatures, ...lines] }),
      )
    }
    for (const told of [heads, open()]) {
      const notes = await told.statedBy(OURS)
      assert.ok(notes.length > 0)
      const ours = new Set(notes.flatMap((one) => noteOf(one).signatures.map(({ name }) => name)))
      assert.deepEqual([...ours], [testCosigner(1, 'mirror').name])
      assert.deepEqual(await told.statedBy('m3.example'), [])
      await remember(2, TIME)
      for (const one of notes) await recollection.heedNote(one)
      assert.deepEqual(givenUp, [])
    }
    await remember(1, TIME)
    for (const one of await open().statedBy(OURS)) await recollection.heedNote(one)
    assert.deepEqual(givenUp, [['mirror', ORIGIN]])
  })
})
