/** Doubles the dots that begin a line, as DATA wants it: the counterpart of the machine's DotReader. */

const CR = 13;
const LF = 10;
const DOT = 46;
const LINE_END_AND_DOT = Buffer.from('\r\n.');

export class DotWriter {
  /** What the next octet follows. */
  #after: 'line' | 'cr' | 'text' = 'line';

  /** The content as it goes over the wire, cut wherever it may be. */
  write(content: Uint8Array): Uint8Array {
    if (content.length === 0) return content;
    const octets = Buffer.from(content.buffer, content.byteOffset, content.length);
    const places: number[] = [];
    if (this.#after === 'line' && octets[0] === DOT) places.push(0);
    if (this.#after === 'cr' && octets[0] === LF && octets[1] === DOT) places.push(1);
    for (let at = octets.indexOf(LINE_END_AND_DOT); at >= 0; at = octets.indexOf(LINE_END_AND_DOT, at + 2)) places.push(at + 2);
    this.#after = this.#end(octets);
    if (places.length === 0) return octets;
    const parts = places.flatMap((place, index) => [octets.subarray(places[index - 1] ?? 0, place), Buffer.of(DOT)]);
    return Buffer.concat([...parts, octets.subarray(places.at(-1))]);
  }

  #end(octets: Buffer): 'line' | 'cr' | 'text' {
    const last = octets.at(-1);
    if (last === CR) return 'cr';
    if (last !== LF) return 'text';
    return (octets.length > 1 ? octets.at(-2) === CR : this.#after === 'cr') ? 'line' : 'text';
  }
}
