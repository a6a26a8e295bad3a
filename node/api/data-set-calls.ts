/** The calls of data sets, over the socket. */
import type { DataSetService, FetchedFileView, FileView, TraceView } from './data-set-service.ts'
import { send, sendForJson, type Connection } from './http.ts'

/** Reading in or fetching a file of many GB takes hours. */
const LONG_MS = 86_400_000

export function dataSetCalls(to: Connection): DataSetService {
  const patient = { ...to, timeoutMs: LONG_MS }
  const of = (id: string, what: string) => `/v1/access/requests/${encodeURIComponent(id)}/${what}`
  return {
    addFile: (draft, file, stream) =>
      sendForJson<FileView>(patient, {
        method: 'POST',
        path: `/v1/drafts/${encodeURIComponent(draft)}/files`,
        query: file,
        stream,
      }),
    addTrail: (draft) =>
      sendForJson<FileView>(patient, {
        method: 'POST',
        path: `/v1/drafts/${encodeURIComponent(draft)}/trail`,
        json: {},
      }),
    files: () => sendForJson<readonly FileView[]>(to, { method: 'GET', path: '/v1/data-sets' }),
    fetchFiles: (request) =>
      sendForJson<readonly FetchedFileView[]>(patient, { method: 'POST', path: of(request, 'files') }),
    traceFile: (stream) =>
      sendForJson<readonly TraceView[]>(patient, { method: 'POST', path: '/v1/data-sets/trace', stream }),
    exportFile: (request, path) =>
      send(patient, { method: 'GET', path: of(request, 'file'), query: { path } }),
  }
}
