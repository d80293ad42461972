/** One open protocol log, written at its end. */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';

const LINE_FEED = 0x0a;
const LINE_END = Buffer.from('\r\n');

export class LogFile {
  readonly path: string;
  #descriptor: number | undefined;
  #position: number;
  #endsInLine: boolean;

  /** Opens the file, or makes it; throws the system's error. */
  constructor(path: string) {
    this.path = path;
    this.#descriptor = openSync(path, 'a+');
    this.#position = fstatSync(this.#descriptor).size;
    this.#endsInLine = this.#position > 0 && this.#lastByte() !== LINE_FEED;
  }

  /** Bytes that it holds. */
  get position(): number {
    return this.#position;
  }

  /** Nobody will find what is written here: the file, or its folder, was deleted. */
  get isGone(): boolean {
    return fstatSync(this.#descriptor!).nlink === 0;
  }

  /**
   * Goes to the start of a line. A file may end in the middle of one: a run was killed there, or the disk was full. The
   * product goes on directly behind it, and both lines are lost to every reader; here a cut line costs no other.
   */
  startLine(): void {
    if (this.#endsInLine) this.append(LINE_END);
  }

  /** Appends bytes. Throws the system's error; what had been written by then counts in `position`. */
  append(bytes: Buffer): void {
    for (let done = 0; done < bytes.length; ) {
      const written = writeSync(this.#descriptor!, bytes, done, bytes.length - done);
      done += written;
      this.#position += written;
      this.#endsInLine = bytes[done - 1] !== LINE_FEED;
    }
  }

  /** Takes back what was written behind `position`, the end of a line or the start of the file. */
  cut(position: number): void {
    ftruncateSync(this.#descriptor!, position);
    this.#position = position;
    this.#endsInLine = false;
  }

  close(): void {
    if (this.#descriptor === undefined) return;
    const descriptor = this.#descriptor;
    this.#descriptor = undefined;
    closeSync(descriptor);
  }

  #lastByte(): number | undefined {
    const byte = Buffer.alloc(1);
    readSync(this.#descriptor!, byte, 0, 1, this.#position - 1);
    return byte[0];
  }
}
