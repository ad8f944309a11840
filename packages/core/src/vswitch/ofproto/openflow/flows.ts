// Messages about flows: flow-mods, statistics of flows (handle_flow_mod__, handle_flow_stats_request of ofproto.c).

import { durationOf } from "./duration.ts";
import { OpenflowError } from "../../../ovsproto/openflow/errors.ts";
import { NO_BUFFER } from "../../../ovsproto/openflow/flow-mod.ts";
import type { FlowMod } from "../../../ovsproto/openflow/flow-mod.ts";
import { KeyWord } from "../../../ovsproto/openflow/flow-key.ts";
import type { Match } from "../../../ovsproto/openflow/match.ts";
import type { FlowRequest, FlowStats } from "../../../ovsproto/openflow/flow-messages.ts";
import { GroupId } from "../../../ovsproto/openflow/group-messages.ts";
import type { Action } from "../../../ovsproto/openflow/actions.ts";
import type { Message } from "../../../ovsproto/openflow/message-body.ts";
import type { TlvMapping } from "../../../ovsproto/openflow/session-messages.ts";
import type { Bridge } from "../bridge.ts";
import { REMOVED_REASON, TABLE_COUNT } from "../flow-tables.ts";
import type { FlowSelection } from "../flow-tables.ts";
import type { Rule } from "../rule.ts";
import { namesOption } from "../tun-metadata/tlv-table.ts";
import type { OfConnection } from "./connection.ts";
import { checkSupport } from "./datapath-support.ts";

/** The last table is the switch's own. */
const HIDDEN_TABLE = TABLE_COUNT - 1;
const ALL_TABLES = 255;

export function selectionOf(mod: {
  readonly table: number;
  readonly match: FlowMod["match"];
  readonly cookie: bigint;
  readonly cookieMask: bigint;
  readonly outPort: number;
  readonly outGroup: number;
}): FlowSelection {
  return mod;
}

/** Fields that flows name stay. Errors: OpenflowError. */
export function changeTlvTable(bridge: Bridge, command: number, mappings: readonly TlvMapping[]): void {
  const used = (index: number) =>
    [...bridge.tables.rules()].some(
      ({ match, actions }) => match.tunMetadata?.has(index) === true || namesOption(actions, index),
    );
  bridge.tlvTable.change(command, mappings, used);
  bridge.backer.revalidate();
}

const deletes = ({ command }: FlowMod): boolean => command.startsWith("delete");

/**
 * What is looked at before a flow-mod takes effect, and when it comes into a bundle (ofproto_flow_mod_init()).
 * @returns it with the fields that its options stand for
 * @throws OpenflowError
 */
export function checkFlowMod(bridge: Bridge, given: FlowMod): FlowMod {
  const { tlvTable, backer } = bridge;
  const match = tlvTable.resolveMatch(given.match);
  const mod: FlowMod = { ...given, match, actions: tlvTable.resolveActions(given.actions) };
  if (deletes(mod)) return mod;
  if (given.bufferId !== NO_BUFFER) throw new OpenflowError("OFPBRC_BUFFER_UNKNOWN");
  checkTable(mod);
  if (!leavesHiddenFields(match)) {
    const what = "only internal flows can set non-default values to hidden fields";
    backer.vlog?.limited("hidden fields", "ofproto", "warn", `${bridge.name}: (add_flow) ${what}`);
    throw new OpenflowError("OFPBRC_EPERM");
  }
  checkSupport(backer, match, mod.actions);
  return mod;
}

function checkTable({ table }: FlowMod): void {
  if (table !== ALL_TABLES && table >= TABLE_COUNT) throw new OpenflowError("OFPBRC_BAD_TABLE_ID");
  if (table === HIDDEN_TABLE) throw new OpenflowError("OFPBRC_EPERM");
}

/** Errors: OpenflowError; nothing has changed then. */
export function modifyFlows(bridge: Bridge, given: FlowMod, version: number): void {
  const mod = checkFlowMod(bridge, given);
  if (deletes(mod)) {
    if (mod.bufferId !== NO_BUFFER) throw new OpenflowError("OFPBRC_BUFFER_UNKNOWN");
    checkTable(mod);
  } else checkActions(bridge, mod.actions);
  const { tables } = bridge;
  switch (mod.command) {
    case "add":
      addFlow(bridge, mod);
      break;
    case "modify":
    case "modify_strict": {
      const rules =
        mod.command === "modify"
          ? tables.select(selectionOf(mod))
          : tables.selectStrict(selectionOf(mod), mod.priority);
      // Up to OpenFlow 1.1 a modification of nothing adds, unless it is limited to a cookie.
      if (rules.length === 0 && mod.cookieMask === 0n && (version < 3 || mod.modifyCookie))
        addFlow(bridge, mod);
      for (const rule of rules) {
        tables.modify(rule, { ...mod, cookie: mod.newCookie }, mod.modifyCookie);
      }
      break;
    }
    case "delete":
      tables.removeAll(tables.select(selectionOf(mod)), REMOVED_REASON.DELETE);
      break;
    case "delete_strict":
      tables.removeAll(tables.selectStrict(selectionOf(mod), mod.priority), REMOVED_REASON.DELETE);
  }
  bridge.backer.watchTimeouts();
}

/** What only recirculation sets is no controller's to match (match_has_default_hidden_fields()). */
function leavesHiddenFields({ value, mask }: Match): boolean {
  const recirculation = mask[KeyWord.RECIRC_ID] ?? 0;
  return (
    mask[KeyWord.DP_HASH] === 0 &&
    value[KeyWord.RECIRC_ID] === 0 &&
    (recirculation === 0 || recirculation === 0xffff_ffff)
  );
}

function addFlow(bridge: Bridge, mod: FlowMod): void {
  bridge.tables.add(mod.table === ALL_TABLES ? 0 : mod.table, { ...mod, cookie: mod.newCookie });
}

/** ofproto_check_ofpacts(): groups and meters must be there. */
export function checkActions(bridge: Bridge, actions: readonly Action[]): void {
  for (const action of actions) {
    if (action.type === "group" && !bridge.groups.has(action.group))
      throw new OpenflowError("OFPBAC_BAD_OUT_GROUP");
    if (action.type === "meter" && !bridge.meters.has(action.meter))
      throw new OpenflowError("OFPMMFC_INVALID_METER");
    if (action.type === "write_actions" || action.type === "clone") checkActions(bridge, action.actions);
  }
}

function rulesFor(bridge: Bridge, request: FlowRequest): Rule[] {
  const match = bridge.tlvTable.resolveMatch(request.match);
  if (request.table !== ALL_TABLES && request.table >= TABLE_COUNT) {
    throw new OpenflowError("OFPBRC_BAD_TABLE_ID");
  }
  bridge.backer.pushStatistics();
  const outGroup = request.outGroup === 0 ? GroupId.ANY : request.outGroup;
  return bridge.tables.select({ ...request, match, outGroup }, true);
}

export function flowStatistics(bridge: Bridge, rule: Rule): FlowStats {
  const { now } = bridge.backer;
  const age = now - rule.created;
  return {
    match: rule.match,
    cookie: rule.cookie,
    table: rule.table,
    priority: rule.priority,
    idleTimeout: rule.idleTimeout,
    hardTimeout: rule.hardTimeout,
    ...durationOf(age),
    idleAge: Math.floor((now - rule.used) / 1e9),
    hardAge: Math.floor((now - rule.modified) / 1e9),
    packets: BigInt(rule.packets),
    bytes: BigInt(rule.bytes),
    flags: rule.flags,
    importance: rule.importance,
    actions: rule.actions,
  };
}

export function replyFlows(
  bridge: Bridge,
  connection: OfConnection,
  message: Message,
  request: FlowRequest,
): void {
  const flows = rulesFor(bridge, request).map((rule) => flowStatistics(bridge, rule));
  connection.replyParts(message, flows, (some) => ({ type: "flow_reply", form: request.form, flows: some }));
}

export function replyAggregate(
  bridge: Bridge,
  connection: OfConnection,
  message: Message,
  request: FlowRequest,
): void {
  const rules = rulesFor(bridge, request);
  connection.reply(message, {
    type: "aggregate_reply",
    form: request.form,
    stats: {
      packets: rules.reduce((sum, { packets }) => sum + BigInt(packets), 0n),
      bytes: rules.reduce((sum, { bytes }) => sum + BigInt(bytes), 0n),
      flows: rules.length,
    },
  });
}
