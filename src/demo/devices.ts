/** The devices of a small organisation, doing what devices do: most send, some fail in the ways devices fail. */
import { ConversationOver, type Reply } from '../probe/line.ts';
import { SmtpClient, type Way } from '../probe/socket/smtp-client.ts';

export interface Device {
  readonly name: string;
  /** The address that the server is to see. */
  readonly address: string;
  readonly port: 25 | 587;
  /** What it does, in one line. */
  readonly does: string;
  readonly run: (connect: () => Promise<SmtpClient>) => Promise<void>;
}

/** Which way a device takes is told by its address and port. */
export async function runDevices(devices: readonly Device[], wayOf: (device: Device) => Way): Promise<void> {
  await Promise.all(
    devices.map(async (device) => {
      try {
        await device.run(() => SmtpClient.connect(wayOf(device)));
      } catch (error) {
        // A device whose server hangs up has nobody to tell.
        if (!(error instanceof ConversationOver)) throw error;
      }
    }),
  );
}

const content = (subject: string, from: string, size = 2_000): string[] => [
  `From: <${from}>`,
  `Subject: ${subject}`,
  `Message-ID: <${subject.replace(/\W+/g, '.')}.${Math.trunc(size)}@${from.slice(from.indexOf('@') + 1)}>`,
  '',
  ...Array.from({ length: Math.ceil(size / 76) }, () => 'x'.repeat(74)),
  '.',
];

async function greet(client: SmtpClient, name: string): Promise<Reply> {
  await client.read();
  return client.say(`EHLO ${name}`);
}

/** Sends one message; stops at the first refusal, as most devices do. */
async function send(
  client: SmtpClient,
  sender: string,
  recipients: readonly string[],
  subject: string,
  size?: number,
): Promise<Reply> {
  let reply = await client.say(`MAIL FROM:<${sender}>`);
  if (reply.code >= 400) return reply;
  let accepted = 0;
  for (const recipient of recipients) {
    reply = await client.say(`RCPT TO:<${recipient}>`);
    if (reply.code < 400) accepted++;
  }
  if (accepted === 0) return reply;
  reply = await client.say('DATA');
  if (reply.code !== 354) return reply;
  client.write(...content(subject, sender, size));
  return client.read();
}

async function quit(client: SmtpClient): Promise<void> {
  await client.say('QUIT');
  client.hangUp();
}

async function secure(client: SmtpClient, name: string): Promise<void> {
  await client.say('STARTTLS');
  await client.startTls();
  await client.say(`EHLO ${name}`);
}

async function logOn(client: SmtpClient, user: string, password: string): Promise<Reply> {
  await client.say('AUTH LOGIN');
  await client.say(Buffer.from(user).toString('base64'));
  return client.say(Buffer.from(password).toString('base64'));
}

/** A scan to mail, as each of the printers does it. */
const scan =
  (name: string, messages = 1) =>
  async (connect: () => Promise<SmtpClient>): Promise<void> => {
    for (let i = 1; i <= messages; i++) {
      const client = await connect();
      await greet(client, name);
      await send(client, 'scan@contoso.example', ['partner@fabrikam.example'], `Scan ${i} of ${name}`, 40_000);
      await quit(client);
    }
  };

const OUTSIDE = 'partner@fabrikam.example';

/** Passwords that are right: of the demonstration only. */
export const DEMO_USERS = { crm: 'not-a-secret' } as const;

export const DEVICES: readonly Device[] = [
  { name: 'MFP-01', address: '10.0.20.11', port: 25, does: 'scans to mail, and works', run: scan('MFP-01', 3) },
  {
    name: 'MFP-02',
    address: '10.0.20.12',
    port: 25,
    does: 'the same model; one address beyond the range of the relay connector',
    run: scan('MFP-02', 2),
  },
  {
    name: 'MFP-05',
    address: '10.0.20.15',
    port: 25,
    does: 'a new printer that nobody told the relay connector about',
    run: scan('MFP-05'),
  },
  {
    name: 'ERP',
    address: '10.0.30.5',
    port: 25,
    does: 'five invoices in one session, over TLS',
    run: async (connect) => {
      const client = await connect();
      await greet(client, 'erp01.contoso.example');
      await secure(client, 'erp01.contoso.example');
      for (let i = 1; i <= 5; i++) {
        await send(
          client,
          'invoices@contoso.example',
          [`customer${i}@adatum.example`, 'archive@contoso.example'],
          `Invoice ${i}`,
          9_000,
        );
        await client.say('RSET');
      }
      await quit(client);
    },
  },
  {
    name: 'Intranet',
    address: '10.0.30.40',
    port: 25,
    does: 'a newsletter; one of three recipients is outside',
    run: async (connect) => {
      const client = await connect();
      await greet(client, 'intranet');
      await send(
        client,
        'news@contoso.example',
        ['anna@contoso.example', 'bert@contoso.example', 'extern@adatum.example'],
        'News',
      );
      await quit(client);
    },
  },
  {
    name: 'NAS',
    address: '10.0.40.9',
    port: 587,
    does: 'logs on with an old password, twice',
    run: async (connect) => {
      const client = await connect();
      await greet(client, 'nas-backup');
      await secure(client, 'nas-backup');
      await logOn(client, 'svc-nas', 'old');
      await logOn(client, 'svc-nas', 'old');
      client.hangUp();
    },
  },
  {
    name: 'CRM',
    address: '10.0.50.21',
    port: 587,
    does: 'logs on, and sends',
    run: async (connect) => {
      const client = await connect();
      await greet(client, 'crm.contoso.example');
      await secure(client, 'crm.contoso.example');
      await logOn(client, 'crm', DEMO_USERS.crm);
      await send(client, 'crm@contoso.example', [OUTSIDE], 'Offer');
      await quit(client);
    },
  },
  {
    name: 'Old scanner',
    address: '10.0.20.40',
    port: 25,
    does: 'speaks TLS 1.0 at most',
    run: async (connect) => {
      const client = await connect();
      await greet(client, 'OLDSCAN');
      await client.say('STARTTLS');
      await client.startTls({ minVersion: 'TLSv1', maxVersion: 'TLSv1', ciphers: 'DEFAULT@SECLEVEL=0' });
    },
  },
  {
    name: 'MFP-03',
    address: '10.0.20.13',
    port: 25,
    does: 'a scan that is too big',
    run: async (connect) => {
      const client = await connect();
      await greet(client, 'MFP-03');
      await client.say('MAIL FROM:<scan@contoso.example> SIZE=47185920');
      await quit(client);
    },
  },
  {
    name: 'UPS room 2',
    address: '10.0.60.3',
    port: 25,
    does: 'says its name with blanks in it',
    run: async (connect) => {
      const client = await connect();
      await greet(client, 'UPS room 2');
      client.hangUp();
    },
  },
  {
    name: 'Camera lobby',
    address: 'fd00:20::31',
    port: 25,
    does: 'comes by IPv6, where the relay connector does not listen',
    run: async (connect) => {
      const client = await connect();
      await greet(client, 'cam-lobby');
      await send(client, 'cam@contoso.example', [OUTSIDE], 'Motion');
      await quit(client);
    },
  },
  {
    name: 'Ticket system',
    address: '10.0.70.2',
    port: 25,
    does: 'tries AUTH PLAIN, which is never offered',
    run: async (connect) => {
      const client = await connect();
      await greet(client, 'ticket');
      await client.say('AUTH PLAIN AHRpY2tldAB0aWNrZXQ=');
      client.hangUp();
    },
  },
  {
    name: 'MFP-04',
    address: '10.0.20.14',
    port: 25,
    does: 'begins a message, and falls silent',
    run: async (connect) => {
      const client = await connect();
      await greet(client, 'MFP-04');
      await client.say('MAIL FROM:<scan@contoso.example>');
      await client.read();
    },
  },
  {
    name: 'Load balancer',
    address: '10.0.0.250',
    port: 25,
    does: 'looks whether the port is open, three times',
    run: async (connect) => {
      for (let i = 0; i < 3; i++) {
        const client = await connect();
        await client.read();
        client.hangUp();
      }
    },
  },
];
