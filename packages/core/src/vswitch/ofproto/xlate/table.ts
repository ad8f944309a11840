// Looking a packet up in flow tables and going on with what was found (rule_dpif_lookup_from_table, xlate_table_action,
// xlate_recursively).

import type { Action } from "../../../ovsproto/openflow/actions.ts";
import { formatMatch } from "../../../ovsproto/openflow/match-text.ts";
import { FRAG_ANY, isIpAny, nwFrag, W, word } from "../../../ovsproto/flow/flow.ts";
import type { Flow } from "../../../ovsproto/flow/flow.ts";
import type { Bridge } from "../bridge.ts";
import type { Rule } from "../rule.ts";
import type { CacheEntry } from "./cache.ts";
import { XLATE_ERROR } from "./context.ts";
import type { PacketStatistics, XlateContext } from "./context.ts";
import { triggerFreeze } from "./freeze.ts";

/** Nested resubmits. */
const MAX_DEPTH = 64;
/** Resubmits altogether. */
const MAX_RESUBMITS = MAX_DEPTH * MAX_DEPTH;
/** Bytes that a translation may yield; an action takes at least eight. */
const MAX_ACTIONS = 65535 / 8;

export type Translator = (actions: readonly Action[], context: XlateContext, last: boolean) => void;

export interface TableOptions {
  /** The port that the packet is looked up as if it had come in by. */
  readonly inPort: number;
  readonly table: number;
  /** Nobody found: the controller may get it, as the table is configured. */
  readonly mayPacketIn: boolean;
  readonly honorMiss: boolean;
  readonly last: boolean;
  readonly translate: Translator;
}

/** What a table that has no rule for a packet does with it; the hidden rules of the original. */
export interface Found {
  readonly rule: Rule;
  /** Where it was found. */
  readonly table: number;
}

/** rule_dpif_lookup_from_table() */
export function lookupRule(
  bridge: Bridge,
  flow: Flow,
  wildcards: Flow | undefined,
  inPort: number,
  table: number,
  options: {
    readonly mayPacketIn: boolean;
    readonly honorMiss: boolean;
    readonly count: PacketStatistics | undefined;
    readonly cache: CacheEntry[] | undefined;
  },
): Found {
  const { tables, hidden } = bridge;
  const saved = { port: word(flow, W.IN_PORT), tp: word(flow, W.TP) };
  const fragment = isIpAny(flow) && (nwFrag(flow) & FRAG_ANY) !== 0;
  if (fragment) {
    if (bridge.fragments === "drop") return { rule: hidden.dropFragments, table };
    // Ports are not looked at in fragments, so that all of a packet go the same way.
    if (bridge.fragments === "normal") flow[W.TP] = 0;
  }
  flow[W.IN_PORT] = inPort;
  try {
    for (let id = table; id < tables.count; id++) {
      const at = tables.table(id);
      const rule = at.classifier.lookup(flow, wildcards);
      const credit = ({ packets }: PacketStatistics) => {
        if (rule) at.matched += packets;
        else at.missed += packets;
      };
      if (options.count) credit(options.count);
      options.cache?.push({ credit });
      if (rule) return { rule, table: id };
      if (!options.honorMiss) return { rule: hidden.noPacketIn, table: id };
      switch (at.miss) {
        case "continue":
          continue;
        case "controller":
          return { rule: missRule(bridge, inPort, options.mayPacketIn), table: id };
        case "drop":
          return { rule: hidden.noPacketIn, table: id };
        case "default":
          return {
            rule: bridge.wantsPacketInOnMiss()
              ? missRule(bridge, inPort, options.mayPacketIn)
              : hidden.noPacketIn,
            table: id,
          };
      }
    }
    return { rule: hidden.noPacketIn, table };
  } finally {
    flow[W.IN_PORT] = saved.port;
    flow[W.TP] = saved.tp;
  }
}

/** choose_miss_rule() */
function missRule(bridge: Bridge, inPort: number, mayPacketIn: boolean): Rule {
  const port = bridge.port(inPort);
  return !mayPacketIn || port?.config.noPacketIn === true ? bridge.hidden.noPacketIn : bridge.hidden.miss;
}

/** xlate_report_table(): the line of the trace, below which what follows goes. */
export function reportTable(context: XlateContext, { rule, table }: Found): void {
  if (context.trace === undefined) return;
  const { hidden } = context.input.bridge;
  let text = `${String(table).padStart(2)}. `;
  if (rule === hidden.miss || rule === context.bridge.hidden.miss) {
    text += 'No match, and a "packet-in" is called for.';
  } else if (rule === hidden.noPacketIn || rule === context.bridge.hidden.noPacketIn) text += "No match.";
  else if (rule === hidden.dropFragments || rule === context.bridge.hidden.dropFragments) {
    text += 'Packets are IP fragments and the fragment handling mode is "drop".';
  } else {
    const match = formatMatch(rule.match, undefined, context.names);
    text += `${match}${match === "" ? "" : ", "}priority ${rule.priority}`;
    if (rule.cookie !== 0n) text += `, cookie 0x${rule.cookie.toString(16)}`;
  }
  context.trace = context.report("table", text);
}

/** Counts the packet, and later ones of its flow, at the rule. */
export function creditRule(context: XlateContext, rule: Rule): void {
  const { statistics, cache } = context.input;
  const credit = ({ packets, bytes, used }: PacketStatistics) => {
    rule.packets += packets;
    rule.bytes += bytes;
    if (packets > 0 && used > rule.used) rule.used = used;
  };
  if (statistics) credit(statistics);
  cache?.push({ credit });
}

export function tableAction(context: XlateContext, options: TableOptions): void {
  if (context.wasMpls) {
    // What is below the labels can be matched only after they are gone.
    triggerFreeze(context);
    return;
  }
  if (!resourcesLeft(context)) return;
  const before = context.table;
  context.table = options.table;
  const found = lookupRule(context.bridge, context.flow, context.wildcards, options.inPort, options.table, {
    ...options,
    count: context.input.statistics,
    cache: context.input.cache,
  });
  context.table = found.table;
  creditRule(context, found.rule);
  const { trace } = context;
  reportTable(context, found);
  recurse(context, found.rule, options.table <= before, options);
  context.trace = trace;
  context.table = before;
}

/** xlate_recursively() */
function recurse(context: XlateContext, rule: Rule, deepens: boolean, options: TableOptions): void {
  const saved = { rule: context.rule, cookie: context.ruleCookie };
  context.resubmits++;
  if (deepens) context.depth++;
  context.rule = rule;
  context.ruleCookie = rule.cookie;
  options.translate(rule.actions, context, options.last);
  context.rule = saved.rule;
  context.ruleCookie = saved.cookie;
  if (deepens) context.depth--;
}

/** xlate_resubmit_resource_check() */
export function resourcesLeft(context: XlateContext): boolean {
  if (context.depth >= MAX_DEPTH) {
    context.fail(`over max translation depth ${MAX_DEPTH}`);
    context.error = XLATE_ERROR.RECURSION_TOO_DEEP;
  } else if (context.resubmits >= MAX_RESUBMITS) {
    context.fail(`over ${MAX_RESUBMITS} resubmit actions`);
    context.error = XLATE_ERROR.TOO_MANY_RESUBMITS;
  } else if (context.actions.length > MAX_ACTIONS) {
    context.fail("resubmits yielded over 64 kB of actions");
    context.exit = true;
  } else if (context.stack.length >= 65536 / 24) {
    context.fail("resubmits yielded over 64 kB of stack");
    context.error = XLATE_ERROR.STACK_TOO_DEEP;
  } else return true;
  return false;
}
