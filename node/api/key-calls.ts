/** The calls of keys and epochs, over the socket. */
import { sendForBytes, sendForJson, type Connection } from './http.ts'
import type { ClosingOptions, ClosingView, KeyEventsView, KeyService, KeysView } from './key-service.ts'

export function keyCalls(to: Connection): KeyService {
  return {
    keys: (domain) => sendForJson<KeysView>(to, { method: 'GET', path: '/v1/keys', query: { domain } }),
    addKeyEvents: (proposals) =>
      sendForJson<KeyEventsView>(to, { method: 'POST', path: '/v1/keys/events', json: { proposals } }),
    prepareVaultKey: () =>
      sendForJson<{ made: boolean }>(to, { method: 'POST', path: '/v1/keys/vault', json: {} }),
    beginClosing: (json: ClosingOptions) =>
      sendForJson<ClosingView>(to, { method: 'POST', path: '/v1/epochs/closing', json }),
    callOffClosing: async () => {
      await sendForBytes(to, { method: 'DELETE', path: '/v1/epochs/closing' })
    },
    openEpoch: (proposals) =>
      sendForJson<{ origin: string }>(to, { method: 'POST', path: '/v1/epochs', json: { proposals } }),
  }
}
