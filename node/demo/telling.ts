/** Short words for what many demo records say. */
type Harm = readonly [type: string, realised: 'actual' | 'potential', severity: string]

export const did = (type: string, severity: string): Harm => [type, 'actual', severity]

export const could = (type: string, severity: string): Harm => [type, 'potential', severity]

/** The research part holds whatever the partner part says, and more. */
export const both = (partner: object, more: object) => ({ partner, research: { ...partner, ...more } })
