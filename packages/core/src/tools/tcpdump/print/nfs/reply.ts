// Replies of NFS version 2 and 3. What they answer is known from the request.

import type { Dissector } from "../dissector.ts";
import { hex8, hexPadded } from "../numbers.ts";
import { ERROR_TOLD, NfsFields, tellProcedure } from "./fields.ts";
import { ACCEPT_STATUS, WRITE_MODES } from "./names.ts";

const VERIFIER = 12; // offset in an accepted reply
const [STATISTICS_V2, STATISTICS_V3, SERVER_LIMITS, PATH_LIMITS] = [20, 52, 48, 24] as const; // bytes

/** The offset of the results; undefined if the call was not carried out, which is said. */
function resultsOffset(fields: NfsFields, reply: number, length: number): number | undefined {
  const { d } = fields;
  const verifier = d.u32(reply + VERIFIER + 4);
  if (verifier >= length) fields.fail();
  const at = reply + VERIFIER + Math.floor((verifier + 11) / 4) * 4;
  const status = d.u32(at);
  if (status === 0) return at + 4;
  d.text += ` ${ACCEPT_STATUS.get(status) ?? `ar_stat ${status}`}`;
  return undefined;
}

/** Status and attributes of version 2, or of GETATTR. */
function attributesStatus(fields: NfsFields, verbose: number, version3: boolean): void {
  if (fields.status() === 0) fields.attributes(verbose, version3);
}

/** Status, handle and attributes of version 2. */
function directoryStatus(fields: NfsFields): void {
  if (fields.status() !== 0) return;
  fields.handle(false);
  fields.attributes(fields.d.verbose, false);
}

function changed(fields: NfsFields): void {
  fields.status();
  fields.attributesAround();
}

function created(fields: NfsFields): void {
  const { d } = fields;
  if (fields.status() !== 0) return fields.attributesAround();
  if (fields.u32() === 0) return;
  fields.handle(true);
  if (d.verbose === 0) return;
  fields.attributesAfter();
  if (d.verbose > 1) {
    d.text += " dir attr:";
    fields.attributesAround();
  }
}

function lookup(fields: NfsFields): void {
  const { d } = fields;
  if (fields.status() === 0) {
    fields.handle(true);
    fields.attributesAfter();
  }
  if (d.verbose > 1) {
    d.text += " post dattr:";
    fields.attributesAfter();
  }
}

function access(fields: NfsFields): void {
  const { d } = fields;
  const status = fields.status();
  if (d.verbose > 0) d.text += " attr:";
  fields.attributesAfter();
  if (status === 0) d.text += ` c ${hexPadded(fields.u32(), 4)}`;
}

function readLink(fields: NfsFields, version3: boolean): void {
  if (fields.status() !== 0) return;
  if (version3) fields.attributesAfter();
  fields.d.text += " ";
  fields.name();
}

function read(fields: NfsFields): void {
  const { d } = fields;
  const status = fields.status();
  fields.attributesAfter();
  if (status !== 0 || d.verbose === 0) return;
  d.text += ` ${fields.u32()} bytes`;
  if (fields.u32() !== 0) d.text += " EOF";
}

function write(fields: NfsFields): void {
  const { d } = fields;
  const status = fields.status();
  fields.attributesAround();
  if (status !== 0 || d.verbose === 0) return;
  d.text += ` ${fields.u32()} bytes`;
  if (d.verbose > 1) {
    const mode = fields.u32();
    d.text += ` <${WRITE_MODES.get(mode) ?? `#${mode | 0}`}>`;
    d.text += ` verf ${fields.u64().toString(16)}`;
  }
}

function rename(fields: NfsFields): void {
  const { d } = fields;
  fields.status();
  if (d.verbose === 0) return;
  d.text += " from:";
  fields.attributesAround();
  d.text += " to:";
  fields.attributesAround();
}

function link(fields: NfsFields): void {
  const { d } = fields;
  fields.status();
  if (d.verbose === 0) return;
  d.text += " file POST:";
  fields.attributesAfter();
  d.text += " dir:";
  fields.attributesAround();
}

/** Status and attributes that precede what version 3 tells of a directory or a file system. */
function statusAfter(fields: NfsFields): number {
  const status = fields.status();
  if (fields.d.verbose > 0) fields.d.text += " POST:";
  fields.attributesAfter();
  return status;
}

function readDirectory(fields: NfsFields, version3: boolean): void {
  const { d } = fields;
  if (version3) {
    if (statusAfter(fields) !== 0 || d.verbose === 0) return;
    d.text += ` verf ${hex8(fields.u32())}${hex8(fields.u32())}`;
    return;
  }
  if (fields.status() !== 0 || d.quiet > 0) return;
  d.text += ` offset 0x${fields.u32().toString(16)} size ${fields.u32()} `;
  if (fields.u32() !== 0) d.text += " eof";
}

function fileSystemStatistics(fields: NfsFields, version3: boolean): void {
  const { d } = fields;
  const status = fields.status();
  if (!version3 && status !== 0) return;
  if (d.quiet > 0) return;
  if (!version3) {
    fields.need(STATISTICS_V2);
    d.text += ` tsize ${fields.u32()} bsize ${fields.u32()} blocks ${fields.u32()} bfree ${fields.u32()} bavail ${fields.u32()}`;
    return;
  }
  if (d.verbose > 0) d.text += " POST:";
  fields.attributesAfter();
  fields.need(STATISTICS_V3);
  d.text += ` tbytes ${fields.u64()} fbytes ${fields.u64()} abytes ${fields.u64()}`;
  if (d.verbose > 0) {
    d.text += ` tfiles ${fields.u64()} ffiles ${fields.u64()} afiles ${fields.u64()} invar ${fields.u32()}`;
  }
}

function serverLimits(fields: NfsFields): void {
  const { d } = fields;
  if (statusAfter(fields) !== 0) return;
  fields.need(SERVER_LIMITS);
  const { at } = fields;
  d.text += ` rtmax ${d.u32(at)} rtpref ${d.u32(at + 4)} wtmax ${d.u32(at + 12)} wtpref ${d.u32(at + 16)} dtpref ${d.u32(at + 24)}`;
  if (d.verbose === 0) return;
  d.text += ` rtmult ${d.u32(at + 8)} wtmult ${d.u32(at + 20)} maxfsz ${d.u64(at + 28)}`;
  fields.at = at + 36;
  d.text += ` delta ${fields.time()} `;
}

function pathLimits(fields: NfsFields): void {
  const { d } = fields;
  if (statusAfter(fields) !== 0) return;
  fields.need(PATH_LIMITS);
  d.text += ` linkmax ${fields.u32()} namemax ${fields.u32()}`;
  for (const word of ["notrunc", "chownres", "igncase", "keepcase"]) {
    d.text += ` ${fields.u32() === 0 ? "" : word}`;
  }
}

function commit(fields: NfsFields): void {
  changed(fields);
  if (fields.d.verbose > 1) fields.d.text += ` verf ${fields.u64().toString(16)}`;
}

function results(fields: NfsFields, name: string, version3: boolean): void {
  const { d } = fields;
  switch (name) {
    case "getattr":
      return attributesStatus(fields, d.quiet === 0 ? 1 : 0, version3);
    case "setattr":
      return version3 ? changed(fields) : attributesStatus(fields, d.quiet === 0 ? 1 : 0, false);
    case "lookup":
      return version3 ? lookup(fields) : directoryStatus(fields);
    case "access":
      return access(fields);
    case "readlink":
      return readLink(fields, version3);
    case "read":
      return version3 ? read(fields) : attributesStatus(fields, d.verbose, false);
    case "write":
      return version3 ? write(fields) : attributesStatus(fields, d.verbose, false);
    case "create":
    case "mkdir":
      return version3 ? created(fields) : directoryStatus(fields);
    case "symlink":
      return version3 ? created(fields) : void fields.status();
    case "mknod":
      return created(fields);
    case "remove":
    case "rmdir":
      return version3 ? changed(fields) : void fields.status();
    case "rename":
      return version3 ? rename(fields) : void fields.status();
    case "link":
      return version3 ? link(fields) : void fields.status();
    case "readdir":
    case "readdirplus":
      return readDirectory(fields, version3 || name === "readdirplus");
    case "fsstat":
      return fileSystemStatistics(fields, version3);
    case "fsinfo":
      return serverLimits(fields);
    case "pathconf":
      return pathLimits(fields);
    case "commit":
      return commit(fields);
    default:
  }
}

/** What an accepted reply at `reply` tells. */
export function replyResults(
  d: Dissector,
  reply: number,
  length: number,
  procedure: number,
  version3: boolean,
): void {
  const name = tellProcedure(d, procedure);
  if (name === undefined) return;
  const fields = new NfsFields(d, reply);
  try {
    const at = resultsOffset(fields, reply, length);
    if (at === undefined) return;
    fields.at = at;
    results(fields, name, version3);
  } catch (fault) {
    if (fault !== ERROR_TOLD) throw fault;
  }
}
