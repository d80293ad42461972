/** What foreign servers complain of, told by the words that most of them use: their replies are in no catalogue. */

export interface Complaint {
  readonly kind:
    | 'relay'
    | 'recipient'
    | 'reputation'
    | 'content'
    | 'greylisting'
    | 'proof'
    | 'name'
    | 'size'
    | 'tls'
    | 'mailbox'
    | 'busy'
    | 'sender';
  /** One sentence about the next hop. */
  readonly words: string;
  /** One sentence about what to do. */
  readonly advice: string;
}

/** In the order in which they are tried: the plainer words first. */
const COMPLAINTS: readonly (readonly [RegExp, Complaint])[] = [
  [
    /grey-?list/i,
    {
      kind: 'greylisting',
      words: 'It puts mail of senders that it does not know off once (greylisting).',
      advice:
        'Nothing: the next try, some minutes later, goes through. If it never does, the tries come from different addresses.',
    },
  ],
  [
    /\b(?:SPF|DKIM|DMARC)\b|5\.7\.(?:23|26|27)\b/i,
    {
      kind: 'proof',
      words: "It finds no proof that this server may send for the sender's domain.",
      advice: "Add the public address of the server to the SPF record of the sender's domain, or sign the mail with DKIM.",
    },
  ],
  [
    /(?:content|attachment|file|virus|malware|phish|URL|link)\b[^.]{0,60}\b(?:block|reject|security issue|not (?:allowed|accepted)|prohibited)|(?:block|reject)\w*[^.]{0,60}\b(?:content|attachment|virus|malware|phish)|detected as spam|classified as spam|looks like spam/i,
    {
      kind: 'content',
      words: 'It does not like what is in the message: a virus, a kind of file, or what it takes for spam.',
      advice: 'Send such files as a link or in another form; where the message is harmless, its operator has to let it pass.',
    },
  ],
  [
    /spamhaus|spamcop|barracuda|block ?list|black ?list|\bRBL\b|DNSBL|reputation|banned|blocked/i,
    {
      kind: 'reputation',
      words: 'It has the address of this server on a block list.',
      advice:
        'Find out who sent unwanted mail from this address ("relaylens sources"), stop it, then ask the operator of the list for the removal.',
    },
  ],
  [
    /reverse|\bPTR\b|rDNS|\bhelo\b|\behlo\b/i,
    {
      kind: 'name',
      words: 'It does not like the name by which this server introduces itself, or finds no name for its address in DNS.',
      advice:
        'Set Fqdn of the send connector to a name that leads to the public address, and have the provider enter that name as its PTR record.',
    },
  ],
  [
    /STARTTLS|must issue|encrypt|TLS/i,
    {
      kind: 'tls',
      words: 'It takes mail over an encrypted connection only.',
      advice: 'Let the send connector use TLS (IgnoreSTARTTLS $false), and see why the handshake does not come about.',
    },
  ],
  [
    /relay|5\.7\.54|5\.7\.64/i,
    {
      kind: 'relay',
      words: 'It does not pass mail on for this server: it does not know its address, or wants a logon.',
      advice:
        'Ask its operator to allow the address of this server, or enter user and password in the send connector; if it is no smart host but a mail server of the recipient, its MX record points to the wrong one.',
    },
  ],
  [
    /user unknown|unknown user|no such (?:user|mailbox|recipient)|does not exist|recipient (?:not found|rejected)|unknown recipient|mailbox unavailable|5\.1\.(?:1|10)\b|invalid (?:recipient|mailbox)/i,
    {
      kind: 'recipient',
      words: 'It does not know the recipient.',
      advice: 'Correct the address on the device or in the application.',
    },
  ],
  [
    /quota|over ?quota|mailbox (?:is )?full|5\.2\.2\b|4\.2\.2\b/i,
    {
      kind: 'mailbox',
      words: 'The mailbox of the recipient is full.',
      advice: 'The recipient has to make room; Exchange can do nothing.',
    },
  ],
  [
    /size|too (?:large|big)|5\.3\.4\b|^552/i,
    {
      kind: 'size',
      words: 'The message is bigger than it takes.',
      advice:
        'Send smaller messages, and set MaxMessageSize of the send connector to what the other side takes, so that the sender hears of it at once.',
    },
  ],
  [
    /sender (?:address )?(?:rejected|denied)|5\.1\.[78]\b|sender (?:domain|verify)/i,
    {
      kind: 'sender',
      words: 'It does not take the address of the sender.',
      advice: 'Let the device send with an address that exists and whose domain is in DNS.',
    },
  ],
  [
    /too many|busy|try again|later\b|\brate\b|throttl|4\.7\.0|4\.3\.[02]|connection limit/i,
    {
      kind: 'busy',
      words: 'It cannot or will not take mail just now.',
      advice: 'Nothing at first: Exchange tries again by itself. If it goes on, send less at a time and ask its operator.',
    },
  ],
];

/** undefined where the words are none of those. */
export const complaintOf = (reply: string): Complaint | undefined => COMPLAINTS.find(([pattern]) => pattern.test(reply))?.[1];
