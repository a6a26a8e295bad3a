/** What can be wrong with a whole log, and what an audit says of it. */
import { native } from '../../node/keys/native.ts'
import { proveSameSize } from '../../protocol/log/equivocation-maker.ts'
import { printNote, SIGNATURE_TYPE } from '../../protocol/log/note.ts'
import { othersThan, shownOf } from './audited-lab.ts'
import { at, twoTrees, addProof, closeAt } from './audit-changes.ts'
import type { Case } from './audit-cases.ts'

const A = 'a.example'
const B = 'b.example'
const C = 'c.example'

export const OF_LOGS: Readonly<Record<string, Case>> = {
  'a member without a log': {
    make: ({ shown }) => shown.splice(2, 1),
    exit: 12,
    verdict: 'incomplete',
    // Its mirror confirms nobody: the keys of that stand in its log.
    found: [
      ['medium', 'log-missing', C, null],
      ['low', 'head-unconfirmed', A, null],
      ['low', 'head-unconfirmed', B, null],
    ],
  },
  'entries that its author withholds': {
    make: (made) => Object.assign(at(made, 1).shown, { state: 'withheld', why: 'entries from 5 on' }),
    exit: 12,
    verdict: 'incomplete',
    found: [['medium', 'log-withheld', B, null]],
  },
  'a log of which its host takes no more': {
    make: (made) => Object.assign(at(made, 1).shown, { state: 'stopped', why: 'entry 5 is not valid' }),
    exit: 12,
    verdict: 'incomplete',
    found: [['medium', 'log-stopped', B, null]],
  },
  'a log that is older than it was': {
    make: () => undefined,
    later: (made) => {
      const { log, shown } = at(made, 0)
      shown.leaves = shown.leaves.slice(0, 4)
      shown.note = printNote(log.head(4, othersThan(made.lab, log)).note)
    },
    exit: 12,
    verdict: 'incomplete',
    found: [['medium', 'audit-older', A, null]],
  },
  'missing entries': {
    make: (made) => Object.assign(at(made, 0).shown, { leaves: at(made, 0).shown.leaves.slice(0, 4) }),
    exit: 12,
    verdict: 'incomplete',
    found: [['medium', 'audit-entries-missing', A, 4]],
  },
  'a split view of what it verified before': {
    make: () => undefined,
    later: (made) => {
      const { log } = at(made, 0)
      const [first, second, third, ...rest] = log.leaves.splice(0)
      log.leaves.push(...[first, third, second, ...rest].filter((leaf) => leaf !== undefined))
      made.shown[0] = shownOf(log, log.head(5, othersThan(made.lab, log)))
    },
    exit: 11,
    verdict: 'split-view',
    found: [['critical', 'audit-split-view', A, null]],
  },
  'a frozen log': {
    make: (made) => {
      const { log } = at(made, 0)
      const key = log.keystore.logSigner(1).publicKey
      const subject = { name: log.origin, type: SIGNATURE_TYPE.ed25519, key }
      addProof(made, log.origin, 'size', proveSameSize(native, { subject, ...twoTrees(log, []) }))
    },
    exit: 11,
    verdict: 'split-view',
    found: [['critical', 'audit-forked', A, null]],
  },
  'entries above the head at which their author ended the log, which count for nothing': {
    make: (made) => closeAt(made, at(made, 0).log.head(4).checkpoint),
    exit: 0,
    verdict: 'verified',
    found: [
      ['medium', 'head-unwitnessed', A, null],
      ['note', 'audit-above-closing', A, 4],
    ],
  },
  'a log that does not lead to the head at which its author ended it': {
    make: (made) => closeAt(made, { ...at(made, 0).log.head(4).checkpoint, root: new Uint8Array(32) }),
    exit: 10,
    verdict: 'invalid',
    found: [
      ['high', 'audit-closing', A, 3],
      ['medium', 'head-unwitnessed', A, null],
    ],
  },
  'a log that does not reach the head at which its author ended it': {
    make: (made) => closeAt(made, { ...at(made, 0).log.head(4).checkpoint, size: 9 }),
    exit: 12,
    verdict: 'incomplete',
    found: [
      ['medium', 'audit-closing-missing', A, null],
      ['medium', 'head-unwitnessed', A, null],
    ],
  },
  'a log of nobody in the charter': {
    make: ({ shown }) => {
      const [first] = shown
      if (first !== undefined) shown.push({ ...first, origin: first.origin.replace(A, 'z.example') })
    },
    exit: 13,
    verdict: 'key',
    found: [['high', 'audit-outsider', 'z.example', null]],
  },
}
