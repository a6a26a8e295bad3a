import assert from 'node:assert/strict'
import { signerOf } from '../../../node/keys/native.ts'
import { native } from '../../../node/keys/native.ts'
import { bytesOfText } from '../../../protocol/bytes.ts'
import type { CharterDocument, CharterState } from '../../../protocol/governance/charter.ts'
import { policyOf, type KnownKeys } from '../../../protocol/governance/trust.ts'
import type { KeyPurpose } from '../../../protocol/identity/epoch.ts'
import { applyKeyEvent, openKeyState } from '../../../protocol/identity/keystate.ts'
import { possessionMessage } from '../../../protocol/identity/epoch.ts'
import { parsePolicy, printPolicy } from '../../../protocol/log/policy.ts'
import { printOrigin } from '../../../protocol/log/checkpoint.ts'
import { documentOf, founder } from '../../support/founders.ts'
import { NETWORK_ID } from '../../support/notes.ts'

const FOUNDERS = ['a', 'b', 'c', 'd', 'e'].map((name) => founder(`${name}.example`))

const signer = (...name: readonly unknown[]) => signerOf(native.sha256(bytesOfText(name.join(' '))))
const originOf = (domain: string, epoch = 1) => printOrigin({ domain, networkId: NETWORK_ID, epoch })

function charterOf(count: number, outside?: CharterDocument['outside']): CharterState {
  const document = documentOf(FOUNDERS.slice(0, count))
  return {
    networkId: NETWORK_ID,
    document: outside === undefined ? document : { ...document, outside },
    signed: new Set(),
    descriptors: [],
  }
}

/** A member's log of an epoch, right after leaf 0. */
function logOf(domain: string, epoch = 1, owner = domain): KnownKeys {
  const origin = originOf(domain, epoch)
  const declared = (purpose: KeyPurpose, of = domain) => {
    const { publicKey: key, keyId, sign } = signer(of, epoch, purpose)
    return { purpose, key, keyId, possession: sign(possessionMessage(origin, purpose, keyId)) }
  }
  const node = { ...declared('node'), possession: null }
  const keys = [declared('log'), declared('statement'), declared('mirror', owner), declared('witness'), node]
  const root = signer(domain, 'root').publicKey
  const opened = { epoch, domain, root, keys, previous: null, because: null }
  return { state: openKeyState(native, origin, opened), size: 1 }
}

const known = (count: number) => FOUNDERS.slice(0, count).map(({ domain }) => logOf(domain))

/** The printed policy without its keys. */
function linesOf(policy: ReturnType<typeof policyOf>): readonly string[] {
  assert.ok(policy.ok)
  const bytes = printPolicy(native, policy.value)
  const again = parsePolicy(native, bytes)
  assert.deepEqual(again, { ok: true, value: policy.value })
  const text = new TextDecoder().decode(bytes)
  return text
    .trimEnd()
    .split('\n')
    .map((line) => line.replace(/\+[0-9a-f]{8}\+\S+/, ''))
}

describe('the policy of a coalition', () => {
  it('asks for k of the mirrors of the other members', () => {
    assert.deepEqual(linesOf(policyOf(charterOf(5), known(5), originOf('b.example'))), [
      `log ${originOf('b.example')}`,
      'witness a.example/candor/mirror a.example/candor/mirror',
      'witness c.example/candor/mirror c.example/candor/mirror',
      'witness d.example/candor/mirror d.example/candor/mirror',
      'witness e.example/candor/mirror e.example/candor/mirror',
      'group mirrors 3 a.example/candor/mirror c.example/candor/mirror d.example/candor/mirror e.example/candor/mirror',
      'quorum mirrors',
    ])
  })

  it('lists every log and mirror when it is for all, with the k of n − 1', () => {
    const lines = linesOf(policyOf(charterOf(3), known(3), undefined))
    assert.equal(lines.filter((line) => line.startsWith('log ')).length, 3)
    assert.ok(lines.at(-2)?.startsWith('group mirrors 2 a.example'))
  })

  it('asks nobody where there is nobody', () => {
    assert.deepEqual(linesOf(policyOf(charterOf(1), known(1), undefined)), [
      `log ${originOf('a.example')}`,
      'quorum none',
    ])
  })

  it('counts n in members, also those whose keys are not known yet', () => {
    const policy = policyOf(charterOf(5), known(5).slice(0, 4), originOf('a.example'))
    assert.ok(
      linesOf(policy).includes(
        'group mirrors 3 b.example/candor/mirror c.example/candor/mirror d.example/candor/mirror',
      ),
    )
    const few = policyOf(charterOf(5), known(5).slice(0, 3), originOf('a.example'))
    assert.deepEqual(few, { ok: false, fault: 'policy-mirrors' })
  })

  it('leaves out the mirror of one that is suspended, and counts it in n', () => {
    const charter = charterOf(5)
    const suspending = { ...charter, document: { ...charter.document, suspended: ['e.example'] } }
    const policy = policyOf(suspending, known(5), originOf('a.example'))
    assert.ok(
      linesOf(policy).includes(
        'group mirrors 3 b.example/candor/mirror c.example/candor/mirror d.example/candor/mirror',
      ),
    )
    const two = { ...charter.document, suspended: ['d.example', 'e.example'] }
    assert.deepEqual(policyOf({ ...charter, document: two }, known(5), originOf('a.example')), {
      ok: false,
      fault: 'policy-mirrors',
    })
  })

  it('confirms the log of an affiliate by all members, and nobody by the mirror of an affiliate', () => {
    const charter = charterOf(4)
    const affiliates = documentOf(FOUNDERS.slice(4)).members
    const named = { ...charter, document: { ...charter.document, affiliates } }
    const ofAffiliate = linesOf(policyOf(named, known(5), originOf('e.example')))
    const mirrors = ['a', 'b', 'c', 'd'].map((name) => `${name}.example/candor/mirror`).join(' ')
    assert.ok(ofAffiliate.includes(`group mirrors 3 ${mirrors}`))
    const ofMember = linesOf(policyOf(named, known(5), originOf('a.example')))
    assert.ok(ofMember.every((line) => !line.includes('e.example')))
  })

  it('takes mirrors from the newest epoch, and logs from all', () => {
    const policy = policyOf(charterOf(2), [logOf('b.example', 2), ...known(2)], undefined)
    assert.ok(policy.ok)
    assert.deepEqual(
      policy.value.logs.map(({ key }) => key.name),
      [originOf('b.example', 2), originOf('a.example'), originOf('b.example')],
    )
    const newest = signer('b.example', 2, 'mirror').publicKey
    assert.deepEqual(policy.value.witnesses.at(-1)?.key.key, newest)
  })

  it('counts a mirror once while one key replaces the other', () => {
    const b = logOf('b.example')
    const { publicKey, keyId, sign } = signer('b.example', 'new mirror')
    const proof = sign(possessionMessage(b.state.origin, 'mirror', keyId))
    const state = applyKeyEvent(native, b.state, 4, { v: 1, add: ['mirror', publicKey, proof] })
    assert.ok(state.ok)
    const lines = linesOf(policyOf(charterOf(2), [{ state: state.value, size: 5 }], originOf('a.example')))
    assert.deepEqual(lines.slice(0, 4), [
      'witness b.example/candor/mirror/1 b.example/candor/mirror',
      'witness b.example/candor/mirror/2 b.example/candor/mirror',
      'group b.example/candor/mirror 1 b.example/candor/mirror/1 b.example/candor/mirror/2',
      'group mirrors 1 b.example/candor/mirror',
    ])
    const retired = applyKeyEvent(native, state.value, 5, {
      v: 1,
      retire: signer('b.example', 1, 'mirror').keyId,
    })
    assert.ok(retired.ok)
    const after = policyOf(charterOf(2), [{ state: retired.value, size: 6 }], originOf('a.example'))
    assert.ok(after.ok)
    assert.deepEqual(
      after.value.witnesses.map(({ key }) => key.key),
      [publicKey],
    )
  })

  it('counts a key that two members declare for neither', () => {
    const shared = [...known(4).slice(0, 3), logOf('d.example', 1, 'c.example')]
    const policy = policyOf(charterOf(4), shared, originOf('a.example'))
    assert.deepEqual(policy, { ok: false, fault: 'policy-mirrors' })
    assert.ok(policyOf(charterOf(4), known(4), originOf('a.example')).ok)
  })

  it('asks for outside witnesses besides, never instead', () => {
    const witness = (name: string) => ({ name, key: signer(name).publicKey, url: `https://${name}/` })
    const outside = { needed: 1, witnesses: [witness('x.example'), witness('y.example')] }
    const lines = linesOf(policyOf(charterOf(2, outside), known(2), originOf('a.example')))
    assert.deepEqual(lines.slice(1), [
      'witness b.example/candor/mirror b.example/candor/mirror',
      'witness outside/x.example x.example https://x.example/',
      'witness outside/y.example y.example https://y.example/',
      'group mirrors 1 b.example/candor/mirror',
      'group outside 1 outside/x.example outside/y.example',
      'group quorum 2 mirrors outside',
      'quorum quorum',
    ])
    const alone = linesOf(policyOf(charterOf(1, outside), known(1), undefined))
    assert.equal(alone.at(-1), 'quorum outside')
  })
})
