/** Commands that need no switch and serve tests: they read and print messages, matches and actions. */
import { checkActions } from "../../ovsproto/openflow/action-check.ts";
import { readActions, readInstructions } from "../../ovsproto/openflow/action-decode.ts";
import { writeActions, writeInstructions } from "../../ovsproto/openflow/action-encode.ts";
import type { Action } from "../../ovsproto/openflow/actions.ts";
import { formatActions } from "../../ovsproto/openflow/action-text.ts";
import { errorNumber, isErrorName, OpenflowError } from "../../ovsproto/openflow/errors.ts";
import type { OpenFlowVersion } from "../../ovsproto/openflow/fields.ts";
import { MessageReader, MessageWriter } from "../../ovsproto/openflow/message-bytes.ts";
import { encodeMessage, errorReply } from "../../ovsproto/openflow/message-encode.ts";
import { hexDump } from "../../ovsproto/openflow/hex-dump.ts";
import { scanHexBytes } from "../../ovsproto/openflow/hex-bytes.ts";
import { readMatch10, writeMatch10, readMatch, writeMatch } from "../../ovsproto/openflow/fixed-match.ts";
import { formatMatch } from "../../ovsproto/openflow/match-text.ts";
import { keyValues } from "../../ovsproto/openflow/key-values.ts";
import { readOxmMatch, writeOxmMatch } from "../../ovsproto/openflow/oxm.ts";
import { formatOxm, parseOxm } from "../../ovsproto/openflow/oxm-text.ts";
import { highestVersion } from "../../ovsproto/openflow/session-messages.ts";
import { Match } from "../../ovsproto/openflow/match.ts";
import { Fatal } from "./ofctl-context.ts";
import type { Ofctl } from "./ofctl-context.ts";

type Arguments = readonly string[];

const VERSIONS = ["OpenFlow10", "OpenFlow11", "OpenFlow12", "OpenFlow13", "OpenFlow14", "OpenFlow15"];

function versionNamed(text: string): OpenFlowVersion {
  const index = VERSIONS.findIndex((name) => name.toLowerCase() === text.toLowerCase());
  if (index < 0) throw new Fatal(`${text}: not a valid OpenFlow version`);
  return (index + 1) as OpenFlowVersion;
}

function hexBytes(text: string): Uint8Array {
  const { bytes, rest } = scanHexBytes(text);
  if (rest !== "") throw new Fatal("trailing garbage following hex bytes");
  return bytes;
}

export function ofpPrint(ofctl: Ofctl, [text = "", verbosity = "2"]: Arguments): void {
  ofctl.printBytes(hexBytes(text), Number(verbosity));
}

/** Messages one after the other in a file, or on stdin. */
export async function ofpParse(ofctl: Ofctl, [path = ""]: Arguments): Promise<void> {
  let bytes: Uint8Array;
  if (path === "-") {
    const chunks: number[] = [];
    for (;;) {
      const chunk = await ofctl.process.read();
      if (!chunk) break;
      for (const byte of chunk) chunks.push(byte);
    }
    bytes = Uint8Array.from(chunks);
  } else {
    try {
      bytes = ofctl.process.files.readFile(path);
    } catch (error) {
      const errno = error instanceof Object && "errno" in error ? Number(error.errno) : 2;
      throw new Fatal(`${path}: open`, errno);
    }
  }
  let at = 0;
  while (at < bytes.length) {
    if (bytes.length - at < 8) throw new Fatal(`${path}: unexpected end of file mid-message`);
    const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
    if (length < 8) throw new Fatal(`${path}: message is ${length} bytes, shorter than 8-byte header`);
    if (at + length > bytes.length) throw new Fatal(`${path}: unexpected end of file mid-message`);
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

export function encodeErrorReply(ofctl: Ofctl, [name = "", requestText = ""]: Arguments): void {
  if (!isErrorName(name)) throw new Fatal(`unknown error "${name}"`);
  const request = hexBytes(requestText);
  if (request.length < 8) throw new Fatal("Request must be at least 8 bytes");
  const version = (request[0] ?? 1) as OpenFlowVersion;
  ofctl.process.print(hexDump(encodeMessage(errorReply(request, version, name)), false));
}

export function encodeHello(ofctl: Ofctl, [text = ""]: Arguments): void {
  const versions = Number(text);
  if (!Number.isFinite(versions) || versions === 0) throw new Fatal(`${text}: invalid bitmap`);
  const bytes = encodeMessage({
    version: highestVersion(versions),
    xid: ofctl.nextXid(),
    body: { type: "hello", versions, odd: false },
  });
  ofctl.process.print(hexDump(bytes, false));
  ofctl.printBytes(bytes, 0);
}

/** @param comments whether lines that are comments are told apart, to be echoed */
async function linesOfInput(ofctl: Ofctl, comments = false): Promise<string[]> {
  const text = await ofctl.readText("-");
  if (text === "") return [];
  return text
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => (comments && line.startsWith("#") ? line : line.replace(/#.*/, "").trim()));
}

function differences(ofctl: Ofctl, before: Uint8Array, after: Uint8Array): void {
  for (let i = 0; i < Math.max(before.length, after.length); i++) {
    const [a, b] = [before[i], after[i]];
    if (a === b) continue;
    const hex = (byte: number | undefined) =>
      byte === undefined ? "(none)" : byte.toString(16).padStart(2, "0");
    ofctl.process.print(`${String(i).padStart(2)}: ${hex(a)} -> ${hex(b)}\n`);
  }
}

async function parseActionList(ofctl: Ofctl, versionText: string, instructions: boolean): Promise<void> {
  const version = versionNamed(versionText);
  for (const line of await linesOfInput(ofctl)) {
    if (line === "") {
      ofctl.process.print("\n");
      continue;
    }
    const bytes = hexBytes(line);
    let actions: readonly Action[];
    try {
      const from = new MessageReader(bytes, ofctl.decodeLog);
      actions = instructions ? readInstructions(from, version) : readActions(from, bytes.length, version);
      if (instructions) actions = checkActions(actions, new Match()).actions;
    } catch (error) {
      if (!(error instanceof OpenflowError)) throw error;
      ofctl.process.print(
        `bad OpenFlow1${version - 1} ${instructions ? "instructions" : "actions"}: ${error.name}\n\n`,
      );
      continue;
    }
    ofctl.process.print(`actions=${formatActions(actions)}\n`);
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

/** Reads matches as lists of fields, through bytes and back. */
async function parseFields(ofctl: Ofctl, version: OpenFlowVersion | 0, loose: boolean): Promise<void> {
  for (const line of await linesOfInput(ofctl, true)) {
    if (line === "" || line.startsWith("#")) {
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
    } catch (error) {
      if (!(error instanceof OpenflowError)) throw error;
      ofctl.process.print(`nx_pull_match() returned error ${error.name}\n`);
    }
  }
}

/** --strict refuses unknown fields. */
export const parseNxMatch = (ofctl: Ofctl) => parseFields(ofctl, 0, !ofctl.options.strict);

export const parseOxmCommand = (ofctl: Ofctl, [version = ""]: Arguments) =>
  parseFields(ofctl, versionNamed(version), !ofctl.options.strict);

async function parseFixed(ofctl: Ofctl, version: 1 | 2): Promise<void> {
  for (const line of await linesOfInput(ofctl)) {
    if (line === "") {
      ofctl.process.print("\n");
      continue;
    }
    // "x" stands for a digit that must not matter.
    const bytes = hexBytes(line.replaceAll("x", "0"));
    const expected = version === 1 ? 40 : 88;
    if (bytes.length !== expected) throw new Fatal(`Input is ${bytes.length} bytes, expected ${expected}`);
    try {
      const from = new MessageReader(bytes, ofctl.decodeLog);
      const match = version === 1 ? readMatch10(from).match : readMatch(from);
      const out = new MessageWriter();
      if (version === 1) writeMatch10(out, match);
      else writeMatch(out, match, version);
      ofctl.process.print(`${formatMatch(match)}\n`);
      differences(ofctl, bytes, out.bytes());
      ofctl.process.print("\n");
    } catch (error) {
      if (!(error instanceof OpenflowError)) throw error;
      ofctl.process.print(`bad ofp11_match: ${error.name}\n\n`);
    }
  }
}

export const parseOfp10Match = (ofctl: Ofctl) => parseFixed(ofctl, 1);
export const parseOfp11Match = (ofctl: Ofctl) => parseFixed(ofctl, 2);

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
