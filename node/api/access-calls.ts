/** The calls of disclosure, over the socket. */
import type {
  AccessService,
  AskedView,
  CaseView,
  ErasureView,
  PolicyView,
  ReachView,
  ReceivedView,
  RedactionView,
  TrailPage,
} from './access-service.ts'
import type { DraftView } from './service.ts'
import { sendForBytes, sendForJson, type Connection } from './http.ts'

const ROOT = '/v1/access'

export function accessCalls(to: Connection): AccessService {
  const get = <T>(path: string, query = {}) =>
    sendForJson<T>(to, { method: 'GET', path: `${ROOT}${path}`, query })
  const post = <T>(path: string, json: object) =>
    sendForJson<T>(to, { method: 'POST', path: `${ROOT}${path}`, json })
  const of = (kind: string, id: string, what = '') => `/${kind}/${encodeURIComponent(id)}${what}`
  return {
    requestDetail: (options) => post<AskedView>('/requests', options),
    requests: () => get<readonly AskedView[]>('/requests'),
    request: (id) => get<AskedView>(of('requests', id)),
    fetchDetail: (id) => post<ReceivedView>(of('requests', id, '/fetch'), {}),
    appeal: (id, reason) => post<AskedView>(of('requests', id, '/appeal'), { reason }),
    cases: (state) => get<readonly CaseView[]>('/cases', { state }),
    case: (id) => get<CaseView>(of('cases', id)),
    rule: (id, ruling) => post<CaseView>(of('cases', id, '/ruling'), ruling),
    revoke: (id, reason, note, by) => post<CaseView>(of('cases', id, '/revocation'), { reason, note, by }),
    trail: (from, count) => get<TrailPage>('/trail', { from: String(from), count: String(count) }),
    erase: (record, options) => post<ErasureView>(of('erasures', record), options),
    trailFile: async () =>
      Buffer.from(await sendForBytes(to, { method: 'GET', path: `${ROOT}/trail/file` })).toString('utf8'),
    disclosureFile: async (selection) =>
      Buffer.from(
        await sendForBytes(to, { method: 'GET', path: `${ROOT}/disclosures`, query: selection }),
      ).toString('utf8'),
    previewRedaction: (id, options) => post<RedactionView>(of('redactions', id), options),
    writePartner: (draft, rules) => post<DraftView>(of('derivations', draft), { rules }),
    reach: (record) => get<ReachView>(of('reach', record)),
    disclosurePolicy: () => get<PolicyView>('/policy'),
    checkDisclosurePolicy: (text) => post<PolicyView>('/policy/check', { text }),
    putDisclosurePolicy: (text) =>
      sendForJson<PolicyView>(to, { method: 'PUT', path: `${ROOT}/policy`, json: { text } }),
  }
}
