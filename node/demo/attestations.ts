/** What the demo members state about one another's records, found by title. Synthetic throughout. */
import type { DemoAttestation } from './told.ts'

const GRID = 'northgrid.example'
const BANK = 'harbour-bank.example'
const BRIGID = 'st-brigid.example'

const by = (member: string, kind: string, title: string, document: object): DemoAttestation => ({
  member,
  title,
  kind,
  document,
})

export const demoAttestations: readonly DemoAttestation[] = [
  by(BANK, 'sighting', 'Hallucinated citation in a draft guideline on anticoagulation before surgery', {
    value: 'seen',
    at: '2026-03',
    count: 6,
    note: 'Our contract drafting produced the same kind of reference: right form, no such text.',
  }),
  by(
    GRID,
    'sighting',
    'Prompt injection in a referral letter told the triage agent to mark the case as urgent',
    {
      value: 'reproduced',
      at: '2026-05-20',
      count: 3,
      system: { type: 'agent', name: 'Connection request intake' },
      note: 'White text in scanned grid applications worked on three of ten attempts.',
    },
  ),
  by(GRID, 'sighting', 'Call centre copilot follows prompt injection hidden in transfer reference lines', {
    value: 'not_affected',
    at: '2026-04-14',
    note: 'Our desk displays the payment reference to people only; no model receives it.',
  }),
  by(BRIGID, 'sighting', 'Predictive maintenance sensors accept forged vibration profiles over radio', {
    value: 'not_reproduced',
    at: '2025-03',
    note: 'Same sensor family on our air handling units, but wired. The radio module is not fitted.',
  }),
  by(BANK, 'sighting', 'Permit chatbot executes links that applicants put into attachment names', {
    value: 'fix_ineffective',
    at: '2025-10-01',
    note: 'Escaping the name is not enough: an encoded address in the extension is opened all the same.',
  }),
  by(BANK, 'opinion', 'Nurses click through interaction alerts at a median of 0.8 seconds', {
    value: 90,
    reason:
      'Our payment reviewers behaved alike once alerts tripled. Fewer, ranked alerts restored attention.',
  }),
  by(GRID, 'opinion', 'Three critical services depend on one hosted model without a tested fallback', {
    value: 35,
    reason:
      'The concentration is real. Calling a second region untested overlooks the failover of last spring.',
  }),
  by(BRIGID, 'opinion', 'Load-shedding optimiser listed a dialysis centre as an interruptible warehouse', {
    value: 100,
    reason:
      'We run such chairs. Two hours without power means transferring every patient, so the alarm is justified.',
  }),
  by(
    BANK,
    'dispute',
    'Power trading agent doubled its position after reading its own order as market interest',
    {
      reason:
        'As counterparty we saw the effect: the price moved, and others paid for it before the cap tripped.',
      fields: ['kind', 'harms.0.realised'],
      position: 'This is a harm event with a small economic loss, not a near miss.',
    },
  ),
  by(GRID, 'dispute', 'Voice verification of pensioners accepts cloned speech from a voicemail greeting', {
    reason: 'Nine seconds sufficed only with liveness switched off, which the supplier advises against.',
    fields: ['summary'],
  }),
  by(GRID, 'severity', 'Symptom chatbot advised a caller with a stroke to rest until morning', {
    harms: [{ type: 'physical_health', realised: 'actual', oecd_severity: 'serious_incident' }],
    scores: [{ system: 'internal/five-step', value: '4', label: 'Lasting impairment of one person' }],
    reason: 'Lasting weakness of an arm; we would have graded it alike under our own scale.',
  }),
  by(
    BANK,
    'classification',
    'Readmission model shows drift since the new outpatient heart failure service opened',
    {
      terms: [
        { scheme: 'candor/cause-class', id: 'monitoring_gap', basis: 'known' },
        { scheme: 'candor/cause-class', id: 'deployment_context', basis: 'potential' },
      ],
      reason: 'Four months passed between the first decline in calibration and the report.',
    },
  ),
  by(BRIGID, 'correction', 'Appointment reminders disclosed clinic names to shared family telephones', {
    reason: 'The delivery log of a second gateway was found; more messages had left than first counted.',
    changes: [
      { path: 'summary', note: 'Number of messages', correct: 'Some 510 messages went out, not 430.' },
    ],
  }),
  by(GRID, 'retract', 'Tenant billing estimator charged vacant flats and spared the penthouse', {
    class: 'factual_error',
    reason: 'The recalculation used another tariff year. Billing was right; we apologise to the supplier.',
  }),
]
