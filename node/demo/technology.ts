/** Demo records of technology companies. Synthetic: no product or customer of this kind exists. */
import { told, type DemoRecord, type Told } from './told.ts'
import { both, could, did } from './telling.ts'

const technology = (one: Omit<Told, 'sectors'>) =>
  told('northgrid.example', { sectors: ['technology'], ...one })

export const technologyRecords: readonly DemoRecord[] = [
  technology({
    kind: 'harm_event',
    title: 'Deployment agent deleted the queue it was asked to drain',
    summary:
      'Told to empty a stuck queue, the agent found that deleting and recreating it was faster. The recreated queue lost its dead-letter rule, and 18,000 webhook deliveries of ninety customers vanished without a retry before anybody looked at the graph.',
    on: '2026-05-07',
    harms: [did('economic', 'incident'), did('critical_service', 'incident')],
    systems: [['agent', 'Deployment agent']],
    detected: 'user',
    ...both(
      {
        narrative:
          'The agent held a role that could delete, because draining needs purge and the two rights come together. Its plan was shown for eight seconds and approved by default.',
        timeline: [
          { at: '2026-05-07T09Z', text: 'Plan shown: “reset queue”. Approved by time-out.' },
          { at: '2026-05-07T11Z', text: 'First customer asks for missing deliveries.' },
        ],
        controls: [
          { name: 'Approval of destructive steps', state: 'bypassed' },
          { name: 'Backup of queue definitions', state: 'worked' },
        ],
      },
      {
        logs: [{ name: 'agent trace', text: 'plan: reset queue; step 1 delete; step 2 create' }],
        harm_quantities: { people: 90 },
      },
    ),
  }),
  technology({
    kind: 'near_miss',
    title: 'Release notes bot was about to announce a vulnerability nobody had patched',
    summary:
      'The bot summarises merged changes and read an embargoed branch because its token could. The draft named the flaw and the affected versions. A release manager who approves each text by hand stopped it eleven days before the fix.',
    on: '2025-09-29',
    harms: [could('security_compromise', 'serious_hazard')],
    systems: [['agent', 'Release notes bot']],
    detected: 'internal_report',
    partner: {
      near_miss_barrier: 'Release notes leave only through a person; the bot has no right to publish.',
    },
  }),
  technology({
    kind: 'near_miss',
    title: 'Autoscaler forecast planned for a public holiday of another country',
    summary:
      'A calendar feature was joined on the wrong region and the forecast asked for a tenth of the usual capacity. The floor of sixty percent held it back during the busiest morning of the quarter; the on-call engineer saw the flat line at the floor.',
    on: '2025-12-24',
    harms: [could('critical_service', 'hazard')],
    systems: [['model', 'Capacity forecast']],
    detected: 'internal_monitoring',
    partner: {
      near_miss_barrier: 'No forecast may take more than two fifths of the machines away in one step.',
    },
  }),
  technology({
    kind: 'near_miss',
    title: 'Code assistant suggested a package that a squatter had registered that week',
    summary:
      'A name the model had invented before was registered by somebody in the meantime. The build refused it because the lockfile allows no package younger than thirty days; the package turned out to send environment variables away.',
    on: '2026-03-19',
    harms: [could('security_compromise', 'serious_hazard')],
    systems: [['model', 'Code assistant']],
    detected: 'automated',
    ...both(
      {
        narrative:
          'The suggestion had been accepted by four developers in other teams over two months, each time failing to install.',
        near_miss_barrier: 'Packages younger than thirty days need the consent of two people.',
        timeline: [
          {
            tactic: 'AML.TA0003',
            technique: 'AML.T0010',
            text: 'Supply chain: registered hallucinated name.',
          },
        ],
        indicators: [{ type: 'package', value: 'fastlane-json-tools' }],
      },
      { reproduction: ['Ask for a streaming JSON parser with repair, in the assistant’s version of March.'] },
    ),
  }),
  technology({
    kind: 'near_miss',
    title: 'Support agent offered the reset link of one tenant to the administrator of another',
    summary:
      'Two tenants shared a display name. The agent found the right procedure and the wrong account. The identity service asked for a code that only the real administrator could see, so the link led nowhere.',
    on: '2026-01-21',
    harms: [could('security_compromise', 'serious_hazard'), could('privacy', 'hazard')],
    systems: [['agent', 'Support agent']],
    detected: 'user',
    partner: { near_miss_barrier: 'A reset needs a code from the account itself, whoever asks for it.' },
  }),
  technology({
    kind: 'near_miss',
    title: 'Log anomaly detector muted itself after learning that outages are normal',
    summary:
      'Three bad weeks entered the training window and the detector accepted them as the new usual. The synthetic outage that is staged every Monday raised no alarm, which is why it exists; the window now skips incidents.',
    on: '2025-06-02',
    harms: [could('critical_service', 'hazard')],
    systems: [['model', 'Log anomaly detector']],
    detected: 'automated',
    partner: { near_miss_barrier: 'One staged outage a week must raise an alarm within four minutes.' },
  }),
  technology({
    kind: 'near_miss',
    title: 'Migration assistant dropped time zones from a scheduling table in the rehearsal',
    summary:
      'The assistant rewrote a column type and judged the loss harmless since all examples it saw ended in Z. Rehearsal on a copy compared ten thousand rows before and after and found three hundred that had moved by hours.',
    on: '2026-02-11',
    harms: [could('property', 'hazard'), could('economic', 'hazard')],
    systems: [['agent', 'Schema migration assistant']],
    detected: 'automated',
    partner: {
      near_miss_barrier: 'Migrations run on a copy first, and rows are compared as values, not as counts.',
    },
  }),
  technology({
    kind: 'near_miss',
    title: 'Translation memory leaked one customer’s product name into another’s manual',
    summary:
      'A shared memory returned an unreleased product name as the best match. The terminology check of the second customer flagged an unknown word in the proof, one day before printing.',
    on: '2025-08-05',
    harms: [could('ip_intangible', 'hazard'), could('privacy', 'hazard')],
    systems: [['system', 'Translation memory with a language model']],
    detected: 'user',
    partner: { near_miss_barrier: 'Each proof is checked against the customer’s own list of names.' },
  }),
  technology({
    kind: 'harm_event',
    title: 'Moderation model removed posts in a minority language as spam for five days',
    summary:
      'A tokenizer change split the language into single letters, which the spam model had learned to distrust. Eleven thousand posts and forty accounts disappeared; appeals were answered by the same model. Restored after a journalist asked.',
    on: '2025-10',
    harms: [did('rights_discrimination', 'incident'), did('information_integrity', 'incident')],
    systems: [['model', 'Spam classifier']],
    detected: 'media',
    partner: {
      controls: [
        { name: 'Appeals read by a person', state: 'absent' },
        { name: 'Removal rate by language', state: 'failed' },
      ],
    },
  }),
  technology({
    kind: 'harm_event',
    title: 'Résumé parser lost every qualification that was obtained in night school',
    summary:
      'Dates that overlap with employment were taken for errors and deleted. Recruiters of sixty client firms saw shorter lives; the gap was found by a candidate who compared the parsed form with her letter. Estimated 4,200 profiles.',
    on: '2025-05',
    harms: [did('rights_discrimination', 'incident')],
    systems: [['model', 'Résumé parser']],
    detected: 'actor',
  }),
  technology({
    kind: 'harm_event',
    title: 'Meeting assistant mailed a summary of the closed session to the whole list',
    summary:
      'The calendar entry was copied from the open session and kept its distribution list. Forty recipients read about a planned sale eleven days early. The assistant had asked whether to send; nobody was left in the room to answer and silence meant yes.',
    on: '2026-04-15',
    harms: [did('privacy', 'incident'), did('economic', 'incident')],
    systems: [['agent', 'Meeting assistant']],
    detected: 'internal_report',
  }),
  technology({
    kind: 'harm_event',
    title: 'Model update changed the rounding of metered usage and overbilled 700 customers',
    summary:
      'A small language model that labels usage lines began to write “1.0 k” where the biller expects units. The parser read one. Invoices for a month were between two and nine percent too high; credit notes followed within the week.',
    on: '2026-06-30',
    harms: [did('economic', 'incident')],
    systems: [['model', 'Usage labeller']],
    detected: 'user',
  }),
  technology({
    kind: 'harm_event',
    title: 'Search assistant answered with a retracted security guide for a year',
    summary:
      'The retraction was a banner drawn by a script, invisible to the crawler. Administrators who followed the answer disabled a check that had been reinstated. Two intrusions at customers are attributed to it in part.',
    on: '2025-01',
    harms: [did('security_compromise', 'serious_incident')],
    systems: [['system', 'Documentation search assistant']],
    detected: 'researcher',
    verification: 'suspected',
  }),
  technology({
    kind: 'hazard',
    title: 'Evaluation set of the coding model overlaps with its training data by a third',
    summary:
      'A near-duplicate search found 34 percent of the internal benchmark in a public corpus that was added in spring. Quality claims since then cannot be compared with earlier ones; nothing failed, and nobody would have seen if it had.',
    on: '2026-07-08',
    harms: [could('information_integrity', 'hazard')],
    systems: [['dataset', 'Internal coding benchmark']],
    detected: 'internal_report',
    ...both(
      { narrative: 'Overlap by thirteen-word shingles, after removal of boilerplate.' },
      {
        manifest: [
          {
            path: 'overlap.csv',
            digest: 'sha256:3b1f0d0c7a9a4b53a2f4f6d3e3c94c1b8a8f6f0f1d7c5a4e2b3c6d9e8f7a6b5c',
            bytes: 48213,
            rows: 611,
            licence: 'CC0-1.0',
          },
        ],
      },
    ),
  }),
  technology({
    kind: 'hazard',
    title: 'Two internal agents approve each other’s changes within seconds',
    summary:
      'The author agent and the review agent share a model and a blind spot. In a sample of fifty approvals by the pair, nine would have been returned by a person. Both count as separate reviewers under the present rule.',
    on: '2026-08-12',
    harms: [could('security_compromise', 'serious_hazard')],
    systems: [
      ['agent', 'Author agent'],
      ['agent', 'Review agent'],
    ],
    detected: 'internal_report',
    status: 'open',
  }),
  technology({
    kind: 'hazard',
    title: 'Wake-word model of a meeting room answers to a common surname',
    summary:
      'Recording starts when a certain surname is spoken nearby. Forty rooms are affected; the light is on while it records, but it faces the ceiling. Recordings are kept for an hour and then deleted.',
    on: '2025-11-27',
    harms: [could('privacy', 'hazard')],
    systems: [['model', 'Wake-word detector']],
    detected: 'user',
    status: 'mitigating',
  }),
  technology({
    kind: 'vulnerability',
    title: 'Ticket summariser follows prompt injection in the signature of an e-mail',
    summary:
      'A sentence below the signature line makes the summariser mark any ticket as resolved. It works in all five languages we tried. Signatures are cut before reading now; tickets closed by the model alone in the last quarter were reopened.',
    on: '2025-07-15',
    harms: [could('critical_service', 'hazard')],
    systems: [['model', 'Ticket summariser']],
    detected: 'researcher',
    partner: { timeline: [{ technique: 'AML.T0051', text: 'Indirect prompt injection below a signature.' }] },
  }),
  technology({
    kind: 'vulnerability',
    title: 'Sandbox of the notebook agent leaves the metadata address of the cloud reachable',
    summary:
      'Code that the agent writes runs behind a proxy, except for one link-local address that answers with a short-lived credential. Found in a review, no use seen in ninety days of flow logs; the route is gone.',
    on: '2026-01-30',
    harms: [could('security_compromise', 'serious_hazard')],
    systems: [['agent', 'Notebook agent']],
    detected: 'internal_report',
  }),
  technology({
    kind: 'exercise',
    title: 'Tabletop: the vector index returns yesterday’s customer of the same name',
    summary:
      'Engineers, support and legal walked through a cross-tenant retrieval in ninety minutes. The longest pause was about who may switch retrieval off for everybody; the answer is now a named role with a deputy.',
    on: '2025-03-25',
    harms: [could('privacy', 'serious_hazard')],
    systems: [['system', 'Retrieval service']],
    detected: 'internal_report',
  }),
  technology({
    kind: 'exercise',
    title: 'Planted backdoor in a fine-tuned reviewer model was found on the ninth day',
    summary:
      'A trusted colleague added forty examples that approve any change containing a certain comment. Monitoring saw nothing; a new hire asked why one reviewer was so fast. Training data now needs two signatures.',
    on: '2026-09-02',
    harms: [could('security_compromise', 'serious_hazard')],
    systems: [['model', 'Fine-tuned review model']],
    detected: 'internal_report',
  }),
  technology({
    kind: 'harm_event',
    title: 'Photo backup merged the albums of two families who share a first name and a face',
    summary:
      'Face grouping across a family plan joined two unrelated children. Each family saw some three hundred pictures of the other for two days. The grouping threshold had been lowered to suggest more shared albums.',
    on: '2025-12-08',
    harms: [did('privacy', 'incident'), did('psychological', 'incident')],
    systems: [['model', 'Face grouping']],
    detected: 'user',
  }),
  technology({
    kind: 'harm_event',
    title: 'Energy forecast for a data hall ignored the sensor that had been moved',
    summary:
      'Drift in one temperature series was explained away by the model as weather. The sensor had been taken to another aisle for a repair. Two racks ran ten degrees too warm for a month and their disks are being replaced early.',
    on: '2026-08-03',
    harms: [did('property', 'incident')],
    systems: [['model', 'Cooling forecast']],
    detected: 'internal_monitoring',
  }),
]
