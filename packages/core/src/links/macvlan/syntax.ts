// macvlan in `ip link`: `type macvlan mode MODE [flag FLAG] [macaddr ...] [bcqueuelen N]`.

import { parseLinkAddress } from "../../tools/ip/addresses.ts";
import { CommandFailed, giveUp, matches } from "../../tools/ip/arguments.ts";
import type { Arguments } from "../../tools/ip/arguments.ts";
import type { LinkSyntax } from "../../tools/ip/link-syntax.ts";
import { parseUnsigned } from "../../tools/ip/numbers.ts";
import { formatMac, readMac } from "../../wire/mac.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { decodeMacvlanData, encodeMacvlanData, MACADDR_MODE, MACVLAN_FLAG, MACVLAN_MODE } from "./netlink.ts";
import type { MacvlanData } from "./netlink.ts";

const HELP = `Usage: ... macvlan mode MODE [flag MODE_FLAG] MODE_OPTS [bcqueuelen BC_QUEUE_LEN]

MODE: private | vepa | bridge | passthru | source
MODE_FLAG: null | nopromisc | nodst
MODE_OPTS: for mode "source":
	macaddr { { add | del } <macaddr> | set [ <macaddr> [ <macaddr>  ... ] ] | flush }
BC_QUEUE_LEN: Length of the rx queue for broadcast/multicast: [0-4294967295]
`;

const MODES: ReadonlyMap<string, number> = new Map([
  ["private", MACVLAN_MODE.PRIVATE],
  ["vepa", MACVLAN_MODE.VEPA],
  ["bridge", MACVLAN_MODE.BRIDGE],
  ["passthru", MACVLAN_MODE.PASSTHRU],
  ["source", MACVLAN_MODE.SOURCE],
]);

const FLAGS: ReadonlyMap<string, number> = new Map([
  ["nopromisc", MACVLAN_FLAG.NOPROMISC],
  ["nodst", MACVLAN_FLAG.NODST],
  ["null", 0],
]);

type MacvlanRequest = { -readonly [K in keyof MacvlanData]?: MacvlanData[K] };

function usage({ process }: Arguments, complaint = ""): never {
  return giveUp(process, `${complaint}${HELP}`);
}

/** The complaint about a word that is none of those that a keyword takes. */
function wrongWord({ process, current }: Arguments, keyword: string, choices: string): never {
  return giveUp(process, `Error: argument of "${keyword}" must be ${choices}, not "${current}"\n`);
}

function parseMode(args: Arguments): number {
  const choices = '"private", "vepa", "bridge", "passthru" or "source"';
  return MODES.get(args.next()) ?? wrongWord(args, "mode", choices);
}

function parseFlag(args: Arguments): number {
  return FLAGS.get(args.next()) ?? wrongWord(args, "flag", '"nopromisc", "nodst" or "null"');
}

function parseQueueLength(args: Arguments): number {
  const choices = "a positive integer [0-4294967295]";
  return parseUnsigned(args.next()) ?? wrongWord(args, "bcqueuelen", choices);
}

/** The words behind `macaddr`. A list ends before the first word that is no address, which is complained about. */
function parseSources(args: Arguments, request: MacvlanRequest): void {
  const word = args.next();
  if (word === "add" || word === "del") {
    request.macaddrMode = word === "add" ? MACADDR_MODE.ADD : MACADDR_MODE.DEL;
    args.next();
    request.macaddr = parseLinkAddress(args) ?? failed();
  } else if (word === "set") {
    request.macaddrMode = MACADDR_MODE.SET;
    const all: Uint8Array[] = [];
    while (args.following !== undefined) {
      const address = parseLinkAddress(args, args.following);
      if (address === undefined) break;
      args.advance();
      all.push(address);
    }
    request.macaddrs = all;
  } else if (word === "flush") request.macaddrMode = MACADDR_MODE.FLUSH;
  else usage(args);
}

function failed(): never {
  throw new CommandFailed(1);
}

function parse(args: Arguments): MacvlanRequest {
  const request: MacvlanRequest = {};
  for (; args.left > 0; args.advance()) {
    const word = args.current;
    if (matches(word, "mode")) request.mode = parseMode(args);
    else if (matches(word, "flag")) request.flags = (request.flags ?? 0) | parseFlag(args);
    else if (matches(word, "macaddr")) parseSources(args, request);
    else if (matches(word, "nopromisc")) request.flags = (request.flags ?? 0) | MACVLAN_FLAG.NOPROMISC;
    else if (matches(word, "nodst")) request.flags = (request.flags ?? 0) | MACVLAN_FLAG.NODST;
    else if (matches(word, "bcqueuelen")) request.bcQueueLength = parseQueueLength(args);
    else if (matches(word, "help")) usage(args);
    else usage(args, `macvlan: unknown option "${word}"?\n`);
  }
  const nopromisc = ((request.flags ?? 0) & MACVLAN_FLAG.NOPROMISC) !== 0;
  if (nopromisc && request.mode !== MACVLAN_MODE.PASSTHRU) {
    usage(args, "macvlan: nopromisc flag only valid in passthru mode\n");
  }
  return request;
}

function modeName(mode: number): string {
  for (const [name, value] of MODES) if (value === mode) return name;
  return "unknown";
}

export const macvlanSyntax: LinkSyntax = {
  kind: "macvlan",
  parse: (args) => encodeMacvlanData(parse(args)),
  print({ out }, bytes) {
    const data = decodeMacvlanData(bytes);
    if (isMalformed(data) || data.mode === undefined) return;
    const { flags = 0, bcQueueLength, bcQueueLengthUsed, macaddrCount, macaddrs } = data;
    const mode = modeName(data.mode);
    out.fact("mode", mode, `mode ${mode} `);
    if (flags & MACVLAN_FLAG.NOPROMISC) out.fact("nopromisc", true, "nopromisc ");
    if (flags & MACVLAN_FLAG.NODST) out.fact("nodst", true, "nodst ");
    if (bcQueueLength !== undefined) out.fact("bcqueuelen", bcQueueLength, `bcqueuelen ${bcQueueLength} `);
    if (bcQueueLengthUsed !== undefined) {
      out.fact("usedbcqueuelen", bcQueueLengthUsed, `usedbcqueuelen ${bcQueueLengthUsed} `);
    }
    if (data.mode !== MACVLAN_MODE.SOURCE || macaddrCount === undefined) return;
    out.fact("macaddr_count", macaddrCount, `remotes (${macaddrCount}) `);
    if (macaddrs === undefined) return;
    out.openArray("macaddr_data", "");
    for (const each of macaddrs) {
      const text = formatMac(readMac(each, 0));
      out.element(text, `${text} `);
    }
    out.closeArray("");
  },
  help: ({ process }) => process.print(HELP),
};
