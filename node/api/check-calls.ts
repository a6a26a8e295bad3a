/** The check before publishing, asked over the socket. */
import type { CheckService, CheckView, PublicationTrailView } from './check-service.ts'
import { sendForJson, type Connection } from './http.ts'

export function checkCalls(to: Connection): CheckService {
  const at = (id: string, rest: string) => `/v1/drafts/${encodeURIComponent(id)}/${rest}`
  return {
    checkDraft: (id) => sendForJson<CheckView>(to, { method: 'GET', path: at(id, 'check') }),
    suppress: (id, json) =>
      sendForJson<CheckView>(to, { method: 'POST', path: at(id, 'suppressions'), json }),
    approve: (id, confirmed) =>
      sendForJson<CheckView>(to, { method: 'POST', path: at(id, 'approvals'), json: { confirmed } }),
    publicationTrail: (id) =>
      sendForJson<PublicationTrailView>(to, {
        method: 'GET',
        path: `/v1/records/${encodeURIComponent(id)}/publication`,
      }),
  }
}
