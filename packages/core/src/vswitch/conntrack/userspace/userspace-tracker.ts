// The connection tracker inside the switch daemon, for its own datapaths (lib/conntrack.c of Open vSwitch). It differs from the
// kernel's in what it calls established, in checking checksums and TCP windows, and in what it remembers of earlier zones.

import type { TcpEnds, TrackedConnection, Tuple } from "../../../ovsproto/datapath/connection.ts";
import { isIcmp } from "../../../ovsproto/datapath/connection.ts";
import { newFragmentSettings } from "../../../ovsproto/datapath/fragment-settings.ts";
import type { WaitingPacket } from "../../../ovsproto/datapath/fragment-settings.ts";
import type { Packet } from "../../../kernel/device-vport.ts";
import type { Nat } from "../../../ovsproto/openflow/actions.ts";
import { dlType, tcpFlags, W, word } from "../../../ovsproto/flow/flow.ts";
import type { Flow } from "../../../ovsproto/flow/flow.ts";
import { tcpHeaderLength } from "../../../wire/tcp.ts";
import { Connection } from "../connection.ts";
import { ConnectionTable, CT_STATE, sameTuple } from "../connection-table.ts";
import type { ConntrackRequest } from "../../../ovsproto/datapath/actions.ts";
import type { Fate, Onward } from "../connection-table.ts";
import { rewrite } from "../nat.ts";
import { quotedTuple, rewriteQuoted } from "../quoted.ts";
import { setKey } from "../tracker.ts";
import { invert, isIcmpError, readTuple } from "../tuple.ts";
import type { Tracked } from "../tuple.ts";
import { checksumsAreRight, endOf } from "./checksums.ts";
import { IcmpState, OtherState, TIMEOUTS } from "./connection-states.ts";
import { Expectations } from "./expectations.ts";
import type { Expectation } from "./expectations.ts";
import { FragmentLists } from "./fragment-lists.ts";
import type { AllocatePacket } from "./fragment-lists.ts";
import { announces, isOwnAddress, readFtp, translatedAddress } from "./ftp.ts";
import type { Announced } from "./ftp.ts";
import { adjustNumbers, replaceAddress } from "./ftp-translation.ts";
import type { Skew } from "./ftp-translation.ts";
import { TcpPeers } from "./tcp-peers.ts";
import type { Segment, Update } from "./tcp-peers.ts";
import { uniqueTuple } from "./unique-tuple.ts";
import { ZoneLimits } from "./zone-limits.ts";

const ETHERTYPE_IPV6 = 0x86dd;
const TCP = 6;
const UDP = 17;
const FTP_PORT = 21;
const TFTP_PORT = 69;
/** Types of ICMP that begin a connection. */
const QUESTIONS_V4: ReadonlySet<number> = new Set([8, 13, 15]);
const ECHO_REQUEST_V6 = 128;
const NAT_STATES = CT_STATE.SOURCE_NAT | CT_STATE.DESTINATION_NAT;

class UserspaceConnection extends Connection {
  readonly protocol: TcpPeers | IcmpState | OtherState;
  /** Of a translated control connection of FTP. */
  skew: Skew = { bytes: 0, reply: false };

  constructor(
    id: number,
    zone: number,
    tuples: readonly [Tuple, Tuple],
    now: number,
    protocol: UserspaceConnection["protocol"],
  ) {
    super(id, zone, tuples[0], tuples[1], now);
    this.protocol = protocol;
  }

  override get timeout(): number {
    const { timeout } = this.protocol;
    return this.timeouts?.get(timeout) ?? TIMEOUTS[timeout];
  }

  override get tcpEnds(): TcpEnds | undefined {
    return this.protocol instanceof TcpPeers ? this.protocol.ends : undefined;
  }

  /** This tracker gives neither ids nor status. */
  override told(now: number): TrackedConnection {
    return { ...super.told(now), id: 0, status: [] };
  }
}

/** A packet on its way through the tracker. */
interface Passing {
  readonly packet: Packet;
  readonly tracked: Tracked;
  readonly request: ConntrackRequest;
  /** Of its connection: the quoted packet's, for an ICMP error. */
  readonly tuple: Tuple;
  readonly related: boolean;
  /** It begins a connection that has been announced. */
  expectation: Expectation | undefined;
  /** Whose control connection it may be of (get_alg_ctl_type). */
  readonly control: "ftp" | "tftp" | undefined;
}

export class UserspaceTracker extends ConnectionTable {
  /** All tuples that a translation may use are taken. */
  onExhaustion: () => void = () => {};
  /** Packets have no room for longer addresses, which this is told: bytes of the packet, and of which version of IP it is. */
  onCrowded: ((size: number, version: 4 | 6) => void) | undefined = undefined;
  /** Sequence numbers of TCP count. */
  checksSequences = true;
  /** Connections altogether. */
  maxConnections = 3_000_000;
  readonly fragments = newFragmentSettings();
  readonly #fragmentLists: FragmentLists;
  #released: Onward[] = [];
  override readonly limits = new ZoneLimits();
  readonly #expectations = new Expectations();

  constructor(now: () => number, allocate: AllocatePacket) {
    super(now);
    this.#fragmentLists = new FragmentLists(this.fragments, now, allocate);
  }

  /** Packets of which some fragments have come. */
  waitingPackets(): readonly WaitingPacket[] {
    return this.#fragmentLists.all().map(({ first, zone, recirculation, parts, state }) => {
      const { version6, source, destination, protocol, id } = first;
      return {
        version6,
        source,
        destination,
        protocol,
        id,
        zone,
        recirculation,
        fragments: parts.length,
        state,
      };
    });
  }

  /** conntrack_execute(), for one packet. */
  override execute(packet: Packet, key: Flow, request: ConntrackRequest): Fate {
    const offered = this.#fragmentLists.offer(packet, key, request.zone);
    if (offered === "whole") this.#track(packet, key, request);
    else if (offered === "invalid") {
      setKey(key, CT_STATE.TRACKED | CT_STATE.INVALID, request.zone, undefined);
    } else if (offered !== "kept") {
      this.#track(offered.packet, offered.key, request);
      this.#released.push(...this.#fragmentLists.resolve(offered));
    }
    this.#released.push(...this.#fragmentLists.expired(dlType(key) === ETHERTYPE_IPV6));
    return offered === "whole" || offered === "invalid" ? "goes on" : "kept";
  }

  protected override forget(connection: Connection): void {
    this.limits.dismiss(connection);
    this.#expectations.forget(connection);
    super.forget(connection);
  }

  override takeReleased(): readonly Onward[] {
    if (this.#released.length === 0) return this.#released;
    const released = this.#released;
    this.#released = [];
    return released;
  }

  #track(packet: Packet, key: Flow, request: ConntrackRequest): void {
    if (request.nat) packet.writable();
    const passing = this.#read(packet, request);
    const before = word(key, W.CT_STATE_ZONE) >>> 16;
    const zoneBefore = word(key, W.CT_STATE_ZONE) & 0xffff;
    if (!passing || before === CT_STATE.INVALID) {
      setKey(key, CT_STATE.TRACKED | CT_STATE.INVALID, request.zone, undefined);
      return;
    }
    const { state, connection } = this.#process(passing, before, zoneBefore);
    if (connection) mark(connection, request);
    const invalid = connection ? this.#readAnnouncement(passing, connection, state) : false;
    setKey(key, state | CT_STATE.TRACKED | (invalid ? CT_STATE.INVALID : 0), request.zone, connection);
    const { expectation } = passing;
    const parent = connection?.parent ?? expectation?.parent;
    if (!connection && expectation) {
      key[W.CT_MARK] = expectation.mark;
      key.set(expectation.label, W.CT_LABEL);
    }
    // without a connection, what is known is the packet's own tuple
    if (parent) setTuple(key, parent.original);
    else if (!connection) setTuple(key, passing.tuple);
  }

  /** conn_key_extract(); undefined for what is invalid. */
  #read(packet: Packet, request: ConntrackRequest): Passing | undefined {
    const tracked = readKey(packet);
    if (!tracked || !isTrackable(tracked.tuple) || !checksumsAreRight(packet, tracked)) return undefined;
    const { tuple } = tracked;
    if (!isIcmpError(tuple)) {
      if (isIcmp(tuple) && ((tuple.destinationPort & 0xff) !== 0 || !invert(tuple))) return undefined;
      const control = controlOf(tuple, request.helper);
      return { packet, tracked, request, tuple, related: false, expectation: undefined, control };
    }
    const quoted = quotedTuple(packet.bytes, packet.end, tracked);
    const inverse = quoted && isTrackable(quoted.tuple) ? invert(quoted.tuple) : undefined;
    if (!quoted || !inverse || quoted.tuple.source.join() !== tuple.destination.join()) return undefined;
    return {
      packet,
      tracked,
      request,
      tuple: inverse,
      related: true,
      expectation: undefined,
      control: undefined,
    };
  }

  /** process_one() */
  #process(
    passing: Passing,
    before: number,
    zoneBefore: number,
  ): { readonly state: number; readonly connection: Connection | undefined } {
    const { request, tuple, related } = passing;
    const { zone, nat } = request;
    // initial_conn_lookup(): one that an earlier action has translated is known by the inverse of how it looks now
    const translated = (before & NAT_STATES) !== 0;
    const known = translated ? (invert(tuple) ?? tuple) : tuple;
    let connection = this.find(zone, known);
    let reply = connection !== undefined && sameTuple(connection.original, known) === translated;
    if (connection && request.force && reply) {
      this.forget(connection);
      connection = undefined;
      reply = false;
    }
    if (!connection && related) return { state: CT_STATE.INVALID, connection: undefined };
    if (connection) {
      const { state, begins } = this.#update(passing, connection, reply, before);
      if (!begins) {
        const translates =
          nat !== undefined &&
          ((state & NAT_STATES) === 0 || zone !== zoneBefore) &&
          isTranslated(connection);
        if (!translates) return { state, connection };
        return { state: (state & ~NAT_STATES) | translate(passing, connection, reply), connection };
      }
    }
    return this.#begin(passing);
  }

  /** conn_update_state() */
  #update(
    passing: Passing,
    connection: Connection,
    reply: boolean,
    before: number,
  ): { readonly state: number; readonly begins: boolean } {
    const { packet, tracked, related } = passing;
    if (related) {
      return { state: before | CT_STATE.RELATED | (reply ? CT_STATE.REPLY : 0), begins: false };
    }
    // conn_update_state_alg(): windows are about the numbers of whoever sends what is translated
    const { skew } = connection as UserspaceConnection;
    const adjusts = isAdjusted(passing);
    if (adjusts && reply !== skew.reply) adjustNumbers(packet, tracked, reply, skew);
    const updated = this.#updateState(passing, connection, reply, before);
    if (adjusts && reply === skew.reply) adjustNumbers(packet, tracked, reply, skew);
    return updated;
  }

  #updateState(
    { packet, tracked }: Passing,
    connection: Connection,
    reply: boolean,
    before: number,
  ): { readonly state: number; readonly begins: boolean } {
    const { protocol, parent } = connection as UserspaceConnection;
    const known = parent ? before | CT_STATE.RELATED : before;
    const update: Update =
      protocol instanceof TcpPeers
        ? protocol.update(segmentOf(packet, tracked), reply, this.checksSequences)
        : protocol.update(reply);
    switch (update) {
      case "invalid":
        return { state: CT_STATE.INVALID, begins: false };
      case "new":
        this.forget(connection);
        return { state: before, begins: true };
      case "valid":
        connection.refresh(this.now());
        return {
          state: (known & ~CT_STATE.NEW) | CT_STATE.ESTABLISHED | (reply ? CT_STATE.REPLY : 0),
          begins: false,
        };
      case "valid, new":
        connection.refresh(this.now());
        return { state: known | CT_STATE.NEW, begins: false };
    }
  }

  /** conn_not_found() */
  #begin(passing: Passing): { readonly state: number; readonly connection: Connection | undefined } {
    const { packet, tracked, tuple, request } = passing;
    const { zone, nat } = request;
    const protocol = newState(packet, tracked);
    const inverse = invert(tuple);
    if (!protocol || !inverse) return { state: CT_STATE.INVALID, connection: undefined };
    const expectation = this.#expectations.find(zone, tuple);
    passing.expectation = expectation;
    const begun = CT_STATE.NEW | (expectation ? CT_STATE.RELATED : 0);
    const full = this.limits.isFull(zone) || this.all().length >= this.maxConnections;
    if (!request.commit || full) return { state: begun, connection: undefined };
    const now = this.now();
    const connection = new UserspaceConnection(this.nextId(), zone, [tuple, inverse], now, protocol);
    if (request.timeout !== undefined) connection.timeouts = this.policies.get(request.timeout);
    connection.helper = request.helper;
    if (expectation) inherit(connection, expectation, nat !== undefined);
    else if (nat?.direction !== undefined && !this.#chooseTuple(connection, nat)) {
      return { state: begun, connection: undefined };
    }
    connection.refresh(now);
    this.keep(connection);
    this.limits.admit(connection);
    const changed = isTranslated(connection) ? translate(passing, connection, false) : 0;
    return { state: begun | changed, connection };
  }

  /** handle_alg_ctl(): what its helper reads in the packet. True: the message is not what it should be. */
  #readAnnouncement(passing: Passing, connection: Connection, state: number): boolean {
    const { packet, tracked, tuple, control, request } = passing;
    if (connection.helper === undefined) return false;
    const reply = (state & CT_STATE.REPLY) !== 0;
    if (control === "tftp") this.#expectations.add(connection, connection.original.sourcePort, reply);
    if (control !== "ftp") return false;
    const payload = tracked.transport + tcpHeaderLength(packet.bytes, tracked.transport);
    const announced = readFtp(packet.bytes, payload, endOf(packet, tracked), tuple.version6);
    if (announced === undefined) return false;
    if (announced === "invalid" || !isOwnAddress(announced, connection)) return true;
    this.#expectations.add(connection, announced.port, reply);
    if (request.nat)
      this.#translateAnnouncement(passing, connection as UserspaceConnection, announced, reply);
    return false;
  }

  /** handle_ftp_ctl() */
  #translateAnnouncement(
    { packet, tracked }: Passing,
    connection: UserspaceConnection,
    announced: Announced,
    reply: boolean,
  ): void {
    const { skew } = connection;
    const { place } = announced;
    let now = { tracked, longer: 0 };
    if (place && this.onCrowded) this.onCrowded(packet.length, tracked.tuple.version6 ? 6 : 4);
    else if (place) {
      const header = tcpHeaderLength(packet.bytes, tracked.transport);
      const bounds = [header + place[0], header + place[1]] as const;
      now = replaceAddress(packet, tracked, bounds, translatedAddress(announced, connection));
    }
    adjustNumbers(packet, now.tracked, reply, skew);
    if (now.longer !== 0) connection.skew = { bytes: skew.bytes + now.longer, reply };
  }

  /** nat_get_unique_tuple() */
  #chooseTuple(connection: Connection, nat: Nat): boolean {
    const wanted = uniqueTuple(nat, connection.original, (candidate) => {
      const inverse = invert(candidate);
      return inverse === undefined || this.find(connection.zone, inverse) !== undefined;
    });
    const inverse = wanted && invert(wanted);
    if (!inverse) {
      this.onExhaustion();
      return false;
    }
    connection.reply = inverse;
    if (nat.direction === "src") connection.sourceTranslated = true;
    else connection.destinationTranslated = true;
    return true;
  }
}

/** get_alg_ctl_type(): by the well-known port, or whatever port the action says that its helper is for. */
function controlOf({ protocol, sourcePort, destinationPort }: Tuple, helper?: string): Passing["control"] {
  if (protocol === UDP) return helper === "tftp" || destinationPort === TFTP_PORT ? "tftp" : undefined;
  if (protocol !== TCP) return undefined;
  return helper === "ftp" || sourcePort === FTP_PORT || destinationPort === FTP_PORT ? "ftp" : undefined;
}

/** A segment of a control connection of FTP that announces nothing itself. */
function isAdjusted({ packet, tracked, control, request, tuple }: Passing): boolean {
  if (control !== "ftp" || !request.nat) return false;
  const { bytes } = packet;
  const payload = tracked.transport + tcpHeaderLength(bytes, tracked.transport);
  return !announces(bytes, payload, endOf(packet, tracked), tuple.version6);
}

/** Ports are looked for in TCP and UDP only. */
function readKey(packet: Packet): Tracked | undefined {
  const tracked = readTuple(packet);
  if (!tracked || isIcmp(tracked.tuple)) return tracked;
  const { protocol } = tracked.tuple;
  if (protocol === TCP || protocol === UDP) return tracked;
  return { ...tracked, tuple: { ...tracked.tuple, sourcePort: 0, destinationPort: 0 } };
}

function isTrackable({ protocol, sourcePort, destinationPort }: Tuple): boolean {
  if (protocol === TCP || protocol === UDP) return sourcePort !== 0 && destinationPort !== 0;
  return true;
}

function segmentOf(packet: Packet, tracked: Tracked): Segment {
  const { transport, flow } = tracked;
  return { bytes: packet.bytes, at: transport, end: endOf(packet, tracked), flags: tcpFlags(flow) };
}

/** valid_new(), new_conn(): undefined for what no connection begins with. */
function newState(packet: Packet, tracked: Tracked): UserspaceConnection["protocol"] | undefined {
  const { tuple } = tracked;
  if (tuple.protocol === TCP) {
    const segment = segmentOf(packet, tracked);
    return TcpPeers.mayBegin(segment) ? new TcpPeers(segment) : undefined;
  }
  if (!isIcmp(tuple)) return new OtherState();
  const type = tuple.destinationPort >>> 8;
  const asks = tuple.version6 ? type === ECHO_REQUEST_V6 : QUESTIONS_V4.has(type);
  return asks ? new IcmpState() : undefined;
}

/** What an announced connection has of the one that announced it; with NAT also what is translated. */
function inherit(connection: UserspaceConnection, expectation: Expectation, translates: boolean): void {
  const { parent, mark: inherited, label, address, replacesReplyDestination } = expectation;
  connection.parent = parent;
  connection.mark = inherited;
  connection.label = label;
  if (!translates) return;
  if (replacesReplyDestination) {
    connection.reply = { ...connection.reply, destination: address };
    connection.sourceTranslated = true;
  } else {
    connection.reply = { ...connection.reply, source: address };
    connection.destinationTranslated = true;
  }
}

function isTranslated({ sourceTranslated, destinationTranslated }: Connection): boolean {
  return sourceTranslated || destinationTranslated;
}

/** nat_packet(), un_nat_packet(): the bits of ct_state that tell of it. */
function translate({ packet, tracked, related }: Passing, connection: Connection, reply: boolean): number {
  if (related) rewriteQuoted(packet.bytes, packet.end, tracked, invertedTranslation(connection, reply));
  else {
    const wanted = invert(reply ? connection.original : connection.reply);
    const { protocol } = tracked.tuple;
    const known = protocol === TCP || protocol === UDP || isIcmp(tracked.tuple);
    if (wanted) rewrite(packet.bytes, known ? tracked : { ...tracked, transport: -1 }, tracked.tuple, wanted);
  }
  return connection.sourceTranslated !== reply ? CT_STATE.SOURCE_NAT : CT_STATE.DESTINATION_NAT;
}

/** The ends of an error about a packet of the connection. */
function invertedTranslation(connection: Connection, reply: boolean): Tuple {
  const { source, destination, sourcePort, destinationPort } = reply ? connection.original : connection.reply;
  const icmp = isIcmp(connection.original);
  return {
    ...connection.original,
    source: destination,
    destination: source,
    sourcePort: icmp ? sourcePort : destinationPort,
    destinationPort: icmp ? destinationPort : sourcePort,
  };
}

/** set_mark(), set_label() */
function mark(connection: Connection, { mark: wanted, label }: ConntrackRequest): void {
  if (wanted) connection.mark = ((connection.mark & ~wanted.mask) | (wanted.value & wanted.mask)) >>> 0;
  if (!label) return;
  connection.label = connection.label.map((old, at) => {
    const bits = label.mask[at] as number;
    return ((old & ~bits) | ((label.value[at] as number) & bits)) >>> 0;
  });
}

function setTuple(key: Flow, tuple: Tuple): void {
  const { version6, source, destination, protocol, sourcePort, destinationPort } = tuple;
  key.set(source, version6 ? W.CT_IPV6_SRC : W.CT_NW_SRC);
  key.set(destination, version6 ? W.CT_IPV6_DST : W.CT_NW_DST);
  key[W.CT_NW_PROTO] = protocol;
  key[W.CT_TP] = isIcmp(tuple)
    ? (((destinationPort >>> 8) << 16) | (destinationPort & 0xff)) >>> 0
    : ((sourcePort << 16) | destinationPort) >>> 0;
}
