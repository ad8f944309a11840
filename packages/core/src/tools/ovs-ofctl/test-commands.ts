/** Commands that need no switch and serve tests: they read and print messages, matches and actions. */
import { checkConsistency } from "../../ovsproto/openflow/action-check.ts";
import { readActions, readInstructions } from "../../ovsproto/openflow/action-decode.ts";
import { writeActions, writeInstructions } from "../../ovsproto/openflow/action-encode.ts";
import type { Action } from "../../ovsproto/openflow/actions.ts";
import { formatActions } from "../../ovsproto/openflow/action-text.ts";
import { atoi, scanNumber } from "../../ovsproto/openflow/c-numbers.ts";
import { errorNumber, isErrorName, OpenflowError } from "../../ovsproto/openflow/errors.ts";
import type { OpenFlowVersion } from "../../ovsproto/openflow/fields.ts";
import { MessageReader, MessageWriter } from "../../ovsproto/openflow/message-bytes.ts";
import { encodeMessage, errorReply } from "../../ovsproto/openflow/message-encode.ts";
import { hexDump } from "../../ovsproto/openflow/hex-dump.ts";
import { scanHexBytes } from "../../ovsproto/openflow/hex-bytes.ts";
import { readMatch10, writeMatch10, readMatch11, writeMatch } from "../../ovsproto/openflow/fixed-match.ts";
import { DEFAULT_PRIORITY, formatMatch } from "../../ovsproto/openflow/match-text.ts";
import { keyValues } from "../../ovsproto/openflow/key-values.ts";
import { readOxmMatch, writeOxmMatch } from "../../ovsproto/openflow/oxm.ts";
import { formatOxm, parseOxm } from "../../ovsproto/openflow/oxm-text.ts";
import { protocolsOfVersion } from "../../ovsproto/openflow/protocols.ts";
import { highestVersion, writeHello } from "../../ovsproto/openflow/session-messages.ts";
import { Match } from "../../ovsproto/openflow/match.ts";
import { readU16BE } from "../../wire/bytes.ts";
import { HEX_BYTE } from "../../wire/hex.ts";
import { tellNormalized } from "./flow-commands.ts";
import { normalizeMatch } from "../../ovsproto/openflow/normalize.ts";
import { Fatal } from "./ofctl-context.ts";
import type { Ofctl } from "./ofctl-context.ts";

type Arguments = readonly string[];

const MESSAGE_HEADER = 8; // bytes
/** Bytes of a match without fields that may follow. */
const FIXED_LENGTHS = { 1: 40, 2: 88 } as const;

const VERSIONS = ["OpenFlow10", "OpenFlow11", "OpenFlow12", "OpenFlow13", "OpenFlow14", "OpenFlow15"];

function versionNamed(text: string, complaint = "not a valid OpenFlow version"): OpenFlowVersion {
  const index = VERSIONS.findIndex((name) => name.toLowerCase() === text.toLowerCase());
  if (index < 0) throw new Fatal(`${text}: ${complaint}`);
  return (index + 1) as OpenFlowVersion;
}

function hexBytes(text: string, complaint = "Trailing garbage in hex data"): Uint8Array {
  const { bytes, rest } = scanHexBytes(text);
  if (rest !== "") throw new Fatal(complaint);
  return bytes;
}

/** `HEX [VERBOSITY]`, or `- [VERBOSITY]` for a line of stdin. */
export async function ofpPrint(ofctl: Ofctl, [text = "", verbosity = "2"]: Arguments): Promise<void> {
  let digits = text;
  if (text === "-") {
    const input = await ofctl.readText("-");
    if (input === "") throw new Fatal("Failed to read stdin");
    digits = input.split("\n", 1)[0] ?? "";
  }
  ofctl.printBytes(hexBytes(digits, "trailing garbage following hex bytes"), atoi(verbosity));
}

/** Messages one after the other in a file, or on stdin. */
export async function ofpParse(ofctl: Ofctl, [path = ""]: Arguments): Promise<void> {
  const bytes = await ofctl.readBytes(path, "open");
  const ended = () => new Fatal(`${path}: unexpected end of file mid-message`);
  for (let at = 0; at < bytes.length;) {
    if (bytes.length - at < MESSAGE_HEADER) throw ended();
    const length = readU16BE(bytes, at + 2);
    if (length < MESSAGE_HEADER) throw new Fatal(`${path}: ${length}-byte message is too short for OpenFlow`);
    if (at + length > bytes.length) throw ended();
    ofctl.printBytes(bytes.slice(at, at + length), ofctl.options.verbosity + 2);
    at += length;
  }
}

export function printError(ofctl: Ofctl, [name = ""]: Arguments): void {
  if (!isErrorName(name)) throw new Fatal(`unknown error "${name}"`);
  for (let version = 1; version <= 6; version++) {
    const number = errorNumber(name, version as OpenFlowVersion);
    if (!number) continue;
    const vendor = number.vendor === 0 ? "0" : `0x${number.vendor.toString(16)}`;
    ofctl.process.print(
      `OpenFlow 1.${version - 1}: vendor ${vendor}, type ${number.type}, code ${number.code}\n`,
    );
  }
}

/** The original asserts that it knows versions of messages that it makes. */
function unknownVersion(ofctl: Ofctl): never {
  return ofctl.abort(
    "../lib/ofp-msgs.c:1317",
    "version >= info->min_version && version <= info->max_version",
    "raw_instance_get",
  );
}

/** Numbers of 1.0 in the form of 1.2, which the original gives errors of Open vSwitch's own for versions to come. */
function asExperimenter(error: Uint8Array): Uint8Array {
  const from = new MessageReader(error.subarray(MESSAGE_HEADER));
  if (from.u16() !== 0xb0c2) return error;
  from.skip(2);
  const vendor = from.u32();
  const type = from.u16();
  from.skip(2);
  const out = new MessageWriter().put(error.subarray(0, MESSAGE_HEADER));
  out.u16(0xffff).u16(type).u32(vendor).put(from.take(from.left));
  return out.patchU16(2, out.length).bytes();
}

export function encodeErrorReply(ofctl: Ofctl, [name = "", requestText = ""]: Arguments): void {
  if (!isErrorName(name)) throw new Fatal(`unknown error "${name}"`);
  const request = hexBytes(requestText);
  if (request.length < MESSAGE_HEADER) throw new Fatal("Request too short");
  if (readU16BE(request, 2) !== request.length) throw new Fatal("Request size inconsistent");
  const version = request[0] ?? 1;
  const isKnown = version >= 1 && version <= 6;
  if (!isKnown) {
    const text = `0x${version.toString(16).padStart(2, "0")}`;
    ofctl.log("ofp_errors", "ERR", `cannot encode error for unknown OpenFlow version ${text}`);
  }
  const known = (isKnown ? version : 1) as OpenFlowVersion;
  if (!errorNumber(name, known))
    ofctl.log("ofp_errors", "ERR", `cannot encode ${name} for OpenFlow 1.${known - 1}`);
  const bytes = encodeMessage(errorReply(request, known, name));
  ofctl.process.print(hexDump(version > 6 ? asExperimenter(bytes) : bytes, false));
}

export function encodeHello(ofctl: Ofctl, [text = ""]: Arguments): void {
  const versions = Number(BigInt.asUintN(32, scanNumber(text)?.value ?? 0n));
  const version = highestVersion(versions);
  if (version < 1) unknownVersion(ofctl);
  // Also of versions to come
  const out = new MessageWriter().u8(version).u8(0).u16(0).u32(ofctl.nextXid());
  writeHello(out, { versions });
  const bytes = out.patchU16(2, out.length).bytes();
  ofctl.process.print(hexDump(bytes, false));
  ofctl.printBytes(bytes, ofctl.options.verbosity);
}

async function linesOfInput(ofctl: Ofctl): Promise<string[]> {
  const text = await ofctl.readText("-");
  return text === "" ? [] : text.replace(/\n$/, "").split("\n");
}

/** Lines without comments, and without those that have nothing else. */
async function linesWithout(ofctl: Ofctl): Promise<string[]> {
  const lines = await linesOfInput(ofctl);
  return lines.map((line) => line.replace(/#.*/, "")).filter((line) => !/^[ \t\n]*$/.test(line));
}

/** Bytes that are not the same any more. */
function differences(ofctl: Ofctl, before: Uint8Array, after: Uint8Array, prefix = ""): void {
  const hex = (byte: number | undefined) => (byte === undefined ? "(none)" : (HEX_BYTE[byte] ?? ""));
  for (let i = 0; i < Math.max(before.length, after.length); i++) {
    const [a, b] = [before[i], after[i]];
    if (a !== b) ofctl.process.print(`${prefix}${String(i).padStart(2)}: ${hex(a)} -> ${hex(b)}\n`);
  }
}

/** Each line is a list in hexadecimal, with the table of its flow before a comma. */
async function parseActionList(ofctl: Ofctl, versionText: string, instructions: boolean): Promise<void> {
  const version = versionNamed(versionText);
  for (const line of await linesWithout(ofctl)) {
    const [table, list] = line.includes(",") ? line.split(/,(.*)/s) : [undefined, line];
    const bytes = hexBytes(list ?? "");
    let actions: readonly Action[];
    try {
      const from = new MessageReader(bytes, ofctl.decodeLog);
      // The original takes no bytes for too few.
      if (instructions && bytes.length === 0) {
        const complaint = "OpenFlow message instructions length 0 exceeds remaining message length (0)";
        ofctl.decodeLog("ofp_actions", "WARN", complaint);
        throw new OpenflowError("OFPBIC_BAD_LEN");
      }
      actions = instructions ? readInstructions(from, version) : readActions(from, bytes.length, version);
      if (instructions) {
        actions = checkConsistency(actions, new Match(), protocolsOfVersion(version), {
          table: table === undefined ? 0 : atoi(table),
          tables: 255,
          warn: (module, message) => ofctl.decodeLog(module, "WARN", message),
        });
      }
    } catch (error) {
      if (!(error instanceof OpenflowError)) throw error;
      const kind = instructions ? "instructions" : "actions";
      ofctl.process.print(`bad ${versionText} ${kind}: ${error.name}\n\n`);
      continue;
    }
    ofctl.process.print(`actions=${formatActions(actions, ofctl.shown())}\n`);
    const out = new MessageWriter();
    if (instructions) writeInstructions(out, actions, version);
    else writeActions(out, actions, version);
    differences(ofctl, bytes, out.bytes());
    ofctl.process.print("\n");
  }
}

export const parseActionsCommand = (ofctl: Ofctl, [version = ""]: Arguments) =>
  parseActionList(ofctl, version, false);
export const parseInstructionsCommand = (ofctl: Ofctl, [version = ""]: Arguments) =>
  parseActionList(ofctl, version, true);

/** Reads matches as lists of fields, through bytes and back. Lines of comment are repeated. */
async function parseFields(ofctl: Ofctl, version: OpenFlowVersion | 0, loose: boolean): Promise<void> {
  for (const whole of await linesOfInput(ofctl)) {
    const line = whole.startsWith("#") ? whole : whole.replace(/#.*/, "");
    if (line.startsWith("#") || /^[ \t\n]*$/.test(line)) {
      ofctl.process.print(`${line}\n`);
      continue;
    }
    const bytes = ofctl.parse(() => parseOxm(line));
    try {
      const { match, cookie, cookieMask } = readOxmMatch(new MessageReader(bytes, ofctl.decodeLog), {
        cookie: version === 0,
        loose,
      });
      const out = new MessageWriter();
      writeOxmMatch(out, match, version, { value: cookie, mask: cookieMask });
      ofctl.process.print(`${formatOxm(out.bytes())}\n`);
      if (ofctl.options.verbosity > 0) ofctl.process.print(hexDump(framed(out.bytes(), version), false));
    } catch (error) {
      if (!(error instanceof OpenflowError)) throw error;
      ofctl.process.print(`nx_pull_match() returned error ${error.name}\n`);
    }
  }
}

/** Fields as they stand in a message: of OXM with type and length before them, and filled up to 8 bytes. */
function framed(fields: Uint8Array, version: OpenFlowVersion | 0): Uint8Array {
  const out = new MessageWriter();
  if (version > 0) {
    out.u16(1); // OFPMT_OXM
    out.u16(4 + fields.length);
  }
  out.put(fields);
  out.zeros(-(version > 0 ? 4 + fields.length : fields.length) & 7);
  return out.bytes();
}

/** --strict refuses unknown fields. */
export const parseNxMatch = (ofctl: Ofctl) => parseFields(ofctl, 0, !ofctl.options.strict);

export function parseOxmCommand(ofctl: Ofctl, [name = ""]: Arguments): Promise<void> {
  const complaint = "not a valid version for OXM";
  const version = versionNamed(name, complaint);
  // OpenFlow 1.2 is the first to have them.
  if (version < 3) throw new Fatal(`${name}: ${complaint}`);
  return parseFields(ofctl, version, !ofctl.options.strict);
}

function fixedBytes(text: string, version: 1 | 2): Uint8Array {
  const bytes = hexBytes(text);
  if (bytes.length === FIXED_LENGTHS[version]) return bytes;
  throw new Fatal(`Input is ${bytes.length} bytes, expected ${FIXED_LENGTHS[version]}`);
}

/** Matches of OpenFlow 1.0, where "x" stands for a digit that does not matter. */
export async function parseOfp10Match(ofctl: Ofctl): Promise<void> {
  const written = (match: Match): Uint8Array => {
    const out = new MessageWriter();
    writeMatch10(out, match);
    return out.bytes();
  };
  for (const line of await linesWithout(ofctl)) {
    const expected = fixedBytes(line.replaceAll("x", "0"), 1);
    const given = line.replaceAll("x", () => (ofctl.process.system.random32() & 15).toString(16));
    const { match } = readMatch10(new MessageReader(fixedBytes(given, 1), ofctl.decodeLog));
    ofctl.process.print(`${formatMatch(match, DEFAULT_PRIORITY, ofctl.shown())}\n`);
    const before = written(match);
    differences(ofctl, expected, before);
    tellNormalized(ofctl, match);
    normalizeMatch(match);
    differences(ofctl, before, written(match), "normal: ");
    ofctl.process.print("\n");
  }
}

/** Matches of OpenFlow 1.1. */
export async function parseOfp11Match(ofctl: Ofctl): Promise<void> {
  for (const line of await linesWithout(ofctl)) {
    const bytes = fixedBytes(line, 2);
    try {
      const match = readMatch11(new MessageReader(bytes, ofctl.decodeLog));
      ofctl.process.print(`${formatMatch(match, DEFAULT_PRIORITY, ofctl.shown())}\n`);
      const out = new MessageWriter();
      writeMatch(out, match, 2);
      differences(ofctl, bytes, out.bytes());
    } catch (error) {
      if (!(error instanceof OpenflowError)) throw error;
      ofctl.process.print(`bad ofp11_match: ${error.name}\n`);
    }
    ofctl.process.print("\n");
  }
}

export function parseKeyValue(ofctl: Ofctl, words: Arguments): void {
  for (const word of words) {
    let first = true;
    for (const { key, value } of keyValues(word)) {
      if (!first) ofctl.process.print(", ");
      first = false;
      ofctl.process.print(value === "" ? key : `${key}=${value}`);
    }
    ofctl.process.print("\n");
  }
}
