/** Commands about a server, for whoever runs them on it or elsewhere. */

import type { Remedy } from '../finding.ts';
import { powershell } from '../remedies/commands.ts';
import { type Filling, filled } from '../remedies/filled-remedy.ts';

/** A command with what is known in it; a server that no log names is the one on which the command runs. */
export function serverCommand(text: string, filling: Filling): Remedy {
  return powershell(filled(filling.server ? text : text.replaceAll('{server}', '$env:COMPUTERNAME'), filling));
}
