import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { examineHome, lastFailure } from '../../cli/examine.ts'
import type { Service } from '../../node/api/client.ts'
import { asked, candor } from '../support/cli.ts'
import { temporaryDirectory } from '../support/directory.ts'
import { ORIGIN } from '../support/fake-service.ts'

describe('a doctor’s look at a home', () => {
  const space = temporaryDirectory()
  after(() => space.remove())
  const home = () => {
    const directory = join(space.path, String(Math.random()))
    mkdirSync(join(directory, 'keys'), { recursive: true, mode: 0o700 })
    chmodSync(directory, 0o700)
    for (const name of ['member.candor', 'charter.candor', 'candor.json', 'keys/root'])
      writeFileSync(join(directory, name), 'x', { mode: 0o600 })
    return directory
  }
  const states = (directory: string, now = Date.now()) =>
    Object.fromEntries(examineHome(directory, now).map(({ what, state }) => [what, state]))

  it('finds nothing wrong with one that is well', () => {
    const { home: files, permissions, clock } = states(home())
    assert.deepEqual([files, permissions, clock], ['ok', 'ok', 'ok'])
  })

  it('names what is missing, open to others or from the future', () => {
    assert.equal(states(join(space.path, 'nowhere'))['home'], 'fail')
    const empty = home()
    mkdirSync(join(space.path, 'bare'), { mode: 0o700 })
    assert.equal(states(join(space.path, 'bare'))['home'], 'fail')
    chmodSync(join(empty, 'keys', 'root'), 0o644)
    assert.equal(states(empty)['permissions'], 'fail')
    const later = home()
    utimesSync(later, new Date(), new Date(Date.now() + 3_600_000))
    assert.equal(states(later)['clock'], 'warn')
    assert.equal(states(home(), Date.UTC(2001, 0))['clock'], 'warn')
  })

  it('knows why the node ended, and forgets it once one started again', () => {
    const directory = home()
    assert.equal(lastFailure(directory), undefined)
    const failed = '{"event":"failed","code":"STORE_DAMAGED","message":"it cannot be opened"}\n'
    writeFileSync(join(directory, 'node.log'), `{"level":30}\n${failed}`)
    assert.deepEqual(lastFailure(directory), { code: 'STORE_DAMAGED', message: 'it cannot be opened' })
    writeFileSync(join(directory, 'node.log'), `${failed}{"event":"ready"}\n`)
    assert.equal(lastFailure(directory), undefined)
  })

  it('says what to type when the database cannot be opened', async () => {
    const directory = home()
    writeFileSync(
      join(directory, 'node.log'),
      '{"event":"failed","code":"STORE_DAMAGED","message":"it is torn"}\n',
    )
    const { exit, out } = await candor(['--home', directory, 'doctor', '--repair'])
    assert.equal(exit, 3)
    assert.match(out, /nothing that is stored was checked; it ended with: it is torn/)
    assert.match(out, /Next: candor .*up --repair/)
  })
})

describe('a doctor’s look at the store', () => {
  const damaged = {
    checkStore: async function* check() {
      yield {
        event: 'damaged',
        origin: ORIGIN,
        what: 'entry',
        index: 7,
        why: 'its hash is not the one in the tree',
      } as const
      yield { event: 'checked', logs: 1, entries: 3, damaged: 1 } as const
    },
  }

  it('says what is damaged and where, and what to type', async () => {
    const { out } = await asked(['doctor'], {}, damaged)
    assert.match(out, /a.example: entry 7: its hash is not the one in the tree/)
    assert.match(out, /Next: candor .*doctor --repair/)
  })

  it('says which key is given up because what it stated is lost, and what to type', async () => {
    const repairStore: Service['repairStore'] = async function* repair() {
      yield { event: 'given-up', role: 'witness', fix: 'candor key rotate witness' }
      yield { event: 'done', repaired: 0, unrepaired: 0 }
    }
    const { out } = await asked(['doctor', '--repair'], {}, { ...damaged, repairStore })
    assert.match(out, /our witness key states nothing more/)
    assert.match(out, /Next: candor .*key rotate witness/)
  })

  it('mends only when asked, and says what it could not mend', async () => {
    const first = await asked(['doctor'], {}, damaged)
    assert.equal(first.calls.includes('repairStore'), false)
    const repairStore: Service['repairStore'] = async function* repair() {
      yield { event: 'unrepaired', origin: ORIGIN, why: 'nobody who is connected has entries 0 to 255' }
      yield { event: 'done', repaired: 0, unrepaired: 1 }
    }
    const { exit, out } = await asked(['doctor', '--repair'], {}, { ...damaged, repairStore })
    assert.equal(exit, 1)
    assert.match(out, /still damaged: nobody who is connected has entries 0 to 255/)
  })
})
