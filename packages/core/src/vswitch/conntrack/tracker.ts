// The connection tracker of a datapath (net/openvswitch/conntrack.c over nf_conntrack): what a ct action finds out about a packet and
// writes into its key, and connections that are committed. Fragments are not put together: to the tracker they are invalid.

import type { Tuple } from "../../ovsproto/datapath/connection.ts";
import { isIcmp } from "../../ovsproto/datapath/connection.ts";
import type { Packet } from "../../kernel/device-vport.ts";
import type { Nat } from "../../ovsproto/openflow/actions.ts";
import { W, word } from "../../ovsproto/flow/flow.ts";
import type { Flow } from "../../ovsproto/flow/flow.ts";
import { isMalformed } from "../../wire/malformed.ts";
import { decodeTcp, TcpFlag } from "../../wire/tcp.ts";
import { Connection } from "./connection.ts";
import { KernelLimits } from "./kernel-limits.ts";
import { ConnectionTable, CT_STATE, sameTuple } from "./connection-table.ts";
import type { ConntrackRequest } from "../../ovsproto/datapath/actions.ts";
import type { Fate } from "./connection-table.ts";
import { rewrite, translatedTuple } from "./nat.ts";
import { quotedTuple, rewriteQuoted } from "./quoted.ts";
import { nextTcpState } from "./tcp-state.ts";
import { hasValidFlags, TcpWindows } from "./tcp-windows.ts";
import type { Side } from "./tcp-windows.ts";
import type { Tracked } from "./tuple.ts";
import { invert, isIcmpError, readTuple } from "./tuple.ts";

interface Found {
  readonly connection: Connection;
  readonly reply: boolean;
  /** The packet is an error about the connection. */
  readonly related: boolean;
  readonly confirmed: boolean;
  /** It has just ended with this packet. */
  readonly ended?: boolean;
}

/**
 * What becomes of a packet. "let through": it belongs to the connection and changes nothing, or begins another one in its place; "ended":
 * the connection is gone with it.
 */
type Outcome = "taken" | "let through" | "invalid" | "ended";

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
    const confirmed = found.ended === true || this.has(connection);
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
        const outcome = again ? "taken" : this.#update(packet, connection, tracked, reply);
        if (outcome === "invalid") return undefined;
        const ended = outcome === "ended";
        if (ended) return { connection, reply, related: false, confirmed: true, ended };
        if (connection.tcp === "ESTABLISHED" && connection.assured) connection.windows?.beLiberal();
        if (this.has(connection)) return { connection, reply, related: false, confirmed: true };
      }
    }
    const inverse = invert(tuple);
    if (inverse === undefined) return undefined;
    const fresh = new Connection(this.nextId(), zone, tuple, inverse, this.now());
    if (request.timeout !== undefined) fresh.timeouts = this.policies.get(request.timeout);
    if (this.#update(packet, fresh, tracked, false) === "invalid") return undefined;
    return { connection: fresh, reply: false, related: false, confirmed: false };
  }

  /** What a packet makes of its connection. */
  #update(packet: Packet, connection: Connection, tracked: Tracked, reply: boolean): Outcome {
    const { tuple } = tracked;
    if (tuple.protocol === TCP) {
      const outcome = this.#segment(packet, connection, tracked, reply ? 1 : 0);
      if (outcome === "let through" && reply) connection.seenReply = true;
      if (outcome !== "taken") return outcome;
    } else if (tuple.protocol === UDP && connection.seenReply) {
      // A stream is what still goes on after two seconds.
      if (this.now() > connection.made + UDP_STREAM_AFTER) connection.assured = true;
    }
    connection.refresh(this.now());
    if (reply) connection.seenReply = true;
    return "taken";
  }

  /** nf_conntrack_tcp_packet() */
  #segment({ bytes, end }: Packet, connection: Connection, { transport }: Tracked, side: Side): Outcome {
    const segment = decodeTcp(bytes, transport, end);
    if (isMalformed(segment) || !hasValidFlags(segment)) return "invalid";
    const { tcp: state } = connection;
    const established = state === "ESTABLISHED" && connection.assured;
    let next = nextTcpState(state, segment.flags, side === 1);
    if (next === "invalid") return "invalid";
    // A new connection with the ports of one that is over.
    if (next === "SYN_SENT" && (state === "TIME_WAIT" || state === "CLOSE")) {
      this.forget(connection);
      return "let through";
    }
    if (next === "ignore") return "let through";
    connection.windows ??= new TcpWindows(segment);
    const { windows } = connection;
    if (next === "CLOSE" && segment.flags & TcpFlag.RST) {
      const fate = windows.reset(segment, side, established);
      if (fate === "invalid") return "invalid";
      if (fate === "stays") next = state;
    }
    const judgement = windows.judge(segment, side, state);
    if (judgement !== "fits") return judgement === "invalid" ? "invalid" : "let through";
    windows.wasReset = (segment.flags & TcpFlag.RST) !== 0;
    if (next === "FIN_WAIT" && state !== next) windows.closes(side);
    connection.tcp = next;
    // nobody but the one that refuses has ever spoken
    if (segment.flags & TcpFlag.RST && !connection.seenReply && this.has(connection)) {
      this.forget(connection);
      return "ended";
    }
    const open = state === "SYN_RECV" || state === "ESTABLISHED";
    if (open && next === "ESTABLISHED" && connection.seenReply) connection.assured = true;
    return "taken";
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
