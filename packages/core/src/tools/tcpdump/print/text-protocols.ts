// Protocols of text lines: FTP, HTTP, SMTP, RTSP, SIP, WHOIS. Without -v their first line, with -v all that look like text.

import type { Dissector } from "./dissector.ts";

const MAX_TOKEN = 128;
const [TAB, LF, CR, SPACE] = [9, 10, 13, 32] as const;

function isPrintable(byte: number): boolean {
  return byte >= 0x20 && byte < 0x7f;
}

/** The word at `index`, and where the next one starts; undefined if there is none. */
function token(
  d: Dissector,
  at: number,
  start: number,
  length: number,
): { readonly word: string; readonly next: number } | undefined {
  let index = start;
  let word = "";
  for (; index < length; index++) {
    if (!d.has(at + index, 1)) return undefined;
    const byte = d.u8(at + index);
    if (byte === SPACE || byte === TAB || byte === CR || byte === LF) break;
    if (!isPrintable(byte) || word.length + 2 > MAX_TOKEN + 1) return undefined;
    word += String.fromCharCode(byte);
  }
  if (word === "") return undefined;
  for (; index < length; index++) {
    if (!d.has(at + index, 1)) break;
    const byte = d.u8(at + index);
    if (byte === CR || byte === LF || !isPrintable(byte) || byte !== SPACE) break;
  }
  return { word, next: index };
}

/** Prints the line at `start`, once all of it was there. Returns where the next one starts, 0 if that cannot be told. */
function line(d: Dissector, prefix: string, at: number, start: number, length: number): number {
  let text = prefix;
  for (let index = start; index < length; index++) {
    const byte = d.u8(at + index);
    if (byte === LF) {
      d.text += text;
      return index + 1;
    }
    if (byte === CR) {
      if (index + 1 >= length || d.u8(at + index + 1) !== LF) return 0;
      d.text += text;
      return index + 2;
    }
    if (!isPrintable(byte) && byte !== TAB) return 0;
    text += String.fromCharCode(byte);
  }
  d.text += text;
  d.truncated();
  return 0;
}

/** Lines are text if there are no commands, or if the first word is a command or a response code is where it should be. */
function textLines(
  d: Dissector,
  at: number,
  length: number,
  protocol: string,
  commands: ReadonlySet<string> | undefined,
  codeSecond: boolean,
): void {
  d.protocol = protocol;
  let shown = commands === undefined;
  if (commands !== undefined) {
    let word = token(d, at, 0, length);
    if (word !== undefined) {
      if (commands.has(word.word.toUpperCase())) shown = true;
      if (codeSecond) word = token(d, at, word.next, length);
      if (word !== undefined && /^\d{3}$/.test(word.word)) shown = true;
    }
  }
  d.text += protocol.toUpperCase();
  if (!shown) return;
  if (d.verbose === 0) {
    line(d, ": ", at, 0, length);
    return;
  }
  d.text += `, length: ${length}`;
  for (let index = 0; index < length;) {
    const next = line(d, "\n\t", at, index, length);
    if (next === 0) break;
    index = next;
  }
}

const HTTP_COMMANDS: ReadonlySet<string> = new Set(
  (
    "GET PUT COPY HEAD LOCK MOVE POLL POST BCOPY BMOVE MKCOL TRACE LABEL MERGE DELETE SEARCH UNLOCK REPORT UPDATE NOTIFY " +
    "BDELETE CONNECT OPTIONS CHECKIN PROPFIND CHECKOUT CCM_POST SUBSCRIBE PROPPATCH BPROPFIND BPROPPATCH UNCHECKOUT " +
    "MKACTIVITY MKWORKSPACE UNSUBSCRIBE RPC_CONNECT VERSION-CONTROL BASELINE-CONTROL"
  ).split(" "),
);

const SIP_COMMANDS: ReadonlySet<string> = new Set(
  ["ACK", "BYE", "CANCEL", "DO", "INFO", "INVITE", "MESSAGE", "NOTIFY", "OPTIONS", "PRACK", "QAUTH", "REFER", "REGISTER", "SPRACK", "SUBSCRIBE", "UPDATE", "PUBLISH"], // prettier-ignore
);

const RTSP_COMMANDS: ReadonlySet<string> = new Set(
  ["OPTIONS", "DESCRIBE", "ANNOUNCE", "SETUP", "PLAY", "PAUSE", "TEARDOWN", "GET_PARAMETER", "SET_PARAMETER", "REDIRECT", "RECORD"], // prettier-ignore
);

export function http(d: Dissector, at: number, length: number): void {
  textLines(d, at, length, "http", HTTP_COMMANDS, true);
}

export function sip(d: Dissector, at: number, length: number): void {
  textLines(d, at, length, "sip", SIP_COMMANDS, true);
}

export function rtsp(d: Dissector, at: number, length: number): void {
  textLines(d, at, length, "rtsp", RTSP_COMMANDS, true);
}

export function ftp(d: Dissector, at: number, length: number): void {
  textLines(d, at, length, "ftp", undefined, false);
}

export function smtp(d: Dissector, at: number, length: number): void {
  textLines(d, at, length, "smtp", undefined, false);
}

export function whois(d: Dissector, at: number, length: number): void {
  textLines(d, at, length, "whois", undefined, false);
}
