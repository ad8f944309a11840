/** Flow mods: OFPT_FLOW_MOD of every version and Open vSwitch's NXT_FLOW_MOD. */
import type { Action } from "./actions.ts";
import { checkConsistency } from "./action-check.ts";
import { readInstructions } from "./action-decode.ts";
import { writeInstructions } from "./action-encode.ts";
import { OpenflowError } from "./errors.ts";
import type { OpenFlowVersion } from "./fields.ts";
import { readMatch, readMatch10, readPort32, writeMatch, writeMatch10, writePort32 } from "./fixed-match.ts";
import { KeyWord } from "./flow-key.ts";
import type { Match } from "./match.ts";
import type { MessageReader } from "./message-bytes.ts";
import type { DecodeLog } from "./message-bytes.ts";
import type { MessageWriter } from "./message-bytes.ts";
import { normalizeMatch } from "./normalize.ts";
import { readPaddedMatch, writeOxmMatch } from "./oxm.ts";
import { EthType } from "./prerequisites.ts";
import { OF10_NXM_ANY, Protocol, protocolOfVersion, TABLE_ID_ANY } from "./protocols.ts";
import type { Protocols } from "./protocols.ts";

/** OFPFC_*, by number. */
export const FLOW_MOD_COMMANDS = ["add", "modify", "modify_strict", "delete", "delete_strict"] as const;
export type FlowModCommand = (typeof FLOW_MOD_COMMANDS)[number];

export interface FlowFlags {
  readonly sendFlowRemoved: boolean;
  readonly checkOverlap: boolean;
  /** Clear the counters of a flow that is replaced. */
  readonly resetCounts: boolean;
  readonly noPacketCounts: boolean;
  readonly noByteCounts: boolean;
}

export const NO_FLAGS: FlowFlags = {
  sendFlowRemoved: false,
  checkOverlap: false,
  resetCounts: false,
  noPacketCounts: false,
  noByteCounts: false,
};

export const GROUP_ANY = 0xffff_ffff;
export const NO_BUFFER = 0xffff_ffff;
export const PORT_ANY = 0xffff;
export const TABLE_ALL = 0xff;
/** "Do not change the cookie" as a new cookie. */
export const KEEP_COOKIE = 0xffff_ffff_ffff_ffffn;

export interface FlowMod {
  readonly command: FlowModCommand;
  readonly match: Match;
  readonly priority: number;
  /** 255: the switch chooses, or all tables for a deletion. */
  readonly table: number;
  /** Flows with other cookies are left alone: `cookie` under `cookieMask`. */
  readonly cookie: bigint;
  readonly cookieMask: bigint;
  readonly newCookie: bigint;
  readonly modifyCookie: boolean;
  /** Seconds; 0 for none. */
  readonly idleTimeout: number;
  readonly hardTimeout: number;
  readonly importance: number;
  readonly bufferId: number;
  readonly outPort: number;
  readonly outGroup: number;
  readonly flags: FlowFlags;
  readonly actions: readonly Action[];
}

/** Flags by bit, with the versions that have them. */
const FLAGS: readonly (readonly [bit: number, name: keyof FlowFlags, since: number])[] = [
  [1, "sendFlowRemoved", 1],
  [2, "checkOverlap", 1],
  [4, "resetCounts", 3],
  [8, "noPacketCounts", 4],
  [16, "noByteCounts", 4],
];
const EMERGENCY = 4; // OpenFlow 1.0 only

export function writeFlags(flags: FlowFlags, version: OpenFlowVersion): number {
  return FLAGS.reduce((bits, [bit, name, since]) => (flags[name] && version >= since ? bits | bit : bits), 0);
}

/** @returns the flags and the bits that mean nothing in this version */
export function readFlags(bits: number, version: OpenFlowVersion): { flags: FlowFlags; unknown: number } {
  const flags: Record<keyof FlowFlags, boolean> = { ...NO_FLAGS };
  let unknown = bits;
  for (const [bit, name, since] of FLAGS) {
    if ((bits & bit) === 0 || version < since) continue;
    flags[name] = true;
    unknown &= ~bit;
  }
  return { flags, unknown };
}

function readFlowModFlags(
  bits: number,
  command: FlowModCommand,
  version: OpenFlowVersion,
  timeouts: boolean,
): FlowFlags {
  const emergency = version === 1 && (bits & EMERGENCY) !== 0;
  const { flags, unknown } = readFlags(emergency ? bits & ~EMERGENCY : bits, version);
  if (unknown !== 0) throw new OpenflowError("OFPFMFC_BAD_FLAGS");
  if (emergency) throw new OpenflowError(timeouts ? "OFPFMFC_BAD_EMERG_TIMEOUT" : "OFPFMFC_TABLE_FULL");
  return version <= 2 && command === "add" ? { ...flags, resetCounts: true } : flags;
}

function commandOf(number: number): FlowModCommand {
  const command = FLOW_MOD_COMMANDS[number];
  if (command === undefined) throw new OpenflowError("OFPFMFC_BAD_COMMAND");
  return command;
}

/** Connection addresses of the other IP version. */
function checkConnectionAddresses({ mask, value }: Match): void {
  const any = (word: number, count: number) => mask.subarray(word, word + count).some((bits) => bits !== 0);
  const type = value[KeyWord.ETH_TYPE] ?? 0;
  const v4 = any(KeyWord.CT_NW_SRC, 2);
  const v6 = any(KeyWord.CT_IPV6_SRC, 8);
  if ((v4 && type !== EthType.IPV4) || (v6 && type !== EthType.IPV6)) {
    throw new OpenflowError("OFPBAC_MATCH_INCONSISTENT");
  }
}

type Head = Omit<FlowMod, "actions" | "flags" | "command"> & {
  readonly rawFlags: number;
  readonly command: number;
};

function splitCommand(command: number, withTable: boolean): { command: number; table: number } {
  return withTable ? { command: command & 0xff, table: command >>> 8 } : { command, table: TABLE_ALL };
}

/** What a decoder may be told of the connection. */
export interface FlowModOptions {
  /** The flow_mod_table_id extension is on (OpenFlow 1.0). */
  readonly tableId?: boolean;
  /** Hears of a match that had to be cut down: before and after. */
  readonly normalized?: (before: Match, after: Match) => void;
  readonly tables?: number;
  readonly maxPorts?: number;
  readonly log?: DecodeLog;
}

function normalize(match: Match, options: FlowModOptions): void {
  const before = match.clone();
  if (normalizeMatch(match)) options.normalized?.(before, match);
}

function readHead10(from: MessageReader, options: FlowModOptions): Head {
  const { match, exact } = readMatch10(from);
  normalize(match, options);
  const newCookie = from.u64();
  const command = splitCommand(from.u16(), options.tableId === true);
  const idleTimeout = from.u16();
  const hardTimeout = from.u16();
  const priority = from.u16();
  return {
    match,
    newCookie,
    cookie: 0n,
    cookieMask: 0n,
    modifyCookie: newCookie !== KEEP_COOKIE,
    ...command,
    idleTimeout,
    hardTimeout,
    importance: 0,
    priority: exact ? 0xffff : priority,
    bufferId: from.u32(),
    outPort: from.u16(),
    outGroup: GROUP_ANY,
    rawFlags: from.u16(),
  };
}

function readHeadNxm(from: MessageReader, options: FlowModOptions): Head {
  const newCookie = from.u64();
  const command = splitCommand(from.u16(), options.tableId === true);
  const idleTimeout = from.u16();
  const hardTimeout = from.u16();
  const priority = from.u16();
  const bufferId = from.u32();
  const outPort = from.u16();
  const rawFlags = from.u16();
  const length = from.u16();
  from.skip(6);
  const { match, cookie, cookieMask } = readPaddedMatch(from, length, {
    cookie: true,
  });
  if (command.command === 0 && cookieMask !== 0n) throw new OpenflowError("NXBRC_NXM_INVALID");
  return {
    match,
    newCookie,
    cookie,
    cookieMask,
    modifyCookie: newCookie !== KEEP_COOKIE,
    ...command,
    idleTimeout,
    hardTimeout,
    importance: 0,
    priority,
    bufferId,
    outPort,
    outGroup: GROUP_ANY,
    rawFlags,
  };
}

function readHead11(from: MessageReader, version: OpenFlowVersion): Head {
  const cookie = from.u64();
  const cookieMask = from.u64();
  const table = from.u8();
  const command = from.u8();
  const idleTimeout = from.u16();
  const hardTimeout = from.u16();
  const priority = from.u16();
  const bufferId = from.u32();
  const outPortRaw = from.u32();
  const outGroup = from.u32();
  const rawFlags = from.u16();
  const importance = from.u16();
  const match = readMatch(from);
  const deletes = command === 3 || command === 4;
  const adds = command === 0 || (version === 2 && (command === 1 || command === 2) && cookieMask === 0n);
  if (table === TABLE_ALL && (version === 2 || !deletes)) throw new OpenflowError("OFPFMFC_BAD_TABLE_ID");
  const outPort = readPort32(from.over(u32Bytes(outPortRaw)), "OFPBAC_BAD_OUT_PORT");
  return {
    match,
    command,
    table,
    cookie: adds ? 0n : cookie,
    cookieMask: adds ? 0n : cookieMask,
    newCookie: adds ? cookie : KEEP_COOKIE,
    modifyCookie: false,
    idleTimeout,
    hardTimeout,
    importance: version >= 5 && command === 0 ? importance : 0,
    priority,
    bufferId,
    outPort,
    outGroup: deletes ? outGroup : GROUP_ANY,
    rawFlags,
  };
}

function u32Bytes(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

/** The body of a flow mod. @param nicira NXT_FLOW_MOD */
export function readFlowMod(
  from: MessageReader,
  version: OpenFlowVersion,
  nicira: boolean,
  options: FlowModOptions = {},
): FlowMod {
  const head = nicira
    ? readHeadNxm(from, options)
    : version === 1
      ? readHead10(from, options)
      : readHead11(from, version);
  checkConnectionAddresses(head.match);
  const command = commandOf(head.command);
  const actions = readInstructions(from, version);
  const timeouts = head.idleTimeout !== 0 || head.hardTimeout !== 0;
  const flags = readFlowModFlags(head.rawFlags, command, version, timeouts);
  const { rawFlags: _, ...rest } = head;
  const checked = checkConsistency(
    actions,
    head.match,
    version === 1 ? Protocol.OF10_STD : protocolOfVersion(version),
    {
      table: head.table,
      tables: options.tables ?? 255,
      ...(options.maxPorts === undefined ? {} : { maxPorts: options.maxPorts }),
      ...(from.log ? { warn: (module: string, text: string) => from.log?.(module, "WARN", text) } : {}),
    },
  );
  return { ...rest, command, flags, actions: checked };
}

/** Writes the body of a flow mod; `protocol` is one bit and also tells which message it is. */
export function writeFlowMod(
  out: MessageWriter,
  mod: FlowMod,
  version: OpenFlowVersion,
  protocol: Protocols,
): void {
  const flags = writeFlags(mod.flags, version);
  const command = FLOW_MOD_COMMANDS.indexOf(mod.command);
  const withTable = (protocol & TABLE_ID_ANY) !== 0 ? (command & 0xff) | (mod.table << 8) : command;
  if ((protocol & OF10_NXM_ANY) !== 0) {
    out.u64(mod.newCookie).u16(withTable).u16(mod.idleTimeout).u16(mod.hardTimeout).u16(mod.priority);
    out.u32(mod.bufferId).u16(mod.outPort).u16(flags);
    const lengthAt = out.length;
    out.u16(0).zeros(6);
    const start = out.length;
    writeOxmMatch(out, mod.match, 0, { value: mod.cookie, mask: mod.cookieMask });
    out.patchU16(lengthAt, out.length - start).pad(8, start);
  } else if (version === 1) {
    writeMatch10(out, mod.match);
    out.u64(mod.newCookie).u16(withTable).u16(mod.idleTimeout).u16(mod.hardTimeout).u16(mod.priority);
    out.u32(mod.bufferId).u16(mod.outPort).u16(flags);
  } else {
    const deletes = mod.command === "delete" || mod.command === "delete_strict";
    const modifies = mod.command === "modify" || mod.command === "modify_strict";
    const setsCookie = mod.command === "add" || (version === 2 && modifies && mod.cookieMask === 0n);
    out.u64(setsCookie ? mod.newCookie : mod.cookie & mod.cookieMask).u64(mod.cookieMask);
    out.u8(mod.table !== TABLE_ALL || (version !== 2 && deletes) ? mod.table : 0).u8(command);
    out.u16(mod.idleTimeout).u16(mod.hardTimeout).u16(mod.priority).u32(mod.bufferId);
    writePort32(out, mod.outPort).u32(mod.outGroup).u16(flags);
    out.u16(version >= 5 && mod.command === "add" ? mod.importance : 0);
    writeMatch(out, mod.match, version);
  }
  writeInstructions(out, mod.actions, version);
}
