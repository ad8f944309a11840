// parse-actions and normalize-actions, which are for tests of the syntax, and what the commands say of themselves.

import { ERRNO } from "../netlink/errno.ts";
import { formatDpActions } from "../ovsproto/datapath/format-actions.ts";
import { formatKey } from "../ovsproto/datapath/format-key.ts";
import type { DpAction } from "../ovsproto/datapath/actions.ts";
import { parseDpActions } from "../ovsproto/datapath/parse-actions.ts";
import { exactMask } from "../ovsproto/flow/flow.ts";
import { keyFits, parseFlow } from "../ovsproto/datapath/parse-flow.ts";
import { W, word } from "../ovsproto/flow/flow.ts";
import type { Flow } from "../ovsproto/flow/flow.ts";
import type { ParsedKey } from "../ovsproto/datapath/parse-flow.ts";
import type { DpctlCall, DpctlCommands } from "./call.ts";

export function addActionCommands(commands: DpctlCommands): void {
  commands.add("parse-actions", "actions", 1, Infinity, (call) => {
    for (const text of call.words) {
      const actions = parseDpActions(text);
      if (typeof actions === "number") return call.error(actions, "odp_actions_from_string");
      call.print(`${formatDpActions(actions, undefined, 0)}\n`);
    }
    return 0;
  });
  commands.add("normalize-actions", "actions", 2, Infinity, (call) => normalize(call));
}

/** The attributes that were given. */
function formatPresent({ key, present }: ParsedKey): string {
  const whole = formatKey(key, exactMask(), { userspace: true, verbose: false });
  const out: string[] = [];
  for (const part of topLevel(whole)) {
    const name = part.slice(0, part.indexOf("("));
    if (!present.has(name)) continue;
    const inner = name === "encap" ? topLevel(part.slice("encap(".length, -1)) : [];
    const kept = inner.filter((each) => present.has(each.slice(0, each.indexOf("("))));
    out.push(name === "encap" ? `encap(${kept.join(",")})` : part);
  }
  return out.join(",");
}

/** Parts between commas that are in no parentheses. */
function topLevel(text: string): string[] {
  return text.match(/[^,(]+\((?:[^()]|\([^()]*\)|\((?:[^()]|\([^()]*\))*\))*\)/g) ?? [];
}

/** Tags of a packet, outermost first, as rows of a flow. */
interface Group {
  readonly flow: Flow;
  readonly actions: DpAction[];
}

/** What happens on each VLAN, in whatever order the actions say it. */
function normalize(call: DpctlCall): number {
  const [keyText = "", actionText = "", ...names] = call.words;
  const ports = new Map<string, number>();
  for (const name of names) {
    const found = /^([^=]{1,15})=([+-]?\d+)/.exec(name);
    if (!found) {
      call.error(0, `${name}: expected NAME=NUMBER`);
      return ERRNO.EINVAL;
    }
    ports.set(found[1] as string, Number(found[2]));
  }
  const parsed = parseFlow(keyText, (name) => ports.get(name));
  if (typeof parsed === "string") return call.error(ERRNO.EINVAL, `odp_flow_key_from_string (${parsed})`);
  call.print(`input flow: ${formatPresent(parsed)}\n`);
  const fitness = keyFits(parsed);
  // the original takes its grade for an error number
  if (fitness !== "perfect") {
    const errno = fitness === "much" ? ERRNO.EPERM : ERRNO.ENOENT;
    return call.error(errno, "odp_flow_key_to_flow failed (reason unknown)");
  }
  const actions = parseDpActions(actionText, (name) => ports.get(name));
  if (typeof actions === "number") return call.error(actions, "odp_actions_from_string");
  if (call.options.verbose) call.print(`input actions: ${formatDpActions(actions, undefined, 0)}\n`);
  const groups = byTags(parsed.key, actions);
  for (const { flow, actions: some } of groups) {
    call.print(`${describe(flow)}${formatDpActions(sorted(some), undefined, 0)}`);
  }
  return 0;
}

function byTags(key: Flow, actions: readonly DpAction[]): Group[] {
  const groups: Group[] = [];
  const flow = key.slice();
  for (const action of actions) {
    if (action.type === "pop_vlan") {
      flow[W.VLAN] = word(flow, W.INNER_VLAN);
      flow[W.INNER_VLAN] = 0;
      continue;
    }
    if (action.type === "push_vlan") {
      flow[W.INNER_VLAN] = word(flow, W.VLAN);
      flow[W.VLAN] = ((action.tpid << 16) | action.tci) >>> 0;
      continue;
    }
    const known = groups.find((group) => group.flow.every((part, at) => part === flow[at]));
    if (known) known.actions.push(action);
    else groups.push({ flow: flow.slice(), actions: [action] });
  }
  return groups.sort((a, b) => compareTags(a.flow, b.flow));
}

function compareTags(a: Flow, b: Flow): number {
  for (const at of [W.VLAN, W.INNER_VLAN]) {
    if (a[at] !== b[at]) return word(a, at) - word(b, at);
  }
  return 0;
}

/** Outputs that follow each other are put in order. */
function sorted(actions: readonly DpAction[]): DpAction[] {
  const out: DpAction[] = [];
  let row: (DpAction & { readonly type: "output" })[] = [];
  const flush = () => {
    out.push(...row.sort((a, b) => a.port - b.port));
    row = [];
  };
  for (const action of actions) {
    if (action.type === "output") row.push(action);
    else {
      flush();
      out.push(action);
    }
  }
  flush();
  return out;
}

function describe(flow: Flow): string {
  let text = "";
  for (const at of [W.VLAN, W.INNER_VLAN]) {
    const tag = word(flow, at);
    if ((tag & 0xffff) === 0) {
      if (at === W.VLAN) text += "no vlan: ";
      break;
    }
    const tpid = tag >>> 16 === 0x8100 ? "" : `tpid=0x${(tag >>> 16).toString(16).padStart(4, "0")},`;
    text += `vlan(${tpid}vid=${tag & 0xfff},pcp=${(tag >>> 13) & 7}): `;
  }
  const type = word(flow, W.ETH_TYPE);
  if (type !== 0x8847 && type !== 0x8848) return `${text}no mpls: `;
  const lse = word(flow, W.MPLS_LSE);
  return `${text}mpls(label=${lse >>> 12},tc=${(lse >>> 9) & 7},ttl=${lse & 0xff}): `;
}
