// Flow monitors (ovs-ofctl monitor br watch:, OpenFlow 1.4's flow monitoring): a connection is told of changes of flows that it
// is interested in.

import type { Message } from "../../../ovsproto/openflow/message-body.ts";
import { OpenflowError } from "../../../ovsproto/openflow/errors.ts";
import { MonitorFlag } from "../../../ovsproto/openflow/monitor-messages.ts";
import type { FlowMonitorRequest, FlowUpdate } from "../../../ovsproto/openflow/monitor-messages.ts";
import type { Bridge } from "../bridge.ts";
import { outputsTo } from "../flow-tables.ts";
import type { FlowEvent } from "../flow-tables.ts";
import type { Rule } from "../rule.ts";
import type { OfConnection } from "./connection.ts";

export class FlowMonitors {
  readonly #bridge: Bridge;
  readonly #connection: OfConnection;
  readonly #monitors = new Map<number, FlowMonitorRequest>();

  constructor(bridge: Bridge, connection: OfConnection) {
    this.#bridge = bridge;
    this.#connection = connection;
  }

  /** Errors: OpenflowError. Answers with what is there already. */
  add(message: Message, requests: readonly FlowMonitorRequest[]): void {
    for (const { id } of requests) {
      if (this.#monitors.has(id)) throw new OpenflowError("OFPMOFC_MONITOR_EXISTS");
    }
    const initial: FlowUpdate[] = [];
    for (const request of requests) {
      this.#monitors.set(request.id, request);
      if ((request.flags & MonitorFlag.INITIAL) === 0) continue;
      for (const rule of this.#bridge.tables.rules()) {
        if (matches(request, rule)) initial.push(update("INITIAL", rule, request, 0));
      }
    }
    this.#connection.replyParts(message, initial, (updates) => ({ type: "flow_monitor_reply", updates }));
  }

  cancel(id: number): void {
    if (!this.#monitors.delete(id)) throw new OpenflowError("OFPMOFC_UNKNOWN_MONITOR");
  }

  flowChanged(event: FlowEvent): void {
    const { version } = this.#connection;
    if (this.#monitors.size === 0 || version === undefined) return;
    const [name, flag] = {
      added: ["ADDED", MonitorFlag.ADD] as const,
      modified: ["MODIFIED", MonitorFlag.MODIFY] as const,
      removed: ["DELETED", MonitorFlag.DELETE] as const,
    }[event.type];
    const updates: FlowUpdate[] = [];
    for (const request of this.#monitors.values()) {
      if ((request.flags & flag) === 0 || !matches(request, event.rule)) continue;
      updates.push(update(name, event.rule, request, event.type === "removed" ? event.reason : 0));
      break; // one update tells it for all monitors
    }
    if (updates.length > 0) {
      this.#connection.send({ version, xid: 0, body: { type: "flow_monitor_reply", updates } });
    }
  }
}

function matches(request: FlowMonitorRequest, rule: Rule): boolean {
  if (request.table !== 255 && request.table !== rule.table) return false;
  if (request.outPort !== 0xffff && !outputsTo(rule.actions, request.outPort)) return false;
  return rule.match.within(request.match);
}

function update(
  event: "INITIAL" | "ADDED" | "DELETED" | "MODIFIED",
  rule: Rule,
  request: FlowMonitorRequest,
  reason: number,
): FlowUpdate {
  return {
    event,
    reason,
    priority: rule.priority,
    idleTimeout: rule.idleTimeout,
    hardTimeout: rule.hardTimeout,
    table: rule.table,
    cookie: rule.cookie,
    match: rule.match,
    actions: (request.flags & MonitorFlag.ACTIONS) !== 0 ? rule.actions : [],
  };
}
