import assert from 'node:assert/strict'
import { equal } from '../../../protocol/bytes.ts'
import { confirmFile, GrantedFiles, isUnconfirmed, recordSent } from '../../../node/disclosure/files.ts'
import { Gate } from '../../../node/disclosure/gate.ts'
import { collect } from '../../support/crash-check.ts'
import { MemoryKeyValue } from '../../support/memory-kv.ts'
import { ANY_FILE, FileGrants, type FileGrant } from '../../support/file-grants.ts'
import { counting } from '../../support/statements.ts'

describe('files under a grant', () => {
  let grants: FileGrants
  let files: GrantedFiles

  before(async () => {
    grants = await FileGrants.of(ANY_FILE)
  })

  after(() => grants.remove())

  beforeEach(async () => {
    await grants.renew()
    files = new GrantedFiles(grants.gate)
  })

  const rootsFor = (grant: FileGrant, peer = grants.peerOf(grant), of = files) =>
    of.at(grant.id, (key) => equal(key, peer))

  for (const by of ['member', 'researcher'] as const) {
    it(`are given to the ${by} that has them, and to no other peer`, async () => {
      const grant = await grants.grant(by)
      for (let time = 0; time < 2; time++) assert.deepEqual(await rootsFor(grant), [ANY_FILE.root])
      assert.deepEqual(await rootsFor(grant, counting(32, 1)), [])
      assert.deepEqual(await files.at(counting(32, 1), () => true), [])
    })

    it(`are not given to a ${by} that has not signed for the part`, async () => {
      assert.deepEqual(await rootsFor(await grants.grant(by, 'granted')), [])
    })

    for (const [name, end] of Object.entries(FileGrants.ENDINGS)) {
      it(`are given to a ${by} no longer when ${name}`, async () => {
        const grant = await grants.grant(by)
        assert.deepEqual(await rootsFor(grant), [ANY_FILE.root])
        await end(grants, grant)
        assert.deepEqual(await rootsFor(grant), [])
      })
    }
  }

  it('are unconfirmed once they were sent, until whoever was sent them says that they came, and that once', async () => {
    const grant = await grants.grant('researcher')
    const { gate } = grants
    const { root } = ANY_FILE
    const isPeer = (key: Uint8Array) => equal(key, grants.peerOf(grant))
    const confirms = (of: Partial<typeof grant & { root: Uint8Array }> = {}, by = isPeer) =>
      confirmFile(gate, { grant: grant.id, root, ...of }, by)
    await grants.desk.leavesNoTrace(async () => assert.equal(await confirms(), false, 'nothing was sent'))
    for (const from of [0, 16]) await recordSent(gate, { grant: grant.id, root, from, count: 16 })
    const sent = async () => {
      const one = await gate.parts.cases.get(grant.request)
      const entries = (await collect(gate.parts.trail.entries())).map(({ entry }) => entry)
      return { entries, unconfirmed: entries.filter((entry) => isUnconfirmed(entry, one)).length }
    }
    assert.equal((await sent()).unconfirmed, 2)
    await grants.desk.leavesNoTrace(async () => {
      assert.equal(await confirms({ root: counting(32, 1) }), false)
      assert.equal(await confirms({ id: counting(32, 1) }, () => false), false)
      assert.equal(await confirmFile(gate, { grant: counting(32, 1), root }, () => true), false)
    })
    await FileGrants.ENDINGS['the grant is revoked']?.(grants, grant)
    assert.equal(await confirms(), true, 'what it holds it holds')
    const { entries, unconfirmed } = await sent()
    assert.deepEqual([unconfirmed, entries.at(-1)?.step, entries.at(-1)?.facts], [0, 'confirmed', { root }])
    await grants.desk.leavesNoTrace(async () => assert.equal(await confirms(), true))
  })

  it('are given no longer to a member that is suspended, and still to a researcher', async () => {
    const [member, researcher] = [await grants.grant('member'), await grants.grant('researcher')]
    grants.suspendMember()
    const later = new GrantedFiles(grants.gate)
    assert.deepEqual(await rootsFor(member, grants.peerOf(member), later), [])
    assert.deepEqual(await rootsFor(researcher, grants.peerOf(researcher), later), [ANY_FILE.root])
  })

  it('are given no longer at the second at which the grant ends', async () => {
    const grant = await grants.grant('member')
    grants.desk.now += 3_600_000
    assert.deepEqual(await rootsFor(grant), [ANY_FILE.root])
    const { cases } = grants.gate.parts
    const one = await cases.get(grant.request)
    assert.ok(one?.offered)
    const until = grants.gate.now()
    await grants.gate.parts.store.batch(
      [...cases.put({ ...one, offered: { ...one.offered, until } })],
      'durable',
    )
    assert.deepEqual(await rootsFor(grant), [])
  })

  it('are given no longer when the part that names them is not held any more', async () => {
    const grant = await grants.grant('researcher')
    assert.deepEqual(await rootsFor(grant), [ANY_FILE.root])
    // Nothing lies in this vault.
    const { gate } = grants
    const { cases } = gate.parts
    const emptied = new Gate({ ...gate.parts, store: new MemoryKeyValue(), cases })
    assert.deepEqual(await rootsFor(grant, grants.peerOf(grant), new GrantedFiles(emptied)), [])
  })
})
