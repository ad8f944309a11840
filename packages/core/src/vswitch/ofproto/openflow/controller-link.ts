// One OpenFlow session: what the peer has asked for, the answers to its requests, and what it is told without asking (ofconn in
// connmgr.c, handle_openflow in ofproto.c).

import { durationOf } from "./duration.ts";
import { OpenflowError } from "../../../ovsproto/openflow/errors.ts";
import type { OpenFlowVersion } from "../../../ovsproto/openflow/fields.ts";
import type { Message } from "../../../ovsproto/openflow/message-body.ts";
import type { FlowMod } from "../../../ovsproto/openflow/flow-mod.ts";
import { FRAGMENT_MODES } from "../../../ovsproto/openflow/session-messages.ts";
import type { Bridge, BridgeListener, PacketInEvent } from "../bridge.ts";
import type { FlowEvent } from "../flow-tables.ts";
import type { OfPort } from "../port.ts";
import { BEFORE_ADMISSION } from "./admission.ts";
import { ASYNC, reasonsOfVersion, removedReasons } from "./async-reasons.ts";
import { BundleStore, LAST_BUNDLE_CONTROL } from "./bundles.ts";
import type { BundleFailure } from "./bundles.ts";
import type { ConnectionOwner, OfConnection } from "./connection.ts";
import { flushConnections, flushZone } from "./ct-flush.ts";
import { OPTION_FIELDS, OPTION_SPACE } from "../tun-metadata/tlv-table.ts";
import { changeTlvTable, checkFlowMod, modifyFlows } from "./flows.ts";
import { modifyGroup, modifyMeter } from "./groups.ts";
import { FlowMonitors } from "./monitors.ts";
import { executePacketOut } from "./packet-out.ts";
import { describePort, describePorts, modifyPort } from "./ports.ts";
import { bogusPacketIn, packetInMessage, packetInReason } from "./packet-in.ts";
import { answerQuery } from "./queries.ts";
import { forwardedRequest, forwardReason, forwardRequests } from "./request-forward.ts";
import { PACKET_IN_REASON } from "../xlate/controller.ts";
import { resumePacket } from "../continuation.ts";
import type { FlowTable } from "../flow-table.ts";
import type { TableReason } from "../table-vacancy.ts";
import { describeTable, modifyTable } from "./tables.ts";

/** A controller gets packets and events; a management connection only what it asks for. */
export type LinkKind = "controller" | "service";
export type FlowModCommand = FlowMod["command"];

const INVALID_TTL = 1 << PACKET_IN_REASON.INVALID_TTL;
/** Reasons of packet-ins that are sent without being asked for. */
const PACKET_INS = 0xff & ~INVALID_TTL;
const ROLE = { NOCHANGE: 0, EQUAL: 1, MASTER: 2, SLAVE: 3 } as const;
/** As the column `role` of table Controller names them. */
const ROLE_NAMES = ["nochange", "other", "master", "slave"] as const;
export type RoleName = (typeof ROLE_NAMES)[number];
/** The first version, in messages, that tells of roles. */
const OPENFLOW14 = 5;
/** OFPCRR_MASTER_REQUEST: another controller has become master. */
const MASTER_REQUEST = 0;

/** What all connections of a bridge share: the newest election of a master. */
export interface Election {
  generation: bigint | undefined;
}

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
  readonly #election: Election;
  #lastXid = 0;
  /** Ports as the peer knows them. */
  readonly #ports = new Map<OfPort, string>();
  readonly #async: { master: number[]; slave: number[] };

  constructor(
    bridge: Bridge,
    connect: (owner: ConnectionOwner) => OfConnection,
    versions: number,
    kind: LinkKind,
    election: Election = { generation: undefined },
  ) {
    this.bridge = bridge;
    this.#election = election;
    this.connection = connect({
      versions,
      testing: this.#testing,
      handle: (_, message) => this.#handle(message),
      negotiated: ({ version = 1 }) => {
        this.#async.master[ASYNC.FLOW_REMOVED] = removedReasons(version);
        for (const port of bridge.ports) this.#ports.set(port, JSON.stringify(describePort(port, version)));
        this.onNegotiated();
      },
      received: ({ body }) => {
        this.onMessage();
        this.onActivity(!BEFORE_ADMISSION.has(body.type));
      },
      seen: (bytes) => {
        for (const snooper of this.snoopers) snooper.forward(bytes);
      },
      closed: () => {
        this.bridge.listeners.delete(this);
        this.onEnd();
        this.onClosed();
      },
    });
    this.kind = kind;
    this.#missSendLength = kind === "controller" ? 128 : 0;
    this.#async = { master: [PACKET_INS, 7, 0, 0, 0, 0], slave: [0, 7, 0, 0, 0, 0] };
    this.monitors = new FlowMonitors(bridge, this.connection);
    this.#bundles = new BundleStore(
      bridge,
      ({ body }) => void (body.type === "flow_mod" && checkFlowMod(bridge, body.mod)),
      (message) => this.#apply(message),
    );
    bridge.listeners.add(this);
  }

  get #testing(): boolean {
    return this.bridge.backer.datapath.kind === "dummy";
  }

  /** Told when the connection has ended: first whoever made it, then whoever uses it. */
  onEnd: () => void = () => {};
  onClosed: () => void = () => {};
  /** Told when both sides have said hello. */
  onNegotiated: () => void = () => {};
  /** Told of each message; true if it shows that the controller has accepted the switch. */
  onActivity: (admits: boolean) => void = () => {};
  onMessage: () => void = () => {};
  /** Told when this one becomes master. */
  onMaster: () => void = () => {};
  /** Told of changes of flows that it has asked for. */
  onFlowMod: (command: FlowModCommand) => void = () => {};
  /** Connections that see all that goes over this one. */
  readonly snoopers = new Set<OfConnection>();

  get role(): RoleName {
    return ROLE_NAMES[this.#role] ?? "other";
  }

  /** An echo request, to hear whether the peer is there. */
  probe(): void {
    const { version } = this.connection;
    if (version === undefined) return;
    this.connection.send({
      version,
      xid: ++this.#lastXid,
      body: { type: "echo_request", payload: new Uint8Array() },
    });
  }

  sendBogusPacketIn(): void {
    this.packetIn(bogusPacketIn());
  }

  /** Errors: OpenflowError. */
  #handle(message: Message): void {
    const { connection, bridge } = this;
    const { body } = message;
    const { version } = message;
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
          invalidTtlToController: version === 2 || version === 3 ? this.#wantsInvalidTtl : undefined,
          missSendLength: this.#missSendLength,
        });
        return;
      case "set_config":
        this.#setConfig(body.fragments, body.missSendLength, body.invalidTtlToController);
        return;
      case "barrier_request":
        connection.reply(message, { type: "barrier_reply" });
        return;
      case "packet_out":
        this.#refuseSlave();
        executePacketOut(bridge, body);
        return;
      case "resume":
        resumePacket(bridge, body);
        return;
      case "flow_mod":
      case "group_mod":
      case "meter_mod":
      case "port_mod":
      case "table_mod":
        this.#change(message);
        return;
      case "role_request":
        this.#setRole(message, body.role, body.generation, body.form);
        return;
      case "set_async":
        for (const role of ["master", "slave"] as const) {
          this.#async[role] = this.#async[role].map((known, kind) => body[role][kind] ?? known);
        }
        return;
      case "get_async_request":
        connection.reply(message, {
          type: "get_async_reply",
          form: "standard",
          ...reasonsOfVersion(this.#async, version as OpenFlowVersion),
        });
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
        connection.reply(message, {
          type: "tlv_table_reply",
          space: OPTION_SPACE,
          fields: OPTION_FIELDS,
          mappings: bridge.tlvTable.mappings,
        });
        return;
      case "ct_flush_zone":
        flushZone(bridge, body.zone);
        return;
      case "ct_flush":
        flushConnections(bridge, body);
        return;
      case "tlv_table_mod":
        changeTlvTable(bridge, body.command, body.mappings);
        return;
      default:
        if (!answerQuery(bridge, connection, message)) throw new OpenflowError("OFPBRC_BAD_TYPE");
    }
  }

  #features(message: Message): void {
    const { bridge, connection } = this;
    const version = message.version as OpenFlowVersion;
    // FLOW_STATS, TABLE_STATS, PORT_STATS, QUEUE_STATS; GROUP_STATS later; ARP_MATCH_IP only early
    const capabilities =
      0x47 | (version >= 2 ? 0x08 : 0) | (version <= 2 ? 0x80 : 0) | (version >= 5 ? 0x200 : 0);
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

  get #wantsInvalidTtl(): boolean {
    return ((this.#async.master[ASYNC.PACKET_IN] ?? 0) & INVALID_TTL) !== 0;
  }

  set #wantsInvalidTtl(wanted: boolean) {
    const others = (this.#async.master[ASYNC.PACKET_IN] ?? 0) & ~INVALID_TTL;
    this.#async.master[ASYNC.PACKET_IN] = others | (wanted ? INVALID_TTL : 0);
  }

  #setConfig(fragments: number, missSendLength: number, invalidTtl: boolean | undefined): void {
    const mode = FRAGMENT_MODES[fragments];
    if (mode === "normal" || mode === "drop" || mode === "nx-match") {
      if (this.bridge.fragments !== mode) {
        this.bridge.fragments = mode;
        this.bridge.backer.revalidate();
      }
    } else {
      const text = `${this.bridge.name}: unsupported fragment handling mode ${mode ?? ""}`;
      this.bridge.backer.vlog?.log("ofproto", "warn", text);
    }
    if (invalidTtl !== undefined) this.#wantsInvalidTtl = invalidTtl;
    this.#missSendLength = missSendLength;
  }

  #refuseSlave(): void {
    if (this.#role === ROLE.SLAVE) throw new OpenflowError("OFPBRC_IS_SECONDARY");
  }

  /** Messages that change the switch, which may also come in a bundle. */
  #change(message: Message): void {
    this.#refuseSlave();
    this.bridge.change(this, message.xid, () => {
      this.#apply(message);
      forwardRequests(this.bridge, this, [message]);
    });
  }

  #apply({ body, version }: Message): void {
    switch (body.type) {
      case "flow_mod":
        modifyFlows(this.bridge, body.mod, version);
        this.onFlowMod(body.mod.command);
        return;
      case "group_mod":
        modifyGroup(this.bridge, body);
        return;
      case "meter_mod":
        modifyMeter(this.bridge, body);
        return;
      case "port_mod":
        modifyPort(this.bridge, body, this);
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
    this.#refuseSlave();
    if (body.type === "bundle_add") {
      const inner = this.connection.decode(body.message);
      if (inner instanceof OpenflowError) {
        throw inner;
      }
      this.#bundles.add(body.bundle, body.flags, inner.message, body.message);
      return;
    }
    if (body.type !== "bundle_control") return;
    let failed: BundleFailure | undefined;
    this.bridge.change(this, message.xid, () => {
      const outcome = this.#bundles.control(body.bundle, body.control, body.flags);
      if ("error" in outcome) failed = outcome;
      else forwardRequests(this.bridge, this, outcome.messages);
    });
    if (failed !== undefined) {
      this.connection.refuse(failed.raw, failed.error.name);
      throw new OpenflowError("OFPBFC_MSG_FAILED");
    }
    // What nobody knows is answered as if it had opened the bundle.
    const control = body.control <= LAST_BUNDLE_CONTROL ? body.control + 1 : 0;
    this.connection.reply(message, { type: "bundle_control", bundle: body.bundle, control, flags: 0 });
  }

  #setRole(message: Message, role: number, generation: bigint | undefined, form: "standard" | "nxt"): void {
    if (role !== ROLE.NOCHANGE) {
      if (generation !== undefined && role !== ROLE.EQUAL) {
        const newest = this.#election.generation;
        if (newest !== undefined && BigInt.asIntN(64, generation - newest) < 0n) {
          throw new OpenflowError("OFPRRFC_STALE");
        }
        this.#election.generation = generation;
      }
      const before = this.#role;
      this.#role = role;
      if (role === ROLE.MASTER && before !== ROLE.MASTER) this.onMaster();
    }
    this.connection.reply(message, {
      type: "role_reply",
      form,
      role: this.#role,
      generation: this.#election.generation,
    });
  }

  /** Another one has become master: told whether it is wanted or not (ofconn_send_role_status). */
  demote(): void {
    if (this.#role !== ROLE.MASTER) return;
    this.#role = ROLE.SLAVE;
    const { version } = this.connection;
    if (version === undefined || version < OPENFLOW14) return;
    this.connection.send({
      version,
      xid: 0,
      body: {
        type: "role_status",
        role: this.#role,
        reason: MASTER_REQUEST,
        generation: this.#election.generation ?? 0xffff_ffff_ffff_ffffn,
      },
    });
  }

  // ---- what happens in the bridge

  /** A management connection is told nothing until it has asked for packets (ovs-ofctl(8), `monitor`). */
  #wants(kind: number, reason: number): boolean {
    if (this.kind === "service" && this.#missSendLength === 0) return false;
    const set = this.#role === ROLE.SLAVE ? this.#async.slave : this.#async.master;
    return ((set[kind] ?? 0) & (1 << reason)) !== 0;
  }

  flowsChanged(): void {
    this.monitors.flush();
  }

  flowChanged(event: FlowEvent, own: number | undefined): void {
    this.monitors.flowChanged(event, own);
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

  /** connmgr_send_port_status(): what the peer's version cannot tell apart is not told twice. */
  portChanged(
    port: OfPort,
    reason: "added" | "deleted" | "modified",
    source: BridgeListener | undefined,
  ): void {
    const { version } = this.connection;
    if (version === undefined) return;
    const described = describePort(port, version);
    const text = JSON.stringify(described);
    const known = this.#ports.get(port);
    if (reason === "deleted") this.#ports.delete(port);
    else this.#ports.set(port, text);
    if (reason === "modified" && known === text) return;
    // before 1.5 whoever changes a port is not told of that
    if (source === this && version < 6) return;
    const number = { added: 0, deleted: 1, modified: 2 }[reason];
    if (!this.#wants(ASYNC.PORT_STATUS, number)) return;
    this.connection.send({ version, xid: 0, body: { type: "port_status", reason: number, port: described } });
  }

  /** Before OpenFlow 1.4 there is no such message. */
  requestForwarded(request: Message): void {
    const { version } = this.connection;
    if (version === undefined || version < OPENFLOW14) return;
    if (!this.#wants(ASYNC.REQUESTFORWARD, forwardReason(request) ?? 0)) return;
    this.connection.send({ version, xid: 0, body: forwardedRequest(this.bridge, request, version) });
  }

  /** Nor is there this one. */
  tableChanged(table: FlowTable, reason: TableReason): void {
    const { version } = this.connection;
    if (version === undefined || version < 5 || !this.#wants(ASYNC.TABLE_STATUS, reason)) return;
    const description = describeTable(table);
    this.connection.send({ version, xid: 0, body: { type: "table_status", reason, description } });
  }

  packetIn(event: PacketInEvent): void {
    const { version } = this.connection;
    if (version === undefined) return;
    if (event.controllerId !== this.#controllerId) return;
    if (!this.#wants(ASYNC.PACKET_IN, packetInReason(event.reason, version))) return;
    this.schedulePacketIn(event, () => this.#sendPacketIn(event));
  }

  /** Sends a packet-in at its time, if the controller wants no more than so many a second. */
  schedulePacketIn: (event: PacketInEvent, send: () => void) => void = (_, send) => send();

  #sendPacketIn(event: PacketInEvent): void {
    const { version } = this.connection;
    if (version === undefined) return;
    const body = packetInMessage(event, version, this.#packetInForm, this.bridge.tlvTable);
    this.connection.send({ version, xid: 0, body });
  }

  /** connmgr_wants_packet_in_on_miss(): before OpenFlow 1.3 packets that no flow takes went to the controller. */
  get wantsMisses(): boolean {
    const { version } = this.connection;
    return this.#controllerId === 0 && (version === undefined || version < 4);
  }
}
