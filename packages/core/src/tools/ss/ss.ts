// ss of iproute2 6.1: sockets of all kinds by sock_diag. Left out: -E, -D, -Z, cgroups, and the details of TCP, MPTCP, SCTP, TIPC and
// vsock sockets, which no system of ours tells.

import { Refusal } from "../../netlink/refusal.ts";
import { strerror } from "../../netlink/errno.ts";
import type { Process, Program } from "../../system/process.ts";
import { has, parseOptions, valueOf } from "../coreutils/options.ts";
import type { Parsed } from "../coreutils/options.ts";
import { program } from "../coreutils/program.ts";
import { openReader, readAll } from "../coreutils/streams.ts";
import { COLUMN, SocketTable } from "./columns.ts";
import { parseFilter } from "./filter.ts";
import type { Filter } from "./filter.ts";
import { FilterFault } from "./host-condition.ts";
import { showInet } from "./inet.ts";
import { showNetlink, showPackets, showUnix } from "./local.ts";
import { socketOwners } from "./owners.ts";
import { ALL_STATES, CONNECTED, LISTENING, Selection, statesNamed } from "./selection.ts";
import type { Family } from "./selection.ts";
import { Session } from "./session.ts";
import { printSummary } from "./summary.ts";
import { SS_USAGE } from "./usage.ts";

const WRONG = 255;

const FAMILY_LETTERS: Readonly<Record<string, Family>> = {
  x: "unix",
  "4": "inet",
  "6": "inet6",
  "0": "link",
  vsock: "vsock",
  tipc: "tipc",
  xdp: "xdp",
};
const TABLE_LETTERS = { d: "dccp", t: "tcp", S: "sctp", u: "udp", w: "raw", M: "mptcp" } as const;
const FAMILY_NAMES: readonly string[] = ["inet", "inet6", "link", "unix", "netlink", "tipc", "vsock", "xdp"];

export const ss: Program = program(async (process) => {
  const usage = (text = ""): never => {
    process.warn(text + SS_USAGE);
    return process.exit(WRONG);
  };
  const parsed = parseOptions(process, {
    short: "dhaletuwxnro460spTbEf:mMiA:D:F:vVzZN:KHSO",
    long: {
      numeric: "n",
      resolve: "r",
      options: "o",
      extended: "e",
      memory: "m",
      info: "i",
      processes: "p",
      threads: "T",
      bpf: "b",
      events: "E",
      dccp: "d",
      tcp: "t",
      sctp: "S",
      udp: "u",
      raw: "w",
      unix: "x",
      tipc: "tipc",
      vsock: "vsock",
      all: "a",
      listening: "l",
      ipv4: "4",
      ipv6: "6",
      packet: "0",
      "family=": "f",
      "socket=": "A",
      "query=": "A",
      summary: "s",
      "diag=": "D",
      "filter=": "F",
      version: "V",
      help: "h",
      context: "Z",
      contexts: "z",
      "net=": "N",
      tipcinfo: "tipcinfo",
      tos: "tos",
      cgroup: "cgroup",
      kill: "K",
      "no-header": "H",
      xdp: "xdp",
      mptcp: "M",
      oneline: "O",
      "inet-sockopt": "inet-sockopt",
    },
    wrong: (text) => usage(`${process.argv[0] ?? "ss"}: ${text}\n`),
  });
  const selection = new Selection();
  let states = 0;
  let queried = false;
  for (const { name, value } of parsed.options) {
    if (name === "h" || (name === "f" && value === "help")) {
      process.print(SS_USAGE);
      return 0;
    }
    if (name === "v" || name === "V") {
      process.print("ss utility, iproute2-6.1.0\n");
      return 0;
    }
    if (name === "z" || name === "Z") {
      process.warn("ss: SELinux is not enabled.\n");
      return 1;
    }
    if (name === "E" || name === "D" || name === "cgroup") {
      process.warn(`ss: ${name.length > 1 ? "--" : "-"}${name} is not implemented\n`);
      return 1;
    }
    const family = FAMILY_LETTERS[name];
    if (family) selection.family(family);
    else if (Object.hasOwn(TABLE_LETTERS, name))
      selection.table(TABLE_LETTERS[name as keyof typeof TABLE_LETTERS]);
    else if (name === "a") states = ALL_STATES;
    else if (name === "l") states = LISTENING;
    else if (name === "f") {
      if (!FAMILY_NAMES.includes(value)) usage(`ss: "${value}" is invalid family\n`);
      selection.family(value as Family);
    } else if (name === "A") {
      if (!queried) {
        selection.tables.clear();
        states = states || CONNECTED;
        queried = true;
        selection.standard = false;
      }
      for (const word of value.split(","))
        if (!selection.query(word)) usage(`ss: "${word}" is illegal socket table id\n`);
    } else if (name === "N" && !enterNetns(process, value)) return 1;
  }
  if (has(parsed, "s")) {
    printSummary(process);
    if (selection.standard && parsed.operands.length === 0) return 0;
  }
  const words = [...parsed.operands];
  states = stateWords(process, words, states);
  if (selection.standard) {
    states = states || CONNECTED;
    selection.query("all");
  }
  if (states !== 0) selection.states = states;
  selection.mergeDefaults();
  if (selection.tables.size === 0) return nothing(process, "socket tables");
  if (selection.families.size === 0) return nothing(process, "families");
  if (selection.states === 0) return nothing(process, "socket states");
  const file = valueOf(parsed, "F");
  if (file !== undefined) {
    const text = await filterText(process, file);
    if (text === undefined) return WRONG;
    words.push(text);
  }
  let filter: Filter | undefined;
  try {
    filter = parseFilter(process, selection, words);
  } catch (fault) {
    if (!(fault instanceof FilterFault)) throw fault;
    if (fault.after === "usage") return usage(fault.text);
    process.warn(fault.text);
    return 1;
  }
  show(process, parsed, selection, filter);
  return 0;
});

function nothing(process: Process, what: string): number {
  process.warn(`ss: no ${what} to show with such filter.\n`);
  return 0;
}

/** Takes `state NAME` and `exclude NAME` from the front of the words. */
function stateWords(process: Process, words: string[], given: number): number {
  let states = given;
  let seen = false;
  while (words[0] === "state" || words[0] === "exclude" || words[0] === "excl") {
    const exclude = words.shift() !== "state";
    const name = words.shift();
    if (name === undefined) {
      process.warn('Command line is not complete. Try option "help"\n');
      process.exit(WRONG);
    }
    if (!seen) states = exclude ? ALL_STATES : 0;
    const named = statesNamed(name);
    if (named === undefined) {
      process.warn(`ss: wrong state name: ${name}\n`);
      process.exit(WRONG);
    }
    states = exclude ? states & ~named : states | named;
    seen = true;
  }
  return states;
}

async function filterText(process: Process, path: string): Promise<string | undefined> {
  try {
    return new TextDecoder().decode(await readAll(openReader(process, path.startsWith("-") ? "-" : path)));
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    process.warn(`fopen filter file: ${strerror(refusal.errno)}\n`);
    return undefined;
  }
}

function enterNetns(process: Process, name: string): boolean {
  try {
    process.enterNetns(name.includes("/") ? name : `/run/netns/${name}`);
    return true;
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    process.warn(`Cannot open network namespace "${name}": ${strerror(refusal.errno)}\n`);
    return false;
  }
}

function show(process: Process, parsed: Parsed, selection: Selection, filter: Filter | undefined): void {
  const disabled = new Set<number>();
  if (selection.tables.size === 1) disabled.add(COLUMN.NETID);
  if ((selection.states & (selection.states - 1)) === 0) disabled.add(COLUMN.STATE);
  const output = new SocketTable(disabled);
  if (!has(parsed, "H")) output.header();
  const session = new Session(
    process,
    {
      numeric: has(parsed, "n"),
      resolve: has(parsed, "r"),
      details: has(parsed, "e"),
      timers: has(parsed, "o"),
      memory: has(parsed, "m"),
      info: has(parsed, "i"),
      tos: has(parsed, "tos"),
      bpf: has(parsed, "b"),
      socketOptions: has(parsed, "inet-sockopt"),
      oneLine: has(parsed, "O"),
      kill: has(parsed, "K"),
    },
    selection,
    filter,
    output,
    has(parsed, "p") || has(parsed, "T") ? socketOwners(process, has(parsed, "T")) : undefined,
  );
  if (selection.hasAny("netlink")) showNetlink(session);
  if (selection.hasAny("packet_raw", "packet_dgram")) showPackets(session);
  if (selection.hasAny("unix_stream", "unix_dgram", "unix_seqpacket")) showUnix(session);
  for (const table of ["raw", "udp", "tcp", "dccp", "sctp", "mptcp"] as const)
    if (selection.hasAny(table)) showInet(session, table);
  process.print(output.render(process.fds.get(1)?.output?.terminal?.columns));
}
