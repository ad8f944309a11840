// The learn action (Open vSwitch's lib/learn.c): makes or refreshes a flow from what the packet is.

import type { Learn } from "../../../ovsproto/openflow/actions.ts";
import type { Action } from "../../../ovsproto/openflow/actions.ts";
import { Match } from "../../../ovsproto/openflow/match.ts";
import { onesOf } from "../../../ovsproto/openflow/flow-key.ts";
import { DEFAULT_PRIORITY, formatMatch } from "../../../ovsproto/openflow/match-text.ts";
import { formatActions } from "../../../ovsproto/openflow/action-text.ts";
import { maskSubfield, readSubfield, writeSubfield } from "../../../ovsproto/flow/fields.ts";
import type { Flow } from "../../../ovsproto/flow/flow.ts";
import type { LearnedFlow } from "../flow-tables.ts";
import type { XlateContext } from "./context.ts";
import { reportSubfield } from "./set-field.ts";

export function learnAction(context: XlateContext, learn: Learn): void {
  const { flow, wildcards, input, bridge } = context;
  for (const { source } of learn.specs) if (source.from === "field") maskSubfield(wildcards, source.subfield);
  if (!input.sideEffects) context.warn("suppressing side effects, so learn action ignored");
  if (!input.cache && !input.sideEffects) return;
  const made = learnedFlow(learn, flow);
  if (context.trace !== undefined) {
    // "table=1 eth_dst=... actions=..." below the action
    const match = formatMatch(made.match, DEFAULT_PRIORITY);
    const cookie = learn.cookie === 0n ? "" : ` cookie=0x${learn.cookie.toString(16)}`;
    const head = `table=${learn.table}${match === "" ? "" : ` ${match}`} priority=${made.priority}${cookie}`;
    const idle = learn.idleTimeout === 0 ? "" : ` idle=${learn.idleTimeout}`;
    const hard = learn.hardTimeout === 0 ? "" : ` hard=${learn.hardTimeout}`;
    const told = learn.sendFlowRemoved ? " send_flow_rem" : "";
    context.detail(`${head}${idle}${hard}${told} actions=${formatActions(made.actions)}`);
  }
  if (!input.sideEffects) {
    // whether the limit allows it shows when packets come: until then it does
    if (learn.limit > 0 && !bridge.learnedBefore(made)) context.avoidCaching = true;
    writeResult(context, learn, true);
    input.cache?.push({ credit: () => bridge.learn(made) });
    return;
  }
  const allowed = bridge.learn(made);
  writeResult(context, learn, allowed);
  if (!allowed) context.detail("Limit exceeded, learn failed");
  input.cache?.push({ credit: () => bridge.learn(made) });
}

function writeResult(context: XlateContext, { result }: Learn, allowed: boolean): void {
  if (!result) return;
  maskSubfield(context.wildcards, result);
  writeSubfield(context.flow, result, allowed ? 1n : 0n);
  reportSubfield(context, result);
}

/** learn_execute() */
function learnedFlow(learn: Learn, flow: Flow): LearnedFlow {
  const match = new Match();
  const { finIdleTimeout: idle, finHardTimeout: hard } = learn;
  const actions: Action[] = idle > 0 || hard > 0 ? [{ type: "fin_timeout", idle, hard }] : [];
  for (const spec of learn.specs) {
    const { source, bits } = spec;
    const value = source.from === "field" ? readSubfield(flow, source.subfield) : source.value & onesOf(bits);
    switch (spec.kind) {
      case "match": {
        const { field, offset } = spec.to;
        const { value: had, mask } = match.get(field);
        const shift = BigInt(offset);
        match.set(field, had | (value << shift), mask | (onesOf(bits) << shift));
        break;
      }
      case "load":
        actions.push({ type: "load", to: spec.to, value });
        break;
      case "output":
        actions.push({ type: "output", port: Number(value & 0xffffn), maxLength: 0xffff });
    }
  }
  return {
    table: learn.table,
    match,
    priority: learn.priority,
    actions,
    cookie: learn.cookie,
    idleTimeout: learn.idleTimeout,
    hardTimeout: learn.hardTimeout,
    sendFlowRemoved: learn.sendFlowRemoved,
    limit: learn.limit,
  };
}
