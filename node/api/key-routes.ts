/** Routes of keys and epochs. */
import type { Hono } from 'hono'
import * as v from 'valibot'
import type { KeyService } from './key-service.ts'
import { bodyOf, None, queryOf } from './request.ts'

/** Base64 of a few signed statements. */
const PROPOSALS_LENGTH_MAX = 400_000

/** Nine digits, as an origin has them. */
const EPOCH_MAX = 999_999_999

const ByDomain = v.strictObject({ domain: v.exactOptional(v.pipe(v.string(), v.maxLength(127))) })
const Proposals = v.strictObject({ proposals: v.pipe(v.string(), v.maxLength(PROPOSALS_LENGTH_MAX)) })
const Closing = v.variant('mode', [
  v.strictObject({ mode: v.literal('rotate') }),
  v.strictObject({
    mode: v.literal('recover'),
    size: v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(1))),
    epoch: v.exactOptional(v.pipe(v.number(), v.safeInteger(), v.minValue(2), v.maxValue(EPOCH_MAX))),
    alone: v.exactOptional(v.boolean()),
  }),
])

export function addKeys(app: Hono, service: KeyService): void {
  app.get('/v1/keys', async (c) => c.json(await service.keys(queryOf(c, ByDomain).domain)))
  app.post('/v1/keys/events', async (c) => {
    queryOf(c, None)
    const { proposals } = await bodyOf(c, Proposals)
    return c.json(await service.addKeyEvents(proposals), 201)
  })
  app.post('/v1/keys/vault', async (c) => {
    queryOf(c, None)
    await bodyOf(c, None)
    return c.json(await service.prepareVaultKey(), 201)
  })
  app.post('/v1/epochs/closing', async (c) => {
    queryOf(c, None)
    return c.json(await service.beginClosing(await bodyOf(c, Closing)), 201)
  })
  app.delete('/v1/epochs/closing', async (c) => {
    queryOf(c, None)
    await service.callOffClosing()
    return c.body(null, 204)
  })
  app.post('/v1/epochs', async (c) => {
    queryOf(c, None)
    const { proposals } = await bodyOf(c, Proposals)
    return c.json(await service.openEpoch(proposals), 201)
  })
}
