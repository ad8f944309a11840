// The connection tracker of a datapath (net/openvswitch/conntrack.c over nf_conntrack): what a ct action finds out about a packet and
// writes into its key, and connections that are committed. Fragments are not put together: to the tracker they are invalid.

import type { Tuple } from "../../ovsproto/datapath/connection.ts";
import { isIcmp } from "../../ovsproto/datapath/connection.ts";
import type { Packet } from "../../kernel/device-vport.ts";
import type { Nat } from "../../ovsproto/openflow/actions.ts";
import { tcpFlags, W, word } from "../../ovsproto/flow/flow.ts";
import type { Flow } from "../../ovsproto/flow/flow.ts";
import { Connection } from "./connection.ts";
import { KernelLimits } from "./kernel-limits.ts";
import { ConnectionTable, CT_STATE, sameTuple } from "./connection-table.ts";
import type { ConntrackRequest } from "../../ovsproto/datapath/actions.ts";
import type { Fate } from "./connection-table.ts";
import { rewrite, translatedTuple } from "./nat.ts";
import { quotedTuple, rewriteQuoted } from "./quoted.ts";
import { nextTcpState } from "./tcp-state.ts";
import type { Tracked } from "./tuple.ts";
import { invert, isIcmpError, readTuple } from "./tuple.ts";

interface Found {
  readonly connection: Connection;
  readonly reply: boolean;
  /** The packet is an error about the connection. */
  readonly related: boolean;
  readonly confirmed: boolean;
}

const TCP = 6;
const UDP = 17;
/** Nanoseconds. */
const UDP_STREAM_AFTER = 2e9;
const TUPLE_WORDS = W.ETH_DST - W.CT_NW_SRC;

export class Tracker extends ConnectionTable {
  override readonly limits = new KernelLimits(() => this.all());

  /** ovs_ct_execute() */
  override execute(packet: Packet, key: Flow, request: ConntrackRequest): Fate {
    const { zone } = request;
    if (request.nat) packet.writable();
    const tracked = readTuple(packet);
    const found = tracked && this.#lookup(packet, tracked, key, request);
    if (!tracked || !found) {
      setKey(key, CT_STATE.TRACKED | CT_STATE.INVALID, zone, undefined);
      return "goes on";
    }
    let natState = word(key, W.CT_STATE_ZONE) >>> 16;
    natState &= CT_STATE.SOURCE_NAT | CT_STATE.DESTINATION_NAT;
    if (request.nat && natState === 0 && (found.confirmed || request.commit)) {
      const made = this.#translate(packet, tracked, found, request.nat);
      if (made === undefined) return "dropped";
      natState = made;
    }
    if (request.commit && !this.#commit(found, request)) return "dropped";
    const { connection, reply, related } = found;
    const confirmed = this.has(connection);
    const state =
      CT_STATE.TRACKED |
      (reply ? CT_STATE.REPLY : 0) |
      (related ? CT_STATE.RELATED : connection.seenReply || reply ? CT_STATE.ESTABLISHED : CT_STATE.NEW) |
      (confirmed && found.confirmed ? 0 : CT_STATE.NEW) |
      natState;
    setKey(key, state, zone, connection);
    return "goes on";
  }

  /** __ovs_ct_lookup(), nf_conntrack_in(). Undefined: the packet is invalid. */
  #lookup(packet: Packet, tracked: Tracked, key: Flow, request: ConntrackRequest): Found | undefined {
    const { zone } = request;
    const { tuple } = tracked;
    if (isIcmpError(tuple)) return this.#related(packet, tracked, zone);
    const connection = this.find(zone, tuple);
    // The packet has been through the tracker in this zone already.
    const before = word(key, W.CT_STATE_ZONE);
    const again = ((before >>> 16) & CT_STATE.TRACKED) !== 0 && (before & 0xffff) === zone;
    if (connection) {
      const reply = sameTuple(connection.reply, tuple) && !sameTuple(connection.original, tuple);
      if (request.force && reply) this.forget(connection);
      else {
        if (!again && !this.#update(connection, tracked, reply)) return undefined;
        if (this.has(connection)) return { connection, reply, related: false, confirmed: true };
      }
    }
    const inverse = invert(tuple);
    if (inverse === undefined) return undefined;
    const fresh = new Connection(this.nextId(), zone, tuple, inverse, this.now());
    if (request.timeout !== undefined) fresh.timeouts = this.policies.get(request.timeout);
    if (!this.#update(fresh, tracked, false)) return undefined;
    return { connection: fresh, reply: false, related: false, confirmed: false };
  }

  /** What a packet makes of its connection. False if it does not belong there. */
  #update(connection: Connection, { tuple, flow }: Tracked, reply: boolean): boolean {
    if (tuple.protocol === TCP) {
      const next = nextTcpState(connection.tcp, tcpFlags(flow), reply);
      if (next === "invalid") return false;
      // A new connection with the ports of one that is over.
      if (next === "SYN_SENT" && (connection.tcp === "TIME_WAIT" || connection.tcp === "CLOSE")) {
        this.forget(connection);
        return true;
      }
      if (next !== "ignore") connection.tcp = next;
      if (connection.tcp === "ESTABLISHED" && connection.seenReply) connection.assured = true;
    } else if (tuple.protocol === UDP && connection.seenReply) {
      // A stream is what still goes on after two seconds.
      if (this.now() > connection.made + UDP_STREAM_AFTER) connection.assured = true;
    }
    if (reply) connection.seenReply = true;
    connection.refresh(this.now());
    return true;
  }

  /** An ICMP error belongs to the connection that it is about (nf_conntrack_inet_error). */
  #related(packet: Packet, tracked: Tracked, zone: number): Found | undefined {
    const quoted = quotedTuple(packet.bytes, packet.end, tracked);
    const inverse = quoted && invert(quoted.tuple);
    if (!inverse) return undefined;
    const connection = this.find(zone, inverse);
    if (!connection) return undefined;
    const reply = !sameTuple(connection.original, inverse);
    return { connection, reply, related: true, confirmed: true };
  }

  /** ovs_ct_nat(). The NAT bits of ct_state; undefined if no address is free. */
  #translate(packet: Packet, tracked: Tracked, found: Found, nat: Nat): number | undefined {
    const { connection, reply, related } = found;
    if (!found.confirmed && nat.direction !== undefined) {
      const wanted = translatedTuple(nat, connection.original, (candidate) => {
        const inverse = invert(candidate);
        return inverse === undefined || this.find(connection.zone, inverse) !== undefined;
      });
      const inverse = wanted && invert(wanted);
      if (!inverse) return undefined;
      connection.reply = inverse;
      if (nat.direction === "src") connection.sourceTranslated = true;
      else connection.destinationTranslated = true;
    }
    if (!connection.sourceTranslated && !connection.destinationTranslated) return 0;
    if (related) {
      const outer = reply ? invertEnds(connection.original) : invertEnds(connection.reply);
      rewriteQuoted(packet.bytes, packet.end, tracked, outer);
    } else {
      const wanted = invert(reply ? connection.original : connection.reply);
      if (wanted) rewrite(packet.bytes, tracked, tracked.tuple, wanted);
    }
    return connection.sourceTranslated !== reply ? CT_STATE.SOURCE_NAT : CT_STATE.DESTINATION_NAT;
  }

  /** ovs_ct_commit(). False if the zone is full. */
  #commit({ connection, confirmed, related }: Found, request: ConntrackRequest): boolean {
    if (related) return true;
    if (!confirmed && !this.has(connection)) {
      if (this.limits.isFull(connection.zone)) return false;
      this.keep(connection);
    }
    const { mark, label } = request;
    if (mark) connection.mark = ((connection.mark & ~mark.mask) | (mark.value & mark.mask)) >>> 0;
    if (label) {
      connection.label = connection.label.map((old, index) => {
        const bits = label.mask[index] as number;
        return ((old & ~bits) | ((label.value[index] as number) & bits)) >>> 0;
      });
    }
    return true;
  }
}

/** The tuple of the opposite direction, where only addresses and ports matter. */
function invertEnds(tuple: Tuple): Tuple {
  const { source, destination, sourcePort, destinationPort } = tuple;
  const icmp = isIcmp(tuple);
  return {
    ...tuple,
    source: destination,
    destination: source,
    sourcePort: icmp ? sourcePort : destinationPort,
    destinationPort: icmp ? destinationPort : sourcePort,
  };
}

/** ovs_ct_update_key() */
export function setKey(key: Flow, state: number, zone: number, connection: Connection | undefined): void {
  key[W.CT_STATE_ZONE] = ((state << 16) | zone) >>> 0;
  key[W.CT_MARK] = connection?.mark ?? 0;
  key.set(connection?.label ?? [0, 0, 0, 0], W.CT_LABEL);
  key.fill(0, W.CT_NW_SRC, W.CT_NW_SRC + TUPLE_WORDS);
  if (!connection) return;
  const { version6, source, destination, protocol, sourcePort, destinationPort } = connection.original;
  key.set(source, version6 ? W.CT_IPV6_SRC : W.CT_NW_SRC);
  key.set(destination, version6 ? W.CT_IPV6_DST : W.CT_NW_DST);
  key[W.CT_NW_PROTO] = protocol;
  key[W.CT_TP] = isIcmp(connection.original)
    ? (((destinationPort >>> 8) << 16) | (destinationPort & 0xff)) >>> 0
    : ((sourcePort << 16) | destinationPort) >>> 0;
}
