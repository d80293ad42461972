/** What somebody meant who misspelt a name: the nearest known one, undefined where none is near. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const wanted = name.trim().toLowerCase();
  const [first] = known.map((one) => ({ one, edits: editsBetween(wanted, one.toLowerCase()) })).sort((a, b) => a.edits - b.edits);
  return first && first.edits <= Math.max(2, first.one.length / 4) ? first.one : undefined;
}

/** Letters to put in, to leave out or to change. */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length]!;
}
