// One OpenFlow session: what the peer has asked for, the answers to its requests, and what it is told without asking (ofconn in
// connmgr.c, handle_openflow in ofproto.c).

import { durationOf } from "./duration.ts";
import { OpenflowError } from "../../../ovsproto/openflow/errors.ts";
import type { OpenFlowVersion } from "../../../ovsproto/openflow/fields.ts";
import { decodeMessage } from "../../../ovsproto/openflow/message-decode.ts";
import { errorReply } from "../../../ovsproto/openflow/message-encode.ts";
import type { Message } from "../../../ovsproto/openflow/message-body.ts";
import { Match } from "../../../ovsproto/openflow/match.ts";
import { FRAGMENT_MODES } from "../../../ovsproto/openflow/session-messages.ts";
import { FLOW_WORDS, newFlow, W, word } from "../../flow/flow.ts";
import type { Bridge, BridgeListener, PacketInEvent } from "../bridge.ts";
import type { FlowEvent } from "../flow-tables.ts";
import type { OfPort } from "../port.ts";
import { BundleStore } from "./bundles.ts";
import type { ConnectionOwner, OfConnection } from "./connection.ts";
import { modifyFlows, replyAggregate, replyFlows } from "./flows.ts";
import {
  describe,
  groupsFor,
  groupStatistics,
  meterConfigs,
  meterStatistics,
  modifyGroup,
  modifyMeter,
} from "./groups.ts";
import { FlowMonitors } from "./monitors.ts";
import { executePacketOut } from "./packet-out.ts";
import { describePort, describePorts, modifyPort, replyPortCounters } from "./ports.ts";
import { modifyTable, tableDescriptions, tableFeatures, tableStatistics } from "./tables.ts";

/** A controller gets packets and events; a management connection only what it asks for. */
export type LinkKind = "controller" | "service";

const NO_BUFFER = 0xffff_ffff;
const ASYNC = {
  PACKET_IN: 0,
  PORT_STATUS: 1,
  FLOW_REMOVED: 2,
  ROLE_STATUS: 3,
  TABLE_STATUS: 4,
  REQUESTFORWARD: 5,
} as const;
const ROLE = { NOCHANGE: 0, EQUAL: 1, MASTER: 2, SLAVE: 3 } as const;

export class ControllerLink implements BridgeListener {
  readonly bridge: Bridge;
  readonly connection: OfConnection;
  readonly kind: LinkKind;
  readonly monitors: FlowMonitors;
  readonly #bundles: BundleStore;
  #missSendLength: number;
  #controllerId = 0;
  #packetInForm: "standard" | "nxt" | "nxt2" = "standard";
  #role: number = ROLE.EQUAL;
  #generation: bigint | undefined;
  #invalidTtl = false;
  readonly #async: { master: number[]; slave: number[] };

  constructor(
    bridge: Bridge,
    connect: (owner: ConnectionOwner) => OfConnection,
    versions: number,
    kind: LinkKind,
  ) {
    this.bridge = bridge;
    this.connection = connect({
      versions,
      handle: (_, message) => this.#handle(message),
      closed: () => {
        this.bridge.listeners.delete(this);
        this.onClosed();
      },
    });
    this.kind = kind;
    this.#missSendLength = kind === "controller" ? 128 : 0;
    this.#async = {
      master: kind === "controller" ? [0x3f, 7, 0x3f, 0, 0, 0] : [0, 0, 0, 0, 0, 0],
      slave: kind === "controller" ? [0, 7, 0, 0, 0, 0] : [0, 0, 0, 0, 0, 0],
    };
    this.monitors = new FlowMonitors(bridge, this.connection);
    this.#bundles = new BundleStore(bridge, (message) => this.#change(message));
    bridge.listeners.add(this);
  }

  /** Told when the connection has ended. */
  onClosed: () => void = () => {};

  /** Errors: OpenflowError. */
  #handle(message: Message): void {
    const { connection, bridge } = this;
    const { body } = message;
    const version = message.version as OpenFlowVersion;
    switch (body.type) {
      case "echo_request":
        connection.reply(message, { type: "echo_reply", payload: body.payload });
        return;
      case "features_request":
        this.#features(message);
        return;
      case "get_config_request":
        connection.reply(message, {
          type: "get_config_reply",
          fragments: FRAGMENT_MODES.indexOf(bridge.fragments),
          invalidTtlToController: version === 2 || version === 3 ? this.#invalidTtl : undefined,
          missSendLength: this.#missSendLength,
        });
        return;
      case "set_config":
        this.#setConfig(body.fragments, body.missSendLength, body.invalidTtlToController ?? false);
        return;
      case "barrier_request":
        connection.reply(message, { type: "barrier_reply" });
        return;
      case "packet_out":
        this.#refuseSlave();
        executePacketOut(bridge, body);
        return;
      case "flow_mod":
      case "group_mod":
      case "meter_mod":
      case "port_mod":
      case "table_mod":
        this.#change(message);
        return;
      case "flow_request":
        replyFlows(bridge, connection, message, body);
        return;
      case "aggregate_request":
        replyAggregate(bridge, connection, message, body);
        return;
      case "desc_request":
        connection.reply(message, {
          type: "desc_reply",
          description: {
            manufacturer: "Nicira, Inc.",
            hardware: "Open vSwitch",
            software: "3.1.0",
            serial: "None",
            datapath: "None",
          },
        });
        return;
      case "table_request":
        connection.replyParts(message, tableStatistics(bridge), (tables) => ({
          type: "table_reply",
          tables,
        }));
        return;
      case "table_features_request": {
        if (body.tables.length > 0) throw new OpenflowError("OFPTFFC_EPERM");
        const all = Array.from({ length: 254 }, (_, id) => tableFeatures(bridge, id));
        connection.replyParts(message, all, (tables) => ({ type: "table_features_reply", tables }));
        return;
      }
      case "table_desc_request":
        connection.replyParts(message, tableDescriptions(bridge), (tables) => ({
          type: "table_desc_reply",
          tables,
        }));
        return;
      case "port_request":
        replyPortCounters(bridge, connection, message, body.port);
        return;
      case "port_desc_request": {
        const ports = describePorts(bridge, version).filter(
          ({ port }) => body.port === 0xffff || port === body.port,
        );
        connection.replyParts(message, ports, (some) => ({ type: "port_desc_reply", ports: some }));
        return;
      }
      case "group_request": {
        const groups = groupsFor(bridge, body.group).map((group) => groupStatistics(bridge, group));
        connection.replyParts(message, groups, (some) => ({ type: "group_reply", groups: some }));
        return;
      }
      case "group_desc_request":
        connection.replyParts(message, groupsFor(bridge, body.group).map(describe), (groups) => ({
          type: "group_desc_reply",
          groups,
        }));
        return;
      case "group_features_request":
        connection.reply(message, {
          type: "group_features_reply",
          features: {
            types: 0xf,
            // select_weight, select_liveness, chaining
            capabilities: 0x7,
            maxGroups: [0xffff_ff00, 0xffff_ff00, 0xffff_ff00, 0xffff_ff00],
            actions: [0x0fff_f801, 0x0fff_f801, 0x0fff_f801, 0x0fff_f801],
          },
        });
        return;
      case "meter_request":
        connection.replyParts(message, meterStatistics(bridge, body.meter), (meters) => ({
          type: "meter_reply",
          meters,
        }));
        return;
      case "meter_config_request":
        connection.replyParts(message, meterConfigs(bridge, body.meter), (meters) => ({
          type: "meter_config_reply",
          meters,
        }));
        return;
      case "meter_features_request":
        connection.reply(message, {
          type: "meter_features_reply",
          features: { maxMeters: 200_000, bandTypes: 2, capabilities: 0xf, maxBands: 1, maxColors: 0 },
        });
        return;
      case "queue_request":
        connection.reply(message, { type: "queue_reply", queues: [] });
        return;
      case "queue_config_request":
        connection.reply(message, { type: "queue_config_reply", port: body.port, queues: [] });
        return;
      case "role_request":
        this.#setRole(message, body.role, body.generation, body.form);
        return;
      case "set_async":
        this.#async.master = [...body.master];
        this.#async.slave = [...body.slave];
        return;
      case "get_async_request":
        connection.reply(message, { type: "get_async_reply", form: "standard", ...this.#async });
        return;
      case "set_packet_in_format":
        if (body.format > 2) throw new OpenflowError("OFPBRC_EPERM");
        this.#packetInForm = (["standard", "nxt", "nxt2"] as const)[body.format] ?? "standard";
        return;
      case "set_controller_id":
        this.#controllerId = body.id;
        return;
      case "flow_mod_table_id":
        connection.tableId = body.enable;
        return;
      case "set_flow_format":
      case "flow_age":
      case "echo_reply":
      case "error":
        return;
      case "flow_monitor_request":
        this.monitors.add(message, body.requests);
        return;
      case "flow_monitor_cancel":
        this.monitors.cancel(body.id);
        return;
      case "bundle_control":
      case "bundle_add":
        this.#bundle(message);
        return;
      case "tlv_table_request":
        connection.reply(message, { type: "tlv_table_reply", space: 256, fields: 64, mappings: [] });
        return;
      default:
        throw new OpenflowError("OFPBRC_BAD_TYPE");
    }
  }

  #features(message: Message): void {
    const { bridge, connection } = this;
    const version = message.version as OpenFlowVersion;
    // FLOW_STATS, TABLE_STATS, PORT_STATS, QUEUE_STATS; GROUP_STATS later; ARP_MATCH_IP only early
    const capabilities =
      0x47 | (version >= 2 ? 0x08 : 0) | (version <= 2 ? 0x80 : 0) | (version >= 5 ? 0x600 : 0);
    connection.reply(message, {
      type: "features_reply",
      datapath: bridge.datapathId,
      buffers: 0,
      tables: 254,
      auxiliary: 0,
      capabilities,
      actions: 0xfff,
      ports: describePorts(bridge, version),
    });
  }

  #setConfig(fragments: number, missSendLength: number, invalidTtl: boolean): void {
    const mode = FRAGMENT_MODES[fragments];
    if (mode === "normal" || mode === "drop" || mode === "nx-match") {
      if (this.bridge.fragments !== mode) {
        this.bridge.fragments = mode;
        this.bridge.backer.revalidate();
      }
    }
    this.#invalidTtl = invalidTtl;
    this.#missSendLength = missSendLength;
  }

  #refuseSlave(): void {
    if (this.kind === "controller" && this.#role === ROLE.SLAVE) throw new OpenflowError("OFPBRC_IS_SLAVE");
  }

  /** Messages that change the switch, which may also come in a bundle. */
  #change({ body, version }: Message): void {
    this.#refuseSlave();
    switch (body.type) {
      case "flow_mod":
        modifyFlows(this.bridge, body.mod, version);
        return;
      case "group_mod":
        modifyGroup(this.bridge, body);
        return;
      case "meter_mod":
        modifyMeter(this.bridge, body);
        return;
      case "port_mod":
        modifyPort(this.bridge, body);
        return;
      case "table_mod":
        modifyTable(this.bridge, body);
        return;
      case "packet_out":
        executePacketOut(this.bridge, body);
        return;
      default:
        throw new OpenflowError("OFPBFC_MSG_UNSUP");
    }
  }

  #bundle(message: Message): void {
    const { body } = message;
    if (body.type === "bundle_add") {
      const inner = decodeMessage(body.message, { tableId: this.connection.tableId });
      if (inner instanceof OpenflowError) {
        this.connection.send(errorReply(body.message, message.version as OpenFlowVersion, inner.name));
        this.#bundles.fail(body.bundle);
        return;
      }
      this.#bundles.add(body.bundle, body.flags, inner.message, body.message);
      return;
    }
    if (body.type !== "bundle_control") return;
    const failed = this.#bundles.control(body.bundle, body.control, body.flags);
    if (failed) {
      this.connection.send(errorReply(failed.raw, message.version as OpenFlowVersion, failed.error.name));
      throw new OpenflowError("OFPBFC_MSG_FAILED");
    }
    this.connection.reply(message, {
      type: "bundle_control",
      bundle: body.bundle,
      control: body.control + 1,
      flags: body.flags,
    });
  }

  #setRole(message: Message, role: number, generation: bigint | undefined, form: "standard" | "nxt"): void {
    if (role !== ROLE.NOCHANGE) {
      if (generation !== undefined && role !== ROLE.EQUAL) {
        if (this.#generation !== undefined && BigInt.asIntN(64, generation - this.#generation) < 0n) {
          throw new OpenflowError("OFPRRFC_STALE");
        }
        this.#generation = generation;
      }
      this.#role = role;
      if (role === ROLE.MASTER) this.onMaster();
    }
    this.connection.reply(message, {
      type: "role_reply",
      form,
      role: this.#role,
      generation: this.#generation,
    });
  }

  /** Another one has become master. */
  demote(): void {
    if (this.#role === ROLE.MASTER) this.#role = ROLE.SLAVE;
  }

  /** Told when this one becomes master. */
  onMaster: () => void = () => {};

  // ---- what happens in the bridge

  #wants(kind: number, reason: number): boolean {
    const set = this.#role === ROLE.SLAVE ? this.#async.slave : this.#async.master;
    return ((set[kind] ?? 0) & (1 << reason)) !== 0;
  }

  flowChanged(event: FlowEvent): void {
    this.monitors.flowChanged(event);
    if (event.type !== "removed" || !event.rule.flags.sendFlowRemoved) return;
    const { version } = this.connection;
    if (version === undefined || !this.#wants(ASYNC.FLOW_REMOVED, event.reason)) return;
    const { rule } = event;
    const age = this.bridge.backer.now - rule.created;
    this.connection.send({
      version,
      xid: 0,
      body: {
        type: "flow_removed",
        form: "standard",
        match: rule.match,
        cookie: rule.cookie,
        priority: rule.priority,
        reason: event.reason,
        table: rule.table,
        ...durationOf(age),
        idleTimeout: rule.idleTimeout,
        hardTimeout: rule.hardTimeout,
        packets: BigInt(rule.packets),
        bytes: BigInt(rule.bytes),
      },
    });
  }

  portChanged(port: OfPort, reason: "added" | "deleted" | "modified"): void {
    const { version } = this.connection;
    const number = { added: 0, deleted: 1, modified: 2 }[reason];
    if (version === undefined || !this.#wants(ASYNC.PORT_STATUS, number)) return;
    this.connection.send({
      version,
      xid: 0,
      body: { type: "port_status", reason: number, port: describePort(port, version) },
    });
  }

  packetIn(event: PacketInEvent): void {
    const { version } = this.connection;
    if (version === undefined) return;
    if (event.controllerId !== this.#controllerId) return;
    if (!this.#wants(ASYNC.PACKET_IN, event.reason)) return;
    // Without buffers the whole packet is sent.
    this.connection.send({
      version,
      xid: 0,
      body: {
        type: "packet_in",
        form: this.#packetInForm,
        bufferId: NO_BUFFER,
        totalLength: event.bytes.length,
        reason: wireReason(event.reason, version),
        table: event.tableId,
        cookie: event.cookie,
        metadata: metadataOf(event.flow),
        packet: event.bytes,
        userdata: event.userdata,
        continuation: undefined,
      },
    });
  }

  get wantsMisses(): boolean {
    const { version } = this.connection;
    return (
      this.kind === "controller" && version !== undefined && version < 4 && this.#wants(ASYNC.PACKET_IN, 0)
    );
  }
}

/** Reasons of newer versions as older ones tell them. */
function wireReason(reason: number, version: OpenFlowVersion): number {
  switch (reason) {
    case 6:
    case 7:
      return 0; // both kinds of miss
    case 3:
    case 4:
    case 5:
      return version < 5 ? 1 : reason;
    default:
      return reason;
  }
}

/** flow_get_metadata(): what a packet-in tells beside the packet. */
function metadataOf(flow: Uint32Array): Match {
  const value = newFlow();
  const mask = newFlow();
  for (let at = 0; at < FLOW_WORDS; at++) {
    if (at >= W.ETH_DST || at === W.IN_PORT || at === W.PACKET_TYPE || word(flow, at) === 0) continue;
    if (
      at === W.ACTSET_OUTPUT ||
      at === W.RECIRC_ID ||
      at === W.SKB_PRIORITY ||
      at === W.CONJ_ID ||
      at === W.DP_HASH
    ) {
      continue;
    }
    value[at] = word(flow, at);
    mask[at] = 0xffff_ffff;
  }
  value[W.IN_PORT] = word(flow, W.IN_PORT);
  mask[W.IN_PORT] = 0xffff;
  return new Match(value, mask);
}
