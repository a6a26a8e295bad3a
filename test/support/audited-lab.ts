/** What a node shows of the logs of a lab, to be changed by a test before an audit asks for it. */
import type { ProofView, Service, StatusView } from '../../node/api/client.ts'
import type { SignedCheckpoint } from '../../protocol/log/checkpoint.ts'
import { printNote } from '../../protocol/log/note.ts'
import { BundleLab, type Cosigners, type LogInBytes } from './bundles.ts'
import { fakeService } from './fake-service.ts'
import type { SignedLeaf } from './signed-log.ts'

/** Seconds since 1970: so lately that nothing is stale. */
export const LATELY = Math.floor(Date.now() / 1_000) - 60

export type ShownLeaf = { readonly bytes: Uint8Array; readonly part: SignedLeaf['part'] | null }

export type ShownLog = {
  origin: string
  note: Uint8Array
  /** Cosigned heads, oldest first. */
  history: readonly Uint8Array[]
  leaves: readonly ShownLeaf[]
  state: string
  why: string
}

export type AuditedLab = {
  readonly lab: BundleLab
  readonly shown: ShownLog[]
  charterBytes: Uint8Array
  /** Proofs as the node lists them, and their files by id. */
  readonly proofs: { readonly view: Pick<ProofView, 'id' | 'origin' | 'kind'>; readonly file: Uint8Array }[]
  status: Partial<StatusView>
}

/** Everybody's mirrors but one's own. */
export function othersThan(lab: BundleLab, log: LogInBytes, time = LATELY): Cosigners {
  return lab.logs.flatMap((other, number) => (other === log ? [] : [[number, time] as const]))
}

/** Three members with five entries each, under heads that both others confirmed. */
export async function openAuditedLab(
  options: Parameters<typeof BundleLab.open>[1] = {},
): Promise<AuditedLab> {
  const lab = await BundleLab.open(3, options)
  for (const log of lab.logs) for (let i = 0; i < 4; i++) log.say()
  const shown = lab.logs.map((log) => shownOf(log, log.head(5, othersThan(lab, log))))
  return { lab, shown, charterBytes: lab.charterBytes, proofs: [], status: {} }
}

export function shownOf({ origin, leaves }: LogInBytes, head: SignedCheckpoint): ShownLog {
  const note = printNote(head.note)
  return { origin, note, history: [note], leaves: [...leaves], state: 'ok', why: 'a quorum confirmed it' }
}

/** A node that shows this, whatever it is by then. */
export function serviceOf(made: AuditedLab): Partial<Service> {
  const find = (origin: string | undefined) => {
    const one = made.shown.find((log) => log.origin === origin)
    if (one === undefined) throw new Error('bug: a log that is shown')
    return one
  }
  const views = () =>
    made.shown.map(({ origin, leaves, state, why }) => {
      return { origin, domain: origin.split('/')[0], size: leaves.length, state, why }
    })
  return {
    charter: () => Promise.resolve(made.charterBytes),
    status: async () => ({ ...(await fakeService().status()), ...made.status }),
    logs: () => Promise.resolve(views() as never),
    head: (origin) => Promise.resolve(find(origin).note),
    quorumHeads: (origin) =>
      Promise.resolve(find(origin).history.map((note) => Buffer.from(note).toString('utf8'))),
    evidenceList: () => Promise.resolve(made.proofs.map(({ view }) => view) as never),
    evidenceFile: (id) =>
      Promise.resolve(made.proofs.find(({ view }) => view.id === id)?.file ?? new Uint8Array(0)),
    entries: (origin, from, count) => {
      const some = find(origin).leaves.slice(from, from + count)
      const parts = some.map(({ part }) => part && ([part.opening, part.mediaType, part.bytes] as const))
      return Promise.resolve({ from, entries: some.map(({ bytes }) => bytes), parts })
    },
  }
}
