/**
 * The rights of a session, in bit order, as `Set Session Permissions` names them (bit n = 2^n).
 * Source: reference of the protocol log, section 4.1, established for Exchange 2013 CU23.
 */
export const PERMISSIONS = [
  'SMTPSubmit',
  'SMTPSubmitForMLS',
  'SMTPAcceptAnyRecipient',
  'SMTPAcceptAuthenticationFlag',
  'SMTPAcceptAnySender',
  'SMTPAcceptAuthoritativeDomainSender',
  'BypassAntiSpam',
  'BypassMessageSizeLimit',
  'SMTPSendEXCH50',
  'SMTPAcceptEXCH50',
  'AcceptRoutingHeaders',
  'AcceptForestHeaders',
  'AcceptOrganizationHeaders',
  'SendRoutingHeaders',
  'SendForestHeaders',
  'SendOrganizationHeaders',
  'SendAs',
  'SMTPSendXShadow',
  'SMTPAcceptXShadow',
  'SMTPAcceptXProxyFrom',
  'SMTPAcceptXSessionParams',
  'SMTPAcceptXMessageContextADRecipientCache',
  'SMTPAcceptXMessageContextExtendedProperties',
  'SMTPAcceptXMessageContextFastIndex',
  'SMTPAcceptXAttr',
  'SMTPAcceptXSysProbe',
] as const;

export type Permission = (typeof PERMISSIONS)[number];

const BIT = new Map<string, number>(PERMISSIONS.map((name, index) => [name, 2 ** index]));

/** The bit mask of a logged permission list (`None` and unknown names give no bit). */
export function permissionMask(list: string): number {
  let mask = 0;
  for (const name of list.trim().split(/\s+/)) mask |= BIT.get(name) ?? 0;
  return mask;
}

/** The names of a bit mask, in bit order. */
export function permissionNames(mask: number): Permission[] {
  return PERMISSIONS.filter((_, index) => (mask & (2 ** index)) !== 0);
}
