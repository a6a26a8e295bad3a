/**
 * The partner and research parts of an incident. The research part holds every partner path: the partner part
 * repeats or generalises it, naming the redaction rule, so that one tree per tier proves what belongs together.
 */
import * as v from 'valibot'
import { closedTerm, count, date, decimal, digest, line, list, name, strict, text, token } from './field.ts'
import { PolicySchema, reason } from './shared-fields.ts'
import { MANIFEST_FILES_MAX } from '../limits.ts'
import { CLOCK_STATES } from './vocabulary/mapping.ts'
import { REDACTION_REASONS, REDACTION_TRANSFORMS } from './vocabulary/redaction.ts'
import { AUTONOMIES, BREADTHS, CONTROL_STATES } from './vocabulary/system.ts'

/** Characters of a technical narrative: about ten pages. */
export const NARRATIVE_LENGTH_MAX = 32_768
export const TIMELINE_MAX = 512
const CONTROLS_MAX = 64
const INDICATORS_MAX = 512
const CLOCKS_MAX = 32
const SAMPLES_MAX = 512
/** Characters of one prompt, output or excerpt of a log. Whole logs are data sets. */
const SAMPLE_LENGTH_MAX = 32_768

const PARTNER_ENTRIES = {
  narrative: v.exactOptional(text(NARRATIVE_LENGTH_MAX)),
  timeline: v.exactOptional(
    list(
      strict({
        at: v.exactOptional(date()),
        tactic: v.exactOptional(line(40)),
        technique: v.exactOptional(line(40)),
        text: text(4_000),
      }),
      TIMELINE_MAX,
    ),
  ),
  deployment: v.exactOptional(
    strict({
      breadth: v.exactOptional(closedTerm(BREADTHS)),
      autonomy: v.exactOptional(closedTerm(AUTONOMIES)),
      multi_ai: v.exactOptional(v.boolean()),
      critical_function: v.exactOptional(v.boolean()),
    }),
  ),
  controls: v.exactOptional(
    list(
      strict({ name: name(), state: closedTerm(CONTROL_STATES), note: v.exactOptional(reason()) }),
      CONTROLS_MAX,
    ),
  ),
  /** What stopped it from reaching anybody? */
  near_miss_barrier: v.exactOptional(text(4_000)),
  indicators: v.exactOptional(
    list(strict({ type: token(), value: line(2_048), note: v.exactOptional(reason()) }), INDICATORS_MAX),
  ),
  clocks: v.exactOptional(
    list(
      strict({
        regime: token(),
        trigger: v.exactOptional(line(200)),
        aware_at: v.exactOptional(date()),
        due: v.exactOptional(date()),
        state: closedTerm(CLOCK_STATES),
        filed_ref: v.exactOptional(line(200)),
      }),
      CLOCKS_MAX,
    ),
  ),
  /** A role and how to reach it, never a person's name. */
  contact: v.exactOptional(strict({ role: line(120), channel: v.exactOptional(line(200)) })),
  policy: v.exactOptional(PolicySchema),
  /** Which rule made a value here differ from the research part. */
  redactions: v.exactOptional(
    list(
      strict({
        path: line(200),
        reason: closedTerm(REDACTION_REASONS),
        transform: closedTerm(REDACTION_TRANSFORMS),
      }),
      TIMELINE_MAX,
    ),
  ),
}

export const IncidentPartnerSchema = strict(PARTNER_ENTRIES)

/** Fields that are about one tier alone: nothing of them derives from another. */
export const TIER_FIELDS: ReadonlySet<string> = new Set(['policy', 'redactions'])

/** Fields that the partner part has in common with the research part. */
export const PARTNER_FIELDS: ReadonlySet<string> = new Set(
  Object.keys(PARTNER_ENTRIES).filter((field) => !TIER_FIELDS.has(field)),
)

export const IncidentResearchSchema = strict({
  ...PARTNER_ENTRIES,
  manifest: v.exactOptional(
    list(
      strict({
        path: line(400),
        digest: digest(),
        bytes: count(),
        /** Of its blocks, and the key under which they travel: with both the file can be handed over (spec 11). */
        root: v.exactOptional(digest()),
        key: v.exactOptional(v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits'))),
        schema: v.exactOptional(line(400)),
        rows: v.exactOptional(count()),
        licence: v.exactOptional(line(80)),
      }),
      MANIFEST_FILES_MAX,
    ),
  ),
  samples: v.exactOptional(
    list(
      strict({
        prompt: v.exactOptional(text(SAMPLE_LENGTH_MAX)),
        output: v.exactOptional(text(SAMPLE_LENGTH_MAX)),
        note: v.exactOptional(reason()),
      }),
      SAMPLES_MAX,
    ),
  ),
  logs: v.exactOptional(
    list(strict({ name: name(), text: text(SAMPLE_LENGTH_MAX), at: v.exactOptional(date()) }), SAMPLES_MAX),
  ),
  harm_quantities: v.exactOptional(
    strict({
      lives: v.exactOptional(count()),
      injuries: v.exactOptional(count()),
      people: v.exactOptional(count()),
      money: v.exactOptional(
        strict({
          currency: v.pipe(v.string(), v.regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code')),
          min: v.exactOptional(decimal()),
          max: v.exactOptional(decimal()),
        }),
      ),
    }),
  ),
  reproduction: v.exactOptional(list(text(4_000), 128)),
  data_use_terms: v.exactOptional(text(NARRATIVE_LENGTH_MAX)),
})

export type IncidentPartner = v.InferOutput<typeof IncidentPartnerSchema>
