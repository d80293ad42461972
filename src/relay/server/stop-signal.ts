/**
 * Resolves with the first SIGINT (Ctrl-C), SIGTERM or SIGBREAK (Ctrl-Break, which only Windows has). A second one ends the process as it would have without us: who asks twice
 * does not want to wait.
 */
export function untilSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    const signals = ['SIGINT', 'SIGTERM', 'SIGBREAK'] as const;
    const heard = (signal: NodeJS.Signals): void => {
      for (const one of signals) process.off(one, heard);
      resolve(signal);
    };
    for (const one of signals) process.on(one, heard);
  });
}
