/** The routes of the local API: each reads its request whole, asks the service one thing, prints the answer. */
import { Hono, type Context } from 'hono'
import { BUNDLE_BYTES_MAX, EQUIVOCATION_BYTES_MAX } from '../../protocol/limits.ts'
import { NodeError } from '../errors.ts'
import { readFrames } from './frames.ts'
import { addAccess } from './access-routes.ts'
import { addAccreditations } from './accreditation-routes.ts'
import { addChecks } from './check-routes.ts'
import { addDataSets } from './data-set-routes.ts'
import { addEscrow } from './escrow-routes.ts'
import { addKeys } from './key-routes.ts'
import { PROBLEM_MEDIA_TYPE, problemOf } from './problem.ts'
import * as request from './request.ts'
import type { Service } from './service.ts'
import { addStore } from './store-routes.ts'
import { CBOR_MEDIA_TYPE, printEntries, printEvidence, printList } from './wire.ts'

const EVIDENCE_MEDIA_TYPE = 'text/plain; charset=utf-8'

export const NDJSON_MEDIA_TYPE = 'application/x-ndjson'

/** `onError` hears of errors that nobody foresaw, for the node's log. */
export function routesOf(service: Service, onError: (error: unknown) => void): Hono {
  const app = new Hono()
  app.onError((error) => {
    if (!(error instanceof NodeError)) onError(error)
    return problemResponse(error)
  })
  app.notFound((c) => problemResponse(notFound(c)))
  addNode(app, service)
  addRecords(app, service)
  addDrafts(app, service)
  addChecks(app, service)
  addLog(app, service)
  addEvidence(app, service)
  addStreams(app, service, onError)
  addStore(app, service, (items) => lines(items, onError))
  addKeys(app, service)
  addAccess(app, service)
  addAccreditations(app, service)
  addDataSets(app, service)
  addEscrow(app, service)
  return app
}

export function problemResponse(error: unknown): Response {
  const problem = problemOf(error)
  const headers = { 'content-type': PROBLEM_MEDIA_TYPE }
  return new Response(JSON.stringify(problem), { status: problem.status, headers })
}

function addNode(app: Hono, service: Service): void {
  app.get('/v1/status', (c) => json(c, () => service.status()))
  app.get('/v1/peers', (c) => json(c, () => service.peers()))
  app.get('/v1/whoami', (c) => json(c, () => service.whoami()))
  app.get('/v1/charter', (c) => cbor(c, () => service.charter()))
  app.get('/v1/descriptor', (c) => cbor(c, () => service.descriptor()))
  app.post('/v1/stop', (c) => {
    request.queryOf(c, request.None)
    service.stop()
    return c.json({ stopping: true }, 202)
  })
}

function addRecords(app: Hono, service: Service): void {
  app.get('/v1/records', async (c) => c.json(await service.records(request.queryOf(c, request.Listing))))
  app.get('/v1/records/:id', async (c) => {
    const { author } = request.queryOf(c, request.ByAuthor)
    return c.json(await service.record(c.req.param('id'), author))
  })
  app.get('/v1/records/:id/evidence', async (c) => {
    const { author } = request.queryOf(c, request.ByAuthor)
    const evidence = await service.evidence(c.req.param('id'), author)
    return binary(printList(evidence.map(printEvidence)), CBOR_MEDIA_TYPE)
  })
  app.post('/v1/records/:id/attestations', async (c) => {
    const { author } = request.queryOf(c, request.ByAuthor)
    const content = await request.bodyOf(c, request.Content)
    return c.json(await service.attest(c.req.param('id'), author, content, request.tokenOf(c)), 201)
  })
}

function addDrafts(app: Hono, service: Service): void {
  app.get('/v1/drafts', (c) => json(c, () => service.drafts()))
  app.post('/v1/drafts', async (c) => {
    request.queryOf(c, request.None)
    return c.json(await service.addDraft(await request.bodyOf(c, request.Content)), 201)
  })
  app.get('/v1/drafts/:id', (c) => json(c, () => service.draft(c.req.param('id'))))
  app.delete('/v1/drafts/:id', async (c) => {
    request.queryOf(c, request.None)
    await service.dropDraft(c.req.param('id'))
    return c.body(null, 204)
  })
  app.post('/v1/drafts/:id/publication', async (c) => {
    request.queryOf(c, request.None)
    const { holdSeconds, ...options } = await request.bodyOf(c, request.Publication)
    const token = request.tokenOf(c)
    return c.json(await service.publishDraft(c.req.param('id'), holdSeconds, options, token), 201)
  })
  app.delete('/v1/drafts/:id/publication', (c) => json(c, () => service.cancel(c.req.param('id'))))
}

function addLog(app: Hono, service: Service): void {
  app.get('/v1/logs', (c) => json(c, () => service.logs()))
  app.get('/v1/log/head', async (c) => {
    const { origin } = request.queryOf(c, request.OfLog)
    return binary(await service.head(origin), 'text/plain; charset=utf-8')
  })
  app.get('/v1/log/quorum-head', async (c) => {
    const { origin } = request.queryOf(c, request.OfLog)
    return binary(await service.quorumHead(origin), 'text/plain; charset=utf-8')
  })
  app.get('/v1/log/quorum-heads', async (c) => {
    const { origin } = request.queryOf(c, request.OfLog)
    return c.json(await service.quorumHeads(origin))
  })
  app.get('/v1/policy', async (c) => {
    const { origin } = request.queryOf(c, request.OfLog)
    return binary(await service.policy(origin), 'text/plain; charset=utf-8')
  })
  app.get('/v1/log/entries', async (c) => {
    const { origin, from, count } = request.queryOf(c, request.Range)
    return binary(printEntries(await service.entries(origin, from, count)), CBOR_MEDIA_TYPE)
  })
  app.get('/v1/log/inclusion', async (c) => {
    const { origin, index, size } = request.queryOf(c, request.Inclusion)
    return binary(printEvidence(await service.inclusion(origin, index, size)), CBOR_MEDIA_TYPE)
  })
  app.get('/v1/log/consistency', async (c) => {
    const { origin, from, to } = request.queryOf(c, request.Consistency)
    return binary(printList(await service.consistency(origin, from, to)), CBOR_MEDIA_TYPE)
  })
}

function addEvidence(app: Hono, service: Service): void {
  app.get('/v1/evidence', (c) => json(c, () => service.evidenceList()))
  app.get('/v1/evidence/:id', async (c) => {
    request.queryOf(c, request.None)
    return binary(await service.evidenceFile(c.req.param('id')), EVIDENCE_MEDIA_TYPE)
  })
  app.post('/v1/evidence', async (c) => {
    const options = request.queryOf(c, request.Proof)
    const bytes = await request.bytesOf(c, EQUIVOCATION_BYTES_MAX)
    const added = await service.addEvidence(bytes, options)
    return c.json(added, added.state === 'new' ? 201 : 200)
  })
  app.post('/v1/evidence/bundles', async (c) => {
    request.queryOf(c, request.None)
    return c.json(await service.addBundle(await request.bytesOf(c, BUNDLE_BYTES_MAX)))
  })
}

function addStreams(app: Hono, service: Service, onError: (error: unknown) => void): void {
  app.get('/v1/export', (c) => {
    const filter = request.queryOf(c, request.Filter)
    return lines(service.exportRecords(filter), onError)
  })
  app.post('/v1/imports/:format', (c) => {
    const options = request.queryOf(c, request.Import)
    const format = request.checked(request.ImportFormat, c.req.param('format'))
    const uploads = readFrames(request.chunksOf(c))
    return lines(service.importFiles(uploads, { format, ...options }, request.tokenOf(c)), onError)
  })
}

/** For routes that take no parameters. */
async function json(c: Context, ask: () => Promise<object>): Promise<Response> {
  request.queryOf(c, request.None)
  return c.json(await ask())
}

async function cbor(c: Context, ask: () => Promise<Uint8Array>): Promise<Response> {
  request.queryOf(c, request.None)
  return binary(await ask(), CBOR_MEDIA_TYPE)
}

function binary(bytes: Uint8Array, type: string): Response {
  return new Response(new Uint8Array(bytes), { headers: { 'content-type': type } })
}

/**
 * Items as lines, each sent when it is so. An error after the first line cannot change the status any more: it
 * becomes the last line. When the reader goes away the source is told.
 */
function lines(items: AsyncIterable<object>, onError: (error: unknown) => void): Response {
  const iterator = items[Symbol.asyncIterator]()
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await iterator.next()
        if (done === true) controller.close()
        else controller.enqueue(lineOf(value))
      } catch (error) {
        if (!(error instanceof NodeError)) onError(error)
        controller.enqueue(lineOf({ event: 'failed', problem: problemOf(error) }))
        controller.close()
      }
    },
    async cancel() {
      await iterator.return?.()
    },
  })
  return new Response(body, { headers: { 'content-type': NDJSON_MEDIA_TYPE } })
}

function lineOf(value: object): Uint8Array {
  return Buffer.from(`${JSON.stringify(value)}\n`)
}

function notFound(c: Context): NodeError {
  return new NodeError('NOT_FOUND', `the API has no ${c.req.method} at this address`)
}
