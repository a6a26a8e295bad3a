/** Routes of data sets. */
import { Readable } from 'node:stream'
import type { Hono } from 'hono'
import * as v from 'valibot'
import type { DataSetService } from './data-set-service.ts'
import { bodyOf, chunksOf, None, queryOf } from './request.ts'

const Path = v.pipe(v.string(), v.maxLength(400))
const File = v.strictObject({
  path: Path,
  bytes: v.pipe(v.string(), v.regex(/^\d{1,15}$/, 'must be a count of bytes'), v.transform(Number)),
})

export function addDataSets(app: Hono, service: DataSetService): void {
  app.get('/v1/data-sets', async (c) => {
    queryOf(c, None)
    return c.json(await service.files())
  })
  app.post('/v1/data-sets/trace', async (c) => {
    queryOf(c, None)
    return c.json(await service.traceFile(chunksOf(c)))
  })
  app.post('/v1/drafts/:id/files', async (c) =>
    c.json(await service.addFile(c.req.param('id'), queryOf(c, File), chunksOf(c)), 201),
  )
  app.post('/v1/drafts/:id/trail', async (c) => {
    queryOf(c, None)
    await bodyOf(c, None)
    return c.json(await service.addTrail(c.req.param('id')), 201)
  })
  app.post('/v1/access/requests/:id/files', async (c) => {
    queryOf(c, None)
    return c.json(await service.fetchFiles(c.req.param('id')))
  })
  app.get('/v1/access/requests/:id/file', async (c) => {
    const { path } = queryOf(c, v.strictObject({ path: Path }))
    const body = await service.exportFile(c.req.param('id'), path)
    return new Response(Readable.toWeb(body) as ReadableStream<Uint8Array>, {
      headers: { 'content-type': 'application/octet-stream' },
    })
  })
}
