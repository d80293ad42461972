/** The session of a client that has logged on, on its way through the front end: once the Hub has it, octets pass unread. */
import { parseEndpoint } from '../../net/endpoint.ts';
import type { Effect } from '../machine/effects.ts';
import type { ClientFacts } from '../machine/session-machine.ts';
import { encodeXtext } from '../machine/xtext.ts';
import type { HubConnection, HubFault } from './hub-connection.ts';
import type { HubConnections } from './hub-connections.ts';
import { isRefusal, replyText } from './hub-reply.ts';

export type ClientProxyState = { readonly kind: 'preparing' | 'blind' | 'ended' } | ({ readonly kind: 'failed' } & HubFault);

export class ClientProxy {
  readonly connection: HubConnection;
  readonly #client: ClientFacts;
  #state: ClientProxyState = { kind: 'preparing' };

  constructor(connections: HubConnections, client: ClientFacts, emit: (effect: Effect) => void, now: number) {
    this.#client = client;
    const user = { emit, ready: () => this.#nameClient(), failed: (fault: HubFault) => this.#failed(fault) };
    this.connection = connections.forSession(client, user, now);
  }

  get state(): ClientProxyState {
    return this.#state;
  }

  begin(): void {
    this.connection.open();
  }

  #nameClient(): void {
    const { sessionId, remoteEndpoint, helo, user } = this.#client;
    const { address, port } = parseEndpoint(remoteEndpoint);
    this.connection.ask({
      command: `XPROXY SID=${sessionId} IP=${address} PORT=${port ?? 0} DOMAIN=${helo} CAPABILITIES=0 UNAME=${encodeXtext(user ?? '')}`,
      answered: (reply) => {
        if (isRefusal(reply)) {
          this.#failed({ fault: 'hub-protocol-error', response: replyText(reply) });
          this.connection.quit(this.connection.now);
          return;
        }
        this.connection.note(`Proxy session successfully set up for ${user}. Inbound session will now be blindly proxied`);
        this.connection.goBlind();
        this.#state = { kind: 'blind' };
      },
    });
  }

  #failed(fault: HubFault): void {
    if (this.#state.kind === 'preparing') this.#state = { kind: 'failed', ...fault };
    else if (this.#state.kind === 'blind') this.#state = { kind: 'ended' };
  }
}
