/** Proofs of two histories, as text. */
import type { AddedBundleView, AddedProofView, ProofView } from '../../node/api/client.ts'
import { columns, faint, heading, marked, type Look } from '../look.ts'
import { safe } from '../safe.ts'
import { shortTime } from './status.ts'

/** Digits of an id that lists show; any six and more name a proof. */
const ID_SHOWN = 12

export function renderProofs(look: Look, proofs: readonly ProofView[]): readonly string[] {
  if (proofs.length === 0) return [marked(look, 'ok', 'No proof of two histories is held here.')]
  const rows = proofs.map((proof) => [
    proof.id.slice(0, ID_SHOWN),
    `${whomOf(proof)} of ${proof.domain}`,
    proof.kind,
    proof.heads.map(({ size }) => size).join(' and '),
    proof.since === undefined ? '' : shortTime(proof.since),
    proof.source ?? '',
  ])
  return columns(look, ['PROOF', 'AGAINST', 'KIND', 'SIZES', 'SINCE', 'FROM'], rows)
}

/** Both branches, what they share, and what follows. */
export function renderProof(look: Look, proof: ProofView): readonly string[] {
  const { id, kind, domain, origin, subject, heads, commonSizeMax, times, since, source } = proof
  return [
    marked(look, 'fail', heading(look, `The ${whomOf(proof)} of ${safe(domain)} signed two histories`)),
    `  proof   ${id}`,
    `  kind    ${kind}: ${KINDS[kind]}`,
    `  log     ${safe(origin)}`,
    `  key     ${safe(subject)}`,
    ...heads.map(({ size, root }, at) => {
      const when = times === undefined ? '' : `, signed ${instant(times[at] ?? 0)}`
      return `  head ${'AB'[at]}  size ${size}, root ${safe(root)}${when}`
    }),
    `  common  at most the first ${commonSizeMax} entries`,
    ...(since === undefined ? [] : [`  held    since ${shortTime(since)}, from ${safe(source ?? '')}`]),
    faint(look, `  ${proof.freezes === false ? CLOSED_BEFORE : CONSEQUENCES[proof.convicts]}`),
  ]
}

/** What became of a proof that was handed to the node. */
export function renderAdded(look: Look, { state, proof }: AddedProofView): readonly string[] {
  const did = state === 'new' ? 'taken in, and told to the other members' : 'held already'
  const whom = `${whomOf(proof)} of ${safe(proof.domain)}`
  return [...renderProof(look, proof), `  this proof against the ${whom} was ${did}`]
}

/** What became of a bundle: what is proven against whoever stands in it, and what its heads say besides. */
export function renderBundled(look: Look, { proofs, heads }: AddedBundleView): readonly string[] {
  const said = [
    `${heads.agree} of its heads agree with what is held here`,
    ...(heads.wait > 0 ? [`${heads.wait} are ahead of it, and are compared when their entries come`] : []),
    ...(heads.passedOver > 0 ? [`${heads.passedOver} say nothing more here`] : []),
  ]
  if (proofs.length > 0)
    return [...proofs.flatMap((one) => renderAdded(look, one)), faint(look, `  ${said.join('; ')}`)]
  return [
    marked(look, 'ok', 'Nothing in this bundle contradicts what this node holds'),
    `  ${said.join('; ')}`,
  ]
}

function whomOf({ convicts }: ProofView): string {
  if (convicts === 'outside') return 'outside witness key'
  return convicts === 'log' ? 'log' : `${convicts} key`
}

/** A cosigner's own words: they may name no moment that a calendar has. */
function instant(seconds: number): string {
  const date = new Date(seconds * 1_000)
  return Number.isNaN(date.getTime()) ? `at second ${seconds}` : date.toISOString()
}

const KINDS: Readonly<Record<ProofView['kind'], string>> = {
  size: 'two heads of one size with two roots',
  tree: 'the larger head does not continue the smaller one',
  leaf: 'two entries at one place',
  cosigner: 'it stood behind two heads that exclude each other, or went back as time went on',
}

const CLOSED_BEFORE =
  'Its author closed that log at a head that others confirmed: nothing is frozen, and later heads of it are void.'

const CONSEQUENCES: Readonly<Record<ProofView['convicts'], string>> = {
  log: 'That log is frozen here for good: what is held stays readable and marked, nothing more of it is taken.',
  witness: 'What that witness key signs counts no more; the logs it cosigned are not touched.',
  mirror: 'What that mirror key signs counts no more; the logs it cosigned are not touched.',
  outside: 'What that outside witness signs counts no more; the logs it cosigned are not touched.',
}
