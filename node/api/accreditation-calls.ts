/** The calls of accreditations, over the socket. */
import type { AccreditationService, AccreditationView, Application } from './accreditation-service.ts'
import { sendForJson, type Connection } from './http.ts'

const ROOT = '/v1/accreditations'

export function accreditationCalls(to: Connection): AccreditationService {
  const post = (path: string, json: object) =>
    sendForJson<AccreditationView>(to, { method: 'POST', path: `${ROOT}${path}`, json })
  const of = (id: string, what: string) => `/${encodeURIComponent(id)}/${what}`
  return {
    application: (body) =>
      sendForJson<Application>(to, { method: 'GET', path: `${ROOT}/application`, query: { body } }),
    accreditations: () => sendForJson<readonly AccreditationView[]>(to, { method: 'GET', path: ROOT }),
    accredit: (application, options) => post('', { application, ...options }),
    endorse: (id) => post(of(id, 'endorsement'), {}),
    revokeAccreditation: (id, reason) => post(of(id, 'revocation'), { reason }),
    suspendAccreditation: (id, reason, days) => post(of(id, 'suspension'), { reason, days }),
  }
}
