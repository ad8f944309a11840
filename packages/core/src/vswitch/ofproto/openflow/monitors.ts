// Flow monitors (ovs-ofctl monitor br watch:, OpenFlow 1.4's flow monitoring): a connection is told of changes of flows that it
// is interested in.

import type { Action } from "../../../ovsproto/openflow/actions.ts";
import type { Message } from "../../../ovsproto/openflow/message-body.ts";
import { writeInstructions } from "../../../ovsproto/openflow/action-encode.ts";
import { GROUP_ANY } from "../../../ovsproto/openflow/flow-mod.ts";
import { MessageWriter } from "../../../ovsproto/openflow/message-bytes.ts";
import { OpenflowError } from "../../../ovsproto/openflow/errors.ts";
import { MonitorFlag } from "../../../ovsproto/openflow/monitor-messages.ts";
import type { FlowMonitorRequest, FlowUpdate } from "../../../ovsproto/openflow/monitor-messages.ts";
import type { Bridge } from "../bridge.ts";
import { outputsTo, TABLE_COUNT, usesGroup } from "../flow-tables.ts";
import type { FlowEvent } from "../flow-tables.ts";
import type { Rule } from "../rule.ts";
import type { OfConnection } from "./connection.ts";

export class FlowMonitors {
  readonly #bridge: Bridge;
  readonly #connection: OfConnection;
  readonly #monitors = new Map<number, FlowMonitorRequest>();
  #updates: FlowUpdate[] = [];

  constructor(bridge: Bridge, connection: OfConnection) {
    this.#bridge = bridge;
    this.#connection = connection;
  }

  /** Errors: OpenflowError. Answers with what is there already. */
  add(message: Message, requests: readonly FlowMonitorRequest[]): void {
    for (const { id, table } of requests) {
      if (table !== 255 && table >= TABLE_COUNT) throw new OpenflowError("OFPBRC_BAD_TABLE_ID");
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

  /** ofmonitor_report(). `own`: transaction of the connection's own request that has changed the flow. */
  flowChanged(event: FlowEvent, own: number | undefined): void {
    const [name, flag] = {
      added: ["ADDED", MonitorFlag.ADD] as const,
      modified: ["MODIFIED", MonitorFlag.MODIFY] as const,
      removed: ["DELETED", MonitorFlag.DELETE] as const,
    }[event.type];
    const oldActions = event.type === "removed" ? undefined : event.oldActions;
    let flags = 0;
    for (const request of this.#monitors.values()) {
      if ((request.flags & flag) !== 0 && matches(request, event.rule, oldActions)) flags |= request.flags;
    }
    if (flags === 0) return;
    // replace_rule_finish(): what is as before is not told
    if (event.type === "modified" && event.oldCookie === event.rule.cookie) {
      if (sameActions(event.oldActions, event.rule.actions)) return;
    }
    if (own === undefined || flags & MonitorFlag.ONLY_OWN) {
      this.#updates.push(update(name, event.rule, { flags }, event.type === "removed" ? event.reason : 0));
    } else if (!this.#updates.some((known) => known.event === "ABBREV")) {
      this.#updates.push({ event: "ABBREV", xid: own });
    }
  }

  /** ofmonitor_flush(): one message tells of all that one request has changed. */
  flush(): void {
    const { version } = this.#connection;
    if (this.#updates.length === 0 || version === undefined) return;
    const updates = this.#updates;
    this.#updates = [];
    this.#connection.send({ version, xid: 0, body: { type: "flow_monitor_reply", updates } });
  }
}

function matches(request: FlowMonitorRequest, rule: Rule, oldActions: readonly Action[] = []): boolean {
  if (request.table !== 255 && request.table !== rule.table) return false;
  const { outPort } = request;
  if (outPort !== 0xffff && !outputsTo(rule.actions, outPort) && !outputsTo(oldActions, outPort))
    return false;
  const { outGroup } = request;
  if (outGroup !== GROUP_ANY && !usesGroup(rule.actions, outGroup) && !usesGroup(oldActions, outGroup))
    return false;
  return rule.match.within(request.match);
}

/** ofpacts_equal() */
function sameActions(a: readonly Action[], b: readonly Action[]): boolean {
  const [one, other] = [a, b].map((actions) => {
    const out = new MessageWriter();
    writeInstructions(out, actions, 5);
    return out.bytes();
  });
  return one !== undefined && other !== undefined && one.join() === other.join();
}

function update(
  event: "INITIAL" | "ADDED" | "DELETED" | "MODIFIED",
  rule: Rule,
  request: Pick<FlowMonitorRequest, "flags">,
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
