/** The id under which relaylens shows a session: the logged session-id, and a mark that keeps sessions with the same id apart. */
import type { Direction } from '../protocol-log/fields.ts';

export interface SessionIdentity {
  readonly sessionId: string;
  readonly direction: Direction;
  readonly server: string;
  readonly remoteEndpoint: string;
  readonly generation: number;
}

/** `08DC6C1A0B2C3D51-k3f9`: the same for the same session in every database. */
export function publicId({ sessionId, direction, server, remoteEndpoint, generation }: SessionIdentity): string {
  let hash = 0x811c9dc5;
  const text = `${direction}\0${server}\0${remoteEndpoint}\0${generation}`;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return `${sessionId}-${(hash >>> 0).toString(36).padStart(7, '0').slice(-4)}`;
}
