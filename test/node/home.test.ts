import assert from 'node:assert/strict'
import { chmodSync, existsSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { NodeError } from '../../node/errors.ts'
import {
  DEFAULT_CONFIGURATION,
  homeAt,
  initHome,
  readConfiguration,
  readMember,
  type Home,
} from '../../node/home.ts'
import { Keystore } from '../../node/keys/keystore.ts'
import { hasCode, temporaryDirectory } from '../support/directory.ts'

const WHO = {
  domain: 'northgrid.example',
  name: 'Northgrid',
  sector: 'energy',
  listen: ['/ip4/0.0.0.0/tcp/4901', '/ip4/127.0.0.1/tcp/4902', '/ip6/::/tcp/4901', '/ip4/127.0.0.1/tcp/0'],
  announce: [],
  passphrase: undefined,
  now: 1_700_000_000_999,
}

const ESCROW = { threshold: 2, holders: ['b.example', 'c.example'], afterDays: 14, tiers: ['partner'] }
const ESCROWS: readonly (readonly [object, RegExp])[] = [
  [{ threshold: 1 }, /escrow\.threshold/],
  [{ threshold: 17 }, /escrow\.threshold/],
  [{ holders: ['b.example'] }, /escrow\.holders/],
  [{ holders: ['B', 'c.example'] }, /escrow\.holders\.0.*no domain/],
  [{ holders: Array.from({ length: 17 }, (_, at) => `h${at}.example`) }, /escrow\.holders/],
  [{ afterDays: 13 }, /escrow\.afterDays/],
  [{ afterDays: 3_651 }, /escrow\.afterDays/],
  [{ tiers: [] }, /escrow\.tiers/],
  [{ tiers: ['public'] }, /escrow\.tiers/],
  [{ after: 14 }, /escrow\.after/],
]

describe('a home', () => {
  let directory: { path: string; remove: () => void }
  let home: Home
  beforeEach(() => {
    directory = temporaryDirectory()
    home = homeAt(join(directory.path, 'home'))
  })
  afterEach(() => directory.remove())

  it('is made with a keystore, a configuration and a descriptor of the same keys', () => {
    const { words, descriptor } = initHome({ ...WHO, home, holdSeconds: 0 })
    assert.equal(words.split(' ').length, 24)
    assert.deepEqual(new Uint8Array(readFileSync(home.descriptor)), new Uint8Array(descriptor))
    const member = readMember(home)
    const keystore = Keystore.open(home.keys, undefined)
    assert.deepEqual([...member.node], [...keystore.signer('node').publicKey])
    assert.deepEqual([...member.root], [...keystore.withRoot(({ publicKey }) => publicKey)])
    assert.deepEqual([member.domain, member.issuedAt], ['northgrid.example', 1_700_000_000])
    assert.equal(readConfiguration(home).holdSeconds, 0)
    for (const path of [home.directory, home.descriptor, home.configuration])
      assert.equal(statSync(path).mode & 0o077, 0, path)
  })

  it('tells others only addresses they can dial', () => {
    initHome({ ...WHO, home })
    assert.deepEqual(readMember(home).addresses, ['/ip4/127.0.0.1/tcp/4902'])
    const announced = homeAt(join(directory.path, 'announced'))
    const announce = ['/dns4/node.northgrid.example/tcp/4901']
    initHome({ ...WHO, announce, home: announced })
    assert.deepEqual(readMember(announced).addresses, announce)
    assert.deepEqual(readConfiguration(announced).announce, announce)
  })

  it('is never made twice, and its keys are never written over', () => {
    initHome({ ...WHO, home })
    assert.throws(() => initHome({ ...WHO, home }), hasCode('HOME_EXISTS'))
    rmSync(home.descriptor)
    assert.throws(
      () => initHome({ ...WHO, home }),
      (error) => {
        assert.ok(error instanceof NodeError && error.code === 'HOME_EXISTS')
        assert.ok(error.message.includes(home.descriptor) && error.fix?.includes(home.keys))
        return true
      },
    )
    assert.ok(existsSync(join(home.keys, 'root.key')))
  })

  const refused: Record<string, [Partial<typeof WHO> & { announce?: never[] | string[] }, RegExp]> = {
    'a domain without a dot': [{ domain: 'northgrid' }, /not a domain name .* northgrid\.example/],
    'a domain in capitals': [{ domain: 'Northgrid.example' }, /lower case/],
    'an IP address for a domain': [{ domain: '192.0.2.7' }, /not a domain name/],
    'a URL for a domain': [{ domain: 'https://northgrid.example' }, /not a domain name/],
    'an empty name': [{ name: '' }, /name of a member/],
    'a name over two lines': [{ name: 'a\nb' }, /name of a member/],
    'a sector of 201 bytes': [{ sector: 'x'.repeat(201) }, /sector of a member/],
    'an address without a port': [{ listen: ['/ip4/0.0.0.0'] }, /--listen .*tcp\/4901/],
    'a host and port': [{ listen: ['0.0.0.0:4901'] }, /--listen "0\.0\.0\.0:4901" is not an address/],
    UDP: [{ listen: ['/ip4/0.0.0.0/udp/4901/quic-v1'] }, /is not an address/],
    'an address that is none': [{ listen: ['/ip4/300.0.0.1/tcp/1'] }, /is not an address/],
    'a name to listen on': [{ listen: ['/dns4/a.example/tcp/1'] }, /no IP address of this machine/],
    'too many addresses': [{ listen: Array(17).fill('/ip4/0.0.0.0/tcp/1') }, /more than 16/],
  }
  for (const [name, [change, message]] of Object.entries(refused)) {
    it(`refuses ${name}, and makes nothing`, () => {
      assert.throws(() => initHome({ ...WHO, ...change, home }), hasCode('USAGE'))
      assert.throws(() => initHome({ ...WHO, ...change, home }), message)
      assert.ok(!existsSync(home.directory))
    })
  }

  for (const [address, message] of [
    ['/ip4/0.0.0.0/tcp/4901', /stands for any address/],
    ['/ip6/::/tcp/4901', /stands for any address/],
    ['/ip4/192.0.2.7/tcp/0', /port 0/],
    ['/unix/socket', /is not an address/],
    ['/ip4/192.0.2.7/tcp/1/p2p/12D3KooWQYhTNQdmr3ArTeUHRYzFg94BKyTkoWBDWez9kSCVe2Xo', /is not an address/],
  ] as const) {
    it(`refuses to announce ${address}`, () => {
      assert.throws(() => initHome({ ...WHO, home, announce: [address] as never }), message)
    })
  }

  it('says that it is missing, cut short, too long or of a wrong kind', () => {
    assert.throws(() => readMember(home), hasCode('HOME_MISSING'))
    initHome({ ...WHO, home })
    truncateSync(home.descriptor, 20)
    assert.throws(() => readMember(home), hasCode('CONFIGURATION'))
    truncateSync(home.descriptor, 1_000_000_000)
    assert.throws(() => readMember(home), hasCode('TOO_LARGE'))
  })

  it('names the field of the configuration that is wrong', () => {
    initHome({ ...WHO, home })
    const write = (text: string) => writeFileSync(home.configuration, text)
    const cases: readonly (readonly [string, RegExp])[] = [
      ['{', /candor\.json is not JSON/],
      ['{}', /candor\.json: listen/],
      [JSON.stringify({ ...DEFAULT_CONFIGURATION, listen: ['4901'] }), /listen\.0: "4901" is not an address/],
      [JSON.stringify({ ...DEFAULT_CONFIGURATION, holdSeconds: -1 }), /holdSeconds/],
      ...['8090', 'localhost:8090', '127.0.0.1', '127.0.0.1:0', '127.0.0.1:65536', '1.2.3:80', '::1:80'].map(
        (listen): [string, RegExp] => [
          JSON.stringify({ ...DEFAULT_CONFIGURATION, witness: { http: { listen, logs: 'x' } } }),
          /witness\.http\.listen: is not an address/,
        ],
      ),
      [JSON.stringify({ ...DEFAULT_CONFIGURATION, witness: { http: {} } }), /witness\.http/],
      ...ESCROWS.map(
        ([changes, words]) =>
          [JSON.stringify({ ...DEFAULT_CONFIGURATION, escrow: { ...ESCROW, ...changes } }), words] as const,
      ),
      [JSON.stringify({ ...DEFAULT_CONFIGURATION, hold: 1 }), /hold/],
    ]
    for (const [text, message] of cases) {
      write(text)
      assert.throws(() => readConfiguration(home), hasCode('CONFIGURATION'), text)
      assert.throws(() => readConfiguration(home), message)
    }
    rmSync(home.configuration)
    assert.deepEqual(readConfiguration(home), DEFAULT_CONFIGURATION)
    assert.equal(readConfiguration(home, { holdSeconds: 0 }).holdSeconds, 0)
    assert.throws(() => readConfiguration(home, { listen: ['4901'] }), /the command line: listen\.0/)
    assert.throws(() => readConfiguration(home, { bootstrap: ['a b'] }), /the command line: bootstrap\.0/)
  })

  it('leaves no home where it cannot write', function () {
    if (process.getuid?.() === 0) {
      writeFileSync(join(directory.path, 'file'), '')
      const under = homeAt(join(directory.path, 'file', 'home'))
      assert.throws(() => initHome({ ...WHO, home: under }), hasCode('IO_FAILED'))
      return
    }
    chmodSync(directory.path, 0o500)
    assert.throws(() => initHome({ ...WHO, home }), hasCode('IO_FAILED'))
    chmodSync(directory.path, 0o700)
  })
})
