/** What a reader says to an owner next about a request, by where it stands. Spec 06 §7. */
import type { AccessMessage } from '../../protocol/access/message.ts'
import type { AskedCase } from './asked.ts'

/** What is to be said next, or nothing. */
export function messageOf(one: AskedCase, now: number): AccessMessage | undefined {
  if (one.nextAt > now) return undefined
  // An owner that has no receipt has nothing that could be acknowledged to it.
  if (one.state === 'received' && one.receipt !== null) return { kind: 'receipt', signed: one.receipt }
  if (one.owed.confirmation) return { kind: 'confirm', request: one.id }
  const ack = one.acks[one.acks.length - one.owed.acks]
  if (ack !== undefined) return { kind: 'ack', signed: ack }
  if (one.owed.appeal && one.appeal !== null) return { kind: 'appeal', signed: one.appeal }
  switch (one.state) {
    case 'open':
    case 'pending':
      return { kind: 'request', signed: one.request }
    case 'opened':
      return { kind: 'state', request: one.id }
    default:
      return undefined
  }
}

/** What an owner need only take note of. */
export function isTold({ kind }: AccessMessage): boolean {
  return kind === 'confirm' || kind === 'ack' || kind === 'appeal'
}
