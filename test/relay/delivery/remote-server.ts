/** A next hop for tests: answers as it is told to, and remembers what it took. */
import { createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import { afterEach } from 'vitest';

export interface TakenMessage {
  readonly mail: string;
  readonly recipients: readonly string[];
  readonly content: string;
}

/** What is said instead of the usual: a reply, `drop` (close without a word), or `hang` (say nothing). */
export type Manners = (command: string, session: number) => string | undefined;

export interface RemoteServer {
  readonly port: number;
  readonly messages: TakenMessage[];
  readonly commands: string[];
  sessions: number;
  close(): Promise<void>;
}

export interface RemoteSettings {
  readonly manners?: Manners;
  readonly extensions?: readonly string[];
  readonly tls?: { readonly key: string; readonly cert: string };
  readonly port?: number;
}

const open: RemoteServer[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

let made: Promise<{ key: string; cert: string }> | undefined;
/** Self-signed, for remote.example. */
export const certificate = (): Promise<{ key: string; cert: string }> => {
  made ??= generate([{ name: 'commonName', value: 'remote.example' }], { keySize: 2048 }).then(({ private: key, cert }) => ({
    key,
    cert,
  }));
  return made;
};

export function startRemote(settings: RemoteSettings = {}): Promise<RemoteServer> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    serve(socket, settings, remote, remote.sessions++);
  });
  const remote: RemoteServer = {
    port: 0,
    messages: [],
    commands: [],
    sessions: 0,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(settings.port ?? 0, '127.0.0.1', () => {
      Object.assign(remote, { port: (server.address() as { port: number }).port });
      open.push(remote);
      resolve(remote);
    });
  });
}

function serve(plain: Socket, { manners, extensions = [], tls }: RemoteSettings, remote: RemoteServer, session: number): void {
  let socket: Socket = plain;
  let input = '';
  let mail = '';
  let recipients: string[] = [];
  let inData = false;
  const say = (text: string): boolean => socket.write(`${text}\r\n`, 'latin1');
  const answer = (command: string, usual: string): boolean => {
    const told = manners?.(command, session);
    if (told === 'drop') socket.destroy();
    else if (told !== 'hang') say(told ?? usual);
    return told === undefined || told.startsWith('2') || told.startsWith('3');
  };
  const listen = (): void =>
    void socket.on('data', (chunk) => {
      input += chunk.toString('latin1');
      for (let end = input.indexOf('\r\n'); end >= 0 && !socket.destroyed; end = input.indexOf('\r\n')) {
        if (inData) {
          const last = input.startsWith('.\r\n') ? 0 : input.indexOf('\r\n.\r\n') + 2;
          if (last === 1) return;
          const content = input.slice(0, last).replaceAll(/^\./gm, '');
          input = input.slice(last + 3);
          inData = false;
          if (answer('.', '250 2.0.0 queued as 4711')) remote.messages.push({ mail, recipients, content });
          recipients = [];
          continue;
        }
        const line = input.slice(0, end);
        input = input.slice(end + 2);
        command(line);
      }
    });
  const command = (line: string): void => {
    remote.commands.push(line);
    const verb = line.split(/[ :]/)[0]!.toUpperCase();
    if (verb === 'EHLO') {
      const offered = [...extensions, ...(tls && socket === plain ? ['STARTTLS'] : [])];
      answer(
        line,
        ['remote.example Hello', ...offered].map((one, i) => `250${i === offered.length ? ' ' : '-'}${one}`).join('\r\n'),
      );
    } else if (verb === 'STARTTLS') {
      if (!answer(line, '220 2.0.0 go ahead')) return;
      plain.removeAllListeners('data');
      socket = new TLSSocket(plain, { isServer: true, secureContext: createSecureContext(tls) });
      socket.on('error', () => {});
      input = '';
      listen();
    } else if (verb === 'MAIL') {
      mail = line;
      answer(line, '250 2.1.0 Ok');
    } else if (verb === 'RCPT') {
      if (answer(line, '250 2.1.5 Ok')) recipients.push(/<(.*)>/.exec(line)![1]!);
    } else if (verb === 'DATA') {
      if (recipients.length === 0) say('554 5.5.1 no valid recipients');
      else inData = answer(line, '354 go on');
    } else if (verb === 'AUTH') answer(line, '334 VXNlcm5hbWU6');
    else if (verb === 'QUIT') {
      if (answer(line, '221 2.0.0 Bye')) socket.end();
    } else answer(line, '250 2.0.0 Ok');
  };
  listen();
  answer('connect', '220 remote.example ESMTP');
}
