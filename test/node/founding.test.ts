import assert from 'node:assert/strict'
import { chmodSync, cpSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { openCharter, ownPlace, readCharterFile } from '../../node/charter.ts'
import { makeCharter, mergeCharters, outsideFromPolicy, signCharter } from '../../node/founding.ts'
import { homeAt, initHome, readMember, type Home } from '../../node/home.ts'
import { writeFileDurably } from '../../node/keys/files.ts'
import { unsignedBy } from '../../protocol/governance/charter.ts'
import { native } from '../../node/keys/native.ts'
import { printVerifierKey } from '../../protocol/log/note.ts'
import { testKey } from '../support/notes.ts'
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

  const vkey = (n: number) =>
    printVerifierKey(native, { name: `w${n}.example`, type: 4, key: testKey(n).key })
  const one = `witness one ${vkey(1)} https://one.example/\n`
  const two = `witness two ${vkey(2)} https://two.example/\n`

  it('takes outside witnesses from a trust policy', () => {
    const [first] = descriptors
    assert.ok(first !== undefined)
    const policy = `# of a network of witnesses\n${one}${two}group both 1 one two\nquorum both\n`
    const outside = outsideFromPolicy(Buffer.from(policy), 'FILE')
    const read = openCharter(makeCharter([first], { ...OPTIONS, outside }), 'it').document.outside
    assert.equal(read?.needed, 1)
    assert.deepEqual(
      read.witnesses.map(({ name, url }) => [name, url]),
      [
        ['w1.example', 'https://one.example/'],
        ['w2.example', 'https://two.example/'],
      ],
    )
    assert.equal(outsideFromPolicy(Buffer.from(`${one}quorum one\n`), 'FILE').needed, 1)
  })

  for (const [what, policy, message] of [
    ['is none', 'witnesses: all\n', /FILE, line 1: not a trust policy \(policy-line\)/],
    ['names logs too', `log ${vkey(3)}\n${one}quorum one\n`, /not a trust policy/],
    ['asks for no witness', `${one}quorum none\n`, /form that a charter takes/],
    [
      'leaves one out of the group',
      `${one}${two}group some 1 one\nquorum some\n`,
      /form that a charter takes/,
    ],
    ['has groups of groups', `${one}group a 1 one\ngroup b 1 a\nquorum b\n`, /form that a charter takes/],
    ['gives no address', `witness one ${vkey(1)}\nquorum one\n`, /no address of the witness "one"/],
  ] as const) {
    it(`takes no outside witnesses from a policy that ${what}`, () => {
      assert.throws(() => outsideFromPolicy(Buffer.from(policy), 'FILE'), hasCode('BAD_INPUT'))
      assert.throws(() => outsideFromPolicy(Buffer.from(policy), 'FILE'), message)
    })
  }

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
