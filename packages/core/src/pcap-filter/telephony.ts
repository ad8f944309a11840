/** Words for raw ATM (SunATM) and for SS7 (MTP2 and MTP3). On every other link type they are refused. */
import { BPF_B, BPF_H, BPF_JEQ, BPF_JGT, BPF_W } from "../wire/bpf/instruction.ts";
import { DLT } from "../wire/link-types.ts";
import { and, not, or, type Condition } from "./block.ts";
import type { Compilation } from "./compilation.ts";
import { refuse } from "./filter-error.ts";

// ---- ATM

export type AtmWord = keyof typeof CIRCUITS | "lane" | "oam" | "oamf4" | "connectmsg" | "metaconnect";

/** Virtual channels of VPI 0. */
const CIRCUITS = { metac: 1, bcc: 2, oamf4sc: 3, oamf4ec: 4, sc: 5, ilmic: 16 } as const;
const OAM_SEGMENT = 3;
const OAM_END_TO_END = 4;

/** Protocol types in SunATM's pseudo-header. */
const LANE = 1;

/** Q.2931 message types; tested from the last to the first. */
const SETUP = 0x05;
const CALL_PROCEEDING = 0x02;
const CONNECT = 0x07;
const CONNECT_ACK = 0x0f;
const RELEASE = 0x4d;
const RELEASE_DONE = 0x5a;
const MESSAGE_TYPE = 5;

/** Words that libpcap spells differently in its refusal. */
const REFUSED_AS: Partial<Readonly<Record<AtmWord | "vpi" | "vci", string>>> = {
  oamf4sc: "oam4sc",
  oamf4ec: "oam4ec",
};

function atmLayer(on: Compilation, word: AtmWord | "vpi" | "vci"): NonNullable<Compilation["layer"]["atm"]> {
  return on.layer.atm ?? refuse(`'${REFUSED_AS[word] ?? word}' supported only on raw ATM`);
}

export function atmField(
  on: Compilation,
  word: "vpi" | "vci",
  jump: number,
  value: number,
  reverse: boolean,
): Condition {
  const layer = atmLayer(on, word);
  const check = on.compare("link header", layer[word], word === "vpi" ? BPF_B : BPF_H, jump, value);
  return reverse && jump !== BPF_JEQ ? not(check) : check;
}

export function atmKind(on: Compilation, word: AtmWord): Condition {
  const layer = atmLayer(on, word);
  const channel = (number: number): Condition => atmField(on, "vci", BPF_JEQ, number, false);
  const pathZero = (): Condition => atmField(on, "vpi", BPF_JEQ, 0, false);
  const message = (...types: readonly number[]): Condition =>
    types
      .map((type) => on.equal("link header", layer.payload + MESSAGE_TYPE, BPF_B, type))
      .reduce((sum, one) => or(one, sum));
  switch (word) {
    case "lane": {
      const check = on.equal("link header", layer.protocol, BPF_B, LANE, 0x0f);
      // What follows is Ethernet behind the two bytes of LANE.
      const ethernet = layer.payload + 2;
      on.pushLinkHeader(DLT.EN10MB, { constant: ethernet, variable: false, register: -1 });
      on.linkTypeField.constant = ethernet + 12;
      on.linkPayload.constant = ethernet + 14;
      on.network = 0;
      on.networkAfterLlc = 3;
      return check;
    }
    case "oam":
    case "oamf4":
      return and(pathZero(), or(channel(OAM_SEGMENT), channel(OAM_END_TO_END)));
    case "connectmsg":
      return and(
        and(pathZero(), channel(CIRCUITS.sc)),
        message(CALL_PROCEEDING, SETUP, CONNECT, CONNECT_ACK, RELEASE, RELEASE_DONE),
      );
    case "metaconnect":
      return and(
        and(pathZero(), channel(CIRCUITS.metac)),
        message(CALL_PROCEEDING, SETUP, CONNECT, RELEASE, RELEASE_DONE),
      );
    default:
      return and(pathZero(), channel(CIRCUITS[word]));
  }
}

// ---- SS7

export type Mtp2Word = "fisu" | "lssu" | "msu" | "hfisu" | "hlssu" | "hmsu";
export type Mtp3Word = "sio" | "opc" | "dpc" | "sls" | "hsio" | "hopc" | "hdpc" | "hsls";

/** Kinds of signal units, by the length indicator: fill-in (0), link status (1 or 2), message (more). */
export function mtp2Kind(on: Compilation, word: Mtp2Word): Condition {
  const { ss7 } = on.layer;
  const highSpeed = word.startsWith("h");
  if (ss7 === undefined) {
    return refuse(`'${word}' supported only on ${highSpeed ? "MTP2_HSL" : "MTP2"}`);
  }
  const at = highSpeed ? ss7.liHsl : ss7.li;
  const [size, mask, unit] = highSpeed ? [BPF_H, 0xff80, 0x80] : [BPF_B, 0x3f, 1];
  const length = (jump: number, value: number): Condition =>
    on.compare("packet", at, size, jump, value, mask);
  switch (word) {
    case "fisu":
    case "hfisu":
      return length(BPF_JEQ, 0);
    case "lssu":
    case "hlssu": {
      const some = length(BPF_JGT, 0);
      return and(some, not(length(BPF_JGT, 2 * unit)));
    }
    case "msu":
    case "hmsu":
      return length(BPF_JGT, 2 * unit);
  }
}

/** Fields of MTP3's routing label (Q.704), which is little-endian: largest value, size, mask and place of the bits. */
const FIELDS = {
  sio: { most: 255, size: BPF_B, mask: 0xffff_ffff, encode: (value: number) => value },
  opc: {
    most: 16383,
    size: BPF_W,
    mask: 0x00c0_ff0f,
    encode: (value: number) => ((value & 0x3c00) >> 10) + ((value & 0x03fc) << 6) + ((value & 0x03) << 22),
  },
  dpc: {
    most: 16383,
    size: BPF_W,
    mask: 0xff3f_0000,
    encode: (value: number) => (((value & 0xff) << 24) >>> 0) + ((value & 0x3f00) << 8),
  },
  sls: { most: 15, size: BPF_B, mask: 0xf0, encode: (value: number) => value << 4 },
} as const;

/** High-speed links have three more bytes of sequence numbers and length. */
const HIGH_SPEED_SHIFT = 3;

export function mtp3Field(
  on: Compilation,
  word: Mtp3Word,
  jump: number,
  value: number,
  reverse: boolean,
): Condition {
  const name = (word.startsWith("h") ? word.slice(1) : word) as keyof typeof FIELDS;
  const { ss7 } = on.layer;
  if (ss7 === undefined) return refuse(`'${name}' supported only on SS7`);
  const { most, size, mask, encode } = FIELDS[name];
  if (value > most) refuse(`${name} value ${value} too big; max value = ${most}`);
  const at = ss7[name] + (name === word ? 0 : HIGH_SPEED_SHIFT);
  const check = on.compare("packet", at, size, jump, encode(value), mask);
  return reverse && jump !== BPF_JEQ ? not(check) : check;
}
