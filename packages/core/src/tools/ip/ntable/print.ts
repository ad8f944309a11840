// What `ip ntable show` prints of a neighbour table, or of its parameters on one device.

import type { NeighbourTableMessage } from "../../../netlink/rtnl/neighbour-table.ts";
import { familyName } from "../families.ts";
import { hex } from "../numbers.ts";
import type { Session } from "../session.ts";

type Parameters = NonNullable<NeighbourTableMessage["parms"]>;
type Statistics = NonNullable<NeighbourTableMessage["stats"]>;

/** JSON keys, which are the words of the text too, line by line. */
const PARAMETER_LINES: readonly (readonly (readonly [string, keyof Parameters])[])[] = [
  [
    ["refcnt", "refcnt"],
    ["reachable", "reachableTime"],
    ["base_reachable", "baseReachableTime"],
    ["retrans", "retransTime"],
  ],
  [
    ["gc_stale", "gcStaletime"],
    ["delay_probe", "delayProbeTime"],
    ["queue", "queueLen"],
  ],
  [
    ["app_probes", "appProbes"],
    ["ucast_probes", "ucastProbes"],
    ["mcast_probes", "mcastProbes"],
  ],
  [
    ["anycast_delay", "anycastDelay"],
    ["proxy_delay", "proxyDelay"],
    ["proxy_queue", "proxyQlen"],
    ["locktime", "locktime"],
  ],
];
const STATISTIC_LINES: readonly (readonly (readonly [string, keyof Statistics])[])[] = [
  [
    ["allocs", "allocs"],
    ["destroys", "destroys"],
    ["hash_grows", "hashGrows"],
  ],
  [
    ["res_failed", "resFailed"],
    ["lookups", "lookups"],
    ["hits", "hits"],
  ],
  [
    ["rcv_probes_mcast", "rcvProbesMcast"],
    ["rcv_probes_ucast", "rcvProbesUcast"],
  ],
  [
    ["periodic_gc_runs", "periodicGcRuns"],
    ["forced_gc_runs", "forcedGcRuns"],
  ],
  [["table_fulls", "tableFulls"]],
];

const INDENT = "    ";

export function printTable(session: Session, table: NeighbourTableMessage): void {
  const { out, links, options } = session;
  const { parms, stats } = table;
  out.openObject();
  const family = familyName(table.family);
  out.fact("family", family, `${family} `);
  if (table.name !== undefined) out.fact("name", table.name, `${table.name} `);
  out.text(out.lineEnd);
  if (parms?.ifindex !== undefined) {
    out.text(`${INDENT}dev `);
    out.fact("dev", links.name(parms.ifindex), `${links.name(parms.ifindex)} `, "ifname");
    out.text(out.lineEnd);
  }
  printLimits(session, table);
  if (options.stats > 0) printConfiguration(session, table);
  if (parms !== undefined) printLines(session, PARAMETER_LINES, parms, "");
  if (stats !== undefined && options.stats > 0) printLines(session, STATISTIC_LINES, stats, "stats ");
  out.text("\n");
  out.closeObject();
}

function printLimits({ out }: Session, table: NeighbourTableMessage): void {
  const limits = [
    ["thresh1", "thresh1", table.thresh1],
    ["thresh2", "thresh2", table.thresh2],
    ["thresh3", "thresh3", table.thresh3],
    ["gc_interval", "gc_int", table.gcInterval],
  ] as const;
  if (limits.every(([, , value]) => value === undefined)) return;
  out.text(INDENT);
  for (const [key, word, value] of limits) {
    if (value !== undefined) out.fact(key, value, `${word} ${value} `);
  }
  out.text(out.lineEnd);
}

function printConfiguration({ out, process }: Session, { config }: NeighbourTableMessage): void {
  if (config === undefined) return;
  out.text(`${INDENT}config `);
  out.fact("key_length", config.keyLen, `key_len ${config.keyLen} `);
  out.fact("entry_size", config.entrySize, `entry_size ${config.entrySize} `);
  out.fact("entries", config.entries, `entries ${config.entries} `);
  out.text(`${out.lineEnd}${INDENT}${INDENT}`);
  // Microseconds since the epoch; the kernel tells milliseconds ago.
  const ago = (milliseconds: number): string =>
    new Date(Math.floor(process.realtime() / 1000) - milliseconds)
      .toISOString()
      .slice(0, 19)
      .replace("T", " ");
  out.fact("last_flush", ago(config.lastFlush), `last_flush ${ago(config.lastFlush)} `);
  out.fact("last_rand", ago(config.lastRand), `last_rand ${ago(config.lastRand)} `);
  out.text(`${out.lineEnd}${INDENT}${INDENT}`);
  out.fact("hash_rnd", config.hashRnd, `hash_rnd ${config.hashRnd} `);
  const mask = hex(config.hashMask);
  out.fact("hash_mask", `0x${mask}`, `hash_mask ${mask.padStart(8, "0")} `);
  out.fact("hash_chain_gc", config.hashChainGc, `hash_chain_gc ${config.hashChainGc} `);
  out.fact("proxy_qlen", config.proxyQlen, `proxy_qlen ${config.proxyQlen} `);
  out.text(out.lineEnd);
}

/** Rows of numbers, those that the kernel told, the first one after a heading. */
function printLines<Record extends object>(
  { out }: Session,
  lines: readonly (readonly (readonly [string, keyof Record])[])[],
  values: Record,
  heading: string,
): void {
  for (const [row, line] of lines.entries()) {
    out.text(`${INDENT}${row === 0 ? heading : ""}`);
    for (const [key, field] of line) {
      const value = values[field];
      if (typeof value === "number") out.fact(key, value, `${key} ${value} `);
    }
    out.text(out.lineEnd);
  }
}
