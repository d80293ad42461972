/** Why a front end could not hand a message or a session over, by the reply that says so. Source: smtp-replies, section C9. */
export type HandOverFault =
  | 'hub-unknown'
  | 'hub-unreachable'
  | 'hub-protocol-error'
  | 'hub-connection-broken'
  | 'hand-over-shutting-down';
