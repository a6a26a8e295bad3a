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
  by(
    BANK,
    'sighting',
    'Prompt injection in a customer ticket asked the support agent to reset a second factor',
    {
      value: 'seen',
      at: '2026-04-21',
      count: 2,
      note: 'The same invented runbook name appeared in two complaints. Our assistant has no such tool.',
    },
  ),
  by(
    BRIGID,
    'sighting',
    'Code assistant recommended a package that did not exist until a stranger registered it',
    {
      value: 'reproduced',
      at: '2025-09-02',
      system: { type: 'model', name: 'Code completion in the research group' },
      note: 'Four of twenty prompts for date handling led to this name.',
    },
  ),
  by(GRID, 'sighting', 'Prompt injection in a payslip raises the income that the document reader reports', {
    value: 'exploited',
    at: '2026-01-15',
    count: 1,
    note: 'One rental application to a housing partner carried the line; the landlord noticed the amount.',
  }),
  by(BANK, 'sighting', 'Phishing filter shows drift since senders let language models write for them', {
    value: 'fixed',
    at: '2026-09-30',
    note: 'Recall on our mail is back at 92 percent since the release of September.',
  }),
  by(BRIGID, 'opinion', 'Level crossing camera took a stuck wheelchair for a shadow at dusk', {
    value: 95,
    reason: 'An independent sensor with a veto is the lesson here. We copied it for medicine cabinets.',
  }),
  by(BANK, 'opinion', 'Cost agent deleted disk snapshots that three customers kept as their only backup', {
    value: 60,
    reason: 'We agree on the notices. Keeping the only copy at the same supplier is a cause of its own.',
  }),
  by(BRIGID, 'dispute', 'Photo estimate wrote off roadworthy older cars after minor collisions', {
    reason: 'Eleven of the households are our patients; missed treatments are a harm that the record omits.',
    fields: ['harms'],
    position: 'Physical health belongs among the harms, at least as potential.',
  }),
  by(
    BANK,
    'severity',
    'Tunnel evacuation drill: the crowd counter lost people in smoke and declared the tube empty',
    {
      harms: [{ type: 'physical_health', realised: 'potential', oecd_severity: 'serious_hazard' }],
      scores: [{ system: 'internal/loss-band', value: '5', label: 'Above 20 million euros in a real fire' }],
      reason: 'Graded as insurer of two comparable tunnels.',
    },
  ),
  by(
    GRID,
    'classification',
    'Storm claims were underpaid because photographs were taken after the clearing up',
    {
      terms: [
        { scheme: 'candor/cause-class', id: 'deployment_context', basis: 'known' },
        { scheme: 'candor/cause-class', id: 'data_training', basis: 'potential' },
      ],
      reason: 'The pictures for training were taken by assessors on the day of the storm.',
    },
  ),
  by(BANK, 'correction', 'Assistant told callers the balance of whoever had held the line before them', {
    reason: 'Network logs show a longer window than the first report assumed.',
    changes: [{ path: 'summary', correct: 'The fault lasted 58 minutes and reached 91 callers.' }],
  }),
  by(GRID, 'retract', 'Container crane assistance loses its order when satellite time is disturbed', {
    class: 'duplicate',
    reason: 'The port authority has published the same event with more detail; please cite theirs.',
  }),
  {
    ...by(BRIGID, 'link', 'Ambulance routing led a crew towards a bridge that had closed that morning', {
      rel: 'same-cause',
      confidence: 70,
      note: 'In both cases nobody was told that a copy had stopped being refreshed.',
    }),
    to: 'Payment repair agent proposed stale beneficiary accounts for 57 rejected transfers',
  },
  {
    ...by(BANK, 'link', 'Prompt injection in a payslip raises the income that the document reader reports', {
      rel: 'variant-of',
      confidence: 85,
      note: 'Hidden text in an uploaded document, read by a model that also decides.',
    }),
    to: 'Prompt injection in a referral letter told the triage agent to mark the case as urgent',
  },
  {
    ...by(
      GRID,
      'link',
      'Game day without the model provider: the fallback answered, but in the wrong language',
      {
        rel: 'overlaps',
        confidence: 40,
        note: 'Same kind of dependency; our exercise came before their mapping.',
      },
    ),
    to: 'Three critical services depend on one hosted model without a tested fallback',
  },
]
