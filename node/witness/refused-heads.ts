/**
 * What becomes of a head that was not cosigned. Where its log's own key signed it, it may be an old one, or one whose size its author had
 * wrong; it may as well be of a history that its author shows nobody else. So it is compared like any head that somebody
 * shows: two of one size are a proof, what lies within the entries held here is proven from them, and what goes beyond them is
 * kept until they come. Nothing is believed of the sender, which need not be the author. DESIGN §4.6, spec 03 §12.
 */
import { keysInForce } from '../../protocol/identity/keystate.ts'
import { parseOrigin, parseSignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import type { RefusalReason } from '../../protocol/log/witness.ts'
import type { Evidence } from '../evidence/evidence.ts'
import type { Logs } from '../store/logs.ts'
import { subjectOf } from '../sync/contradiction.ts'

export type RefusedHead = {
  readonly note: Uint8Array
  readonly why: RefusalReason
  /** The head that was cosigned last, where there is one. */
  readonly held: Uint8Array | undefined
}

export type RefusedHeadsParts = {
  readonly logs: Pick<Logs, 'get'>
  readonly evidence: Pick<Evidence, 'consider'>
  /** Compares a head with what is held of its log, and keeps it in mind where that does not reach it. */
  readonly receive: (note: Uint8Array, chunk: null) => Promise<{ readonly kind: string }>
  /** Asks the author's node what its head continues, if that is connected. It pays for no answer: somebody else may have sent the head. */
  readonly explain: (domain: string, note: Uint8Array) => void
}

export async function compareRefused(
  { logs, evidence, receive, explain }: RefusedHeadsParts,
  { note, why, held }: RefusedHead,
): Promise<void> {
  const signed = parseSignedCheckpoint(note)
  if (!signed.ok) return
  const { origin } = signed.value.checkpoint
  if (why === 'root-differs' && held !== undefined) await contradict(logs, evidence, origin, [held, note])
  const { kind } = await receive(note, null)
  const author = parseOrigin(origin)
  // An honest log is behind here too, while its entries come; only a proof that leads nowhere is a reason to ask.
  if (why === 'proof-wrong' && kind === 'behind' && author.ok) explain(author.value.domain, note)
}

/** Two heads of one size under the log's own signature are a proof by themselves, though no entry of either is held. */
async function contradict(
  logs: RefusedHeadsParts['logs'],
  evidence: RefusedHeadsParts['evidence'],
  origin: string,
  [a, b]: readonly [Uint8Array, Uint8Array],
): Promise<void> {
  const keys = logs.get(origin)?.keys
  const [key] = keys === undefined ? [] : keysInForce(keys, 'log', 0)
  if (key !== undefined)
    await evidence.consider({ subject: subjectOf(origin, key.key), a, b }, 'a request to cosign')
}
