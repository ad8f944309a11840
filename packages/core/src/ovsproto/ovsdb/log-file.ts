// The file of a standalone database (ovsdb(5)): records, each a line "OVSDB JSON LENGTH SHA1" and that many bytes of JSON.
// The first record is the schema, every other one a transaction. A record that is not whole, as after a crash, ends the
// file: what stands before it is good.

import type { Json, JsonObject } from "../json.ts";
import { formatJson, isObject } from "../json.ts";
import { JsonSyntaxError, parseJson } from "../json-parser.ts";
import { sha1Hex } from "../../wire/sha1.ts";

const MAGIC = "OVSDB JSON";
const encoder = new TextEncoder();

export function formatRecord(json: Json): Uint8Array {
  const body = encoder.encode(`${formatJson(json)}\n`);
  const head = encoder.encode(`${MAGIC} ${body.length} ${sha1Hex(body)}\n`);
  const out = new Uint8Array(head.length + body.length);
  out.set(head);
  out.set(body, head.length);
  return out;
}

/** Why the rest of a file is not read; the words are those of Open vSwitch, without the file's name. */
export interface LogDamage {
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
  const line = bytes.subarray(start, start + HEADER_LIMIT);
  const lineEnd = line.indexOf(0x0a);
  const decoder = new TextDecoder();
  const header = decoder.decode(lineEnd < 0 ? line : line.subarray(0, lineEnd));
  const match = /^OVSDB JSON (\d+) ([0-9a-f]{40})$/.exec(header);
  if (!match || lineEnd < 0) {
    return { offset: start, message: `parse error at offset ${start} in header line "${header}"` };
  }
  const body = start + lineEnd + 1;
  const length = Number(match[1]);
  const data = bytes.subarray(body, body + length);
  if (data.length < length) {
    return { offset: start, message: `error reading ${length} bytes starting at offset ${body}` };
  }
  const hash = sha1Hex(data);
  const where = `${length} bytes starting at offset ${body}`;
  if (hash !== match[2]) {
    return { offset: start, message: `${where} have SHA-1 hash ${hash} but should have hash ${match[2]}` };
  }
  const json = parseJson(decoder.decode(data));
  if (json instanceof JsonSyntaxError) {
    return { offset: start, message: `${where} are not valid JSON (${json.message})` };
  }
  if (!isObject(json)) return { offset: start, message: `${where} are not a JSON object` };
  return { json, end: body + length };
}
