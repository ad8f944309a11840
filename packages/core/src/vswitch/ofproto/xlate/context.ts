// What is known while a packet goes through the pipeline (struct xlate_ctx), and what comes out of it. The work is in the
// other files of this folder; each function gets the context.

import type { Packet } from "../../../kernel/device-vport.ts";
import type { Action, Nat } from "../../../ovsproto/openflow/actions.ts";
import type { Names } from "../../../ovsproto/openflow/names.ts";
import type { DpAction } from "../../../ovsproto/datapath/actions.ts";
import type { Flow } from "../../../ovsproto/flow/flow.ts";
import { newFlow, W } from "../../../ovsproto/flow/flow.ts";
import { formatFlowText } from "../../../ovsproto/flow/format.ts";
import { NO_PORT } from "../../export/ipfix/ipfix.ts";
import { NETFLOW_OUT } from "../../export/netflow/netflow.ts";
import type { Bridge } from "../bridge.ts";
import type { FeatureName } from "../datapath-features.ts";
import type { OfPort } from "../port.ts";
import type { Rule } from "../rule.ts";
import type { TraceNode, TraceNodeType } from "../trace-tree.ts";
import type { CacheEntry } from "./cache.ts";

/** enum xlate_error, with the original's texts. */
export const XLATE_ERROR = {
  BRIDGE_NOT_FOUND: "Bridge not found",
  RECURSION_TOO_DEEP: "Recursion too deep",
  TOO_MANY_RESUBMITS: "Too many resubmits",
  STACK_TOO_DEEP: "Stack too deep",
  NO_RECIRCULATION_CONTEXT: "No recirculation context",
  RECIRCULATION_CONFLICT: "Recirculation conflict",
  TOO_MANY_MPLS_LABELS: "Too many MPLS labels",
  INVALID_TUNNEL_METADATA: "Invalid tunnel metadata",
  UNSUPPORTED_PACKET_TYPE: "Unsupported packet type",
  FORWARDING_DISABLED: "Forwarding is disabled",
} as const;

export type XlateError = (typeof XLATE_ERROR)[keyof typeof XLATE_ERROR];

/** enum slow_path_reason: why the daemon must handle every packet of a flow. Bits. */
export const SLOW = {
  CFM: 1,
  BFD: 2,
  LACP: 4,
  STP: 8,
  LLDP: 16,
  ACTION: 32,
  MATCH: 64,
} as const;

/** Counters that a translation credits at once, for the packet that caused it. */
export interface PacketStatistics {
  readonly packets: number;
  readonly bytes: number;
  /** Clock, nanoseconds. */
  readonly used: number;
  readonly tcpFlags: number;
}

/** What goes on when a frozen packet comes back (struct frozen_state). */
export interface FrozenState {
  readonly bridge: Bridge;
  readonly table: number;
  /** Metadata words of the flow. */
  readonly metadata: Flow;
  readonly stack: readonly bigint[];
  readonly mirrors: number;
  readonly conntracked: boolean;
  readonly actionSet: readonly Action[];
  readonly actions: readonly Action[];
}

/** A place where the trace goes on after a recirculation. */
export interface RecircNode {
  readonly reason: "conntrack" | "mpls" | "bond" | "debug";
  readonly id: number;
  readonly flow: Flow;
  readonly packet: Packet | undefined;
  /** Translation that the datapath would have done. */
  readonly nat?: Nat | undefined;
}

export interface XlateInput {
  readonly bridge: Bridge;
  readonly flow: Flow;
  readonly inPort: OfPort | undefined;
  readonly packet: Packet | undefined;
  /** Learning, packet-ins and the like happen. */
  readonly sideEffects: boolean;
  readonly statistics: PacketStatistics | undefined;
  /** Where what later packets of the flow are to be credited to is noted. */
  readonly cache: CacheEntry[] | undefined;
  /** Instead of a look into table 0. */
  readonly actions?: readonly Action[] | undefined;
  readonly rule?: Rule | undefined;
  readonly frozen?: FrozenState | undefined;
  readonly trace?: TraceNode[] | undefined;
  /** The trace shows ports by their names. */
  readonly named?: boolean;
  readonly recirculations?: RecircNode[] | undefined;
  readonly inPacketOut?: boolean;
  /** Depth of translations inside translations. */
  readonly depth?: number;
  readonly resubmits?: number;
}

export type PendingHeader =
  { readonly kind: "encap"; readonly metadata?: Uint8Array } | { readonly kind: "decap" };

export type ControllerAction = Extract<Action, { readonly type: "controller" }>;

export class XlateContext {
  input: XlateInput;
  bridge: Bridge;
  /** As actions have changed it. */
  flow: Flow;
  /** What the datapath's packet is like after the actions so far. */
  base: Flow;
  wildcards: Flow = newFlow();
  actions: DpAction[] = [];
  table = 0;
  rule: Rule | undefined;
  ruleCookie = 0xffff_ffff_ffff_ffffn;
  slow = 0;
  error: XlateError | undefined = undefined;
  /** What was translated depends on more than flows: no flow of the datapath is to be kept for it. */
  avoidCaching = false;
  /** A packet has lived too long: the rest of a list of actions is left out, and what is outside of the list is not. */
  expired = false;
  exit = false;
  depth: number;
  resubmits: number;
  stack: bigint[] = [];
  actionSet: Action[] = [];
  hasWriteActions = false;
  inGroup = false;
  inActionSet = false;
  mirrors = 0;
  mirrorSnaplen = 0;
  wasMpls = false;
  /** encap or decap that the datapath has not been told yet; options of NSH are not in the flow. */
  pending: PendingHeader | undefined = undefined;
  conntracked = false;
  freezing = false;
  /** The actions are translated; what fails now fails in the action set. */
  reachedActionSet = false;
  frozenActions: Action[] = [];
  /** The packet waits for its controller instead of being recirculated. */
  pause: ControllerAction | undefined = undefined;
  /** It has been given to its controller, also from inside of a clone: nothing follows. */
  paused = false;
  recircUpdateHash = false;
  hashAlgorithm: "l4" | "sym_l4" = "l4";
  hashBasis = 0;
  trace: TraceNode[] | undefined;
  /** Outputs by ports of the datapath so far, and the last of those ports, for sFlow. */
  outputs = 0;
  lastOutput = NO_PORT;
  /** Where the packet leaves, for NetFlow: an OpenFlow port or NETFLOW_OUT. */
  netflowOut: number = NETFLOW_OUT.DROP;

  constructor(input: XlateInput) {
    this.input = input;
    this.bridge = input.bridge;
    this.flow = input.flow.slice();
    this.base = input.flow.slice();
    // A packet that has come through a tunnel goes through the next one only if it is told so.
    this.base.fill(0, W.TUN_ID, W.CT_STATE_ZONE);
    this.trace = input.trace;
    this.depth = input.depth ?? 0;
    this.resubmits = input.resubmits ?? 0;
    this.rule = input.rule;
  }

  /** An ability that has been taken away from the datapath (dpif/set-dp-features). */
  lacks(feature: FeatureName): boolean {
    return this.bridge.backer.features.lacks(feature);
  }

  /** How the trace shows ports. */
  get names(): Names | undefined {
    return this.input.named === true ? this.bridge.names : undefined;
  }

  /** A line of the trace. Returns where lines below it go. */
  report(type: TraceNodeType, text: string): TraceNode[] | undefined {
    if (this.trace === undefined) return undefined;
    const node: TraceNode = { type, text, subs: [] };
    this.trace.push(node);
    return node.subs;
  }

  detail(text: string): void {
    this.report("detail", text);
  }

  warn(text: string): void {
    this.report("warn", text);
  }

  /** xlate_report_error(): in the trace if there is one, or else in the log if a packet has led here. */
  fail(text: string): void {
    this.report("error", text);
    const { packet, trace } = this.input;
    if (!packet || trace) return;
    const where = `on bridge ${this.bridge.name} while processing ${formatFlowText(this.base)}`;
    this.bridge.backer.vlog?.limited("xlate error", "ofproto_dpif_xlate", "warn", `${text} ${where}`);
  }
}
