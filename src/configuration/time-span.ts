/** Spans of time as .NET and XML write them. */

/** Milliseconds of `00:10:00`, `1.00:00:00`, `PT10M`; undefined for what is none. */
export function parseTimeSpan(text: string): number | undefined {
  const net = /^(?:(\d{1,8})\.)?(\d{1,2}):(\d{2}):(\d{2})(\.\d{1,7})?$/.exec(text.trim());
  if (net) return milliseconds(net[1], net[2], net[3], `${net[4]}${net[5] ?? ''}`);
  const iso = /^P(?=.)(?:(\d{1,8})D)?(?:T(?=.)(?:(\d{1,8})H)?(?:(\d{1,8})M)?(?:(\d{1,8}(?:\.\d{1,7})?)S)?)?$/.exec(text.trim());
  return iso ? milliseconds(iso[1], iso[2], iso[3], iso[4]) : undefined;
}

const milliseconds = (days = '0', hours = '0', minutes = '0', seconds = '0'): number =>
  ((Number(days) * 24 + Number(hours)) * 60 + Number(minutes)) * 60_000 + Math.round(Number(seconds) * 1000);
