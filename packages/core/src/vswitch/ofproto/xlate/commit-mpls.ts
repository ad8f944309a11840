// Writes what has become of a packet's labels (commit_mpls_action of Open vSwitch's lib/odp-util.c).

import { countLabels, dlType, newFlow, W, word } from "../../../ovsproto/flow/flow.ts";
import type { Flow } from "../../../ovsproto/flow/flow.ts";
import { SLOW } from "./context.ts";
import type { XlateContext } from "./context.ts";

function labelsOf(flow: Flow): number[] {
  return [...flow.subarray(W.MPLS_LSE, W.MPLS_LSE + countLabels(flow))];
}

/**
 * commit_mpls_action(): labels that are gone are popped, new ones pushed, the outer one rewritten. `wholePacket`: new ones
 * stand in front of all that there is.
 */
export function commitMpls(context: XlateContext, wholePacket = false): void {
  const { flow, base } = context;
  const wanted = labelsOf(flow);
  const have = labelsOf(base);
  if (wanted.length === 0 && have.length === 0) return;
  if (wanted.length < have.length) {
    for (let left = have.length; left > wanted.length; left--) {
      const etherType =
        left - 1 === 0 ? dlType(flow) : left - 1 === wanted.length ? dlType(flow) : dlType(base);
      context.actions.push({ type: "pop_mpls", etherType });
    }
    copyMpls(flow, base);
    return;
  }
  if (wanted.length > have.length) {
    if (wholePacket && context.lacks("add_mpls")) context.slow |= SLOW.ACTION;
    for (let at = wanted.length - have.length - 1; at >= 0; at--) {
      const label = { lse: wanted[at] as number, etherType: dlType(flow) };
      context.actions.push(
        wholePacket ? { type: "add_mpls", ...label, wholePacket } : { type: "push_mpls", ...label },
      );
    }
    copyMpls(flow, base);
    return;
  }
  if (wanted[0] === have[0]) return;
  const mask = newFlow();
  mask[W.MPLS_LSE] = 0xffff_ffff;
  context.actions.push({ type: "set", group: "mpls", value: flow.slice(), mask });
  copyMpls(flow, base);
}

function copyMpls(flow: Flow, base: Flow): void {
  base[W.ETH_TYPE] = dlType(flow);
  for (let i = 0; i < 3; i++) base[W.MPLS_LSE + i] = word(flow, W.MPLS_LSE + i);
}
