/** What a probe is asked to do. */

/** Versions of TLS by which a client may limit itself, the oldest first. */
export const TLS_VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
export type TlsVersion = (typeof TLS_VERSIONS)[number];

/** `never`: not even where it is offered. `required`: nothing else is said without it. */
export type TlsWish = 'never' | 'if-offered' | 'required';

/** A name and password for AUTH LOGIN. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/** The conversation as it is wanted. */
export interface ProbeOrder {
  /** Behind EHLO. */
  readonly helo: string;
  readonly tls: TlsWish;
  readonly credentials: Credentials | null;
  /** Empty: `<>`. null: nothing is said beyond the logon. */
  readonly sender: string | null;
  readonly recipients: readonly string[];
  /** Lines of the message that is really to be sent; null for none. */
  readonly message: readonly string[] | null;
}
