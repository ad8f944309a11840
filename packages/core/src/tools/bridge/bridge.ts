// bridge(8) of iproute2 6.1: options, the table of objects, batches. It shares its ways of reading words and of printing
// with ip. Not here: VNI filters of VXLAN devices ("vni").

import type { Process, Program } from "../../system/process.ts";
import { Arguments, CommandFailed, fail, giveUp, matches } from "../ip/arguments.ts";
import { runBatch } from "../ip/batch.ts";
import { enterNamedNetns } from "../ip/netns/netns.ts";
import type { Options } from "../ip/options.ts";
import { defaultOptions, parseColor } from "../ip/options.ts";
import { Session } from "../ip/session.ts";
import { AF } from "../../netlink/rtnl/types.ts";
import { fdb } from "./fdb.ts";
import { link } from "./link.ts";
import { mdb } from "./mdb.ts";
import { monitor } from "./monitor.ts";
import { vlan } from "./vlan.ts";

const USAGE = `Usage: bridge [ OPTIONS ] OBJECT { COMMAND | help }
       bridge [ -force ] -batch filename
where  OBJECT := { link | fdb | mdb | vlan | monitor }
       OPTIONS := { -V[ersion] | -s[tatistics] | -d[etails] |
                    -o[neline] | -t[imestamp] | -n[etns] name |
                    -c[ompressvlans] -color -p[retty] -j[son] }
`;
const VERSION = "bridge utility, 6.1.0\n";

/** A run of bridge: what the options say beyond those of ip. */
export class BridgeSession extends Session {
  /** -compressvlans: ranges of VLANs as one row. */
  readonly compressVlans: boolean;

  constructor(process: Process, options: Options, compressVlans: boolean) {
    super(process, options);
    this.compressVlans = compressVlans;
    this.links.load();
  }
}

type ObjectCommand = (session: BridgeSession, args: Arguments) => number | Promise<number>;

function usage(process: Process): never {
  return fail(process, 255, USAGE);
}

/** In the order in which short forms are tried. */
const OBJECTS: readonly (readonly [string, ObjectCommand])[] = [
  ["link", link],
  ["fdb", fdb],
  ["mdb", mdb],
  ["vlan", vlan],
  ["vni", ({ process }) => giveUp(process, 'Object "vni" is not implemented\n')],
  ["monitor", monitor],
  ["help", ({ process }) => usage(process)],
];

function runObject(session: BridgeSession, words: readonly string[]): number | Promise<number> {
  const [name = "", ...rest] = words;
  const command = OBJECTS.find(([object]) => matches(name, object))?.[1];
  if (command === undefined) {
    return giveUp(session.process, `Object "${name}" is unknown, try "bridge help".\n`, 255);
  }
  return command(session, new Arguments(session.process, rest));
}

interface Parsed {
  readonly options: Options;
  readonly compressVlans: boolean;
  readonly rest: readonly string[];
}

/** The options in front of the object; they may be shortened, and are tried in this order. */
function parseOptions(process: Process): Parsed {
  const words = process.argv.slice(1);
  const options = defaultOptions();
  let compressVlans = false;
  let at = 0;
  for (; at < words.length; at++) {
    const word = words[at] ?? "";
    if (word === "--") {
      at++;
      break;
    }
    if (!word.startsWith("-")) break;
    const option = word.startsWith("--") ? word.slice(1) : word;
    const color = parseColor(option);
    if (matches(option, "-help")) usage(process);
    else if (matches(option, "-Version")) {
      process.print(VERSION);
      process.exit(0);
    } else if (matches(option, "-stats") || matches(option, "-statistics")) options.stats++;
    else if (matches(option, "-details")) options.details++;
    else if (matches(option, "-oneline")) options.oneline = true;
    else if (matches(option, "-timestamp")) options.timestamp = true;
    else if (matches(option, "-family")) options.family = family(process, words[++at]);
    else if (option === "-4") options.family = AF.INET;
    else if (option === "-6") options.family = AF.INET6;
    else if (matches(option, "-netns")) enterNetns(process, words[++at]);
    else if (color !== undefined) options.color = color;
    else if (matches(option, "-compressvlans")) compressVlans = true;
    else if (matches(option, "-force")) options.force = true;
    else if (matches(option, "-json")) options.json = true;
    else if (matches(option, "-pretty")) options.pretty = true;
    else if (matches(option, "-batch")) options.batchFile = words[++at] ?? usage(process);
    else fail(process, 255, `Option "${option}" is unknown, try "bridge help".\n`);
  }
  return { options, compressVlans, rest: words.slice(at) };
}

function family(process: Process, name: string | undefined): number {
  if (name === "inet") return AF.INET;
  if (name === "inet6") return AF.INET6;
  if (name === undefined || name === "help") return usage(process);
  return fail(process, 255, `Error: argument "${name}" is wrong: invalid protocol family\n`);
}

function enterNetns(process: Process, name: string | undefined): void {
  if (name === undefined) fail(process, 255, 'Command line is not complete. Try option "help"\n');
  if (!enterNamedNetns(process, name)) process.exit(255);
}

export const bridge: Program = async (process) => {
  const { options, compressVlans, rest } = parseOptions(process);
  if (options.batchFile !== undefined) {
    return runBatch(process, options, options.batchFile, (_session, words) =>
      runObject(new BridgeSession(process, options, compressVlans), words),
    );
  }
  if (rest.length === 0) return usage(process);
  try {
    return await runObject(new BridgeSession(process, options, compressVlans), rest);
  } catch (failure) {
    if (failure instanceof CommandFailed) return failure.code;
    throw failure;
  }
};
