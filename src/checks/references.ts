/** Public pages that several checks rest on. */
const LEARN = 'https://learn.microsoft.com';

export const RECEIVE_CONNECTORS = `${LEARN}/exchange/mail-flow/connectors/receive-connectors`;
export const CUSTOM_CONNECTORS = `${LEARN}/exchange/mail-flow/connectors/custom-receive-connectors`;
export const ANONYMOUS_RELAY = `${LEARN}/exchange/mail-flow/connectors/allow-anonymous-relay`;
export const PROTOCOL_LOGGING = `${LEARN}/exchange/mail-flow/connectors/protocol-logging`;
export const ACCEPTED_DOMAINS = `${LEARN}/exchange/mail-flow/accepted-domains/accepted-domains`;
export const RATE_LIMITS = `${LEARN}/exchange/mail-flow/message-rate-limits`;
export const SET_CONNECTOR = `${LEARN}/powershell/module/exchange/set-receiveconnector`;

/** A section of the project's own reference of the receive connectors. */
export const section = (number: string): string => `reference of the receive connectors, section ${number}`;

/** Sections of the project's other two references: of the replies, and of the protocol log. */
export const replySection = (number: string): string => `reference of the replies, section ${number}`;
export const logSection = (number: string): string => `reference of the protocol log, section ${number}`;
