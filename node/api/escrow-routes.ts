/** Routes of escrow. */
import type { Hono } from 'hono'
import * as v from 'valibot'
import { ESCROW_DAYS_MAX, ESCROW_HOLDERS_MAX } from '../../protocol/limits.ts'
import type { EscrowService } from './escrow-service.ts'
import { bodyOf, None, queryOf } from './request.ts'

const Short = v.pipe(v.string(), v.minLength(1), v.maxLength(200))
const Reason = v.pipe(v.string(), v.minLength(1), v.maxLength(2_000))
const Count = (max: number) => v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(max))

const Adding = v.strictObject({
  tiers: v.exactOptional(
    v.pipe(v.array(v.picklist(['partner', 'research'], 'must be partner or research')), v.maxLength(2)),
  ),
  threshold: v.exactOptional(Count(ESCROW_HOLDERS_MAX)),
  holders: v.exactOptional(v.pipe(v.array(Short), v.maxLength(ESCROW_HOLDERS_MAX))),
  afterDays: v.exactOptional(Count(ESCROW_DAYS_MAX)),
})
const Releasing = v.strictObject({ to: Short, by: Short, reason: Reason })
const Recovering = v.strictObject({ by: Short, reason: Reason })

export function addEscrow(app: Hono, service: EscrowService): void {
  app.get('/v1/escrow/deposits', async (c) => {
    queryOf(c, None)
    return c.json(await service.escrows())
  })
  app.get('/v1/escrow/deposits/:id', async (c) => {
    queryOf(c, None)
    return c.json(await service.escrow(c.req.param('id')))
  })
  app.post('/v1/escrow/records/:record', async (c) => {
    queryOf(c, None)
    return c.json(await service.addEscrow(c.req.param('record'), await bodyOf(c, Adding)), 201)
  })
  app.post('/v1/escrow/deposits/:id/release', async (c) => {
    queryOf(c, None)
    return c.json(await service.releaseEscrow(c.req.param('id'), await bodyOf(c, Releasing)), 201)
  })
  app.post('/v1/escrow/deposits/:id/recovery', async (c) => {
    queryOf(c, None)
    return c.json(await service.recoverEscrow(c.req.param('id'), await bodyOf(c, Recovering)), 201)
  })
  app.get('/v1/escrow/deposits/:id/part', async (c) => {
    queryOf(c, None)
    return c.json(await service.recoveredPart(c.req.param('id')))
  })
}
