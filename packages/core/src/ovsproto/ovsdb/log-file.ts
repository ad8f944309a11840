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

/** Longest header line that is looked for. */
const HEADER_LIMIT = 128;

const HEADER = /^OVSDB (JSON|CLUSTER) (\d+) ([0-9a-f]{40})$/;

function headerLine(bytes: Uint8Array, start: number): { readonly text: string; readonly whole: boolean } {
  const line = bytes.subarray(start, start + HEADER_LIMIT);
  const end = line.indexOf(0x0a);
  return { text: new TextDecoder().decode(end < 0 ? line : line.subarray(0, end)), whole: end >= 0 };
}

/** What a file begins with; undefined if that is no header of a record. */
export function logFormat(bytes: Uint8Array): LogFormat | undefined {
  const { text, whole } = headerLine(bytes, 0);
  const format = whole ? HEADER.exec(text)?.[1] : undefined;
  return format === "JSON" || format === "CLUSTER" ? format : undefined;
}

export function readLog(bytes: Uint8Array): LogContents {
  const records: JsonObject[] = [];
  let at = 0;
  for (;;) {
    const record = readRecord(bytes, at);
    if (record === undefined) return { records, length: at, damage: undefined };
    if ("message" in record) return { records, length: at, damage: record };
    records.push(record.json);
    at = record.end;
  }
}

function readRecord(
  bytes: Uint8Array,
  start: number,
): { readonly json: JsonObject; readonly end: number } | LogDamage | undefined {
  if (start >= bytes.length) return undefined;
  const damage = (message: string, tag: LogDamage["tag"] = "syntax error"): LogDamage => ({
    tag,
    offset: start,
    message,
  });
  const { text: header, whole } = headerLine(bytes, start);
  const match = HEADER.exec(header);
  if (!match || !whole) return damage(`parse error at offset ${start} in header line "${header}"`);
  const body = start + header.length + 1;
  const length = Number(match[2]);
  const data = bytes.subarray(body, body + length);
  if (data.length < length) {
    return damage(`error reading ${length} bytes starting at offset ${body} (End of file)`, "I/O error");
  }
  const hash = sha1Hex(data);
  const where = `${length} bytes starting at offset ${body}`;
  if (hash !== match[3]) return damage(`${where} have SHA-1 hash ${hash} but should have hash ${match[3]}`);
  const json = parseJson(new TextDecoder().decode(data));
  if (json instanceof JsonSyntaxError) return damage(`${where} are not valid JSON (${json.message})`);
  if (!isObject(json)) return damage(`${where} are not a JSON object`);
  return { json, end: body + length };
}
