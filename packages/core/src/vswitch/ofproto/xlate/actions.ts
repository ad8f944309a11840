// The actions of OpenFlow, one after the other (do_xlate_actions). Changes are made to the context's flow; they become
// actions of the datapath when the packet is output.

import type { Action } from "../../../ovsproto/openflow/actions.ts";
import { formatActions } from "../../../ovsproto/openflow/action-text.ts";
import { theField } from "../../../ovsproto/openflow/fields.ts";
import { formatPort } from "../../../ovsproto/openflow/names.ts";
import { Port } from "../../../ovsproto/openflow/ports.ts";
import {
  maskSubfield,
  prerequisitesHold,
  readSubfield,
  writeField,
  writeSubfield,
} from "../../../ovsproto/flow/fields.ts";
import { PORT_UNSET, unwildcard, unwildcardProtocol, W, word } from "../../../ovsproto/flow/flow.ts";
import { NETFLOW_OUT } from "../../export/netflow/netflow.ts";
import { IRREVERSIBLE, orderActionSet, reportActionSet, writeActions } from "./action-set.ts";
import { bundleMember, multipathLink } from "./choice.ts";
import { commit } from "./commit.ts";
import { SLOW } from "./context.ts";
import type { XlateContext } from "./context.ts";
import { connectionTracking } from "./conntrack.ts";
import { outputToController, PACKET_IN_REASON } from "./controller.ts";
import { checkPacketLarger, checkThisPacket } from "./packet-length.ts";
import { popQueue, queuePriority } from "./queue.ts";
import {
  clearConntrack,
  finishFreezing,
  freezeActions,
  recirculateAndFork,
  triggerFreeze,
} from "./freeze.ts";
import { decapsulate, decrementNshTtl, encapsulate } from "./encap.ts";
import { finTimeout } from "./fin-timeout.ts";
import { groupAction } from "./group.ts";
import { decrementTtl, simpleChange } from "./header-change.ts";
import { learnAction } from "./learn.ts";
import { needsInnerHeaders, popMpls, pushMpls } from "./mpls.ts";
import { translateNormal } from "./normal.ts";
import { composeOutput, flood, setPipeline } from "./output.ts";
import { cloned, sampleAction } from "./sample.ts";
import { changesNetwork, deleteField, reportSubfield, setField } from "./set-field.ts";
import { tableAction } from "./table.ts";

export function translateActions(actions: readonly Action[], context: XlateContext, last: boolean): void {
  if (actions.length === 0) {
    context.report("action", "drop");
    return;
  }
  for (let at = 0; at < actions.length; at++) {
    const action = actions[at] as Action;
    if (context.error) return;
    if (context.wasMpls && !context.exit && needsInnerHeaders(action)) triggerFreeze(context);
    if (context.exit) {
      // The rest of a frozen list is done when the packet comes back.
      if (context.freezing) freezeActions(context, actions.slice(at));
      return;
    }
    if (context.trace !== undefined) context.report("action", formatActions([action], context.names));
    const ends = last && at === actions.length - 1;
    if (action.type === "check_pkt_larger" && !context.lacks("check_pkt_len")) {
      checkPacketLarger(
        context,
        action,
        actions.slice(at + 1),
        (rest) => translateActions(rest, context, true),
        () => runActionSet(context),
      );
      return;
    }
    translateOne(action, context, ends);
    if (context.expired) {
      context.expired = false;
      return;
    }
    if (context.exit && context.freezing && isUndone(context, action)) {
      freezeActions(context, [action]);
    }
  }
}

/** Whether what has frozen the packet is still to be done when it comes back: no bucket is chosen. */
function isUndone({ frozenActions }: XlateContext, action: Action): boolean {
  return action.type === "group" && frozenActions.length === 0;
}

function translateOne(action: Action, context: XlateContext, last: boolean): void {
  const { flow, wildcards } = context;
  switch (action.type) {
    case "output":
      output(context, action.port, action.maxLength, last, true);
      return;
    case "output_reg": {
      const port = Number(readSubfield(flow, action.source));
      maskSubfield(wildcards, action.source);
      if (port <= 0xffff) {
        context.detail(`output port is ${port}`);
        output(context, port, action.maxLength, last, false);
      } else context.warn(`output port ${port} is out of range`);
      return;
    }
    case "output_trunc":
      truncatedOutput(context, action.port, action.maxLength, last);
      return;
    case "enqueue":
      unwildcard(wildcards, W.SKB_PRIORITY);
      enqueue(context, action.port, action.queue, last);
      return;
    case "set_queue":
      unwildcard(wildcards, W.SKB_PRIORITY);
      flow[W.SKB_PRIORITY] = queuePriority(context.bridge, action.queue) ?? word(flow, W.SKB_PRIORITY);
      return;
    case "pop_queue":
      unwildcard(wildcards, W.SKB_PRIORITY);
      popQueue(context);
      return;
    case "controller":
      if (action.pause) {
        context.pause = action;
        triggerFreeze(context);
        return;
      }
      outputToController(context, {
        maxLength: action.maxLength,
        reason: action.reason,
        controllerId: action.controllerId,
        userdata: action.userdata,
        meter: action.meter,
      });
      return;
    case "group":
      groupAction(context, action.group, last, translateActions);
      return;
    case "bundle": {
      const chosen = bundleMember(context, action);
      if (action.to) {
        maskSubfield(wildcards, action.to);
        writeSubfield(flow, action.to, BigInt(chosen));
        reportSubfield(context, action.to);
      } else output(context, chosen, 0, last, true);
      return;
    }
    case "multipath":
      multipathLink(context, action);
      reportSubfield(context, action.to);
      return;
    case "set_field":
      setField(context, action);
      return;
    case "load": {
      const { to, value } = action;
      if (!prerequisitesHold(flow, to.field, wildcards)) {
        context.warn(`unmet prerequisites for ${to.field.name}, set_field ignored`);
        return;
      }
      maskSubfield(wildcards, to);
      if (changesNetwork(to.field, flow)) unwildcardProtocol(wildcards);
      writeSubfield(flow, to, value);
      return;
    }
    case "move":
      if (
        prerequisitesHold(flow, action.from.field, wildcards) &&
        prerequisitesHold(flow, action.to.field, wildcards)
      ) {
        maskSubfield(wildcards, action.to);
        maskSubfield(wildcards, action.from);
        writeSubfield(flow, action.to, readSubfield(flow, action.from));
      }
      reportSubfield(context, action.to);
      return;
    case "push":
      maskSubfield(wildcards, action.subfield);
      context.stack.push(readSubfield(flow, action.subfield));
      return;
    case "pop": {
      const value = context.stack.pop();
      if (value === undefined) {
        context.fail("stack underflow");
        return;
      }
      maskSubfield(wildcards, action.subfield);
      writeSubfield(flow, action.subfield, value);
      reportSubfield(context, action.subfield);
      return;
    }
    case "dec_ttl":
      decrementTtl(context, action.controllers);
      return;
    case "push_mpls":
      pushMpls(context, action.ethertype);
      return;
    case "pop_mpls":
      popMpls(context, action.ethertype);
      return;
    case "set_tunnel":
      flow[W.TUN_ID] = Number(action.id >> 32n);
      flow[W.TUN_ID + 1] = Number(action.id & 0xffff_ffffn);
      return;
    case "resubmit":
      resubmit(context, action.port, action.table, last);
      return;
    case "goto_table":
      tableAction(context, {
        inPort: word(flow, W.IN_PORT),
        table: action.table,
        mayPacketIn: true,
        honorMiss: true,
        last,
        translate: translateActions,
      });
      return;
    case "learn":
      learnAction(context, action);
      return;
    case "fin_timeout":
      finTimeout(context, action.idle, action.hard);
      return;
    case "exit":
      context.exit = true;
      return;
    case "clone":
      clone(context, action.actions, last);
      return;
    case "ct":
      connectionTracking(context, action, translateActions, (table, zone, nat) =>
        recirculateAndFork(context, table, "conntrack", { zone, nat }),
      );
      return;
    case "ct_clear":
      if (context.conntracked) {
        context.actions.push({ type: "ct_clear" });
        clearConntrack(context);
      }
      return;
    case "check_pkt_larger":
      // what a datapath does is done by translateActions(), which knows what follows
      if (context.lacks("check_pkt_len")) checkThisPacket(context, action);
      return;
    case "meter": {
      commit(context);
      const id = context.bridge.datapathMeter(action.meter);
      if (id !== undefined) context.actions.push({ type: "meter", id });
      return;
    }
    case "clear_actions":
      reportActionSet(context, "was");
      context.actionSet = [];
      context.hasWriteActions = false;
      flow[W.ACTSET_OUTPUT] = PORT_UNSET;
      return;
    case "write_actions":
      writeActions(context, action.actions);
      return;
    case "write_metadata":
      writeField(flow, theField("metadata"), action.value, action.mask);
      return;
    case "debug_recirc":
      triggerFreeze(context);
      return;
    case "unroll_xlate":
      context.table = action.table;
      context.ruleCookie = action.cookie;
      return;
    case "debug_slow":
      context.slow |= SLOW.ACTION;
      return;
    case "sample":
      sampleAction(context, action);
      return;
    case "note":
    case "conjunction":
    case "nat":
      return;
    case "delete_field":
      deleteField(context, action.field);
      return;
    case "dec_nsh_ttl":
      decrementNshTtl(context);
      return;
    case "encap":
      encapsulate(context, action);
      return;
    case "decap":
      decapsulate(context, action.packetType);
      return;
    default:
      simpleChange(context, action);
  }
}

/** xlate_output_action() */
export function output(
  context: XlateContext,
  port: number,
  maxLength: number,
  last: boolean,
  mayPacketIn: boolean,
): void {
  const before = context.netflowOut;
  context.netflowOut = NETFLOW_OUT.DROP;
  outputTo(context, port, maxLength, last, mayPacketIn);
  noteWayOut(context, before);
}

/** Where NetFlow says that a packet went which has gone `before` already. */
function noteWayOut(context: XlateContext, before: number): void {
  const { FLOOD, MULTIPLE, DROP } = NETFLOW_OUT;
  if (before === FLOOD) context.netflowOut = FLOOD;
  else if (context.netflowOut === DROP) context.netflowOut = before;
  else if (before !== DROP && context.netflowOut !== FLOOD) context.netflowOut = MULTIPLE;
}

function outputTo(
  context: XlateContext,
  port: number,
  maxLength: number,
  last: boolean,
  mayPacketIn: boolean,
): void {
  const inPort = word(context.flow, W.IN_PORT);
  switch (port) {
    case Port.IN_PORT:
      composeOutput(context, inPort, { last });
      return;
    case Port.TABLE:
      tableAction(context, {
        inPort,
        table: 0,
        mayPacketIn: mayPacketIn,
        honorMiss: true,
        last,
        translate: translateActions,
      });
      return;
    case Port.NORMAL:
      translateNormal(context);
      return;
    case Port.FLOOD:
    case Port.ALL:
      flood(context, port === Port.ALL, last);
      return;
    case Port.CONTROLLER:
      outputToController(context, {
        maxLength,
        controllerId: 0,
        reason: context.input.inPacketOut
          ? PACKET_IN_REASON.PACKET_OUT
          : context.inGroup
            ? PACKET_IN_REASON.GROUP
            : context.inActionSet
              ? PACKET_IN_REASON.ACTION_SET
              : PACKET_IN_REASON.ACTION,
      });
      return;
    case Port.NONE:
      return;
    default:
      if (port === inPort) context.warn("skipping output to input port");
      else composeOutput(context, port, { last });
  }
}

/** xlate_enqueue_action() */
function enqueue(context: XlateContext, port: number, queue: number, last: boolean): void {
  const { flow } = context;
  const priority = queuePriority(context.bridge, queue);
  if (priority === undefined) {
    output(context, port, 0, last, false);
    return;
  }
  const inPort = word(flow, W.IN_PORT);
  if (port === inPort) return;
  const before = word(flow, W.SKB_PRIORITY);
  const { netflowOut } = context;
  flow[W.SKB_PRIORITY] = priority;
  const number = port === Port.IN_PORT ? inPort : port;
  composeOutput(context, number, { last });
  flow[W.SKB_PRIORITY] = before;
  const { FLOOD, MULTIPLE, DROP } = NETFLOW_OUT;
  context.netflowOut = netflowOut === DROP ? number : netflowOut === FLOOD ? FLOOD : MULTIPLE;
}

/** xlate_output_trunc_action(): how long the next output may be is said before the changes that are due, and also if there is none. */
function truncatedOutput(context: XlateContext, port: number, maxLength: number, last: boolean): void {
  switch (port) {
    case Port.TABLE:
    case Port.NORMAL:
    case Port.FLOOD:
    case Port.ALL:
    case Port.CONTROLLER:
    case Port.NONE:
      context.warn(`output_trunc does not support port: ${formatPort(port)}`);
      return;
  }
  if (port === word(context.flow, W.IN_PORT)) {
    context.warn("skipping output to input port");
    return;
  }
  if (context.bridge.port(port)?.datapathPort === undefined) {
    // also of the port that the packet has come in by when it is called IN_PORT
    context.fail(`output_trunc does not support patch port ${formatPort(port)}`);
    return;
  }
  context.actions.push({ type: "trunc", maxLength });
  output(context, port, 0, last, false);
  if (context.lacks("trunc")) context.slow |= SLOW.ACTION;
}

/** xlate_ofpact_resubmit() */
function resubmit(context: XlateContext, port: number, table: number, last: boolean): void {
  const inPort = port === Port.IN_PORT ? word(context.flow, W.IN_PORT) : port;
  tableAction(context, {
    inPort,
    table: table === 255 ? context.table : table,
    mayPacketIn: false,
    honorMiss: false,
    last,
    translate: translateActions,
  });
}

/** compose_clone() */
function clone(context: XlateContext, actions: readonly Action[], last: boolean): void {
  const saved = {
    flow: context.flow.slice(),
    stack: [...context.stack],
    actionSet: context.actionSet,
    wasMpls: context.wasMpls,
  };
  const { conntracked } = context;
  context.actionSet = [];
  let frozen = false;
  const run = (inner: boolean) => {
    translateActions(actions, context, inner);
    if (!context.freezing) runActionSet(context);
    frozen = context.freezing;
    if (frozen) finishFreezing(context);
  };
  if (last || !actions.some(({ type }) => IRREVERSIBLE.has(type))) run(last);
  else if (cloned(context, []) === undefined) context.fail("Failed to compose clone action");
  else {
    commit(context);
    const base = context.base.slice();
    const outside = context.actions;
    context.actions = [];
    run(true);
    const inside = context.actions;
    context.actions = outside;
    const action = cloned(context, inside);
    if (inside.length > 0 && action) context.actions.push(action);
    context.base = base;
    context.conntracked = conntracked;
  }
  Object.assign(context, saved);
  // in the original what ends the actions inside ends those outside, too, be it to wait for recirculation
  context.exit ||= context.paused || frozen;
}

/** xlate_action_set() */
export function runActionSet(context: XlateContext): void {
  context.inActionSet = true;
  const ordered = orderActionSet(context.actionSet);
  context.actionSet = [];
  if (ordered.length > 0) {
    const saved = context.trace;
    context.trace = context.report("table", "--. Executing action set:");
    translateActions(ordered, context, true);
    context.trace = saved;
  }
  context.inActionSet = false;
}

setPipeline({
  enterTable(context, inPort, table, last) {
    tableAction(context, {
      inPort,
      table,
      mayPacketIn: true,
      honorMiss: true,
      last,
      translate: (actions, inside, ends) => clone(inside, actions, ends),
    });
  },
  runActionSet,
  finishFreezing,
});
