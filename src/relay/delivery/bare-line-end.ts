const CR = 13;
const LF = 10;

/** Looks for line ends that DATA cannot carry: a CR or an LF on its own. */
export class BareLineEnd {
  found = false;
  #afterReturn = false;

  feed(octets: Uint8Array): void {
    if (this.found) return;
    for (const octet of octets) {
      if ((octet === LF) !== this.#afterReturn) {
        this.found = true;
        return;
      }
      this.#afterReturn = octet === CR;
    }
  }
}
