// What a controller does with one switch (Open vSwitch's lib/learning-switch.c): asks for its features, makes flows for frames to
// addresses that it has learned, and floods the others.

import { extractFlow } from "../../ovsproto/flow/extract.ts";
import { newFlow } from "../../ovsproto/flow/flow.ts";
import type { Flow } from "../../ovsproto/flow/flow.ts";
import type { Action } from "../../ovsproto/openflow/actions.ts";
import { theField } from "../../ovsproto/openflow/fields.ts";
import type { OpenFlowVersion } from "../../ovsproto/openflow/fields.ts";
import { KeyWord } from "../../ovsproto/openflow/flow-key.ts";
import { GROUP_ANY, NO_BUFFER, NO_FLAGS, PORT_ANY, TABLE_ALL } from "../../ovsproto/openflow/flow-mod.ts";
import type { FlowMod } from "../../ovsproto/openflow/flow-mod.ts";
import { Match } from "../../ovsproto/openflow/match.ts";
import type { MessageBody } from "../../ovsproto/openflow/message-body.ts";
import { normalizeMatch } from "../../ovsproto/openflow/normalize.ts";
import { metadataPort } from "../../ovsproto/openflow/packet-messages.ts";
import type { PacketIn } from "../../ovsproto/openflow/packet-messages.ts";
import type { PhyPort } from "../../ovsproto/openflow/port-messages.ts";
import { Port } from "../../ovsproto/openflow/ports.ts";
import type { ControllerConfig } from "./options.ts";

/** Of a packet that a flow has not asked for: bytes of it (OFP_DEFAULT_MISS_SEND_LEN). */
const MISS_SEND_LENGTH = 128;
/** Seconds that an address is remembered, and how many are. */
const IDLE_TIME = 300;
const MOST_ADDRESSES = 8192;
const REASON_NO_MATCH = 0;
/** OFPP_MAX. */
const FIRST_RESERVED = 0xff00;

interface Learned {
  port: number;
  /** Seconds of the clock. */
  used: number;
}

export class LearningSwitch {
  readonly #config: ControllerConfig;
  readonly #flows: readonly FlowMod[];
  readonly #send: (body: MessageBody, xid?: number) => void;
  /** Seconds. */
  readonly #now: () => number;
  /** Least recently used first. */
  readonly #learned = new Map<bigint, Learned>();
  /** By number of the port that packets come in by. */
  readonly #queues = new Map<number, number>();
  #features = false;

  constructor(
    config: ControllerConfig,
    flows: readonly FlowMod[],
    now: () => number,
    send: (body: MessageBody, xid?: number) => void,
  ) {
    this.#config = config;
    this.#flows = flows;
    this.#now = now;
    this.#send = send;
  }

  /** The version has been agreed on. */
  start(version: OpenFlowVersion): void {
    this.#send({ type: "features_request" });
    this.#send({
      type: "set_config",
      fragments: 0,
      invalidTtlToController: version <= 3 ? false : undefined,
      missSendLength: MISS_SEND_LENGTH,
    });
    // from 1.3 on, packets that no flow matches are dropped unless a flow says otherwise
    if (version >= 4) {
      const actions: Action[] = [{ type: "output", port: Port.CONTROLLER, maxLength: MISS_SEND_LENGTH }];
      this.#addFlow({ ...newFlowMod(new Match(), actions), priority: 0 });
    }
    for (const flow of this.#flows) this.#addFlow(flow);
  }

  receive(body: MessageBody, xid: number): void {
    switch (body.type) {
      case "echo_request":
        this.#send({ type: "echo_reply", payload: body.payload }, xid);
        break;
      case "features_reply":
        this.#features = true;
        this.#noteQueues(body.ports);
        break;
      case "packet_in":
        if (this.#features) this.#packetIn(body);
    }
  }

  #noteQueues(ports: readonly PhyPort[]): void {
    for (const { name, port: number } of ports) {
      const queue = this.#config.portQueues.get(name);
      if (queue !== undefined) this.#queues.set(number, queue);
    }
  }

  #addFlow(mod: FlowMod): void {
    this.#send({ type: "flow_mod", form: "standard", mod });
  }

  #packetIn({ reason, metadata, packet, bufferId }: PacketIn): void {
    // what a flow has sent here is not for this controller
    if (reason !== REASON_NO_MATCH) return;
    const inPort = metadataPort(metadata);
    const flow = newFlow();
    flow[KeyWord.IN_PORT] = inPort;
    extractFlow({ bytes: packet, start: 0, end: packet.length, vlanTci: -1, vlanTpid: 0 }, flow);
    const port = this.#destination(flow, inPort);
    const actions = this.#actions(port, inPort);
    const { maxIdle, learns } = this.#config;
    const out = { type: "packet_out", bufferId, metadata: portMatch(inPort), actions, packet } as const;
    if (maxIdle === undefined || (learns && port === Port.FLOOD)) {
      if (bufferId !== NO_BUFFER || port !== undefined) this.#send(out);
      return;
    }
    const match = matchOf(flow, this.#config.wildcards);
    normalizeMatch(match);
    this.#addFlow({ ...newFlowMod(match, actions), priority: 1, idleTimeout: maxIdle, bufferId });
    if (bufferId === NO_BUFFER && port !== undefined) this.#send(out);
  }

  /** Undefined: the packet goes nowhere. */
  #destination(flow: Flow, inPort: number): number | undefined {
    const { learns } = this.#config;
    if (learns) this.#learn(addressIn(flow, KeyWord.ETH_SRC), inPort);
    const destination = addressIn(flow, KeyWord.ETH_DST);
    if (isReserved(destination)) return undefined;
    const known = learns ? this.#learned.get(destination) : undefined;
    if (!known) return Port.FLOOD;
    return known.port === inPort ? undefined : known.port;
  }

  #learn(address: bigint, port: number): void {
    if (isMulticast(address)) return;
    const now = this.#now();
    for (const [old, { used }] of this.#learned) {
      if (used + IDLE_TIME > now && this.#learned.size < MOST_ADDRESSES) break;
      this.#learned.delete(old);
    }
    this.#learned.delete(address);
    this.#learned.set(address, { port, used: now });
  }

  #actions(port: number | undefined, inPort: number): readonly Action[] {
    if (port === undefined) return [];
    const queue = this.#queues.get(inPort) ?? this.#config.queue;
    if (queue === undefined || port >= FIRST_RESERVED) return [{ type: "output", port, maxLength: 0 }];
    return [{ type: "enqueue", port, queue }];
  }
}

function newFlowMod(match: Match, actions: readonly Action[]): FlowMod {
  return {
    command: "add",
    match,
    priority: 0,
    table: TABLE_ALL,
    cookie: 0n,
    cookieMask: 0n,
    newCookie: 0n,
    modifyCookie: false,
    idleTimeout: 0,
    hardTimeout: 0,
    importance: 0,
    bufferId: NO_BUFFER,
    outPort: PORT_ANY,
    outGroup: GROUP_ANY,
    flags: NO_FLAGS,
    actions,
  };
}

function portMatch(port: number): Match {
  const match = new Match();
  match.set(theField("in_port"), BigInt(port));
  return match;
}

const addressIn = (flow: Flow, at: number): bigint =>
  (BigInt(flow[at] ?? 0) << 32n) | BigInt(flow[at + 1] ?? 0);

const isMulticast = (address: bigint): boolean => ((address >> 40n) & 1n) === 1n;

/** 01:80:c2:00:00:00 to 0f (IEEE 802.1D, table 7-10). */
const isReserved = (address: bigint): boolean => address >> 4n === 0x0180c200000n;

/** Bits of OpenFlow 1.0's wildcards (OFPFW10_*), with the fields that they stand for. */
const FIELDS: readonly (readonly [bit: number, field: string])[] = [
  [1 << 0, "in_port"],
  [1 << 2, "eth_src"],
  [1 << 3, "eth_dst"],
  [1 << 4, "eth_type"],
  [1 << 5, "nw_proto"],
  [1 << 6, "tcp_src"],
  [1 << 7, "tcp_dst"],
  [1 << 21, "nw_tos"],
];
const WILD_VLAN = 1 << 1;
const WILD_PRIORITY = 1 << 20;
const TCI_VLAN = 0x1fffn;
const TCI_PRIORITY = 0xf000n;

/** ofputil_wildcard_from_ofpfw10(): the packet's fields that are not wild. */
function matchOf(flow: Flow, wildcards: number): Match {
  const match = new Match();
  const whole = new Match(flow);
  const take = (name: string, mask?: bigint): void => {
    const field = theField(name);
    const value = new Match(whole.value, new Uint32Array(whole.value.length).fill(0xffff_ffff)).get(
      field,
    ).value;
    match.set(field, value, mask);
  };
  for (const [bit, name] of FIELDS) if ((wildcards & bit) === 0) take(name);
  const source = prefixMask(wildcards >>> 8);
  const destination = prefixMask(wildcards >>> 14);
  if (source !== 0n) take("ip_src", source);
  if (destination !== 0n) take("ip_dst", destination);
  const tag =
    ((wildcards & WILD_VLAN) === 0 ? TCI_VLAN : 0n) | ((wildcards & WILD_PRIORITY) === 0 ? TCI_PRIORITY : 0n);
  if (tag !== 0n) take("vlan_tci", tag);
  return match;
}

/** Six bits tell how many bits of an address are wild. */
function prefixMask(bits: number): bigint {
  const wild = Math.min(bits & 0x3f, 32);
  return wild === 32 ? 0n : (0xffff_ffffn << BigInt(wild)) & 0xffff_ffffn;
}
