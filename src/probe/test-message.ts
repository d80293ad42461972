/** The message that a probe sends, which says of itself what it is. */

/** Who sends it, to whom, from where. */
export interface TestMessage {
  /** Empty: `<>`. */
  readonly sender: string;
  readonly recipients: readonly string[];
  readonly helo: string;
  /** As it was asked for: `ex01.contoso.example:25`. */
  readonly server: string;
  /** Milliseconds UTC. */
  readonly at: number;
  /** Unique; without blanks and angle brackets. */
  readonly id: string;
}

/** Lines of the message: header, empty line, body, without the full stop that ends it. Plain ASCII, no line beyond 200 characters. */
export function testMessage({ sender, recipients, helo, server, at, id }: TestMessage): string[] {
  const domain = helo.replace(/[^A-Za-z0-9.-]/g, '') || 'localhost';
  const to = recipients.length <= LISTED ? recipients.join(',\r\n ') : 'undisclosed-recipients:;';
  return [
    `Date: ${new Date(at).toUTCString().replace('GMT', '+0000')}`,
    `From: relaylens probe <${sender || `relaylens-probe@${domain}`}>`,
    ...`To: ${to}`.split('\r\n'),
    'Subject: Test message of relaylens probe, please ignore',
    `Message-ID: <${id}@${domain}>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=us-ascii',
    'Auto-Submitted: auto-generated',
    '',
    'This is a test message. Somebody who looks after mail sent it with',
    'relaylens probe, to see whether a mail server takes mail from a machine.',
    '',
    `Server: ${shortened(server)}`,
    `From the machine: ${shortened(helo)}`,
    '',
    'Nothing has to be done with it.',
  ];
}

/** Recipients that are named in the header. */
const LISTED = 20;

const shortened = (text: string): string => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 120);
