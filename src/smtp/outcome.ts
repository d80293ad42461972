/** What became of a session, in the order in which the rules are tried: the first that holds decides. */
export const OUTCOMES = [
  'accepted',
  'partial',
  'proxied',
  'turned-away',
  'connect-failed',
  'tls-failed',
  'auth-failed',
  'refused',
  'open',
  'abandoned',
  'probe',
] as const;

export type Outcome = (typeof OUTCOMES)[number];

/** Outcomes of a source that wanted something and did not get all of it. */
export const FAILING_OUTCOMES: readonly Outcome[] = [
  'partial',
  'turned-away',
  'connect-failed',
  'tls-failed',
  'auth-failed',
  'refused',
  'abandoned',
];
