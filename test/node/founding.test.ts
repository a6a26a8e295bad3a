import assert from 'node:assert/strict'
import { chmodSync, cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { openCharter, ownPlace, readCharterFile } from '../../node/charter.ts'
import { makeCharter, mergeCharters, signCharter } from '../../node/founding.ts'
import { homeAt, initHome, readMember, type Home } from '../../node/home.ts'
import { writeFileDurably } from '../../node/keys/files.ts'
import { unsignedBy } from '../../protocol/governance/charter.ts'
import { hasCode, temporaryDirectory } from '../support/directory.ts'

const OPTIONS = {
  name: 'Test coalition',
  observers: 'admit',
  nonce: new Uint8Array(16),
  now: 1_700_000_000_000,
  accreditors: [],
} as const

describe('founding a coalition', () => {
  const directory = temporaryDirectory()
  const homes: Home[] = []
  const descriptors: Uint8Array[] = []
  let charter: Uint8Array
  before(() => {
    for (const name of ['b', 'a', 'z']) {
      const home = homeAt(join(directory.path, name))
      const who = { domain: `${name}.example`, name, sector: 'energy', listen: [], announce: [] }
      descriptors.push(initHome({ ...who, home, passphrase: undefined, now: OPTIONS.now }).descriptor)
      homes.push(home)
    }
    charter = makeCharter(descriptors.slice(0, 2), OPTIONS)
  })
  after(() => directory.remove())
  const home = (index: number) => homes[index] ?? homeAt('nowhere')

  it('names its members in order, and all of them as accreditors of whom two are needed', () => {
    const { document } = openCharter(charter, 'it')
    assert.deepEqual(
      document.members.map(({ domain }) => domain),
      ['a.example', 'b.example'],
    )
    assert.deepEqual(document.accreditors, ['a.example', 'b.example'])
    assert.equal(document.accreditorsNeeded, 2)
    assert.equal(
      openCharter(makeCharter(descriptors.slice(0, 1), OPTIONS), 'it').document.accreditorsNeeded,
      1,
    )
  })

  it('is in force when each founder has signed, one after the other or apart', () => {
    const once = signCharter(home(0), charter, undefined)
    assert.deepEqual(unsignedBy(openCharter(once, 'it')), ['a.example'])
    assert.deepEqual(signCharter(home(0), once, undefined), once)
    const twice = signCharter(home(1), once, undefined)
    assert.deepEqual(unsignedBy(openCharter(twice, 'it')), [])
    const apart = signCharter(home(1), charter, undefined)
    for (const copies of [
      [once, apart],
      [apart, once],
      [charter, once, apart, twice],
    ])
      assert.equal(Buffer.compare(mergeCharters(copies), twice), 0)
    assert.equal(openCharter(twice, 'it').networkId, openCharter(charter, 'it').networkId)
  })

  it('is signed by its members only', () => {
    assert.throws(() => signCharter(home(2), charter, undefined), hasCode('NOT_ALLOWED'))
    assert.throws(() => ownPlace(openCharter(charter, 'it'), readMember(home(2))), hasCode('NOT_ALLOWED'))
  })

  it('is not signed with the keystore of another home', () => {
    const mixed = homeAt(join(directory.path, 'mixed'))
    cpSync(home(0).directory, mixed.directory, { recursive: true })
    rmSync(mixed.keys, { recursive: true })
    cpSync(home(1).keys, mixed.keys, { recursive: true })
    // Some versions of Node.js make the copied directory with the modes of the process.
    chmodSync(mixed.keys, 0o700)
    assert.throws(() => signCharter(mixed, charter, undefined), hasCode('CONFIGURATION'))
  })

  it('refuses what makes no charter, and says why', () => {
    const [first, second] = descriptors
    assert.ok(first !== undefined && second !== undefined)
    const cases: [() => unknown, string, RegExp][] = [
      [() => makeCharter([], OPTIONS), 'USAGE', /1 to 256/],
      [
        () => makeCharter([first, Uint8Array.of(1)], OPTIONS),
        'BAD_INPUT',
        /file 2 is not a member descriptor/,
      ],
      [() => makeCharter([first, first], OPTIONS), 'BAD_INPUT', /two of the descriptors are of b\.example/],
      [() => makeCharter([first], { ...OPTIONS, name: '' }), 'USAGE', /name/],
      [
        () => makeCharter([first], { ...OPTIONS, accreditors: ['x.example'] }),
        'USAGE',
        /"x\.example" is none/,
      ],
      [() => makeCharter([first], { ...OPTIONS, accreditors: ['b.example', 'b.example'] }), 'USAGE', /twice/],
      [() => makeCharter([first], { ...OPTIONS, accreditorsNeeded: 2 }), 'USAGE', /1 to 1 accreditors/],
      [() => signCharter(home(0), Uint8Array.of(1), undefined), 'CHARTER_INVALID', /another kind of file/],
      [() => mergeCharters([]), 'USAGE', /at least one/],
      [() => mergeCharters([charter, Uint8Array.of(1)]), 'CHARTER_INVALID', /file 2 is not a valid charter/],
      [() => mergeCharters([charter, makeCharter([first], OPTIONS)]), 'CONFLICT', /files 1 and 2/],
    ]
    for (const [act, code, message] of cases) {
      assert.throws(act, hasCode(code), String(message))
      assert.throws(act, message)
    }
  })

  it('names the member whose signature was altered in one copy', () => {
    const signed = Uint8Array.from(signCharter(home(0), charter, undefined))
    const at = Buffer.from(signed).indexOf('b.example', Buffer.from(signed).indexOf('signatures')) + 20
    signed[at] = (signed[at] ?? 0) ^ 1
    assert.throws(() => openCharter(signed, 'it'), /signature does not verify, for b\.example/)
    assert.throws(() => mergeCharters([charter, signed]), /file 2 .* for b\.example/)
  })

  it('refuses a file of a gigabyte without reading it, and names one that is missing', () => {
    const path = join(directory.path, 'charter.candor')
    assert.throws(() => readCharterFile(path), hasCode('NOT_FOUND'))
    writeFileDurably(path, charter, 0o600)
    assert.equal(Buffer.compare(readCharterFile(path), charter), 0)
    assert.throws(() => readCharterFile(directory.path), hasCode('IO_FAILED'))
  })
})
