// ISAKMP (RFC 2408): IKEv1 and IKEv2, on its own port and behind NAT (RFC 3948). Nothing is decrypted.

import type { Dissector } from "../dissector.ts";
import type { Carrier } from "../carrier.ts";
import { esp } from "../esp.ts";
import { EXCHANGES, named, PAYLOADS } from "./names.ts";
import type { Payload } from "./payload.ts";
import { payloads } from "./payload.ts";
import { version1Payload } from "./version1.ts";
import { version2Payload } from "./version2.ts";

const HEADER_LENGTH = 28;
const ENCRYPTED = 1;
const ENCRYPTED_V2 = 46;
const FROM_INITIATOR = 8;
/** Sessions that are remembered, to tell who of the two sends. */
const SESSIONS = 20;
const NO_COOKIE = "0000000000000000";

interface Session {
  cookie: string;
  readonly version: number;
  readonly initiator: string;
  readonly responder: string;
}

/** The initiators seen last, in a ring. */
class Sessions {
  readonly #ring: Session[] = Array.from({ length: SESSIONS }, () => ({
    cookie: NO_COOKIE,
    version: 0,
    initiator: "",
    responder: "",
  }));
  #next = 0;

  find(cookie: string): Session | undefined {
    return this.#ring.find((session) => session.cookie === cookie);
  }

  add(session: Session): void {
    this.#ring[this.#next] = session;
    this.#next = (this.#next + 1) % SESSIONS;
  }
}

/** One memory a run of tcpdump. */
const memories = new WeakMap<Dissector, Sessions>();

function sessions(d: Dissector): Sessions {
  let found = memories.get(d);
  if (found === undefined) memories.set(d, (found = new Sessions()));
  return found;
}

/** I for the initiator, R for the responder. */
function side(d: Dissector, at: number, header: number): string {
  const version = d.u8(header) >>> 4;
  const [from, to, size] = version === 6 ? [header + 8, header + 24, 16] : [header + 12, header + 16, 4];
  const source = d.hexBytes(from, size);
  const cookie = d.hexBytes(at, 8);
  const session = sessions(d).find(cookie);
  if (session === undefined) {
    if (d.hexBytes(at + 8, 8) !== NO_COOKIE) return "?";
    sessions(d).add({ cookie, version, initiator: source, responder: d.hexBytes(to, size) });
    return "I";
  }
  if (session.version !== version) return "?";
  return session.initiator === source ? "I" : session.responder === source ? "R" : "?";
}

function flagLetters(flags: number, letters: readonly (readonly [number, string])[]): string {
  if (flags === 0) return "";
  return `[${letters.map(([bit, letter]) => ((flags & bit) === 0 ? "" : letter)).join("")}]`;
}

/** A payload of either version may come in a message of either. */
function anyPayload(isVersion2: boolean): (type: number) => Payload | undefined {
  return (type) => {
    if (type === ENCRYPTED_V2 && !isVersion2) return undefined;
    return version1Payload(type) ?? version2Payload(type);
  };
}

function plainText(
  d: Dissector,
  message: number,
  flags: number,
  at: number,
  length: number,
): Uint8Array | undefined {
  const found = d.associations?.ikev2((flags & FROM_INITIATOR) !== 0, d.hexBytes(message, 16));
  if (found === undefined) return undefined;
  const end = at + length - found.checkLength;
  if (end <= at + found.vectorLength) return undefined;
  return found.decrypt(d.bytes.subarray(at, end), "esp_decrypt_buffer_by_ikev2_print");
}

function body(d: Dissector, at: number, length: number, isVersion2: boolean): void {
  const flags = d.u8(at + 19);
  const first = d.u8(at + 16);
  const phase = d.u32(at + 20) === 0 ? 1 : 2;
  if (d.verbose === 0) return;
  d.text += ":";
  if ((flags & ENCRYPTED) !== 0) d.text += ` [encrypted ${named(PAYLOADS, first)}]`;
  else
    payloads(d, at + HEADER_LENGTH, first, {
      phase,
      protocol: 0,
      depth: 0,
      inner: anyPayload(isVersion2),
      plainText: (place, size) => plainText(d, at, flags, place, size),
    });
  const announced = d.u32(at + 24);
  if (announced !== length) d.text += ` (len mismatch: isakmp ${announced}/ip ${length})`;
}

export function isakmp(d: Dissector, at: number, length: number, header: number): void {
  d.protocol = "isakmp";
  if (!d.has(at, HEADER_LENGTH)) {
    d.truncated();
    return;
  }
  const version = d.u8(at + 17);
  const major = version >>> 4;
  d.text += "isakmp";
  if (d.verbose > 0) d.text += ` ${major}.${version & 15} msgid ${d.hexBytes(at + 20, 4)}`;
  if (d.verbose > 1) d.text += ` cookie ${d.hexBytes(at, 8)}->${d.hexBytes(at + 8, 8)}`;
  d.text += ":";
  const isFirstPhase = d.u32(at + 20) === 0;
  const exchange = named(EXCHANGES, d.u8(at + 18));
  const flags = d.u8(at + 19);
  if (major === 1) {
    d.text += ` phase ${isFirstPhase ? "1" : "2/others"} ${side(d, at, header)} ${exchange}`;
    d.text += flagLetters(flags, [
      [1, "E"],
      [2, "C"],
    ]);
    body(d, at, length, false);
  } else if (major === 2) {
    d.text += `${isFirstPhase ? " parent_sa" : " child_sa "} ${exchange}`;
    d.text += flagLetters(flags, [
      [0x08, "I"],
      [0x10, "V"],
      [0x20, "R"],
    ]);
    body(d, at, length, true);
  }
}

export function isakmpBehindNat(d: Dissector, at: number, length: number, carrier: Carrier): void {
  d.protocol = "isakmp_rfc3948";
  if (length === 1 && d.u8(at) === 0xff) {
    d.text += "isakmp-nat-keep-alive";
    return;
  }
  if (length < 4) return d.truncated();
  if (d.u32(at) === 0) {
    d.text += "NONESP-encap: ";
    isakmp(d, at + 4, length - 4, carrier.header);
    return;
  }
  d.text += "UDP-encap: ";
  esp(d, at, length, carrier);
}
