/** A time in a sentence: `2026-11-02 08:05 UTC`. */
export const moment = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
