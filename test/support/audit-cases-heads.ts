/** Who confirmed what, and what an audit says where too few did, or whoever did contradicts itself. */
import { STALE_AFTER_SECONDS } from '../../protocol/log/state.ts'
import { publicKeyOf, SEED } from './statements.ts'
import { printNote } from '../../protocol/log/note.ts'
import { LATELY, shownOf } from './audited-lab.ts'
import { at, reheaded, cosigners, convictMirror } from './audit-changes.ts'
import type { Case, Found } from './audit-cases.ts'

const A = 'a.example'
const B = 'b.example'
const C = 'c.example'

export const OF_CONFIRMATION: Readonly<Record<string, Case>> = {
  'nothing where nothing is wrong': { make: () => undefined, exit: 0, verdict: 'verified', found: [] },
  'a head that one mirror too few confirmed': {
    make: (made) => reheaded(made, 1, [[0, LATELY]]),
    exit: 0,
    verdict: 'verified',
    found: [['low', 'head-unconfirmed', B, null]],
  },
  'a head that nobody else confirmed': {
    make: (made) => reheaded(made, 1, []),
    exit: 0,
    verdict: 'verified',
    found: [['medium', 'head-unwitnessed', B, null]],
  },
  'a head that no quorum confirmed for a day': {
    make: (made) => reheaded(made, 2, cosigners(0, 1, LATELY - STALE_AFTER_SECONDS)),
    exit: 0,
    verdict: 'verified',
    found: [['low', 'head-stale', C, null]],
  },
  'a head confirmed at a time that is still to come': {
    make: (made) => reheaded(made, 2, cosigners(0, 1, LATELY + 86_400)),
    exit: 0,
    verdict: 'verified',
    found: [['low', 'head-ahead', C, null]],
  },
  'a head that the witnesses outside, whom the charter asks for, did not confirm': {
    options: {
      outside: {
        needed: 1,
        witnesses: [{ name: 'w.test/w', key: publicKeyOf(SEED), url: 'https://w.test' }],
      },
    },
    make: () => undefined,
    exit: 0,
    verdict: 'verified',
    found: [A, B, C].map((domain): Found => ['low', 'head-outside', domain, null]),
  },
  'a key that cosigned two trees, by a proof': {
    make: convictMirror,
    exit: 13,
    verdict: 'key',
    found: [
      ['high', 'cosigner-struck', C, null],
      ['low', 'head-unconfirmed', A, null],
      ['low', 'head-unconfirmed', B, null],
    ],
  },
  'a key that cosigned a smaller head after a larger one': {
    make: (made) => {
      const { log } = at(made, 0)
      const smaller = printNote(log.head(3, cosigners(1, 2, LATELY + 30)).note)
      // The clock of the third member went back; the second one cosigns the larger head later.
      const larger = log.head(5, [
        [1, LATELY + 40],
        [2, LATELY],
      ])
      const shown = shownOf(log, larger)
      made.shown[0] = { ...shown, history: [smaller, shown.note] }
    },
    exit: 13,
    verdict: 'key',
    found: [
      ['high', 'cosigner-contradicts', C, null],
      ['low', 'head-unconfirmed', A, null],
      ['low', 'head-unconfirmed', B, null],
    ],
  },
}
