/** The escrow of a node in memory: fixed answers. */
import type { EscrowService, EscrowView } from '../../node/api/client.ts'

export const DEPOSIT: EscrowView = {
  id: 'ab'.repeat(32),
  side: 'kept',
  state: 'held',
  owner: 'a.example',
  record: 'abcdefghijklmnopqrstuvwxya',
  version: 1,
  tier: 'research',
  threshold: 3,
  afterDays: 90,
  at: '2026-01-01T00:00:00.000Z',
  holders: ['b', 'c', 'd', 'e'].map((name) => ({ domain: `${name}.example`, state: 'holder' })),
  silence: {
    since: '2026-01-01T00:00:00.000Z',
    until: '2026-04-01T00:00:00.000Z',
    refusal: 'owner-heard',
  },
  called: [],
  released: [],
  shares: 1,
}

export function fakeEscrow(noted: <T>(call: string, answer: T) => Promise<T>): EscrowService {
  const ours: EscrowView = { ...DEPOSIT, side: 'ours', state: 'waiting', shares: 0 }
  const settings = { threshold: 3, holders: ['b.example'], afterDays: 90, tiers: ['research'] }
  return {
    escrows: () => noted('escrows', { settings, deposits: [DEPOSIT, ours] }),
    escrow: (id) => noted(`escrow ${id}`, DEPOSIT),
    addEscrow: (record, options) => noted(`add escrow ${record} ${JSON.stringify(options)}`, [ours]),
    releaseEscrow: (id, { to, by, reason }) => noted(`release ${id} ${to} ${by} ${reason}`, DEPOSIT),
    recoverEscrow: (id, { by, reason }) =>
      noted(`recover ${id} ${by} ${reason}`, { ...DEPOSIT, state: 'recovered' }),
    recoveredPart: (id) =>
      noted(`recovered part ${id}`, {
        escrow: DEPOSIT,
        document: { narrative: 'It was read.' },
        verdict: 'all',
      }),
  }
}
