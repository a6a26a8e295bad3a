/** The calls that check and repair what is stored, over the socket. */
import { sendForLines, type Connection } from './http.ts'
import type { StoreCheck, StoreRepair, StoreService } from './store-service.ts'

export function storeCalls(to: Connection): StoreService {
  return {
    checkStore: () => sendForLines<StoreCheck>(to, { method: 'POST', path: '/v1/store/check' }),
    repairStore: () => sendForLines<StoreRepair>(to, { method: 'POST', path: '/v1/store/repair' }),
  }
}
