// Random OpenFlow messages from templates: what a message's bytes may be, in a small language, so that every kind has valid
// ones, ones at the edge and ones that are refused.
//
//   0a00     bytes                          u1 u2 u4 u8   a number of so many bytes, small, huge or at a limit
//   z4       zeros                          p2 p4         a port, also a reserved one
//   s16      a name, filled up with zeros   [a|b|c]       one of these
//   *3( )    up to three times              T( )          a property: type, then the rest; its length and filling are put in
//   S2( )    a structure with its length in two bytes at offset 2
//   M1       the match of OpenFlow 1.0      M             a match of type, length and fields    N   fields alone
//   A        actions                        I             instructions

import { MessageWriter } from "@patchcord/core/ovsproto/openflow/message-bytes.ts";
import { parseFlow } from "@patchcord/core/ovsproto/openflow/flow-parse.ts";
import type { OpenFlowVersion } from "@patchcord/core/ovsproto/openflow/fields.ts";
import { writeActions, writeInstructions } from "@patchcord/core/ovsproto/openflow/action-encode.ts";
import { writeMatch, writeMatch10 } from "@patchcord/core/ovsproto/openflow/fixed-match.ts";
import { writeOxmMatch } from "@patchcord/core/ovsproto/openflow/oxm.ts";

/** The next number below a limit. */
export type Random = (below: number) => number;

/** Numerical Recipes' generator: the same numbers each time. */
export function generator(seed: number): Random {
  let state = seed >>> 0;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const MATCHES = [
  "",
  "in_port=1",
  "arp,arp_op=2,arp_spa=10.0.0.1",
  "tcp,nw_src=10.1.0.0/16,tp_dst=80",
  "udp,dl_vlan=7,dl_vlan_pcp=3,tp_src=53",
  "dl_src=02:00:00:00:00:01,dl_type=0x88cc",
  "icmp,icmp_type=8,icmp_code=0,nw_tos=32",
  "ip,nw_ttl=3",
  "vlan_tci=0x1003/0x1fff",
];
const ACTIONS = [
  "drop",
  "output:1",
  "flood,local,in_port",
  "mod_vlan_vid:5,output:2",
  "mod_nw_src:1.2.3.4,mod_tp_dst:80,normal",
  "strip_vlan,controller:128",
  "resubmit(1,2),note:01.02",
  "load:7->NXM_NX_REG0[],move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],all",
  "enqueue(1,2),set_tunnel:5",
];

/** Bytes before the body. */
const HEADER = 8;
const LETTERS = 'abcxyz019-_. \t"';

class Writer {
  readonly bytes: number[] = [];
  readonly #random: Random;
  readonly #version: OpenFlowVersion;
  readonly #text: string;
  #at = 0;

  constructor(text: string, version: OpenFlowVersion, random: Random) {
    this.#text = text;
    this.#version = version;
    this.#random = random;
  }

  /** Until the end, or the bracket that ends a part. */
  run(): void {
    for (;;) {
      while (/\s/.test(this.#text[this.#at] ?? "")) this.#at++;
      const next = this.#text[this.#at];
      if (next === undefined || ")|]".includes(next)) return;
      this.#token();
    }
  }

  #take(pattern: RegExp): RegExpExecArray {
    const sticky = new RegExp(pattern.source, "y");
    sticky.lastIndex = this.#at;
    const found = sticky.exec(this.#text);
    if (!found) throw new Error(`template: what is "${this.#text.slice(this.#at, this.#at + 20)}"?`);
    this.#at = sticky.lastIndex;
    return found;
  }

  #token(): void {
    const random = this.#random;
    const [, kind = "", count = ""] = this.#take(/((?:[0-9a-f]{2})+(?![0-9a-z])|[a-zA-Z*[])(\d*)/);
    const size = Number(count);
    switch (kind) {
      case "u":
        return this.#number(size);
      case "z":
        for (let i = 0; i < size; i++) this.bytes.push(random(200) === 0 ? 1 : 0);
        return;
      case "p": {
        const reserved = random(4) === 0;
        const port = reserved ? 0xfff0 + random(16) : random(5) === 0 ? random(0x10000) : random(9);
        if (size === 4) this.bytes.push(...(reserved && random(8) > 0 ? [0xff, 0xff] : [0, 0]));
        this.bytes.push(port >> 8, port & 255);
        return;
      }
      case "s": {
        const length = random(3) === 0 ? random(size + 1) : random(Math.min(size, 6));
        for (let i = 0; i < size; i++)
          this.bytes.push(i < length ? LETTERS.charCodeAt(random(LETTERS.length)) & 255 : 0);
        return;
      }
      case "*":
        return this.#repeat(size);
      case "[":
        return this.#choice();
      case "T":
      case "S":
        return this.#structure(kind, size);
      case "M":
      case "N":
      case "A":
      case "I":
        this.bytes.push(...this.#encoded(`${kind}${count}`));
        return;
      default:
        for (let i = 0; i < kind.length; i += 2) this.bytes.push(parseInt(kind.slice(i, i + 2), 16));
    }
  }

  #number(size: number): void {
    const kind = this.#random(8);
    const small = [0, 1, 2, 3, 4, 5, 8, 10, 100][this.#random(9)] ?? 0;
    for (let i = 0; i < size; i++) {
      const last = i === size - 1;
      if (kind < 5) this.bytes.push(last ? small : 0);
      else if (kind === 5) this.bytes.push(0xff);
      else if (kind === 6) this.bytes.push(this.#random(256));
      else this.bytes.push(last ? 1 << this.#random(8) : i === size - 2 ? this.#random(256) : 0);
    }
  }

  #repeat(most: number): void {
    this.#at++; // the bracket
    const start = this.#at;
    const count = this.#random(most + 1);
    for (let i = 0; i < count; i++) {
      this.#at = start;
      this.run();
    }
    this.#at = start;
    this.#skip();
  }

  /** To behind the bracket that ends this part. */
  #skip(): void {
    let depth = 1;
    while (depth > 0) {
      const letter = this.#text[this.#at++] ?? ")";
      if ("([".includes(letter)) depth++;
      if (")]".includes(letter)) depth--;
    }
  }

  #choice(): void {
    const starts = [this.#at];
    let depth = 1;
    let end = this.#at;
    for (; depth > 0; end++) {
      const letter = this.#text[end] ?? "]";
      if ("([".includes(letter)) depth++;
      if (")]".includes(letter)) depth--;
      if (letter === "|" && depth === 1) starts.push(end + 1);
    }
    this.#at = starts[this.#random(starts.length)] ?? 0;
    this.run();
    this.#at = end;
  }

  #structure(kind: string, offset: number): void {
    this.#at++;
    const start = this.bytes.length;
    this.run();
    this.#at++;
    if (kind === "T") this.bytes.splice(start + 2, 0, 0, 0);
    const wrong = this.#random(60) === 0 ? this.#random(3) - 1 : 0;
    const length = this.bytes.length - start + wrong;
    const at = start + (kind === "T" ? 2 : offset);
    this.bytes[at] = length >> 8;
    this.bytes[at + 1] = length & 255;
    if (kind === "T") while ((this.bytes.length - start) % 8 !== 0) this.bytes.push(0);
  }

  #encoded(kind: string): Uint8Array {
    const pick = (list: readonly string[]): string => list[this.#random(list.length)] ?? "";
    const actions = kind === "A" || kind === "I";
    const text = actions ? `actions=${pick(ACTIONS)}` : pick(MATCHES);
    const { flow } = parseFlow(text, actions ? "add" : "request", {});
    const out = new MessageWriter();
    if (kind === "A") writeActions(out, flow.actions, this.#version);
    else if (kind === "I") writeInstructions(out, flow.actions, this.#version);
    else if (kind === "M1") writeMatch10(out, flow.match);
    else if (kind === "M") writeMatch(out, flow.match, this.#version);
    else writeOxmMatch(out, flow.match, this.#version);
    return out.bytes();
  }
}

export interface Template {
  readonly name: string;
  readonly versions: readonly OpenFlowVersion[];
  readonly text: string;
}

/** Lines `NAME FIRST-LAST TYPE...`; a line that begins with a space goes on. Version 1.x is x here. */
export function readTemplates(text: string): Template[] {
  const templates: Template[] = [];
  for (const line of text.replace(/\n +/g, " ").split("\n")) {
    const found = /^(\S+) (\d)-(\d) (.*)$/.exec(line);
    if (!found || line.startsWith("#")) continue;
    const [, name = "", first, last, rest = ""] = found;
    const versions: OpenFlowVersion[] = [];
    for (let version = Number(first) + 1; version <= Number(last) + 1; version++)
      versions.push(version as OpenFlowVersion);
    templates.push({ name, versions, text: rest });
  }
  return templates;
}

/** Chooses among digits inside a byte, as `0[1|2]`. */
function withDigits(text: string, random: Random): string {
  return text.replace(/(?<=[0-9a-f])\[([0-9a-f|]+)\]/g, (_, choices: string) => {
    const digits = choices.split("|");
    return digits[random(digits.length)] ?? "";
  });
}

/** A whole message: the template begins with its type. */
export function messageOf({ text, versions }: Template, random: Random): Uint8Array {
  const version = versions[random(versions.length)] ?? 1;
  const [type = "", ...rest] = text.split(" ");
  const writer = new Writer(withDigits(`${type} 0000 00000001 ${rest.join(" ")}`, random), version, random);
  writer.run();
  const bytes = Uint8Array.from([version, ...writer.bytes]);
  const length = random(40) === 0 ? Math.max(8, bytes.length - 1 - random(9)) : bytes.length;
  const whole = bytes.slice(0, length);
  whole[2] = length >> 8;
  whole[3] = length & 255;
  return whole;
}

/** A message with a few bytes left out, put in or changed, but for the length in its header, which fits. */
export function damaged(bytes: Uint8Array, random: Random): Uint8Array {
  const list = [...bytes];
  const place = () => HEADER + random(Math.max(1, list.length - HEADER));
  for (let changes = 1 + random(2); changes > 0; changes--) {
    const at = place();
    const old = list[at] ?? 0;
    switch (random(6)) {
      case 0:
        list.splice(at, 1 + random(8));
        break;
      case 1:
        list.splice(
          at,
          0,
          ...Array.from({ length: 1 << random(4) }, () => (random(3) === 0 ? random(256) : 0)),
        );
        break;
      case 2:
        list.length = Math.max(HEADER, list.length - random(20));
        break;
      case 3:
        // Versions and types that do not exist, and other ones
        list[random(2)] = random(40);
        break;
      default:
        if (at < list.length) list[at] = [0, 255, (old + 1) & 255, (old - 1) & 255, old ^ 8][random(5)] ?? 0;
    }
  }
  const whole = Uint8Array.from(list);
  whole[2] = whole.length >> 8;
  whole[3] = whole.length & 255;
  return whole;
}
