/**
 * What the services of Microsoft that can take a device's mail allow, as data: to be looked up again before anybody decides by
 * them, since they change from month to month. Every figure says where it stands and of when that is.
 */

/** Where a figure stands. `general-knowledge`: no page was found that says so. */
export interface Source {
  readonly kind: 'vendor' | 'quoted' | 'general-knowledge';
  /** Address of the page, or what it is called. */
  readonly page: string;
  /** `2026-01-27`, or as much of it as is known: when the page said so. */
  readonly asOf: string;
}

export interface Limit<T> {
  readonly value: T;
  readonly source: Source;
  /** Up to which it is raised on request, or `on request` where that has no figure. */
  readonly raisedTo?: number | 'on request';
}

/** `none`: the page names no such limit. */
export type Amount = number | 'none';

export type TargetId = 'client-submission' | 'high-volume-email' | 'connector-relay' | 'direct-send' | 'communication-services';

export interface Target {
  readonly id: TargetId;
  readonly name: string;
  /** Recipients outside the organisation. */
  readonly external: Limit<boolean>;
  /** `required`: TLS 1.2 or later, or nothing is taken. */
  readonly tls: Limit<'required' | 'optional'>;
  /** `account`: user name and password, or a token. `place`: a public address or a certificate. `nothing`: anonymous. */
  readonly logon: Limit<'account' | 'place' | 'nothing'>;
  readonly messagesPerMinute: Limit<Amount>;
  readonly messagesPerHour: Limit<Amount>;
  readonly recipientsPerDay: Limit<Amount>;
  readonly recipientsPerMessage: Limit<Amount>;
  readonly largestBytes: Limit<Amount>;
  /** `one`: the account's own address, others with the right to send as them. `own-domains`: any address of the own domains. */
  readonly senders: Limit<'one' | 'own-domains'>;
  /** What no log can tell, and what is about to change. */
  readonly cautions: readonly { readonly text: string; readonly source: Source }[];
}

const MEBIBYTE = 1024 * 1024;

const vendor = (page: string, asOf: string): Source => ({ kind: 'vendor', page, asOf });
const quoted = (page: string, asOf: string): Source => ({ kind: 'quoted', page, asOf });

/** Exchange documentation: how to set up a device or application. Read in a copy of about 2022; later mirrors agree. */
const DEVICES = vendor(
  'https://learn.microsoft.com/exchange/mail-flow-best-practices/how-to-set-up-a-multifunction-device-or-application-to-send-email-using-microsoft-365-or-office-365',
  '2022',
);
/** Exchange Online limits, 30 messages a minute, as an answer of Microsoft Q&A quotes them. */
const ONLINE_LIMITS = quoted('https://learn.microsoft.com/en-us/answers/questions/2258712', '2025-04-16');
/** The limits of a mailbox, as an administrator sums them up. */
const MAILBOX_LIMITS = quoted('https://www.quickm365tips.com/?p=2228', '2026-01-15');
/** The retirement of basic authentication, as last changed. */
const RETIREMENT = quoted('Microsoft 365 message center MC786329', '2026-01-27');
/** High Volume Email without external recipients, basic authentication until 2028: news of Microsoft's announcement. */
const HVE_NEWS = quoted(
  'https://windowsnews.ai/article/microsoft-updates-hve-service-internal-only-email-extended-authentication-support.365137',
  '2025-06',
);
/** The same service as a public project summed up its documentation. */
const HVE_SUMMARY = quoted('a public summary of the documentation of High Volume Email', '2026');
/** Azure documentation: service limits. */
const AZURE = vendor('https://learn.microsoft.com/azure/communication-services/concepts/service-limits', '2023-03-31');
/** The same page, quoted later, with what is raised. */
const AZURE_QUOTED = quoted('https://www.chkja.dk/?p=980', '2025');
/** Azure documentation: credentials for SMTP. */
const AZURE_SMTP = vendor(
  'https://learn.microsoft.com/azure/communication-services/quickstarts/email/send-email-smtp/smtp-authentication',
  '2024',
);
const DIRECT_SEND = vendor(
  'https://techcommunity.microsoft.com/blog/exchange/introducing-more-control-over-direct-send-in-exchange-online/4408790',
  '2025-08-12',
);
const GENERAL: Source = { kind: 'general-knowledge', page: 'no page was found', asOf: '2025' };

const exactly = <T>(value: T, source: Source): Limit<T> => ({ value, source });
const raised = (value: number, raisedTo: number | 'on request', source: Source): Limit<Amount> => ({ value, raisedTo, source });

/** In no order of merit: which is recommended, the judgement decides. */
export const TARGETS: readonly Target[] = [
  {
    id: 'client-submission',
    name: 'Exchange Online SMTP AUTH client submission',
    external: exactly(true, DEVICES),
    tls: exactly('required', DEVICES),
    logon: exactly('account', DEVICES),
    messagesPerMinute: exactly(30, ONLINE_LIMITS),
    messagesPerHour: exactly('none', GENERAL),
    recipientsPerDay: exactly(10_000, DEVICES),
    recipientsPerMessage: exactly(1000, MAILBOX_LIMITS),
    largestBytes: raised(35 * MEBIBYTE, 150 * MEBIBYTE, GENERAL),
    senders: exactly('one', DEVICES),
    cautions: [
      {
        text: 'Basic authentication is switched off by default at the end of December 2026 (an administrator can switch it on again); when it goes for good is to be announced in the second half of 2027. Whether a device can do OAuth, no log tells.',
        source: RETIREMENT,
      },
      { text: 'Needs a licensed mailbox with SMTP AUTH enabled; security defaults switch it off.', source: DEVICES },
    ],
  },
  {
    id: 'high-volume-email',
    name: 'High Volume Email',
    external: exactly(false, HVE_NEWS),
    tls: exactly('required', HVE_SUMMARY),
    logon: exactly('account', HVE_NEWS),
    messagesPerMinute: exactly('none', HVE_SUMMARY),
    messagesPerHour: exactly('none', HVE_SUMMARY),
    // 100,000 a day and tenant in the preview of 2024, says Microsoft's announcement.
    recipientsPerDay: exactly('none', HVE_SUMMARY),
    recipientsPerMessage: exactly(50, HVE_SUMMARY),
    largestBytes: exactly(10 * MEBIBYTE, HVE_SUMMARY),
    senders: exactly('one', GENERAL),
    cautions: [
      { text: 'Basic authentication until September 2028.', source: HVE_NEWS },
      { text: 'Needs accounts of its own, and is paid by what is delivered.', source: HVE_SUMMARY },
    ],
  },
  {
    id: 'connector-relay',
    name: 'Exchange Online SMTP relay by a connector',
    external: exactly(true, DEVICES),
    tls: exactly('optional', DEVICES),
    logon: exactly('place', DEVICES),
    messagesPerMinute: exactly('none', DEVICES),
    messagesPerHour: exactly('none', DEVICES),
    recipientsPerDay: exactly('none', DEVICES),
    recipientsPerMessage: exactly(1000, GENERAL),
    largestBytes: raised(35 * MEBIBYTE, 150 * MEBIBYTE, GENERAL),
    senders: exactly('own-domains', DEVICES),
    cautions: [
      {
        text: 'Needs a static public IP address that nobody else uses, or a certificate of an own domain; port 25 must be open. "Reasonable" limits apply: no bulk mail.',
        source: DEVICES,
      },
    ],
  },
  {
    id: 'direct-send',
    name: 'Direct Send',
    external: exactly(false, DEVICES),
    tls: exactly('optional', DEVICES),
    logon: exactly('nothing', DEVICES),
    messagesPerMinute: exactly('none', DEVICES),
    messagesPerHour: exactly('none', DEVICES),
    recipientsPerDay: exactly('none', DEVICES),
    recipientsPerMessage: exactly(1000, GENERAL),
    largestBytes: raised(35 * MEBIBYTE, 150 * MEBIBYTE, GENERAL),
    senders: exactly('own-domains', DEVICES),
    cautions: [
      {
        text: 'Refused where the organisation sets RejectDirectSend; a sender in an own domain is what that looks at.',
        source: DIRECT_SEND,
      },
      {
        text: 'Comes as mail from the Internet: SPF has to name its public address, which should be static, or it is junk.',
        source: DIRECT_SEND,
      },
    ],
  },
  {
    id: 'communication-services',
    name: 'Azure Communication Services Email',
    external: exactly(true, AZURE),
    tls: exactly('required', GENERAL),
    logon: exactly('account', AZURE_SMTP),
    messagesPerMinute: raised(30, 'on request', AZURE),
    messagesPerHour: raised(100, 'on request', AZURE),
    recipientsPerDay: exactly('none', AZURE),
    recipientsPerMessage: exactly(50, AZURE),
    largestBytes: raised(10 * MEBIBYTE, 30 * MEBIBYTE, AZURE_QUOTED),
    senders: exactly('own-domains', GENERAL),
    cautions: [
      { text: 'The limits are of the whole subscription with a domain of its own, not of one device.', source: AZURE },
      { text: 'The password is the secret of an Entra application, which runs out.', source: AZURE_SMTP },
    ],
  },
];
