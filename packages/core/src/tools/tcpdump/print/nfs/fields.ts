// The fields of NFS messages in XDR (RFC 4506), read one after the other. What was not captured ends the message: with
// [|nfs], unless the server's error was told before.

import type { Dissector } from "../dissector.ts";
import { padded } from "../numbers.ts";
import { fileHandle } from "./file-handle.ts";
import { FILE_TYPES, PROCEDURES, STATUS } from "./names.ts";

const HANDLE_V2 = 32; // bytes
const [ATTRIBUTES_V2, ATTRIBUTES_V3] = [68, 84] as const; // bytes
const SET_TO_CLIENT_TIME = 2;

/** Thrown to end a message without [|nfs]. */
export const ERROR_TOLD = Symbol("error told");

/** Tells the procedure of a call or a reply; undefined if nothing is said of what it carries. */
export function tellProcedure(d: Dissector, procedure: number): string | undefined {
  const name = PROCEDURES.get(procedure);
  d.text += ` ${name ?? `proc-${procedure}`}`;
  return name === "nop" || name === "null" ? undefined : name;
}

export class NfsFields {
  readonly d: Dissector;
  at: number;
  /** The server said that it failed: nothing more is said of what is missing. */
  errorTold = false;

  constructor(d: Dissector, at: number) {
    this.d = d;
    this.at = at;
  }

  fail(): never {
    if (this.errorTold) throw ERROR_TOLD;
    this.d.cutOff();
  }

  need(length: number): void {
    if (!this.d.has(this.at, length)) this.fail();
  }

  u32(): number {
    const value = this.d.u32(this.at);
    this.at += 4;
    return value;
  }

  u64(): bigint {
    const value = this.d.u64(this.at);
    this.at += 8;
    return value;
  }

  /** Seconds and a fraction, as "S.FFFFFF". */
  time(): string {
    return `${this.u32()}.${padded(this.u32(), 6)}`;
  }

  handle(version3: boolean): void {
    const length = version3 ? this.u32() & ~3 : HANDLE_V2;
    const size = length >>> 0;
    this.need(size);
    this.d.text += fileHandle(this.d, this.at, size);
    this.at += size;
  }

  name(): void {
    const { d } = this;
    const length = this.u32();
    if (length > 0xffff_fffc) {
      d.text += "[cannot pad to 32-bit boundaries]";
      d.invalid();
      this.fail();
    }
    const size = Math.ceil(length / 4) * 4;
    this.need(size);
    d.text += '"';
    d.characters(this.at, length);
    d.text += '"';
    this.at += size;
  }

  handleAndName(version3: boolean): void {
    this.handle(version3);
    this.d.text += " ";
    this.name();
  }

  /** The status; other than 0 it is told. */
  status(): number {
    const status = this.u32();
    if (status !== 0) {
      if (this.d.quiet === 0) this.d.text += ` ERROR: ${STATUS.get(status) ?? `unk ${status}`}`;
      this.errorTold = true;
    }
    return status;
  }

  attributes(verbose: number, version3: boolean): void {
    const { d, at } = this;
    if (!d.has(at + 16, 4)) this.fail();
    if (verbose > 0) {
      const type = d.u32(at);
      d.text += ` ${FILE_TYPES.get(type) ?? `unk-ft ${type} `} ${d.u32(at + 4).toString(8)} ids ${d.s32(at + 12)}/${d.s32(at + 16)}`;
      d.text += ` sz ${version3 ? d.u64(at + 20) : d.u32(at + 20)}`;
    }
    if (verbose > 1) {
      if (!d.has(at + (version3 ? 76 : 60), 8)) this.fail();
      const links = d.u32(at + 8);
      if (version3) {
        d.text += ` nlink ${links} rdev ${d.u32(at + 36)}/${d.u32(at + 40)}`;
        d.text += ` fsid ${d.u64(at + 44).toString(16)} fileid ${d.u64(at + 52).toString(16)}`;
        this.at = at + 60;
      } else {
        const [device, system, node] = [at + 28, at + 36, at + 40].map((place) => d.u32(place).toString(16));
        d.text += ` nlink ${links} rdev 0x${device} fsid 0x${system} nodeid 0x${node}`;
        this.at = at + 44;
      }
      d.text += ` a/m/ctime ${this.time()} ${this.time()} ${this.time()}`;
    }
    this.at = at + (version3 ? ATTRIBUTES_V3 : ATTRIBUTES_V2);
  }

  /** Attributes after an operation, if they are there. */
  attributesAfter(): void {
    if (this.u32() === 0) return;
    if (this.d.verbose > 0) this.attributes(this.d.verbose, true);
    else this.at += ATTRIBUTES_V3;
  }

  /** Attributes before and after an operation (weak cache consistency). */
  attributesAround(): void {
    const { d } = this;
    if (d.verbose > 1) d.text += " PRE:";
    if (this.u32() !== 0) {
      this.need(24);
      if (d.verbose > 1) {
        d.text += ` sz ${this.u64()} mtime ${this.time()}`;
        d.text += ` ctime ${this.time()}`;
      } else this.at += 24;
    }
    if (d.verbose > 0) d.text += " POST:";
    this.attributesAfter();
  }

  /** Attributes that a new file should have. Returns how they print. */
  wantedAttributes(): string {
    let text = "";
    const optional = (): number | undefined => (this.u32() === 0 ? undefined : this.u32());
    const mode = optional();
    if (mode !== undefined) text += ` mode ${mode.toString(8)}`;
    const user = optional();
    if (user !== undefined) text += ` uid ${user}`;
    const group = optional();
    if (group !== undefined) text += ` gid ${group}`;
    optional();
    for (const name of ["atime", "mtime"]) {
      if (this.u32() !== SET_TO_CLIENT_TIME) continue;
      const time = this.time();
      if (this.d.verbose > 1) text += ` ${name} ${time}`;
    }
    return text;
  }
}
