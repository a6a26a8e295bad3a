/** Keys and epochs as text. */
import type { EpochView, KeysView, KeyView } from '../../node/api/client.ts'
import { columns, faint, heading, MARK, type Look } from '../look.ts'
import { safe } from '../safe.ts'

export function renderKeys(
  look: Look,
  { domain, origin, size, rootKeyId, keys, epochs }: KeysView,
): readonly string[] {
  const rows = keys.map((key) => [
    `${key.inForce ? MARK.ok : MARK.warn} ${key.purpose}`,
    key.keyId.slice(0, 16),
    String(key.addedAt),
    stateOf(key),
    key.held ? 'here' : '',
  ])
  return [
    heading(look, `Keys of ${safe(domain)}`),
    `  log  ${safe(origin)}, ${size} entries held`,
    `  root ${rootKeyId.slice(0, 16)}`,
    ...columns(look, ['PURPOSE', 'KEY', 'DECLARED', 'STATE', 'KEYSTORE'], rows),
    ...(epochs.length > 1 ? ['', ...renderEpochs(look, epochs)] : []),
  ]
}

function renderEpochs(look: Look, epochs: readonly EpochView[]): readonly string[] {
  return epochs.flatMap((epoch) => {
    const { origin, size, state, by, closedAt, cutShort, because } = epoch
    const where = closedAt === undefined ? '' : ` at ${closedAt} entries${closingText(epoch)}`
    const next = by === undefined ? '' : `, by epoch ${safe(by.split('/').at(-1) ?? '')}`
    return [
      `${state === 'open' ? MARK.ok : MARK.warn} epoch ${safe(origin.split('/').at(-1) ?? '')}: ${state}${where}${next} · ${size} held`,
      ...(cutShort === undefined
        ? []
        : [`  others had confirmed ${cutShort.to} entries: those from ${cutShort.from} on were left behind`]),
      ...(because === undefined ? [] : [faint(look, `  opened because: ${safe(because.text)}`)]),
      ...(because === undefined || because.proof === null ? [] : [faint(look, `  proof ${because.proof}`)]),
    ]
  })
}

function closingText({ confirmed, contradicted }: EpochView): string {
  if (contradicted === true) return ', at a head that CONTRADICTS what others confirmed'
  return confirmed === true ? '' : ', which nobody confirmed'
}

function stateOf({ inForce, retiredAt, revokedSince }: KeyView): string {
  if (revokedSince !== undefined) return `revoked from ${revokedSince}`
  if (retiredAt !== undefined) return `retired at ${retiredAt}`
  return inForce ? 'in force' : 'out of force'
}
