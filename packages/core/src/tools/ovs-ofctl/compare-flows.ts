// replace-flows and diff-flows: two sets of flows, of a file or of a switch, side by side.

import { ALL_FLOWS } from "../../ovsproto/openflow/flow-messages.ts";
import type { FlowStats } from "../../ovsproto/openflow/flow-messages.ts";
import { NO_FLAGS } from "../../ovsproto/openflow/flow-mod.ts";
import type { FlowMod } from "../../ovsproto/openflow/flow-mod.ts";
import { formatActions } from "../../ovsproto/openflow/action-text.ts";
import { hex } from "../../ovsproto/openflow/field-text.ts";
import { flowLines, parseFlow } from "../../ovsproto/openflow/flow-parse.ts";
import { Match } from "../../ovsproto/openflow/match.ts";
import { formatMatch } from "../../ovsproto/openflow/match-text.ts";
import type { Names } from "../../ovsproto/openflow/names.ts";
import { ANY_PROTOCOL, formatProtocols, OF10_NXM_ANY, Protocol } from "../../ovsproto/openflow/protocols.ts";
import type { Protocols } from "../../ovsproto/openflow/protocols.ts";
import { runBundle } from "./bundle.ts";
import {
  BUNDLE_PROTOCOLS,
  decodedAloud,
  flowModBody,
  flowsOf,
  openForDump,
  openForFlowMods,
} from "./flow-commands.ts";
import type { FlowConnection } from "./flow-commands.ts";
import { Fatal } from "./ofctl-context.ts";
import type { Ofctl } from "./ofctl-context.ts";
import { acceptedNames, displayedNames, finishEach } from "./show-commands.ts";
import { failWith } from "./vconn.ts";

type Arguments = readonly string[];

/** What is the same in both sets: table, match and priority; and the flow as each of them has it. */
interface FlowPair {
  readonly table: number;
  readonly priority: number;
  readonly match: Match;
  readonly versions: [FlowMod | undefined, FlowMod | undefined];
}

/** Pairs whose matches have the same mask. */
interface Subtable {
  maxPriority: number;
  readonly pairs: Map<string, FlowPair>;
}

/**
 * Options of tunnels as text, for comparison: how long an option is counts for exact matches only as far as leading zeros go,
 * because the original gives all flows of both sets the longest form.
 */
function optionMasks(match: Match): string {
  return [...(match.tunMetadata ?? [])]
    .toSorted(([a], [b]) => a - b)
    .map(
      ([index, { absent, mask, masked }]) =>
        `${index}:${absent === true ? "absent" : masked ? mask : "exact"}`,
    )
    .join();
}

function optionValues(match: Match): string {
  return [...(match.tunMetadata ?? [])]
    .toSorted(([a], [b]) => a - b)
    .map(([, { value }]) => value)
    .join();
}

class FlowSet {
  readonly #tables = new Map<number, Map<string, Subtable>>();

  add(mod: FlowMod, side: 0 | 1): void {
    const { match, priority } = mod;
    const flow = { ...mod, table: mod.table === 255 ? 0 : mod.table };
    const subtables = this.#tables.get(flow.table) ?? new Map<string, Subtable>();
    this.#tables.set(flow.table, subtables);
    const maskKey = `${match.mask.join()}/${optionMasks(match)}`;
    const subtable = subtables.get(maskKey) ?? { maxPriority: priority, pairs: new Map<string, FlowPair>() };
    subtables.set(maskKey, subtable);
    subtable.maxPriority = Math.max(subtable.maxPriority, priority);
    const key = `${priority}/${match.value.join()}/${optionValues(match)}`;
    const pair = subtable.pairs.get(key) ?? {
      table: flow.table,
      priority,
      match,
      versions: [undefined, undefined],
    };
    pair.versions[side] = flow;
    subtable.pairs.set(key, pair);
  }

  /** By table, each as a classifier is walked: masks by the highest priority that they have, their flows as they came. */
  tables(): FlowPair[][] {
    return [...this.#tables]
      .toSorted(([a], [b]) => a - b)
      .map(([, subtables]) =>
        [...subtables.values()]
          .toSorted((a, b) => b.maxPriority - a.maxPriority)
          .flatMap(({ pairs }) => [...pairs.values()]),
      );
  }
}

function flowOfStats(stats: FlowStats): FlowMod {
  return {
    command: "add",
    match: stats.match,
    priority: stats.priority,
    table: stats.table,
    cookie: 0n,
    cookieMask: 0n,
    newCookie: stats.cookie,
    modifyCookie: false,
    idleTimeout: stats.idleTimeout,
    hardTimeout: stats.hardTimeout,
    importance: stats.importance,
    bufferId: 0xffff_ffff,
    outPort: ALL_FLOWS.outPort,
    outGroup: ALL_FLOWS.outGroup,
    flags: stats.flags,
    actions: stats.actions,
  };
}

/** What is said of a flow beside its match. Flags are not compared: switches do not tell them. */
function details(flow: FlowMod, names?: Names): string {
  let text = "";
  if (flow.newCookie !== 0n) text += ` cookie=${hex(flow.newCookie)}`;
  if (flow.idleTimeout !== 0) text += ` idle_timeout=${flow.idleTimeout}`;
  if (flow.hardTimeout !== 0) text += ` hard_timeout=${flow.hardTimeout}`;
  if (flow.importance !== 0) text += ` importance=${flow.importance}`;
  return `${text} actions=${formatActions(flow.actions, names)}`;
}

const same = (a: FlowMod, b: FlowMod): boolean => details(a) === details(b);

async function readSwitch(
  ofctl: Ofctl,
  { vconn, protocol }: FlowConnection,
  set: FlowSet,
  side: 0 | 1,
): Promise<void> {
  const form = (protocol & OF10_NXM_ANY) !== 0 ? "nxst" : "standard";
  const request = { type: "flow_request", form, match: new Match(), ...ALL_FLOWS } as const;
  const parts = await vconn.transactMultipart(request);
  const failed = parts.find((part) => part.decoded?.message.body.type === "error");
  if (failed) failWith(ofctl, failed);
  for (const stats of flowsOf(decodedAloud(ofctl, parts))) set.add(flowOfStats(stats), side);
}

async function readFile(
  ofctl: Ofctl,
  path: string,
  names: Names,
  set: FlowSet,
  side: 0 | 1,
): Promise<Protocols> {
  let usable = ANY_PROTOCOL;
  for (const { line, number } of flowLines(await ofctl.readText(path, "open"))) {
    const parsed = ofctl.parse(() => parseFlow(line, "add", names), `${path}:${number}: `);
    set.add(parsed.flow, side);
    usable &= parsed.usable;
  }
  return usable;
}

/** What makes a table of the switch, the second version, into that of the file. @param readd also what is the same */
function changesOf(pairs: readonly FlowPair[], readd: boolean): FlowMod[] {
  const deletions: FlowMod[] = [];
  const additions: FlowMod[] = [];
  for (const {
    versions: [wanted, present],
  } of pairs) {
    if (present && !wanted) deletions.push({ ...present, command: "delete_strict", actions: [] });
    if (!wanted || (present && !readd && same(wanted, present))) continue;
    const flags = { ...NO_FLAGS, sendFlowRemoved: wanted.flags.sendFlowRemoved };
    additions.push({ ...wanted, command: "add", flags });
  }
  return [...deletions, ...additions];
}

export async function replaceFlows(ofctl: Ofctl, [bridge = "", path = ""]: Arguments): Promise<void> {
  const { options } = ofctl;
  const set = new FlowSet();
  const names = ofctl.names(await acceptedNames(ofctl, bridge));
  const usable = await readFile(ofctl, path, names, set, 0);
  const connection = await openForFlowMods(
    ofctl,
    bridge,
    options.bundle ? usable & BUNDLE_PROTOCOLS : usable,
  );
  const { vconn, protocol } = connection;
  // What is in the switch has to be read in a format in which the file's flows can be sent.
  if (vconn.version === 1 && (usable & options.protocols & (Protocol.OF10_NXM | Protocol.OF10_STD)) === 0)
    throw new Fatal(`switch does not support any of the usable flow formats (${formatProtocols(usable)})`);
  await readSwitch(ofctl, connection, set, 1);
  const mods = set.tables().flatMap((pairs) => changesOf(pairs, options.readd));
  const bodies = mods.map((mod) => flowModBody(mod, protocol));
  if (options.bundle) await runBundle(ofctl, vconn, bodies);
  else await finishEach(ofctl, vconn, bodies);
  vconn.close();
}

function isFile(ofctl: Ofctl, source: string): boolean {
  if (source.startsWith("/") || source.startsWith(".")) return true;
  return !source.includes(":") && typeof ofctl.readFile(source) !== "number";
}

/** @returns how ports of the source are shown */
async function readSource(
  ofctl: Ofctl,
  source: string,
  set: FlowSet,
  side: 0 | 1,
): Promise<Names | undefined> {
  if (isFile(ofctl, source)) {
    await readFile(ofctl, source, ofctl.names(), set, side);
    return undefined;
  }
  const connection = await openForDump(ofctl, source);
  await readSwitch(ofctl, connection, set, side);
  connection.vconn.close();
  return await displayedNames(ofctl, source);
}

/** @returns 2 if there are differences */
export async function diffFlows(ofctl: Ofctl, [first = "", second = ""]: Arguments): Promise<number> {
  const set = new FlowSet();
  const ofFirst = await readSource(ofctl, first, set, 0);
  const ofSecond = await readSource(ofctl, second, set, 1);
  const names = ofFirst ?? ofSecond ?? ofctl.shown();
  let differ = false;
  for (const { table, match, priority, versions } of set.tables().flat()) {
    const [a, b] = versions;
    if (a && b && same(a, b)) continue;
    differ = true;
    for (const [sign, flow] of [
      ["-", a],
      ["+", b],
    ] as const) {
      if (!flow) continue;
      const words = `${table === 0 ? "" : `table=${table} `}${formatMatch(match, priority, names)}`;
      ofctl.process.print(`${sign}${words}${details(flow, names)}\n`);
    }
  }
  return differ ? 2 : 0;
}
