// Flows, groups and meters of a bridge of Open vSwitch (OpenFlow 1.3 and 1.4 over its management socket), each as the bytes that
// the switch lists, without counters and ages; and the messages that add them again or remove them.

import { ERRNO } from "@patchcord/core/netlink/errno.ts";
import { Refusal } from "@patchcord/core/netlink/refusal.ts";
import { readU16BE, readU32BE, writeU16BE, writeU32BE } from "@patchcord/core/wire/bytes.ts";
import type { Questions } from "../stream-question.ts";
import { questions } from "../stream-question.ts";

export type OpenflowEntryKind = "meter" | "group" | "flow";

/** One entry; `bytes` is ofp_flow_stats, ofp_group_desc or ofp_meter_config. */
export interface OpenflowEntry {
  readonly kind: OpenflowEntryKind;
  /** Base64. */
  readonly bytes: string;
}

const HEADER = 8; // struct ofp_header
const MULTIPART_HEADER = 16; // with struct ofp_header
/** OFPT_* */
const TYPE = {
  HELLO: 0,
  ERROR: 1,
  FLOW_MOD: 14,
  GROUP_MOD: 15,
  MULTIPART: 18,
  REPLY: 19,
  BARRIER: 20,
  DONE: 21,
  METER_MOD: 29,
};
const MORE = 1; // OFPMPF_REPLY_MORE
/** Versions 1.4 and 1.3; the later one has a flow's importance. */
const VERSIONS = [5, 4] as const;
const ALL = 0xffff_ffff; // any port, any group, all meters
const NO_BUFFER = 0xffff_ffff;
const ALL_TABLES = 0xff;
/** OFPFF_CHECK_OVERLAP and OFPFF_RESET_COUNTS are about the request. */
const REQUEST_FLAGS = 2 | 4;
const FLOW_STATS = 48; // bytes before the match
const FLOW_MOD = 40; // bytes before the match, without struct ofp_header
const DELETE_FLOW = 4; // OFPFC_DELETE_STRICT
const DELETE = 2; // OFPGC_DELETE, OFPMC_DELETE
/** So many bytes of requests go before a barrier: they must fit the socket's buffer. */
const CHUNK = 64 * 1024;

const LISTS: Readonly<
  Record<OpenflowEntryKind, { readonly multipart: number; readonly body: () => Uint8Array }>
> = {
  meter: { multipart: 10, body: () => words(ALL, 0) },
  group: { multipart: 7, body: () => new Uint8Array(0) },
  flow: { multipart: 1, body: () => words(ALL_TABLES << 24, ALL, ALL, 0, 0, 0, 0, 0, 0x0001_0004, 0) },
};
const KINDS = ["meter", "group", "flow"] as const;

function words(...values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  values.forEach((value, at) => writeU32BE(bytes, 4 * at, value >>> 0));
  return bytes;
}

function message(version: number, type: number, xid: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const header = new Uint8Array(HEADER);
  header[0] = version;
  header[1] = type;
  writeU32BE(header, 4, xid);
  const bytes = Buffer.concat([header, ...parts]);
  writeU16BE(bytes, 2, bytes.length);
  return bytes;
}

/** Takes a stream of bytes apart into messages. */
export class OpenflowMessages {
  #held: Uint8Array = new Uint8Array(0);

  feed(bytes: Uint8Array): Uint8Array[] {
    const all = Buffer.concat([this.#held, bytes]);
    const found: Uint8Array[] = [];
    let at = 0;
    while (at + HEADER <= all.length) {
      const length = Math.max(HEADER, readU16BE(all, at + 2));
      if (at + length > all.length) break;
      found.push(all.slice(at, at + length));
      at += length;
    }
    this.#held = all.slice(at);
    return found;
  }
}

/** A conversation with a switch. */
class Session {
  readonly #connection: Questions;
  readonly #messages = new OpenflowMessages();
  #queue: Uint8Array[] = [];
  #xid = 0;
  version = 0;

  constructor(connection: Questions) {
    this.#connection = connection;
    const [highest] = VERSIONS;
    const bitmap = VERSIONS.reduce((bits, version) => bits | (1 << version), 0);
    this.#connection.send(message(highest, TYPE.HELLO, 0, words(0x0001_0008, bitmap)));
    const hello = this.#next((type) => type === TYPE.HELLO);
    // OFPHET_VERSIONBITMAP comes first, if it comes; without it the version is the highest one.
    const theirs =
      hello.length >= 16 && readU16BE(hello, 8) === 1 ? readU32BE(hello, 12) : (2 << (hello[0] ?? 0)) - 1;
    this.version = VERSIONS.find((version) => (theirs & (1 << version)) !== 0) ?? 0;
    if (this.version === 0)
      throw new Refusal(ERRNO.EPROTONOSUPPORT, "the bridge speaks neither OpenFlow 1.3 nor 1.4");
  }

  #next(isWanted: (type: number) => boolean): Uint8Array {
    const take = (): Uint8Array | undefined => {
      for (let each = this.#queue.shift(); each !== undefined; each = this.#queue.shift()) {
        if (each[1] === TYPE.ERROR)
          throw new Refusal(
            ERRNO.EPROTO,
            `OpenFlow error type ${readU16BE(each, 8)} code ${readU16BE(each, 10)}`,
          );
        if (isWanted(each[1] ?? 0)) return each;
      }
      return undefined;
    };
    return (
      take() ??
      this.#connection.answer((bytes) => {
        this.#queue.push(...this.#messages.feed(bytes));
        return take();
      })
    );
  }

  /** Bodies of all parts of an answer. */
  list(kind: OpenflowEntryKind): Uint8Array[] {
    const { multipart, body } = LISTS[kind];
    const head = words(multipart << 16, 0);
    this.#connection.send(message(this.version, TYPE.MULTIPART, ++this.#xid, head, body()));
    for (const parts: Uint8Array[] = []; ;) {
      const reply = this.#next((type) => type === TYPE.REPLY);
      parts.push(reply.subarray(MULTIPART_HEADER));
      if ((readU16BE(reply, HEADER + 2) & MORE) === 0) return parts;
    }
  }

  /** Sends requests, and waits until the switch has done them. */
  send(requests: readonly { readonly type: number; readonly body: Uint8Array }[]): void {
    let sent = 0;
    const barrier = (): void => {
      this.#connection.send(message(this.version, TYPE.BARRIER, ++this.#xid));
      this.#next((type) => type === TYPE.DONE);
      sent = 0;
    };
    for (const { type, body } of requests) {
      this.#connection.send(message(this.version, type, ++this.#xid, body));
      sent += HEADER + body.length;
      if (sent > CHUNK) barrier();
    }
    barrier();
  }
}

/** A flow without its age and counters. */
function lastingFlow(stats: Uint8Array): Uint8Array {
  const flow = stats.slice();
  flow.fill(0, 4, 12); // duration
  flow.fill(0, 32, FLOW_STATS); // packets, bytes
  return flow;
}

function entriesOf(kind: OpenflowEntryKind, body: Uint8Array): OpenflowEntry[] {
  const found: OpenflowEntry[] = [];
  for (let at = 0; at + 8 <= body.length;) {
    const length = readU16BE(body, at);
    if (length < 8 || at + length > body.length) break;
    const entry = body.subarray(at, at + length);
    const kept = kind === "flow" ? lastingFlow(entry) : entry;
    found.push({ kind, bytes: Buffer.from(kept).toString("base64") });
    at += length;
  }
  return found;
}

/** All of a bridge. Errors: Refusal. */
export function lookAtBridge(path: string): OpenflowEntry[] {
  return questions(path, (connection) => {
    const session = new Session(connection);
    return KINDS.flatMap((kind) => session.list(kind).flatMap((part) => entriesOf(kind, part)));
  });
}

/** A match with what fills it up (struct ofp_match). */
function matchAt(bytes: Uint8Array, at: number): Uint8Array {
  const length = readU16BE(bytes, at + 2);
  return bytes.subarray(at, at + ((length + 7) & ~7));
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

function flowKey(table: number, priority: number, match: Uint8Array): string {
  return `flow ${table} ${priority} ${hex(match)}`;
}

/** Entries with the same key take each other's place. */
export function openflowKey({ kind, bytes }: OpenflowEntry): string {
  const entry = Buffer.from(bytes, "base64");
  if (kind !== "flow") return `${kind} ${readU32BE(entry, 4)}`;
  return flowKey(entry[2] ?? 0, readU16BE(entry, 12), matchAt(entry, FLOW_STATS));
}

/** The key of what a message of OpenFlow 1.4 adds; undefined if it adds nothing. */
export function addedKey(bytes: Uint8Array): string | undefined {
  const [, type] = bytes;
  if (type === TYPE.FLOW_MOD && bytes.length >= HEADER + FLOW_MOD + 8) {
    const [table, command] = [bytes[24] ?? 0, bytes[25] ?? 0];
    if (command > 2) return undefined; // a deletion
    return flowKey(table === ALL_TABLES ? 0 : table, readU16BE(bytes, 30), matchAt(bytes, HEADER + FLOW_MOD));
  }
  if (type !== TYPE.GROUP_MOD && type !== TYPE.METER_MOD) return undefined;
  if (bytes.length < HEADER + 8 || readU16BE(bytes, HEADER) === DELETE) return undefined;
  return `${type === TYPE.GROUP_MOD ? "group" : "meter"} ${readU32BE(bytes, HEADER + 4)}`;
}

function flowRequest(entry: Uint8Array, remove: boolean): Uint8Array {
  const request = new Uint8Array(FLOW_MOD);
  if (!remove) request.set(entry.subarray(24, 32), 0); // cookie
  request[16] = entry[2] ?? 0;
  request[17] = remove ? DELETE_FLOW : 0;
  request.set(entry.subarray(14, 18), 18); // timeouts
  request.set(entry.subarray(12, 14), 22); // priority
  for (const [at, value] of [
    [24, NO_BUFFER],
    [28, ALL],
    [32, ALL],
  ] as const)
    writeU32BE(request, at, value);
  writeU16BE(request, 36, readU16BE(entry, 18) & ~REQUEST_FLAGS);
  request.set(entry.subarray(20, 22), 38); // importance
  const match = matchAt(entry, FLOW_STATS);
  const actions = remove ? new Uint8Array(0) : entry.subarray(FLOW_STATS + match.length);
  return Buffer.concat([request, match, actions]);
}

/** The message that adds an entry, modifies it or removes it. */
function requestFor(
  { kind, bytes }: OpenflowEntry,
  what: "add" | "modify" | "remove",
): { readonly type: number; readonly body: Uint8Array } {
  const entry = Buffer.from(bytes, "base64");
  if (kind === "flow") return { type: TYPE.FLOW_MOD, body: flowRequest(entry, what === "remove") };
  // Behind the command, ofp_group_mod and ofp_meter_mod are as they are listed.
  const body = Uint8Array.from(what === "remove" ? entry.subarray(0, 8) : entry);
  writeU16BE(body, 0, { add: 0, modify: 1, remove: DELETE }[what]);
  return { type: kind === "group" ? TYPE.GROUP_MOD : TYPE.METER_MOD, body };
}

/** An entry as it was and as it is to become; one of the two may be missing. */
export interface EntryBack {
  readonly was: OpenflowEntry | undefined;
  readonly is: OpenflowEntry | undefined;
}

/** Meters and groups come before flows that use them, and go after those. Errors: Refusal, with what the switch says. */
export function setEntriesBack(path: string, entries: readonly EntryBack[]): void {
  const rank = ({ was, is }: EntryBack): number => KINDS.indexOf((was ?? is)?.kind ?? "flow");
  const back = entries.filter(({ was }) => was !== undefined).toSorted((a, b) => rank(a) - rank(b));
  const gone = entries.filter(({ was }) => was === undefined).toSorted((a, b) => rank(b) - rank(a));
  const requests = [...back, ...gone].flatMap(({ was, is }) => {
    if (was !== undefined) return [requestFor(was, is === undefined ? "add" : "modify")];
    return is === undefined ? [] : [requestFor(is, "remove")];
  });
  questions(path, (connection) => new Session(connection).send(requests));
}
