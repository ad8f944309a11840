// Reads actions of a datapath from text (odp_actions_from_string of Open vSwitch's lib/odp-util.c): what formatDpActions() writes, and
// what users give to dpctl/add-flow and its kin.

import { ERRNO } from "../../netlink/errno.ts";
import { bytesFromHex } from "../../wire/hex.ts";
import { parseHeader } from "./parse-header.ts";
import { newFlow } from "../flow/flow.ts";
import { setGroupNamed } from "./actions.ts";
import type { DpAction, UserspaceCookie } from "./actions.ts";
import { SLOW_NAMES } from "./format-userspace.ts";
import { scanNsh } from "./nsh.ts";
import { scanConntrack } from "./parse-conntrack.ts";
import { newParsedKey, scanAttribute } from "./parse-flow.ts";
import type { PortNumbers } from "./parse-flow.ts";
import { Scanner } from "./scanner.ts";

/** Names of ports are known to those only who have a datapath to ask. */
const NO_NAMES: PortNumbers = () => undefined;

/**
 * The actions, or an error number: EINVAL, or, as in the original, the negative length of an action that something follows
 * at once.
 */
export function parseDpActions(
  text: string,
  portNamed: PortNumbers = NO_NAMES,
): readonly DpAction[] | number {
  // not the same as no actions: the kernel does not know it
  if (text.toLowerCase() === "drop") return [{ type: "drop", cause: "of_pipeline" }];
  const scanner = new Scanner(text);
  const actions: DpAction[] = [];
  for (;;) {
    scanner.skipDelimiters();
    if (scanner.done) return actions;
    const { at } = scanner;
    const action = scanAction(scanner, portNamed);
    if (!action) return ERRNO.EINVAL;
    if (!/^(?:$|[, \t\r\n])/.test(scanner.text.slice(scanner.at, scanner.at + 1))) return at - scanner.at;
    actions.push(action);
  }
}

/** parse_action_list(): up to the parenthesis that closes it, which is taken. */
function scanList(scanner: Scanner, portNamed: PortNumbers): readonly DpAction[] | undefined {
  const actions: DpAction[] = [];
  for (;;) {
    scanner.skipDelimiters();
    if (scanner.take(")")) return actions;
    if (scanner.done) return undefined;
    const action = scanAction(scanner, portNamed);
    if (!action) return undefined;
    actions.push(action);
  }
}

function scanAction(scanner: Scanner, portNamed: PortNumbers): DpAction | undefined {
  const port = scanner.unsigned(32);
  if (port !== undefined) return { type: "output", port };
  const name = /[^, \t\r\n()]*/y;
  name.lastIndex = scanner.at;
  const word = name.exec(scanner.text)?.[0] ?? "";
  const number = scanner.text[scanner.at + word.length] === "(" ? undefined : portNamed(word);
  if (number !== undefined) {
    scanner.at += word.length;
    return { type: "output", port: number };
  }
  if (scanner.take("pop_vlan")) return { type: "pop_vlan" };
  if (scanner.take("pop_nsh()")) return { type: "pop_nsh" };
  if (scanner.take("ct_clear")) return { type: "ct_clear" };
  if (scanner.take("ct")) return scanConntrack(scanner);
  if (!scanner.take(`${word}(`)) return undefined;
  switch (word) {
    case "trunc": {
      const maxLength = scanner.unsigned(32);
      return maxLength !== undefined && scanner.take(")") ? { type: "trunc", maxLength } : undefined;
    }
    case "recirc": {
      const id = scanner.match(/\d+/y);
      return id !== undefined && scanner.take(")") ? { type: "recirc", id: Number(id) >>> 0 } : undefined;
    }
    case "lb_output": {
      const bond = scanner.unsigned(32);
      return bond !== undefined && scanner.take(")") ? { type: "lb_output", bond } : undefined;
    }
    case "meter": {
      const id = scanner.unsigned(32);
      return id !== undefined && scanner.take(")") ? { type: "meter", id } : undefined;
    }
    case "tnl_pop": {
      const popped = scanner.unsigned(32);
      return popped !== undefined && scanner.take(")") ? { type: "tnl_pop", port: popped } : undefined;
    }
    case "userspace":
      return scanUserspace(scanner);
    case "set":
      return scanSet(scanner, portNamed);
    case "push_vlan":
      return scanPushVlan(scanner);
    case "add_mpls":
      return scanMpls(scanner);
    case "sample":
      return scanSample(scanner, portNamed);
    case "clone": {
      const actions = scanList(scanner, portNamed);
      return actions && { type: "clone", actions };
    }
    case "check_pkt_len":
      return scanPacketLength(scanner, portNamed);
    case "push_nsh": {
      const header = scanNsh(scanner);
      return header && { type: "push_nsh", header };
    }
    case "tnl_push":
      return scanTunnelPush(scanner);
    default:
      return undefined;
  }
}

/** `name=number` one after the other, in this order; those with a question mark may be missing. */
function scanNumbers(scanner: Scanner, names: readonly string[]): number[] | undefined {
  const values: number[] = [];
  for (const [index, name] of names.entries()) {
    if (index > 0 && !scanner.take(",")) return undefined;
    const value = scanner.take(`${name}=`) ? scanner.unsigned(32) : undefined;
    if (value === undefined) return undefined;
    values.push(value);
  }
  return scanner.take(")") ? values : undefined;
}

function oneOf(scanner: Scanner, forms: readonly (readonly string[])[]): Map<string, number> | undefined {
  const { at } = scanner;
  for (const names of forms) {
    scanner.at = at;
    const values = scanNumbers(scanner, names);
    if (values) return new Map(names.map((name, index) => [name, values[index] ?? 0]));
  }
  return undefined;
}

function scanPushVlan(scanner: Scanner): DpAction | undefined {
  const found = oneOf(scanner, [
    ["vid", "pcp"],
    ["vid", "pcp", "cfi"],
    ["tpid", "vid", "pcp"],
    ["tpid", "vid", "pcp", "cfi"],
  ]);
  if (!found) return undefined;
  const vid = found.get("vid") ?? 0;
  const pcp = found.get("pcp") ?? 0;
  if (vid > 0xfff || pcp > 7) return undefined;
  const tci = (pcp << 13) | ((found.get("cfi") ?? 1) === 0 ? 0 : 0x1000) | vid;
  return { type: "push_vlan", tpid: (found.get("tpid") ?? 0x8100) & 0xffff, tci };
}

function scanMpls(scanner: Scanner): DpAction | undefined {
  const values = scanNumbers(scanner, ["label", "tc", "ttl", "bos", "eth_type"]);
  if (!values) return undefined;
  const [label = 0, tc = 0, ttl = 0, bos = 0, etherType = 0] = values;
  const lse = ((label << 12) | ((tc & 7) << 9) | ((bos & 1) << 8) | (ttl & 0xff)) >>> 0;
  return { type: "add_mpls", lse, etherType: etherType & 0xffff };
}

function scanSample(scanner: Scanner, portNamed: PortNumbers): DpAction | undefined {
  if (!scanner.take("sample=")) return undefined;
  const percentage = Number(scanner.match(/[0-9.]+(?:e[+-]?\d+)?/iy) ?? Number.NaN);
  if (!(percentage >= 0 && percentage <= 100) || !scanner.take("%,actions(")) return undefined;
  const actions = scanList(scanner, portNamed);
  if (!actions || !scanner.take(")")) return undefined;
  const probability = Math.floor(0xffff_ffff * (percentage / 100) + 0.5);
  return { type: "sample", probability: Math.min(probability, 0xffff_ffff), actions };
}

function scanPacketLength(scanner: Scanner, portNamed: PortNumbers): DpAction | undefined {
  const size = scanner.take("size=") ? scanner.unsigned(16) : undefined;
  if (size === undefined || !scanner.take(",gt(")) return undefined;
  const greater = listOrDrop(scanner, portNamed);
  if (!greater || !scanner.take(",le(")) return undefined;
  const lessEqual = listOrDrop(scanner, portNamed);
  return lessEqual && scanner.take(")") ? { type: "check_pkt_len", size, greater, lessEqual } : undefined;
}

function listOrDrop(scanner: Scanner, portNamed: PortNumbers): readonly DpAction[] | undefined {
  return scanner.take("drop)") ? [] : scanList(scanner, portNamed);
}

function scanSet(scanner: Scanner, portNamed: PortNumbers): DpAction | undefined {
  const parsed = newParsedKey();
  if (!scanAttribute(scanner, parsed, portNamed) || !scanner.take(")")) return undefined;
  const group = setGroupNamed([...parsed.present][0]);
  if (group === undefined) return undefined;
  const { key, mask } = parsed;
  if (group === "tunnel") {
    return { type: "set", group, value: key, mask: newFlow().fill(0xffff_ffff) };
  }
  return { type: "set", group, value: key, mask };
}

/** Bytes of a cookie that says nothing (struct user_action_cookie). */
const COOKIE_LENGTH = 48;
const LEAST_USERDATA = 8;

function scanUserspace(scanner: Scanner): DpAction | undefined {
  const pid = scanner.take("pid=") ? scanner.unsigned(32) : undefined;
  if (pid === undefined) return undefined;
  const cookie = scanCookie(scanner);
  if (!cookie) return undefined;
  const withActions = scanner.take(",actions");
  const tunnelOutPort = scanner.take(",tunnel_out_port=") ? scanner.unsigned(32) : undefined;
  if (!scanner.take(")")) return undefined;
  return {
    type: "userspace",
    cookie,
    pid,
    ...(withActions ? { withActions } : {}),
    ...(tunnelOutPort === undefined ? {} : { tunnelOutPort }),
  };
}

function scanCookie(scanner: Scanner): UserspaceCookie | undefined {
  if (scanner.take(",slow_path(")) {
    const name = scanner.match(/[^)]*/y) ?? "";
    const bit = SLOW_NAMES.findIndex((known) => known === name);
    if (bit < 0 && name !== "") return undefined;
    return scanner.take(")") ? { type: "slow_path", reason: bit < 0 ? 0 : 1 << bit } : undefined;
  }
  if (scanner.take(",userdata(")) {
    const given = bytesFromHex((scanner.match(/[0-9a-f]*/iy) ?? "").toLowerCase());
    if (!given || !scanner.take(")")) return undefined;
    const bytes = new Uint8Array(Math.max(given.length, LEAST_USERDATA));
    bytes.set(given);
    return { type: "userdata", bytes };
  }
  if (scanner.take(",controller(")) return scanController(scanner);
  if (scanner.take(",sFlow(")) {
    const values = scanNumbers(scanner, ["vid", "pcp", "output"]);
    const [vid = 0, pcp = 0, output = 0] = values ?? [];
    return values && { type: "sflow", bridge: "", vlanTci: (pcp << 13) | vid, output };
  }
  if (scanner.take(",ipfix(")) {
    const values = scanNumbers(scanner, ["output_port"]);
    return values && { type: "ipfix", bridge: "", outputPort: values[0] ?? 0 };
  }
  if (scanner.take(",flow_sample(")) return scanFlowSample(scanner);
  return { type: "userdata", bytes: new Uint8Array(COOKIE_LENGTH) };
}

function scanFlowSample(scanner: Scanner): UserspaceCookie | undefined {
  const names = ["probability", "collector_set_id", "obs_domain_id", "obs_point_id", "output_port"];
  const values: number[] = [];
  for (const name of names) {
    if (values.length > 0 && !scanner.take(",")) return undefined;
    const value = scanner.take(`${name}=`) ? scanner.unsigned(32) : undefined;
    if (value === undefined) return undefined;
    values.push(value);
  }
  const direction = scanner.take(",ingress") ? "ingress" : scanner.take(",egress") ? "egress" : undefined;
  if (!scanner.take(")")) return undefined;
  const [probability = 0, collectorSet = 0, domain = 0, point = 0, outputPort = 0] = values;
  return { type: "flow_sample", bridge: "", probability, collectorSet, domain, point, outputPort, direction };
}

function scanController(scanner: Scanner): UserspaceCookie | undefined {
  const values = new Map<string, bigint>();
  for (const name of [
    "reason",
    "dont_send",
    "continuation",
    "recirc_id",
    "rule_cookie",
    "controller_id",
    "max_len",
  ]) {
    if (values.size > 0 && !scanner.take(",")) return undefined;
    if (!scanner.take(`${name}=`)) return undefined;
    const value = name === "rule_cookie" ? scanner.hex() : scanner.integer();
    if (value === undefined) return undefined;
    values.set(name, value);
  }
  if (!scanner.take(")")) return undefined;
  const number = (name: string) => Number(values.get(name) ?? 0n);
  return {
    type: "controller",
    dontSend: number("dont_send") !== 0,
    continuation: number("continuation") !== 0,
    bridge: "",
    reason: number("reason"),
    inPort: 0xffff,
    metadata: newFlow(),
    recircId: number("recirc_id"),
    ruleCookie: values.get("rule_cookie") ?? 0n,
    controllerId: number("controller_id"),
    maxLength: number("max_len"),
    userdata: undefined,
    tableId: 0,
    meterId: undefined,
  };
}

function scanTunnelPush(scanner: Scanner): DpAction | undefined {
  const tunnelPort = scanner.take("tnl_port(") ? scanner.unsigned(32) : undefined;
  if (tunnelPort === undefined || !scanner.take("),")) return undefined;
  const header = parseHeader(scanner);
  const outPort = header && scanner.take(",out_port(") ? scanner.unsigned(32) : undefined;
  if (!header || outPort === undefined || !scanner.take("))")) return undefined;
  return { type: "tnl_push", tunnelPort, outPort, header };
}
