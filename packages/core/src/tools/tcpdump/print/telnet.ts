// Telnet commands (RFC 854, 855) at the beginning of a segment; text is not shown.

import type { Dissector } from "./dissector.ts";
import { TRUNCATED } from "./dissector.ts";
import { alternateHex } from "./numbers.ts";
import { hexWithOffset } from "./hexdump.ts";

const [IAC, SB, SE] = [255, 250, 240] as const;
const FIRST_COMMAND = 236;
/** Commands from WILL to DONT, and SB, have an option. */
const FIRST_WITH_OPTION = 250;
const [AUTHENTICATION, ENCRYPTION] = [37, 38] as const;

const COMMANDS = ["EOF", "SUSP", "ABORT", "EOR", "SE", "NOP", "DMARK", "BRK", "IP", "AO", "AYT", "EC", "EL", "GA",
  "SB", "WILL", "WONT", "DO", "DONT", "IAC"]; // prettier-ignore
const OPTIONS = ["BINARY", "ECHO", "RCP", "SUPPRESS GO AHEAD", "NAME", "STATUS", "TIMING MARK", "RCTE", "NAOL", "NAOP",
  "NAOCRD", "NAOHTS", "NAOHTD", "NAOFFD", "NAOVTS", "NAOVTD", "NAOLFD", "EXTEND ASCII", "LOGOUT", "BYTE MACRO",
  "DATA ENTRY TERMINAL", "SUPDUP", "SUPDUP OUTPUT", "SEND LOCATION", "TERMINAL TYPE", "END OF RECORD", "TACACS UID",
  "OUTPUT MARKING", "TTYLOC", "3270 REGIME", "X.3 PAD", "NAWS", "TSPEED", "LFLOW", "LINEMODE", "XDISPLOC",
  "OLD-ENVIRON", "AUTHENTICATION", "ENCRYPT", "NEW-ENVIRON"]; // prettier-ignore

type Names = readonly (string | undefined)[];
/** Names of the first bytes of a suboption. */
const QUALIFIERS: readonly Names[] = [["IS", "SEND", "INFO"]];
const AUTHENTICATIONS: readonly Names[] = [
  ["IS", "SEND", "REPLY", "NAME"],
  ["NULL", "KERBEROS_V4", "KERBEROS_V5", "SPX", "MINK", "SRP", "RSA", "SSL", undefined, undefined, "LOKI", "SSA",
    "KEA_SJ", "KEA_SJ_INTEG", "DSS", "NTLM"],
]; // prettier-ignore
const ENCRYPTIONS: readonly Names[] = [
  ["IS", "SUPPORT", "REPLY", "START", "END", "REQUEST-START", "REQUEST-END", "END_KEYID", "DEC_KEYID"],
  ["NULL", "DES_CFB64", "DES_OFB64", "DES3_CFB64", "DES3_OFB64", undefined, "CAST5_40_CFB64", "CAST5_40_OFB64",
    "CAST128_CFB64", "CAST128_OFB64"],
]; // prettier-ignore

interface Command {
  readonly text: string;
  readonly length: number;
}

/** The command at `start`; undefined if what is there is none, or does not end in the segment. */
function command(d: Dissector, start: number, length: number): Command | undefined {
  if (length < 2) {
    if (length === 1) d.u8(start);
    return undefined;
  }
  const code = d.u8(start + 1);
  if (code === IAC) return { text: "IAC IAC", length: 2 };
  if (code < FIRST_COMMAND) return undefined;
  let text = COMMANDS[code - FIRST_COMMAND] ?? "";
  if (code < FIRST_WITH_OPTION) return { text, length: 2 };
  if (length < 3) return undefined;
  const option = d.u8(start + 2);
  text += ` ${OPTIONS[option] ?? alternateHex(option)}`;
  if (code !== SB) return { text, length: 3 };
  let at = start + 3;
  const limit = start + length;
  let end = at;
  for (; limit > end + 1; end++) {
    d.check(end, 2);
    if (d.u8(end) === IAC && d.u8(end + 1) === SE) break;
  }
  if (d.u8(end) !== IAC) return undefined;
  const tables =
    option === AUTHENTICATION ? AUTHENTICATIONS : option === ENCRYPTION ? ENCRYPTIONS : QUALIFIERS;
  for (const names of tables) {
    if (end <= at) break;
    const value = d.u8(at++);
    text += ` ${names[value] ?? alternateHex(value)}`;
  }
  while (end > at) text += ` ${alternateHex(d.u8(at++))}`;
  return { text: `${text} SE`, length: at + 2 - start };
}

export function telnet(d: Dissector, start: number, total: number): void {
  d.protocol = "telnet";
  let at = start;
  let left = total;
  let first = true;
  const inHex = d.options.hexAndAscii > 0 && d.verbose > 2;
  while (left > 0 && d.u8(at) === IAC) {
    const found = command(d, at, left);
    if (found === undefined) break;
    if (inHex) {
      if (first) d.text += "\nTelnet:";
      hexWithOffset(d, "\n", at, found.length, at - start);
      d.text += found.length > 8 ? "\n\t\t\t\t" : `${" ".repeat((8 - found.length) * 3)}\t`;
    } else d.text += first ? " [telnet " : ", ";
    d.text += found.text;
    first = false;
    at += found.length;
    left -= found.length;
    if (at >= d.end && left > 0) throw TRUNCATED;
  }
  if (!first) d.text += inHex ? "\n" : "]";
}
