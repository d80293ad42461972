/** Public pages that several checks rest on. */
const LEARN = 'https://learn.microsoft.com';

export const RECEIVE_CONNECTORS = `${LEARN}/exchange/mail-flow/connectors/receive-connectors`;
export const CUSTOM_CONNECTORS = `${LEARN}/exchange/mail-flow/connectors/custom-receive-connectors`;
export const ANONYMOUS_RELAY = `${LEARN}/exchange/mail-flow/connectors/allow-anonymous-relay`;
export const PROTOCOL_LOGGING = `${LEARN}/exchange/mail-flow/connectors/protocol-logging`;
export const ACCEPTED_DOMAINS = `${LEARN}/exchange/mail-flow/accepted-domains/accepted-domains`;
export const RATE_LIMITS = `${LEARN}/exchange/mail-flow/message-rate-limits`;
export const SET_CONNECTOR = `${LEARN}/powershell/module/exchange/set-receiveconnector`;

export const BACK_PRESSURE = `${LEARN}/exchange/mail-flow/back-pressure`;
export const COMPONENT_STATES = `${LEARN}/powershell/module/exchange/set-servercomponentstate`;
export const SEND_CONNECTORS = `${LEARN}/exchange/mail-flow/connectors/send-connectors`;
export const SET_SEND_CONNECTOR = `${LEARN}/powershell/module/exchange/set-sendconnector`;
export const SHADOW_REDUNDANCY = `${LEARN}/exchange/mail-flow/transport-high-availability/shadow-redundancy`;
export const TRANSPORT_PORTS = `${LEARN}/exchange/plan-and-deploy/deployment-ref/network-ports`;
export const ONLINE_REPORTS = `${LEARN}/exchange/mail-flow-best-practices/non-delivery-reports-in-exchange-online/non-delivery-reports-in-exchange-online`;
export const ONLINE_CONNECTORS = `${LEARN}/exchange/mail-flow-best-practices/use-connectors-to-configure-mail-flow/use-connectors-to-configure-mail-flow`;

/** A section of the project's own reference of the replies. */
export const replySection = (number: string): string => `reference of the replies, section ${number}`;

/** A section of the project's own reference of the protocol log. */
export const logSection = (number: string): string => `reference of the protocol log, section ${number}`;

/** A section of the project's own reference of the receive connectors. */
export const section = (number: string): string => `reference of the receive connectors, section ${number}`;

export const SIZE_LIMITS = `${LEARN}/exchange/mail-flow/message-size-limits`;
export const NON_DELIVERY = `${LEARN}/exchange/mail-flow/non-delivery-reports-and-bounce-messages/non-delivery-reports-and-bounce-messages`;
export const TELNET_TEST = `${LEARN}/exchange/mail-flow/test-smtp-with-telnet`;
export const RECIPIENT_FILTERING = `${LEARN}/exchange/antispam-and-antimalware/antispam-protection/recipient-filtering`;
export const SENDER_FILTERING = `${LEARN}/exchange/antispam-and-antimalware/antispam-protection/sender-filtering`;
export const CONNECTION_FILTERING = `${LEARN}/exchange/antispam-and-antimalware/antispam-protection/connection-filtering`;
export const ANTISPAM = `${LEARN}/exchange/antispam-and-antimalware/antispam-protection/antispam-protection`;
export const SEND_AS = `${LEARN}/exchange/recipients/mailbox-permissions`;
export const LOAD_BALANCING = `${LEARN}/exchange/architecture/client-access/load-balancing`;
