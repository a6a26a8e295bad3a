/** `candor doctor`: what is wrong with this home and everything stored in it, and with --repair, mending it. */
import { NodeError, type Client, type StoreCheck, type StoreRepair } from '../../node/api/client.ts'
import type { Context } from '../context.ts'
import { examineHome, lastFailure, type Examined } from '../examine.ts'
import { EXIT } from '../exit-codes.ts'
import type { Commands } from '../program.ts'
import { Progress } from '../progress.ts'
import { renderDoctor } from '../render/doctor.ts'

export type Damaged = Extract<StoreCheck, { event: 'damaged' }>
export type Mended = Extract<StoreRepair, { event: 'repaired' | 'unrepaired' | 'given-up' }>

export type Diagnosis = {
  readonly examined: readonly Examined[]
  /** Undefined when no node answered. */
  readonly store: Extract<StoreCheck, { event: 'checked' }> | undefined
  readonly damaged: readonly Damaged[]
  /** Undefined without --repair. */
  readonly mended: readonly Mended[] | undefined
}

export function addDoctor({ group, context }: Commands): void {
  group('doctor')
    .description('check this home and everything stored in it; says what is wrong and what to type')
    .option('--repair', 'fetch what is damaged from other members; nothing unproven replaces anything')
    .action(async ({ repair }: { readonly repair?: true }, command) => {
      const at = context(command)
      const diagnosis = await diagnose(at, repair === true)
      at.setExit(exitOf(diagnosis))
      await at.answer('doctor', diagnosis, () => renderDoctor(at.look, diagnosis, at.typed))
    })
}

async function diagnose(at: Context, mends: boolean): Promise<Diagnosis> {
  const examined = examineHome(at.home, Date.now())
  const node = await examineNode(at)
  const progress = new Progress(at)
  try {
    if (node.state === 'fail') {
      return { examined: [...examined, node], store: undefined, damaged: [], mended: mends ? [] : undefined }
    }
    const { store, damaged } = await checkStore(at.client, progress)
    const mended = mends ? await repairStore(at.client, progress) : undefined
    return { examined: [...examined, node], store, damaged, mended }
  } finally {
    progress.done()
  }
}

async function examineNode({ client, home }: Context): Promise<Examined> {
  try {
    const { state, readOnly, problems, peers } = await client.status()
    const connected = `${peers.connected} of ${peers.members} other members connected`
    const others = problems.filter(({ code }) => code !== 'STORE_DAMAGED').map(({ message }) => message)
    if (state === 'ok' && others.length === 0)
      return { what: 'node', state: 'ok', says: `runs and publishes, ${connected}` }
    const says = [
      readOnly === undefined ? connected : `${state}: ${readOnly.why}; ${connected}`,
      ...others,
    ].join('; ')
    return { what: 'node', state: 'warn', says, fix: readOnly?.fix ?? 'candor status' }
  } catch (error) {
    if (!(error instanceof NodeError) || error.code !== 'NODE_UNREACHABLE') throw error
    const failure = lastFailure(home)
    const says = 'no node runs here, so nothing that is stored was checked'
    if (failure === undefined) return { what: 'node', state: 'fail', says, fix: 'candor up' }
    const isUnreadable = failure.code === 'STORE_DAMAGED'
    const fix = isUnreadable ? 'candor up --repair' : 'candor up'
    return { what: 'node', state: 'fail', says: `${says}; it ended with: ${failure.message}`, fix }
  }
}

async function checkStore(client: Client, progress: Progress) {
  const damaged: Damaged[] = []
  for await (const event of client.checkStore()) {
    if (event.event === 'damaged') damaged.push(event)
    if (event.event === 'checked') return { store: event, damaged }
    if (event.event === 'reading') progress.entries(event.origin, event.entries, event.of)
  }
  return { store: undefined, damaged }
}

async function repairStore(client: Client, progress: Progress): Promise<readonly Mended[]> {
  const mended: Mended[] = []
  for await (const event of client.repairStore()) {
    if (event.event === 'repairing') progress.at(() => `repairing ${event.origin.split('/')[0] ?? ''}`)
    if (event.event !== 'repairing' && event.event !== 'done') mended.push(event)
  }
  return mended
}

function exitOf({ examined, store, damaged, mended }: Diagnosis): number {
  if (store === undefined) return EXIT.unreachable
  const isMended = mended?.every(({ event }) => event !== 'unrepaired') ?? false
  const isLeft = damaged.some(({ what }) => what === 'sealed' || !isMended)
  return isLeft || examined.some(({ state }) => state === 'fail') ? EXIT.failed : EXIT.ok
}
