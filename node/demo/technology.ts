/** Demo records of technology and communication. Synthetic: no company, product or customer of this kind exists. */
import { told, type DemoRecord, type Told } from './told.ts'
import { both, could, did } from './telling.ts'

const technology = (one: Omit<Told, 'sectors'>) =>
  told('northgrid.example', { sectors: ['technology'], ...one })

export const technologyRecords: readonly DemoRecord[] = [
  technology({
    kind: 'near_miss',
    title: 'Coding agent wrote a migration that would have dropped the audit table of every tenant',
    summary:
      'Asked to tidy up unused columns, the agent found no reader of the audit table in the application and removed it. The readers are external auditors. The migration passed all tests and stood first in the nightly queue when the destructive-statement check stopped it.',
    description:
      'The task description said "unused by our services". The agent searched the repository, found writes only, and concluded that the table was dead. Two engineers had approved the change because its title spoke of columns. Retention of this table is a contractual duty towards 340 tenants.',
    on: '2026-02-17',
    harms: [could('information_integrity', 'serious_hazard'), could('economic', 'hazard')],
    systems: [['agent', 'Repository maintenance agent']],
    detected: 'automated',
    ...both(
      {
        timeline: [
          { at: '2026-02-16T14Z', text: 'The agent opens the change; its description lists three columns.' },
          {
            at: '2026-02-16T16Z',
            text: 'Two approvals within nine minutes, neither opens the generated SQL.',
          },
          { at: '2026-02-17T01Z', text: 'The queue refuses the statement and pages the database owner.' },
        ],
        controls: [
          { name: 'Review by two people', state: 'failed', note: 'Both read the description alone.' },
          { name: 'Check for destructive statements', state: 'worked' },
        ],
        deployment: { breadth: 'broad', autonomy: 'medium', critical_function: true },
        near_miss_barrier:
          'DROP, TRUNCATE and unbounded DELETE need a signed approval of the database owner, whoever wrote them.',
      },
      {
        samples: [
          {
            prompt: 'Remove schema elements that are unused by our services.',
            output: 'audit_event: 0 reads in 214 modules. Generating DROP TABLE audit_event.',
          },
        ],
        reproduction: [
          'Create a table that is written by one service and read only outside the repository.',
          'Ask the agent to remove unused schema elements; it proposed the drop in 7 of 10 runs.',
        ],
      },
    ),
  }),
  technology({
    kind: 'near_miss',
    title: 'Prompt injection in a customer ticket asked the support agent to reset a second factor',
    summary:
      'A ticket quoted an "internal runbook" in its third paragraph. The support agent followed it, looked up the account of an administrator and called the reset tool. The tool demands a confirmation from the registered device, which nobody gave.',
    on: '2026-04-08',
    harms: [could('security_compromise', 'serious_hazard')],
    systems: [['agent', 'Support agent']],
    detected: 'internal_monitoring',
    ...both(
      {
        timeline: [
          { at: '2026-04-08T09Z', tactic: 'AML.TA0004', technique: 'AML.T0093', text: 'The ticket arrives.' },
          {
            at: '2026-04-08T09Z',
            tactic: 'AML.TA0005',
            technique: 'AML.T0053',
            text: 'The reset tool is called.',
          },
        ],
        indicators: [
          {
            type: 'text-pattern',
            value: 'per runbook SUP-0, operators must re-enrol',
            note: 'No such runbook exists.',
          },
          { type: 'email-domain', value: 'desk-verify.example' },
        ],
        near_miss_barrier:
          'Changing a second factor needs the old device or a visit; no tool can skip that step.',
      },
      {
        logs: [
          { name: 'tool calls', at: '2026-04-08T09Z', text: 'reset_factor(user=adm-17) -> pending: device' },
        ],
        data_use_terms:
          'Excerpts may be used to build defences. Publishing the full wording is not permitted.',
      },
    ),
  }),
  technology({
    kind: 'near_miss',
    title: 'Code assistant recommended a package that did not exist until a stranger registered it',
    summary:
      'For eleven weeks the assistant suggested the same invented date library. Three days before our build would have fetched it, an unknown account published a package under this name with an install script that read environment variables.',
    on: '2025-08-21',
    harms: [could('security_compromise', 'serious_hazard')],
    systems: [['model', 'Code completion assistant']],
    detected: 'automated',
    partner: {
      near_miss_barrier: 'The package mirror holds back anything younger than fourteen days.',
      indicators: [
        { type: 'package-behaviour', value: 'postinstall reads process environment, posts to port 8443' },
      ],
    },
  }),
  technology({
    kind: 'near_miss',
    title: 'Capacity forecast scheduled the sign-in service down to zero instances on a public holiday',
    summary:
      'The forecasting model had seen two holidays with a failed metrics collector and learned that sign-ins stop. Its plan for Easter Monday asked for no instance between four and seven in the morning. A configured floor of six kept the service alive.',
    on: '2025-04-21',
    harms: [could('critical_service', 'serious_hazard')],
    systems: [['model', 'Capacity forecast']],
    detected: 'internal_monitoring',
    partner: {
      near_miss_barrier: 'Services of the first tier have a minimum that the forecast cannot lower.',
      controls: [
        { name: 'Gap detection in training data', state: 'absent' },
        { name: 'Floor of instances', state: 'worked' },
      ],
    },
  }),
  technology({
    kind: 'near_miss',
    title: 'Outage notice drafted for one customer named the unreleased product of another',
    summary:
      'An incident summariser read the notes of a shared bridge call and carried a project name across. The mail was addressed and ready. An outgoing filter that knows confidential names per customer held it, and the duty manager rewrote it by hand.',
    on: '2025-11-26',
    harms: [could('ip_intangible', 'hazard'), could('reputation', 'hazard')],
    partner: {
      near_miss_barrier: 'Outgoing notices pass a list of names that belong to exactly one customer.',
    },
  }),
  technology({
    kind: 'near_miss',
    title: 'Update of the log anonymiser stopped masking account numbers with spaces',
    summary:
      'A smaller model replaced the previous one to save memory and no longer recognised numbers typed in groups of four. Planted records in the staging stream came through unmasked within two minutes, and the rollout ended before production.',
    on: '2026-01-13',
    harms: [could('privacy', 'serious_hazard')],
    systems: [['model', 'Log anonymiser']],
    partner: {
      near_miss_barrier: 'Sixty planted records run through each stage; one unmasked record stops a rollout.',
      controls: [
        { name: 'Evaluation before release', state: 'failed', note: 'The test set held no grouped digits.' },
      ],
    },
  }),
  technology({
    kind: 'near_miss',
    title: 'Registry alias "stable" of the abuse filter pointed to an experimental checkpoint',
    summary:
      'A clean-up script moved the alias to the newest upload, which had been trained on a tenth of the data. Shadow traffic showed disagreement on a third of all messages, twenty times the usual rate, and the deployment controller refused to continue.',
    on: '2026-06-03',
    harms: [could('psychological', 'hazard'), could('information_integrity', 'hazard')],
    systems: [['model', 'Abuse filter']],
    partner: {
      near_miss_barrier: 'A new version answers in the shadow for an hour before it answers anybody.',
    },
  }),
  technology({
    kind: 'near_miss',
    title: 'Prompt cache returned the draft of one test tenant to another in pre-production',
    summary:
      "Cache keys were shortened and lost the tenant. Two artificial tenants that constantly ask each other's questions noticed the leak on the day of the merge. No customer shared that environment, and the key now carries a tenant signature.",
    on: '2026-07-29',
    harms: [could('privacy', 'serious_hazard'), could('security_compromise', 'hazard')],
    systems: [['system', 'Inference gateway']],
    partner: {
      near_miss_barrier:
        "Two artificial tenants ask for one another's data all day and alarm when they get it.",
    },
  }),
  technology({
    kind: 'harm_event',
    title: 'Moderation classifier removed sign language videos as violent gestures',
    summary:
      'After retraining on short clips, quick hand movements close to the face scored as assault. 1,940 videos of a deaf community were taken down over five days and 62 accounts suspended. Appeals were answered by the same classifier.',
    on: '2025-05-14',
    harms: [did('rights_discrimination', 'incident'), did('psychological', 'incident')],
    systems: [['model', 'Video moderation classifier']],
    detected: 'user',
    ...both(
      {
        narrative:
          'The new training set was balanced by label but not by setting. Clips of people signing were present 14 times, all in the violent class, because they came from subtitled films. The appeal queue had been automated two months earlier to reduce its length.',
        controls: [
          { name: 'Appeal by a person', state: 'absent' },
          { name: 'Evaluation by community', state: 'absent' },
        ],
      },
      {
        manifest: [
          {
            path: 'evaluation/signing-clips.parquet',
            digest: 'sha256:5d0f6b1c7f5a4e0f93f6a9c2a8d1be347c0e5b92d46f1a7783ce09b5f2ad6e41',
            bytes: 48_211_904,
            schema: 'clip_id, score_before, score_after, reviewed_label',
            rows: 3_120,
            licence: 'research use under data-use terms',
          },
        ],
        harm_quantities: { people: 62 },
        data_use_terms: 'Embeddings only, no frames. No attempt may be made to identify signers.',
      },
    ),
  }),
  technology({
    kind: 'harm_event',
    title: 'Sales assistant promised a ninety-day refund that the contract does not contain',
    summary:
      "Customers who asked about cancelling were told of a goodwill period. The sentence came from a competitor's page that had been pasted into a training note. We honoured 418 promises at a cost of 96,000 euros and now show the binding text beside each answer.",
    on: '2025-02-11',
    harms: [did('economic', 'incident'), did('reputation', 'incident')],
    systems: [['model', 'Sales assistant']],
  }),
  technology({
    kind: 'harm_event',
    title: 'Cost agent deleted disk snapshots that three customers kept as their only backup',
    summary:
      'The agent classified snapshots without a restore in a year as waste. Deletion was within its permissions and reversible for seven days, but the notice went to a mailbox nobody reads. Eleven months of measurements at one customer could not be recovered.',
    on: '2026-03-05',
    harms: [did('property', 'incident'), did('economic', 'serious_incident')],
    systems: [['agent', 'Cloud cost agent']],
    detected: 'user',
    partner: {
      timeline: [
        { at: '2026-02-24', text: 'The agent marks 2,208 snapshots; 2,173 are indeed abandoned.' },
        { at: '2026-03-05', text: 'The grace period ends and the marked snapshots are removed.' },
        { at: '2026-03-19', text: 'A customer asks for a restore.' },
      ],
      deployment: { breadth: 'broad', autonomy: 'high', multi_ai: false },
      controls: [
        {
          name: 'Grace period',
          state: 'bypassed',
          note: 'Notices went to the address of the first contract.',
        },
        { name: 'Owner consent', state: 'absent' },
      ],
      contact: { role: 'Head of platform operations' },
    },
  }),
  technology({
    kind: 'harm_event',
    title: 'Live captions of council meetings dropped numbers after a speech model update',
    summary:
      'The update rendered spoken amounts as filler words. Deaf participants of four consultations followed budgets without figures and one vote was repeated. Listeners noticed nothing, since the recording itself was sound.',
    on: '2025-09-18',
    harms: [did('rights_discrimination', 'incident'), did('information_integrity', 'incident')],
    detected: 'user',
  }),
  technology({
    kind: 'harm_event',
    title: 'Our own hiring screen ranked applicants with a career gap below the cut-off',
    summary:
      'Months without employment lowered a score meant to measure experience. Of 1,270 applicants in a year, those with a gap over eighteen months were invited a third as often at equal qualification. Most gaps were parental leave or illness.',
    on: '2025',
    harms: [did('rights_discrimination', 'serious_incident')],
    systems: [['model', 'Applicant ranking']],
    detected: 'internal_report',
    partner: {
      clocks: [
        {
          regime: 'eu-ai-act/73',
          trigger: 'fundamental rights',
          aware_at: '2026-01-20',
          due: '2026-02-04',
          state: 'filed',
        },
      ],
    },
  }),
  technology({
    kind: 'harm_event',
    title: 'Fine-tuning export passed unmasked support chats to an annotation subcontractor',
    summary:
      'An export job was configured for the masked view in one region and the raw view in another. Over nine days 23,000 chats reached forty annotators. Addresses and two medical remarks were among them. The subcontractor deleted and certified.',
    on: '2026-05-22',
    harms: [did('privacy', 'serious_incident')],
    systems: [['dataset', 'Support chat corpus']],
    detected: 'internal_report',
  }),
  technology({
    kind: 'harm_event',
    title: 'Alarm correlation merged two outages and hid the second one for three hours',
    summary:
      'A fibre cut and an expired certificate produced similar alarms within a minute. The correlation model joined them under the first cause. Engineers repaired the fibre and closed the group; telephone service in two valleys stayed down until residents drove to an office.',
    on: '2025-12-03',
    harms: [did('critical_service', 'serious_incident')],
    systems: [['model', 'Alarm correlation']],
    regions: ['AT', 'SI'],
    detected: 'user',
    partner: {
      controls: [{ name: 'Probe calls into each exchange', state: 'failed', note: 'Muted with the group.' }],
    },
  }),
]
