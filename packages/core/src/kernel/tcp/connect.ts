// Making connections: the active open (RFC 9293, 3.10.1; tcp_v4_connect, tcp_v6_connect), and the control block of either side.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { IPV4_LOOPBACK } from "../../wire/ipv4-address.ts";
import { IPV6_LOOPBACK, isLinkLocalIpv6 } from "../../wire/ipv6-address.ts";
import { ipv4Of } from "../ipv4/namespace.ts";
import type { Netns } from "../netns.ts";
import type { IpAddress, SocketFamily } from "../sockets/ip-address.ts";
import { guessReceivedSize } from "./acknowledging.ts";
import { congestionOf } from "./congestion/choose.ts";
import { connectionTable } from "./connection-table.ts";
import type { ConnectionTable } from "./connection-table.ts";
import { advance } from "./sequence.ts";
import { bufferSizes, congestionControl, tcpSetting } from "./settings.ts";
import type { SocketSettings } from "./tcb.ts";
import { Tcb } from "./tcb.ts";
import { tcpCounters } from "./counters.ts";
import { setState } from "./ending.ts";
import { onTimer } from "./timeouts.ts";
import { sendSyn, synchronizeMss } from "./transmit.ts";
import { firstWindow } from "./receive-window.ts";
import { chooseSource, Way } from "./way.ts";
import type { Ends, WayOptions } from "./way.ts";

/** A socket that is about to connect or to be connected. */
export interface SocketIdentity {
  readonly netns: Netns;
  readonly family: SocketFamily;
  readonly settings: SocketSettings;
  readonly way: WayOptions;
  /** Congestion control by name; undefined: that of the namespace. */
  readonly congestion: string | undefined;
}

/** A control block with nothing in it but its ends. */
export function makeTcb(socket: SocketIdentity, ends: Ends): Tcb {
  const { netns, family, settings } = socket;
  const tcb: Tcb = new Tcb({
    netns,
    table: connectionTable(netns),
    family,
    ends,
    way: new Way(netns, ends, socket.way),
    settings,
    congestion: congestionOf(socket.congestion ?? congestionControl(netns), (how, window) => {
      const detected = how === "train" ? "TCPHystartTrainDetect" : "TCPHystartDelayDetect";
      tcb.counters.count(detected);
      tcb.counters.count(how === "train" ? "TCPHystartTrainCwnd" : "TCPHystartDelayCwnd", window);
    }),
  });
  tcb.receiveBuffer = settings.receiveBuffer ?? bufferSizes(netns, "tcp_rmem").first;
  tcb.sendBuffer = settings.sendBuffer ?? bufferSizes(netns, "tcp_wmem").first;
  tcb.reordering = tcpSetting(netns, "tcp_reordering", 3);
  tcb.nextId = netns.kernel.random.uint32() & 0xffff;
  tcb.onTimer = onTimer;
  tcb.congestionWindow = tcb.way.initialWindow() || tcb.congestionWindow;
  return tcb;
}

/** TSval starts elsewhere for every pair of hosts, so that it tells nothing (secure_tcp_ts_off). */
export function timestampOffset(netns: Netns, local: IpAddress, remote: IpAddress): number {
  const { kernel } = netns;
  let known = offsets.get(kernel);
  if (known === undefined) offsets.set(kernel, (known = new Map()));
  const key = `${netns.inode} ${local} ${remote}`;
  let offset = known.get(key);
  if (offset === undefined) known.set(key, (offset = kernel.random.uint32()));
  return offset;
}

const offsets = new WeakMap<object, Map<string, number>>();

/** The first sequence number (RFC 6528 wants it hard to guess). */
export function firstSequence({ kernel }: Netns): number {
  return kernel.random.uint32();
}

/**
 * A free port for the ends: even ones first, as bind(2) takes odd ones first (__inet_hash_connect). Errors: EADDRNOTAVAIL.
 */
function choosePort(netns: Netns, table: ConnectionTable, ends: Omit<Ends, "localPort">): number {
  const { localPortFirst, localPortLast } = ipv4Of(netns).settings;
  const count = (localPortLast - localPortFirst + 1) & ~1;
  const start = count === 0 ? 0 : netns.kernel.random.below(count) & ~1;
  for (const parity of [0, 1])
    for (let step = 0; step < count; step += 2) {
      const localPort = localPortFirst + ((start + step + parity) % count);
      if (table.listenersAt(localPort).length > 0) continue;
      if (!table.isTaken({ ...ends, localPort })) return localPort;
    }
  throw new Refusal(ERRNO.EADDRNOTAVAIL);
}

export interface ConnectRequest extends SocketIdentity {
  readonly remote: IpAddress | undefined;
  readonly remotePort: number;
  /** What bind(2) has chosen; undefined and 0: nothing. */
  readonly local: IpAddress | undefined;
  readonly localPort: number;
}

/**
 * Sends the SYN. Errors: ENETUNREACH and what routes refuse with; EADDRNOTAVAIL without a free port or source; EADDRINUSE for ends that
 * are taken.
 */
export function openConnection(request: ConnectRequest): Tcb {
  const { netns, family, remotePort } = request;
  const table = connectionTable(netns);
  const wanted = request.remote ?? (family === "inet" ? IPV4_LOOPBACK : IPV6_LOOPBACK);
  if (typeof wanted === "string" && isLinkLocalIpv6(wanted) && request.way.device === 0)
    throw new Refusal(ERRNO.EINVAL);
  const chosen = chooseSource(netns, request.local, wanted, remotePort, request.way);
  if (typeof chosen === "number") throw new Refusal(chosen);
  const { source: local, destination: remote } = chosen;
  let { localPort } = request;
  if (localPort === 0) localPort = choosePort(netns, table, { local, remote, remotePort });
  const ends = { local, localPort, remote, remotePort };
  const there = table.find(local, localPort, remote, remotePort);
  if (there !== undefined) {
    if (there.kind !== "time-wait") throw new Refusal(ERRNO.EADDRNOTAVAIL);
    // Its numbers go on (RFC 6191), if the setting lets them.
    if (tcpSetting(netns, "tcp_tw_reuse", 2) === 0) throw new Refusal(ERRNO.EADDRNOTAVAIL);
  }
  const tcb = makeTcb(request, ends);
  tcb.iss = there?.kind === "time-wait" ? there.nextIss : firstSequence(netns);
  if (there?.kind === "time-wait") there.end();
  tcb.initiated = true;
  initialize(tcb);
  table.add(tcb);
  tcb.retainsNetns = true;
  netns.retain();
  tcpCounters(netns).activeOpens++;
  setState(tcb, "SYN-SENT");
  sendSyn(tcb);
  return tcb;
}

/** tcp_connect_init() */
function initialize(tcb: Tcb): void {
  const { netns, ends, way, settings } = tcb;
  tcb.tsOffset = timestampOffset(netns, ends.local, ends.remote);
  tcb.timestamps = tcpSetting(netns, "tcp_timestamps", 1) !== 0;
  tcb.windowScaling = tcpSetting(netns, "tcp_window_scaling", 1) !== 0;
  tcb.sackPermitted = tcpSetting(netns, "tcp_sack", 1) !== 0;
  if (settings.maximumSegment > 0) tcb.mssClamp = settings.maximumSegment;
  else tcb.mssClamp = 0xffff;
  const advertised = way.advertisedMss();
  tcb.advertisedMss =
    settings.maximumSegment > 0 ? Math.min(settings.maximumSegment, advertised) : advertised;
  synchronizeMss(tcb, way.mtu() ?? 1500);
  guessReceivedSize(tcb);
  const { window, clamp, shift } = firstWindow(
    netns,
    tcb.receiveBuffer,
    tcb.advertisedMss,
    tcb.windowScaling,
  );
  tcb.rcvWnd = way.initialReceiveWindow(window, tcb.advertisedMss);
  tcb.windowClamp = clamp;
  tcb.rcvShift = shift;
  tcb.rcvThreshold = tcb.rcvWnd;
  tcb.sndUna = tcb.smallEnd = tcb.iss;
  tcb.sndNxt = tcb.iss;
  tcb.writeSeq = advance(tcb.iss, 1);
}
