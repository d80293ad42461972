/** What the digits of a reply mean in general, whoever says it: RFC 5321 for the three, RFC 3463 for those with full stops. */

/** The codes that a text has: one of them at least. */
export interface StatusCode {
  /** `550`. */
  readonly basic?: string;
  /** `5.7.54`. */
  readonly enhanced?: string;
}

/** Codes with what their digits say, sentence by sentence. */
export interface StatusMeaning extends StatusCode {
  readonly says: readonly string[];
}

const FIRST_DIGIT: Readonly<Record<string, string>> = {
  '2': 'The command was carried out.',
  '3': 'The server waits for more: the rest of a logon, or the message.',
  '4': 'It did not work this time; trying again later may help.',
  '5': 'It was refused for good; trying again without a change does not help.',
};

const SECOND_DIGIT: Readonly<Record<string, string>> = {
  '0': 'It is about the form of the command.',
  '1': 'It is information that was asked for.',
  '2': 'It is about the connection.',
  '3': 'It is about logging on or security.',
  '5': 'It is about the mail system and what it was asked to do.',
};

const CLASS: Readonly<Record<string, string>> = {
  '2': 'a success',
  '4': 'a problem that may pass',
  '5': 'a problem that stays',
};

const SUBJECT: Readonly<Record<string, string>> = {
  '0': 'nothing in particular',
  '1': 'an address: that of the sender or that of the recipient',
  '2': 'the mailbox of the recipient: full, disabled, or its size limit',
  '3': 'the mail system of the server: full, switched off, or its size limit',
  '4': 'the network and the way: name resolution, unreachable servers, loops, time',
  '5': 'the commands of SMTP: wrong, unknown, in the wrong order, too many recipients',
  '6': 'the content of the message or its form',
  '7': 'security or policy: permissions, logon, encryption, block lists, relaying',
};

/** The general meaning of codes, in plain words; digits that the RFCs do not know say nothing. */
export function statusMeaning(code: StatusCode): StatusMeaning {
  const says: string[] = [];
  if (code.basic !== undefined) {
    const [first, second] = code.basic;
    for (const sentence of [FIRST_DIGIT[first ?? ''], SECOND_DIGIT[second ?? '']])
      if (sentence !== undefined) says.push(sentence);
  }
  if (code.enhanced !== undefined) {
    const [kind, subject] = code.enhanced.split('.');
    const [what, about] = [CLASS[kind ?? ''], SUBJECT[subject ?? '']];
    if (what !== undefined && about !== undefined) says.push(`${code.enhanced} is ${what}, about ${about}.`);
  }
  // Exchange itself says 451 5.7.3: mail servers go by the three digits.
  if (code.basic !== undefined && code.enhanced !== undefined && code.basic[0] !== code.enhanced[0])
    says.push('The two codes differ in their first digit: mail servers go by the three digits at the beginning.');
  return { ...code, says };
}
