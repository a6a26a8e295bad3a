/** What the root key signs on command, in processes of its own, against a node that is not there. */
import assert from 'node:assert/strict'
import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { NodeError, type KeysView } from '../../node/api/client.ts'
import { homeAt, initHome } from '../../node/home.ts'
import { readProposals } from '../../node/log/proposal.ts'
import { parseBase64 } from '../../protocol/bytes.ts'
import { candor, type RunOptions } from '../support/cli.ts'
import { serving } from '../support/api.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { CLOSING, KEYS } from '../support/fake-service.ts'
import { NETWORK_ID } from '../support/notes.ts'

const [OLD, NEW] = [KEYS.keys[0]?.keyId ?? '', KEYS.keys[1]?.keyId ?? '']

describe('the acts of candor key', function () {
  this.timeout(180_000)
  const directory = temporaryDirectory()
  const home = homeAt(join(directory.path, 'home'))
  const origin = `a.example/candor/${NETWORK_ID}/1`
  const keys: KeysView = { ...KEYS, origin }
  before(() => {
    const who = { domain: 'a.example', name: 'A', sector: 'finance', listen: [], announce: [] }
    initHome({ home, ...who, passphrase: undefined, now: Date.now() })
  })
  after(() => directory.remove())

  /** A command of this home, whose node is a fake one. */
  async function run(
    words: readonly string[],
    options: RunOptions = {},
    other: Parameters<typeof serving>[0] = {},
  ) {
    const made: { ran?: Awaited<ReturnType<typeof candor>>; calls?: readonly string[] } = {}
    await serving({ keys: () => Promise.resolve(keys), ...other }, async ({ home: socket, fake }) => {
      // The socket of the fake node and the keys of a real home.
      for (const name of ['keys', 'member.candor']) {
        cpSync(join(home.directory, name), join(socket, name), { recursive: true, preserveTimestamps: true })
      }
      made.ran = await candor(['--home', socket, ...words], options)
      made.calls = fake.calls
    })
    const { ran, calls } = made
    assert.ok(ran !== undefined && calls !== undefined)
    return { ...ran, calls }
  }
  /** What was handed to the node: the kinds and documents of the statements. */
  const sent = (calls: readonly string[], call = 'addKeyEvents') => {
    const given = calls.find((one) => one.startsWith(`${call} `))?.slice(call.length + 1)
    const bytes = given === undefined ? undefined : parseBase64(given)
    return bytes?.ok === true ? readProposals(bytes.value).map(({ entry }) => entry.statement.kind) : []
  }

  it('rotate and retire hand the node what the root key signed', async () => {
    const rotated = await run(['key', 'rotate', 'statement'])
    assert.equal(rotated.exit, 0, rotated.err)
    assert.deepEqual(sent(rotated.calls), ['key'])
    assert.match(rotated.out, /declared as entry 3 of your log/)
    assert.match(rotated.out, /new key [0-9a-f]{64}\nThe old key stays in force/)
    assert.match(rotated.out, new RegExp(`key retire ${NEW.slice(0, 16)}`))
    const atOnce = await run(['key', 'rotate', 'statement', '--at-once'])
    assert.deepEqual(sent(atOnce.calls), ['key', 'key'])
    assert.deepEqual(sent((await run(['key', 'retire', NEW.slice(0, 6)])).calls), ['key'])
  })

  it('rotate vault leaves everything to the next start', async () => {
    const made = await run(['key', 'rotate', 'vault'])
    assert.deepEqual([made.exit, made.calls.filter((one) => one.includes('Vault'))], [0, ['prepareVaultKey']])
    assert.match(made.out, /moves to it at the next start\nNext: candor .*down/)
    const again = await run(
      ['--json', 'key', 'rotate', 'vault'],
      {},
      { prepareVaultKey: async () => ({ made: false }) },
    )
    assert.deepEqual(JSON.parse(again.out).data, { made: false })
  })

  it('revoke needs a yes, and says what becomes suspect', async () => {
    const silent = await run(['key', 'revoke', NEW, '--since', '1'])
    assert.equal(silent.exit, 7)
    assert.match(silent.err, /revoke the statement key 5+ from entry 1 on/)
    assert.deepEqual(sent(silent.calls), [])
    const no = await run(['key', 'revoke', NEW, '--since', '1'], { isTerminal: true, input: 'yes\n' })
    assert.deepEqual([no.exit, sent(no.calls)], [7, []])
    const yes = await run(['key', 'revoke', NEW, '--since', '1', '--replace'], {
      isTerminal: true,
      input: 'revoke\n',
    })
    assert.deepEqual([yes.exit, sent(yes.calls)], [0, ['key', 'key']])
    const flag = await run(['--yes', 'key', 'revoke', OLD, '--since', '0'])
    assert.deepEqual([flag.exit, sent(flag.calls)], [0, ['key']])
  })

  it('rotate log closes the log, has leaf 0 signed, and waits for the node', async () => {
    const previous = { ...KEYS.epochs[0], origin, size: 3, root: Buffer.alloc(32, 7).toString('base64') }
    const next = origin.replace(/1$/, '2')
    const closing = {
      ...CLOSING,
      origin: next,
      previous: { origin, size: previous.size, root: previous.root },
    }
    const ran = await run(
      ['--json', 'key', 'rotate', 'log'],
      {},
      {
        beginClosing: () => Promise.resolve(closing),
        openEpoch: (proposals) => {
          assert.deepEqual(sent([`openEpoch ${proposals}`], 'openEpoch'), ['epoch'])
          return Promise.resolve({ origin: next })
        },
        status: () => Promise.resolve({ log: { origin: next }, state: 'ok' } as never),
      },
    )
    assert.equal(ran.exit, 0, ran.err)
    const { data } = JSON.parse(ran.out)
    assert.deepEqual([data.origin, data.closed.size, data.state], [next, 3, 'ok'])
  })

  it('calls the closing off when nobody says yes, or anything goes wrong', async () => {
    const recover = ['log', 'recover', '--because', 'A test']
    const silent = await run(recover)
    assert.equal(silent.exit, 7)
    assert.match(silent.err, /ends\s+a\.example.* at 3 entries/)
    assert.ok(silent.calls.includes('callOffClosing'))
    const failing = await run(
      ['--yes', ...recover],
      {},
      {
        openEpoch: () => Promise.reject(new NodeError('CONFLICT', 'no')),
      },
    )
    assert.deepEqual([failing.exit, failing.calls.includes('callOffClosing')], [6, true])
  })

  it('new makes an auditor’s key that signs reports, and check tells a good signature from a bad one', async () => {
    const [key, report, signature] = ['auditor.key', 'report.json', 'report.sig'].map((name) =>
      join(directory.path, name),
    )
    assert.ok(key !== undefined && report !== undefined && signature !== undefined)
    assert.equal((await candor(['key', 'new', '--auditor', key])).exit, 2)
    const made = await candor([
      '--json',
      'key',
      'new',
      '--auditor',
      key,
      '--name',
      'audit.example/a',
      '--no-passphrase',
    ])
    assert.equal(made.exit, 0, made.err)
    const { verifierKey, keyId } = JSON.parse(made.out).data
    assert.match(keyId, /^[0-9a-f]{64}$/)
    assert.equal((await candor(['key', 'new', '--auditor', key, '--no-passphrase'])).exit, 6)
    writeFileSync(report, '{}')
    assert.equal((await candor(['key', 'sign', report, '--auditor', key, '-o', signature])).exit, 0)
    assert.match(readFileSync(signature, 'utf8'), /^candor\/report@v1\n/)
    const check = ['key', 'check', report, '--signature', signature, '--key', verifierKey]
    assert.match((await candor(check)).out, /✓ audit\.example\/a signed exactly this report/)
    writeFileSync(report, '{ }')
    const bad = await candor(check)
    assert.equal(bad.exit, 10)
    assert.match(bad.out, /report-other/)
    assert.equal((await candor([...check.slice(0, -1), 'nobody'])).exit, 2)
  })
})
