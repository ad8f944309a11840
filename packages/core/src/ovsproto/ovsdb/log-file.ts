// The file of a database (ovsdb(5)): records, each a line "OVSDB JSON LENGTH SHA1" and that many bytes of JSON. The first
// record of a standalone database is the schema, every other one a transaction; a server of a cluster writes "OVSDB CLUSTER"
// and the entries of its Raft log. A record that is not whole, as after a crash, ends the file: what stands before it is good.

import type { Json, JsonObject } from "../json.ts";
import { formatJson, isObject } from "../json.ts";
import { JsonSyntaxError, parseJson } from "../json-parser.ts";
import { sha1Hex } from "../../wire/sha1.ts";

export type LogFormat = "JSON" | "CLUSTER";

const encoder = new TextEncoder();

export function formatRecord(json: Json, format: LogFormat = "JSON"): Uint8Array {
  const body = encoder.encode(`${formatJson(json)}\n`);
  const head = encoder.encode(`OVSDB ${format} ${body.length} ${sha1Hex(body)}\n`);
  const out = new Uint8Array(head.length + body.length);
  out.set(head);
  out.set(body, head.length);
  return out;
}

/** Why the rest of a file is not read; the words are those of Open vSwitch, without the file's name. */
export interface LogDamage {
  readonly tag: "syntax error" | "I/O error";
  readonly offset: number;
  readonly message: string;
}

export interface LogContents {
  readonly records: readonly JsonObject[];
  /** Bytes of whole records. */
  readonly length: number;
  readonly damage: LogDamage | undefined;
}

/** Characters of a header line that are read (a buffer of 128 with its NUL). */
const HEADER_LIMIT = 127;

const HEADER = /^OVSDB ([^ ]+) \s*([-+]?\d+) ([0-9a-fA-F]{40})$/;

/** Lengths that are none: 0, and what strtoul(3) gives for a number that is too large. */
const NO_LENGTH: readonly bigint[] = [0n, 2n ** 64n - 1n];

interface Header {
  readonly magic: string;
  readonly length: bigint;
  readonly hash: string;
  /** Bytes of the line. */
  readonly size: number;
}

/** The line at `start`; what can be shown of it if it is no header. */
function readHeader(bytes: Uint8Array, start: number): Header | string {
  const line = bytes.subarray(start, start + HEADER_LIMIT);
  const end = line.indexOf(0x0a);
  const [text = ""] = new TextDecoder().decode(end < 0 ? line : line.subarray(0, end)).split("\0", 1);
  const [, magic = "", digits = "", hash = ""] = (end < 0 ? null : HEADER.exec(text)) ?? [];
  const number = BigInt(digits.replace("+", ""));
  const length = number < 2n ** 64n ? BigInt.asUintN(64, number) : 2n ** 64n - 1n;
  if (NO_LENGTH.includes(length)) return shownHeader(text);
  return { magic, length, hash: hash.toLowerCase(), size: end + 1 };
}

/** The original has put an end behind the magic by then. */
const shownHeader = (text: string): string => /^OVSDB [^ ]+/.exec(text)?.[0] ?? text;

/** What a file begins with; "unknown" for records of another sort, undefined if that is no header of a record. */
export function logFormat(bytes: Uint8Array): LogFormat | "unknown" | undefined {
  const header = readHeader(bytes, 0);
  if (typeof header === "string") return undefined;
  const { magic } = header;
  return magic === "JSON" || magic === "CLUSTER" ? magic : "unknown";
}

/** All records of the sort that the file begins with. */
export function readLog(bytes: Uint8Array): LogContents {
  const records: JsonObject[] = [];
  const format = logFormat(bytes);
  let at = 0;
  for (;;) {
    const record = readRecord(bytes, at, format);
    if (record === undefined) return { records, length: at, damage: undefined };
    if ("message" in record) return { records, length: at, damage: record };
    records.push(record.json);
    at = record.end;
  }
}

function readRecord(
  bytes: Uint8Array,
  start: number,
  format: ReturnType<typeof logFormat>,
): { readonly json: JsonObject; readonly end: number } | LogDamage | undefined {
  if (start >= bytes.length) return undefined;
  const damage = (message: string, tag: LogDamage["tag"] = "syntax error"): LogDamage => ({
    tag,
    offset: start,
    message,
  });
  const header = readHeader(bytes, start);
  const noHeader = (shown: string): LogDamage =>
    damage(`parse error at offset ${start} in header line "${shown}"`);
  if (typeof header === "string") return noHeader(header);
  if (header.magic !== format) return noHeader(`OVSDB ${header.magic}`);
  const body = start + header.size;
  const where = `${header.length} bytes starting at offset ${body}`;
  const data = bytes.subarray(body, body + Number(header.length));
  if (data.length < header.length) return damage(`error reading ${where} (End of file)`, "I/O error");
  const hash = sha1Hex(data);
  if (hash !== header.hash)
    return damage(`${where} have SHA-1 hash ${hash} but should have hash ${header.hash}`);
  const json = parseJson(new TextDecoder().decode(data));
  if (json instanceof JsonSyntaxError) return damage(`${where} are not valid JSON (${json.message})`);
  if (!isObject(json)) return damage(`${where} are not a JSON object`);
  return { json, end: body + data.length };
}
