/** The calls of escrow, over the socket. */
import type { EscrowService, EscrowsView, EscrowView, RecoveredView } from './escrow-service.ts'
import { sendForJson, type Connection } from './http.ts'

const ROOT = '/v1/escrow'

export function escrowCalls(to: Connection): EscrowService {
  const get = <T>(path: string) => sendForJson<T>(to, { method: 'GET', path: `${ROOT}${path}` })
  const post = <T>(path: string, json: object) =>
    sendForJson<T>(to, { method: 'POST', path: `${ROOT}${path}`, json })
  const of = (id: string, what = '') => `/deposits/${encodeURIComponent(id)}${what}`
  return {
    escrows: () => get<EscrowsView>('/deposits'),
    escrow: (id) => get<EscrowView>(of(id)),
    addEscrow: (record, options) =>
      post<readonly EscrowView[]>(`/records/${encodeURIComponent(record)}`, options),
    releaseEscrow: (id, options) => post<EscrowView>(of(id, '/release'), options),
    recoverEscrow: (id, options) => post<EscrowView>(of(id, '/recovery'), options),
    recoveredPart: (id) => get<RecoveredView>(of(id, '/part')),
  }
}
