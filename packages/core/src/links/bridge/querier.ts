// The bridge as querier (br_multicast_send_query in net/bridge/br_multicast.c; RFC 2236, 3; RFC 2710, 4): it asks the hosts behind its
// ports, and its own, which groups they are members of, as long as nobody else does. Off unless mcast_querier is set. Not here:
// queries of single VLANs.

import { Packet } from "../../kernel/packet.ts";
import { netifRx } from "../../kernel/receive.ts";
import { Slot } from "../../kernel/slot.ts";
import { transmit } from "../../kernel/transmit.ts";
import { EtherType } from "../../wire/ethernet.ts";
import type { Bridge } from "./bridge.ts";
import { JiffyTimer } from "./jiffies.ts";
import type { GroupAddress, OtherQuerier } from "./multicast-database.ts";
import { BR_STATE } from "./netlink.ts";
import type { BridgePort } from "./port.ts";
import { queryFrame } from "./query-frame.ts";

type Protocol = typeof EtherType.IPV4 | typeof EtherType.IPV6;

/** General queries of one protocol by one port, or to this host (struct bridge_mcast_own_query). */
class OwnQuery {
  readonly #bridge: Bridge;
  readonly #port: BridgePort | undefined;
  readonly #protocol: Protocol;
  readonly #timer: JiffyTimer;
  /** How many have been sent, up to the number of those that come in quick succession. */
  #sent = 0;

  constructor(bridge: Bridge, port: BridgePort | undefined, protocol: Protocol) {
    this.#bridge = bridge;
    this.#port = port;
    this.#protocol = protocol;
    this.#timer = new JiffyTimer(bridge.kernel, () => this.#expire());
  }

  /** br_multicast_enable() */
  start(): void {
    this.#sent = 0;
    this.#timer.start(0);
  }

  stop(): void {
    this.#timer.stop();
  }

  /** br_multicast_query_expired(), br_multicast_port_query_expired() */
  #expire(): void {
    if (this.#port !== undefined && !isAsked(this.#port)) return;
    const { multicast } = this.#bridge;
    if (this.#sent < multicast.startupQueryCount) this.#sent++;
    if (!asks(this.#bridge, this.#protocol)) return;
    send(this.#bridge, this.#port, this.#protocol, undefined);
    const starting = this.#sent < multicast.startupQueryCount;
    this.#timer.start(starting ? multicast.startupQueryInterval : multicast.queryInterval);
  }
}

/** By the bridge's device for its own host, and by the devices of ports. */
const ownQueries = new Slot<readonly OwnQuery[]>();

function isAsked({ state }: BridgePort): boolean {
  return state !== BR_STATE.DISABLED && state !== BR_STATE.BLOCKING;
}

function otherQuerier({ groups }: Bridge, protocol: number): OtherQuerier {
  return protocol === EtherType.IPV4 ? groups.ipv4Querier : groups.ipv6Querier;
}

function asks(bridge: Bridge, protocol: number): boolean {
  const { multicast } = bridge;
  return multicast.snooping && multicast.querier && !otherQuerier(bridge, protocol).timer.pending;
}

/** __br_multicast_send_query(): a general query, or one for `group`. */
function send(
  bridge: Bridge,
  port: BridgePort | undefined,
  protocol: number,
  group: GroupAddress | undefined,
): void {
  const frame = queryFrame(bridge, protocol, group);
  otherQuerier(bridge, protocol).canReplace = frame !== undefined;
  if (frame === undefined) return;
  const packet = Packet.copyOf(port?.device ?? bridge.device, frame);
  if (port === undefined) netifRx(packet, bridge.device);
  else {
    packet.protocol = protocol;
    transmit(packet);
  }
}

/** br_multicast_open(), br_multicast_enable_port(): the bridge's device, or a port, is there to be asked. */
export function startQueries(bridge: Bridge, port?: BridgePort): void {
  const device = port?.device ?? bridge.device;
  if (!bridge.multicast.snooping || !bridge.device.running) return;
  let queries = ownQueries.of(device);
  if (queries === undefined) {
    queries = [EtherType.IPV4, EtherType.IPV6].map((protocol) => new OwnQuery(bridge, port, protocol));
    ownQueries.set(device, queries);
  }
  for (const query of queries) query.start();
}

/** __br_multicast_stop(), br_multicast_disable_port() */
export function stopQueries(bridge: Bridge, port?: BridgePort): void {
  const device = port?.device ?? bridge.device;
  for (const query of ownQueries.of(device) ?? []) query.stop();
  ownQueries.set(device, undefined);
}

/** br_multicast_set_querier(): members have the time of one answer before they count as not being there. */
export function setQuerier(bridge: Bridge, on: boolean): void {
  const { multicast, groups } = bridge;
  if (multicast.querier === on) return;
  multicast.querier = on;
  if (!on) return;
  for (const other of [groups.ipv4Querier, groups.ipv6Querier]) {
    if (!other.timer.pending) other.delay.start(multicast.queryResponseInterval);
  }
  startQueries(bridge);
  for (const port of bridge.ports) if (isAsked(port)) startQueries(bridge, port);
}

/** br_multicast_leave_group(): somebody behind `port` leaves; are there others? */
export function askForOthers(bridge: Bridge, port: BridgePort | undefined, group: GroupAddress): void {
  if (port?.fastLeave === true || bridge.groups.find(group) === undefined) return;
  if (asks(bridge, group.proto)) send(bridge, port, group.proto, group);
}
