/** A store of cosigned heads in memory, for members m1.example, m2.example … whose logs declare a mirror and a witness. */
import { native } from '../../node/keys/native.ts'
import type { KeyValue } from '../../node/ports.ts'
import type { Logs } from '../../node/store/logs.ts'
import { CosignedHeads, type CosignedHeadsParts } from '../../node/witness/cosigned-heads.ts'
import type { EpochKeys } from '../../node/witness/cosigner-keys.ts'
import { printOrigin } from '../../protocol/log/checkpoint.ts'
import type { NoteSignature } from '../../protocol/log/note.ts'
import { accountsOf } from './accounts.ts'
import { NETWORK_ID, testCosigner, testKey } from './notes.ts'

/** Members whose keys are known; the cosigners of `testCosigner` for more than them are strangers'. */
export const MEMBERS = 40

const NUMBERS = Array.from({ length: MEMBERS }, (_, n) => n + 1)
const { logs: DECLARED } = accountsOf(
  NUMBERS.map((n) => ({
    origin: printOrigin({ domain: `m${n}.example`, networkId: NETWORK_ID, epoch: 1 }),
    keys: [
      ['log', testKey(200 + n).key],
      ['mirror', testCosigner(n, 'mirror').key],
      ['witness', testCosigner(n, 'witness').key],
    ],
  })),
)

export function cosignedStore(
  store: KeyValue,
  logs: Logs,
  change: Partial<CosignedHeadsParts> = {},
): CosignedHeads {
  const heads = new CosignedHeads({
    primitives: native,
    store,
    logs,
    members: NUMBERS.map((n) => `m${n}.example`),
    outside: [],
    keysOf: declaredKeys,
    isStruck: () => false,
    accuse: async () => undefined,
    ...change,
  })
  heads.open()
  return heads
}

/** What the log of one of these members declares. */
export function declaredKeys(domain: string): EpochKeys | undefined {
  const keys = DECLARED.find(({ origin }) => origin.startsWith(`${domain}/`))?.keys
  return keys && { open: keys, all: [keys] }
}

/** The same line with another signature. `n`: of the many that there are, which. */
export function forged(line: NoteSignature, n = 0): NoteSignature {
  const changed = line.bytes.with(20, n % 256).with(21, n >> 8)
  return { ...line, bytes: changed.with(22, (changed[22] ?? 0) ^ 1) }
}
