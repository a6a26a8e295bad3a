import assert from 'node:assert/strict'
import type { KeyPurpose } from '../../../protocol/identity/epoch.ts'
import { openKeyState, type KeyState } from '../../../protocol/identity/keystate.ts'
import { repeatedKeys } from '../../../protocol/identity/repeated.ts'
import { portable } from '../../../protocol/primitives.ts'
import { declared, epochDocument, originOf } from '../../support/declared.ts'
import { testKey } from '../../support/notes.ts'

/** The state of a log under this root key that declares these keys. */
function state(origin: string, root: number, keys: readonly (readonly [KeyPurpose, number])[]): KeyState {
  const own = keys.map(([purpose, byte]) => declared(purpose, byte, origin))
  return openKeyState(portable, origin, { ...epochDocument(1), root: testKey(root).key, keys: own })
}

const [A1, A2, B] = [originOf(1), originOf(2), originOf(1, 'other.example')]
const found = (...states: readonly KeyState[]) =>
  repeatedKeys(states).map(({ first, again }) => [first.purpose, again.purpose, again.origin])

describe('a key that is declared twice', () => {
  const own = state(A1, 9, [
    ['log', 1],
    ['statement', 2],
    ['node', 6],
  ])

  it('is fine where a member takes it along into its next epoch', () => {
    assert.deepEqual(
      found(
        own,
        state(A2, 9, [
          ['log', 11],
          ['statement', 2],
          ['node', 6],
        ]),
      ),
      [],
    )
  })

  const cases: readonly (readonly [string, KeyState, readonly string[]])[] = [
    ['as a log key of the next epoch', state(A2, 9, [['log', 1]]), ['log', 'log', A2]],
    [
      'for another purpose',
      state(A2, 9, [
        ['log', 11],
        ['witness', 2],
      ]),
      ['statement', 'witness', A2],
    ],
    [
      'by another member',
      state(B, 8, [
        ['log', 12],
        ['node', 6],
      ]),
      ['node', 'node', B],
    ],
    ['as the root key of another member', state(B, 2, [['log', 12]]), ['statement', 'root', B]],
    [
      'by another member, though it is a root key',
      state(B, 8, [
        ['log', 12],
        ['box', 9],
      ]),
      ['root', 'box', B],
    ],
  ]
  for (const [name, other, expected] of cases) {
    it(`is found ${name}`, () => assert.deepEqual(found(own, other), [expected]))
  }

  it('is found once for each log that repeats it', () => {
    const others = [state(B, 8, [['node', 6]]), state(originOf(1, 'third.example'), 7, [['node', 6]])]
    assert.equal(found(own, ...others).length, 2)
  })
})
