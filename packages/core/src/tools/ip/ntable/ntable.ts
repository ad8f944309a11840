// `ip ntable`: limits and timing of the neighbour tables, for a table and for each device (ip-ntable(8)).

import { decodeNeighbourTable, encodeNeighbourTable } from "../../../netlink/rtnl/neighbour-table.ts";
import type { NeighbourTableMessage } from "../../../netlink/rtnl/neighbour-table.ts";
import { RTM } from "../../../netlink/rtnl/types.ts";
import { isMalformed } from "../../../wire/malformed.ts";
import { fail, matches } from "../arguments.ts";
import type { Arguments } from "../arguments.ts";
import { parseUnsigned } from "../numbers.ts";
import { REFUSED } from "../rtnl.ts";
import type { Session } from "../session.ts";
import { printTable } from "./print.ts";

const USAGE = `Usage: ip ntable change name NAME [ dev DEV ]
        [ thresh1 VAL ] [ thresh2 VAL ] [ thresh3 VAL ] [ gc_int MSEC ]
        [ PARMS ]
Usage: ip ntable show [ dev DEV ] [ name NAME ]
PARMS := [ base_reachable MSEC ] [ retrans MSEC ] [ gc_stale MSEC ]
         [ delay_probe MSEC ] [ queue LEN ]
         [ app_probes VAL ] [ ucast_probes VAL ] [ mcast_probes VAL ]
         [ anycast_delay MSEC ] [ proxy_delay MSEC ] [ proxy_queue LEN ]
         [ locktime MSEC ]
`;

type Parameters = NonNullable<NeighbourTableMessage["parms"]>;

/** Words of `change` that belong to the table, and those of one device or of the defaults. */
const LIMITS = { thresh1: "thresh1", thresh2: "thresh2", thresh3: "thresh3", gc_int: "gcInterval" } as const;
const PARAMETERS = {
  base_reachable: "baseReachableTime",
  retrans: "retransTime",
  gc_stale: "gcStaletime",
  delay_probe: "delayProbeTime",
  queue: "queueLen",
  app_probes: "appProbes",
  ucast_probes: "ucastProbes",
  mcast_probes: "mcastProbes",
  anycast_delay: "anycastDelay",
  proxy_delay: "proxyDelay",
  proxy_queue: "proxyQlen",
  locktime: "locktime",
} as const satisfies Readonly<Record<string, keyof Parameters>>;
/** Returns the exit code. */
export function ntable(session: Session, args: Arguments): number {
  const { process } = session;
  const word = args.left > 0 ? args.current : "show";
  args.advance();
  if (matches(word, "change") || matches(word, "chg")) return change(session, args);
  for (const name of ["show", "lst", "list"]) if (matches(word, name)) return show(session, args);
  if (matches(word, "help")) return fail(process, 255, USAGE);
  return fail(process, 255, `Command "${word}" is unknown, try "ip ntable help".\n`);
}

function show(session: Session, args: Arguments): number {
  const { links, rtnl, out } = session;
  let name: string | undefined;
  /** Index of the one device that is wanted; 0: the defaults of the table. */
  let device: number | undefined;
  for (; args.left > 0; args.advance()) {
    if (args.current === "dev") {
      const word = args.next();
      device = word === "none" ? 0 : links.index(word);
      if (device === 0 && word !== "none") args.invalid('"DEV" is invalid');
    } else if (args.current === "name") name = args.next();
    else args.invalid("unknown");
  }
  const answer = rtnl.dump(RTM.GETNEIGHTBL, encodeNeighbourTable({ family: session.family }));
  if (answer === undefined) return 1;
  links.load();
  out.begin();
  for (const { body } of answer) {
    const table = decodeNeighbourTable(body);
    if (isMalformed(table) || (name !== undefined && table.name !== name)) continue;
    if (device !== undefined && (table.parms?.ifindex ?? 0) !== device) continue;
    printTable(session, table);
  }
  out.end();
  return 0;
}

function isKeyOf<T extends object>(table: T, word: string): word is keyof T & string {
  return Object.hasOwn(table, word);
}

function change(session: Session, args: Arguments): number {
  const { process, links, rtnl } = session;
  let name: string | undefined;
  const table: { -readonly [key in (typeof LIMITS)[keyof typeof LIMITS]]?: number } = {};
  const parms: { -readonly [key in (typeof PARAMETERS)[keyof typeof PARAMETERS]]?: number } = {};
  let ifindex = 0;
  for (; args.left > 0; args.advance()) {
    const word = args.current;
    if (word === "name") {
      if (name !== undefined) args.duplicate("NAME", args.next());
      name = args.next();
      continue;
    }
    if (word === "dev") {
      ifindex = links.index(args.next());
      if (ifindex === 0) args.invalid('"DEV" is invalid');
      continue;
    }
    const limit = isKeyOf(LIMITS, word);
    if (!limit && !isKeyOf(PARAMETERS, word)) args.invalid("unknown");
    const value = parseUnsigned(args.next());
    if (value === undefined) args.invalid(`"${word}" value is invalid`);
    if (limit) table[LIMITS[word]] = value;
    else if (isKeyOf(PARAMETERS, word)) parms[PARAMETERS[word]] = value;
  }
  if (name === undefined) return fail(process, 255, 'Error: argument "NAME" is required\n');
  const hasParameters = Object.keys(parms).length > 0;
  if (!hasParameters && Object.keys(table).length === 0) {
    return fail(process, 255, "Not enough information: changeable attributes required.\n");
  }
  const body = encodeNeighbourTable({
    family: session.family,
    name,
    ...table,
    ...(hasParameters && { parms: { ...(ifindex !== 0 && { ifindex }), ...parms } }),
  });
  return rtnl.talk(RTM.SETNEIGHTBL, 0, body) === undefined ? REFUSED : 0;
}
