// Requests of NFS version 2 and 3.

import type { Dissector } from "../dissector.ts";
import { hexPadded, hex8 } from "../numbers.ts";
import { NfsFields, tellProcedure } from "./fields.ts";
import { ACCESS, FILE_TYPES, WRITE_MODES } from "./names.ts";

const CREDENTIALS = 24; // offset in a call
const ALL_ACCESS = 0x3f;
const [BLOCK_DEVICE, CHARACTER_DEVICE] = [3, 4] as const;

/** Skips credentials and verifier. Returns the offset of the arguments; undefined if they are not there. */
function argumentsOffset(d: Dissector, call: number, total: number): number | undefined {
  let at = call + CREDENTIALS;
  let left = total;
  for (const last of [false, true]) {
    if (left < 8) return undefined;
    const length = d.u32(at + 4);
    const rounded = ((length + 3) & ~3) >>> 0;
    if (!d.has(at + 8, rounded)) return undefined;
    if (last ? 8 + rounded >= left : 8 + rounded > left) return undefined;
    at += Math.floor((length + 11) / 4) * 4;
    left -= 8 + rounded;
  }
  return at;
}

function access(d: Dissector, bits: number): void {
  if ((bits & ~ALL_ACCESS) !== 0) d.text += ` ${hexPadded(bits, 4)}`;
  else if (bits === ALL_ACCESS) d.text += " NFS_ACCESS_FULL";
  else if (bits !== 0) d.text += ` ${ACCESS.bits(bits, "", "|")}`;
}

function read(fields: NfsFields, version3: boolean): void {
  const { d, at } = fields;
  if (version3) d.text += ` ${d.u32(at + 8)} bytes @ ${d.u64(at)}`;
  else d.text += ` ${d.u32(at + 4)} bytes @ ${d.u32(at)}`;
}

function write(fields: NfsFields, version3: boolean): void {
  const { d, at } = fields;
  if (!version3) {
    d.text += ` ${d.u32(at + 12)} (${d.u32(at + 8)}) bytes @ ${d.u32(at + 4)} (${d.u32(at)})`;
    return;
  }
  d.text += ` ${d.u32(at + 16)} (${d.u32(at + 8)}) bytes @ ${d.u64(at)}`;
  if (d.verbose > 0) {
    const mode = d.u32(at + 12);
    d.text += ` <${WRITE_MODES.get(mode) ?? `#${mode | 0}`}>`;
  }
}

function makeNode(fields: NfsFields): void {
  const { d } = fields;
  const type = fields.u32();
  const attributes = fields.wantedAttributes();
  d.text += ` ${FILE_TYPES.get(type) ?? `unk-ft ${type}`}`;
  if (d.verbose === 0) return;
  if (type === CHARACTER_DEVICE || type === BLOCK_DEVICE) d.text += ` ${fields.u32()}/${fields.u32()}`;
  d.text += attributes;
}

function readDirectory(fields: NfsFields, version3: boolean, plus: boolean): void {
  const { d, at } = fields;
  if (!version3 && !plus) {
    d.text += ` ${d.u32(at + 4)} bytes @ ${d.u32(at)}`;
    return;
  }
  d.text += ` ${d.u32(at + 16)} bytes @ ${BigInt.asIntN(64, d.u64(at))}`;
  if (d.verbose === 0) return;
  if (plus) d.text += ` max ${d.u32(at + 20)}`;
  d.text += ` verf ${hex8(d.u32(at + 8))}${hex8(d.u32(at + 12))}`;
}

/** What follows the procedure's name. */
export function requestArguments(
  d: Dissector,
  call: number,
  length: number,
  procedure: number,
  version3: boolean,
): void {
  const name = tellProcedure(d, procedure);
  if (name === undefined) return;
  const start = argumentsOffset(d, call, length);
  if (start === undefined) d.cutOff();
  const fields = new NfsFields(d, start);
  switch (name) {
    case "getattr":
    case "setattr":
    case "readlink":
    case "fsstat":
    case "fsinfo":
    case "pathconf":
      fields.handle(version3);
      break;
    case "lookup":
    case "create":
    case "mkdir":
    case "remove":
    case "rmdir":
      fields.handleAndName(version3);
      break;
    case "access":
      fields.handle(version3);
      access(d, fields.u32());
      break;
    case "read":
      fields.handle(version3);
      read(fields, version3);
      break;
    case "write":
      fields.handle(version3);
      write(fields, version3);
      break;
    case "symlink": {
      fields.handleAndName(version3);
      d.text += " ->";
      const attributes = version3 ? fields.wantedAttributes() : "";
      fields.name();
      if (d.verbose > 0) d.text += attributes;
      break;
    }
    case "mknod":
      fields.handleAndName(version3);
      makeNode(fields);
      break;
    case "rename":
      fields.handleAndName(version3);
      d.text += " ->";
      fields.handleAndName(version3);
      break;
    case "link":
      fields.handle(version3);
      d.text += " ->";
      fields.handleAndName(version3);
      break;
    case "readdir":
    case "readdirplus":
      fields.handle(version3);
      readDirectory(fields, version3, name === "readdirplus");
      break;
    case "commit":
      fields.handle(version3);
      d.text += ` ${d.u32(fields.at + 8)} bytes @ ${d.u64(fields.at)}`;
      break;
    default:
  }
}
