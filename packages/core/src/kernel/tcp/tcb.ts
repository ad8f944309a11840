// The transmission control block (RFC 9293, 3.3.1): all that is known of one connection. State only: what happens to it is in the
// modules around, which are named after their parts of the protocol.

import { Wakers } from "../../system/streams.ts";
import type { Timer } from "../../system/system.ts";
import type { DropReason } from "../../trace/drop-reason.ts";
import type { Kernel } from "../kernel.ts";
import type { Netns } from "../netns.ts";
import type { SocketFamily } from "../sockets/ip-address.ts";
import type { CongestionControl, CongestionWindow } from "./congestion/control.ts";
import { tcpCounters } from "./counters.ts";
import type { TcpCounters } from "./counters.ts";
import { ReceiveQueue } from "./receive-queue.ts";
import { RoundTrip } from "./round-trip.ts";
import { SendQueue } from "./send-queue.ts";
import type { TcpState } from "./state.ts";
import type { ConnectionTable } from "./connection-table.ts";
import type { Ends, Way } from "./way.ts";

/** Segments in the first window (RFC 6928). */
export const INITIAL_WINDOW = 10;
/** No threshold is known: slow start goes on. */
export const NO_THRESHOLD = 0x7fff_ffff;
/** TCP_MSS_DEFAULT: what a peer takes that says nothing, bytes. */
export const DEFAULT_MSS = 536;

/** Phases of congestion control (enum tcp_ca_state; documented in net/ipv4/tcp_input.c). */
export type CongestionPhase = "open" | "disorder" | "reduced" | "recovery" | "loss";

/** What the one timer of the sending side waits for. */
export type SendTimer = "retransmit" | "loss-probe" | "reorder" | "window-probe";

/** Memory of a segment that is sent, beside its data: struct sk_buff, its shared part and room for headers. */
const SENT_OVERHEAD = 1280;

/** Settings that a program gives with its socket. */
export interface SocketSettings {
  readonly noDelay: boolean;
  readonly keepAlive: boolean;
  /** Seconds and count; undefined: those of the namespace. */
  readonly keepIdle: number | undefined;
  readonly keepInterval: number | undefined;
  readonly keepCount: number | undefined;
  /** TCP_MAXSEG; 0: none. */
  readonly maximumSegment: number;
  /** Bytes as the kernel keeps them: twice what was asked for; undefined: they grow by themselves. */
  readonly receiveBuffer: number | undefined;
  readonly sendBuffer: number | undefined;
}

export const PLAIN_SETTINGS: SocketSettings = {
  noDelay: false,
  keepAlive: false,
  keepIdle: undefined,
  keepInterval: undefined,
  keepCount: undefined,
  maximumSegment: 0,
  receiveBuffer: undefined,
  sendBuffer: undefined,
};

/** A timer whose end moves often: the clock is asked anew only when it would ring too late. */
export interface MovingTimer {
  /** ns; undefined: not set. */
  due: number | undefined;
  timer: Timer | undefined;
  rings: number;
}

export class Tcb implements CongestionWindow {
  readonly kind = "connection";
  readonly netns: Netns;
  readonly kernel: Kernel;
  readonly table: ConnectionTable;
  readonly counters: TcpCounters;
  /** Of the program's socket; an IPv6 socket may speak IPv4. */
  readonly family: SocketFamily;
  readonly ends: Ends;
  readonly way: Way;
  readonly settings: SocketSettings;
  readonly inode: number;
  readonly wakers = new Wakers();
  readonly sending = new SendQueue();
  readonly received = new ReceiveQueue();
  readonly roundTrip = new RoundTrip();
  readonly congestion: CongestionControl;
  state: TcpState = "CLOSED";
  /** This side has called. */
  initiated = false;

  // Send sequence variables.
  /** ISS */
  iss = 0;
  /** SND.UNA */
  sndUna = 0;
  /** SND.NXT */
  sndNxt = 0;
  /** Behind the last byte that the program has written. */
  writeSeq = 0;
  /** SND.WND, bytes. */
  sndWnd = 0;
  /** SND.WL1 */
  sndWl1 = 0;
  /** The largest window that the peer has offered. */
  maxWindow = 0;
  /** Snd.Wind.Shift */
  sndShift = 0;
  /** End of the last segment below full size (RFC 9293, 3.7.4 as Minshall has it). */
  smallEnd = 0;
  /** Sequence number up to which PSH was asked for. */
  pushedSeq = 0;

  // Receive sequence variables.
  /** IRS */
  irs = 0;
  /** RCV.NXT */
  rcvNxt = 0;
  /** RCV.NXT of the last acknowledgement sent. */
  rcvWup = 0;
  /** RCV.WND, bytes. */
  rcvWnd = 0;
  /** Rcv.Wind.Shift */
  rcvShift = 0;
  /** The next byte that the program reads. */
  copiedSeq = 0;
  /** Of the window: the most that may be offered, and what is offered now (tcp_sock.window_clamp, rcv_ssthresh). */
  windowClamp = 0;
  rcvThreshold = 0;
  /** sk_rcvbuf, sk_sndbuf: bytes of memory. */
  receiveBuffer = 0;
  sendBuffer = 0;
  /** Measures how fast the program reads (Dynamic Right-Sizing): µs, sequence number, bytes. */
  spaceAt = 0;
  spaceSeq = 0;
  space = 0;
  /** Round trip as the receiver sees it, µs in eighths; and what is being measured. */
  receiverRtt8 = 0;
  receiverRttSeq = 0;
  receiverRttAt = 0;

  // Options.
  /** The peer's MSS option, or less (TCP_MAXSEG). */
  mssClamp = DEFAULT_MSS;
  /** Bytes of data in a full segment now. */
  mss = DEFAULT_MSS;
  pathMtu = 0;
  advertisedMss = DEFAULT_MSS;
  timestamps = false;
  sackPermitted = false;
  windowScaling = false;
  /** TS.Recent and when it came, s. */
  tsRecent = 0;
  tsRecentAt = 0;
  /** Added to this side's clock for TSval. */
  tsOffset = 0;
  /** IPv4 identification of the next segment. */
  nextId = 0;

  // Acknowledging (struct inet_connection_sock.icsk_ack).
  ackScheduled = false;
  ackNow = false;
  ackPushed = false;
  ackPushedAgain = false;
  /** Acknowledgements that are sent at once. */
  quickAcks = 0;
  /** The connection answers: acknowledgements ride on data. */
  pingPong = false;
  /** ms; 0 before the first data. */
  ackTimeout = 0;
  /** Jiffies. */
  lastReceived = 0;
  lastSegmentSize = 0;
  rcvMss = DEFAULT_MSS;
  duplicateAcks = 0;
  duplicateAcksFor = 0;
  delayedAckAt: number | undefined = undefined;

  // Congestion control.
  congestionWindow = INITIAL_WINDOW;
  slowStartThreshold = NO_THRESHOLD;
  windowCount = 0;
  phase: CongestionPhase = "open";
  /** Recovery ends when this is acknowledged. */
  highSeq = 0;
  priorWindow = 0;
  prrDelivered = 0;
  prrOut = 0;
  /** The window was full at sequence number `limitedSeq`, with so many segments. */
  limited = false;
  limitedPackets = 0;
  limitedSeq = 0;
  /** Behind the last byte that was SACKed. */
  highestSacked = 0;
  reordering = 3;
  /** Reordering has been seen: RACK waits a little. */
  reorderingSeen = false;
  /** RACK (RFC 8985): the newest segment that was delivered. ns and µs. */
  rackAt = 0;
  rackEnd = 0;
  rackRtt = 0;
  rackAdvanced = false;
  /** End of what was on the way when a loss probe was sent; 0: none. */
  probeEnd = 0;
  probeResent = false;
  delivered = 0;
  /** TSval of the first retransmission, or of the first SYN (RFC 3522); 0: none. */
  retransmitStamp = 0;
  /** Threshold before the window was reduced; 0: there is nothing to undo. */
  priorThreshold = 0;
  undoMarker: number | undefined = undefined;
  undoRetransmits = 0;

  // Timers.
  readonly sendTimer: MovingTimer = { due: undefined, timer: undefined, rings: 0 };
  sendTimerKind: SendTimer = "retransmit";
  readonly ackTimer: MovingTimer = { due: undefined, timer: undefined, rings: 0 };
  readonly lifeTimer: MovingTimer = { due: undefined, timer: undefined, rings: 0 };
  retransmits = 0;
  backoff = 0;
  probesOut = 0;
  /** ms since boot: when data was sent last (0: never), and when something was acknowledged. */
  lastSent = 0;
  lastAckReceived = 0;

  /** ms: the last answer to a segment that was not acceptable; 0: none. */
  lastInvalidAnswer = 0;

  // The program.
  /** errno that the next call meets. */
  error = 0;
  /** A soft error (RFC 9293, 3.9.2.2) that becomes the error when the connection times out. */
  softError = 0;
  /** The program has no socket any more. */
  orphaned = false;
  receiveShutdown = false;
  sendShutdown = false;
  retainsNetns = false;
  /** A segment is being looked at: what it sets off is done behind it. */
  busy = false;
  woken = false;
  /** Why the segment that has just come ends here; undefined if it was taken. */
  refused: DropReason | undefined = undefined;
  /** The send buffer was full when the program wrote last. */
  writerWaits = false;
  /** What to do when a timer rings; put here by who makes connections. */
  onTimer: (tcb: Tcb, which: "send" | "ack" | "life") => void = () => {};
  /** Tells who waits that the connection has ended. */
  onEnd: ((tcb: Tcb) => void) | undefined = undefined;

  // What ss shows.
  bytesSent = 0;
  bytesAcked = 0;
  bytesReceived = 0;
  bytesRetransmitted = 0;
  segmentsOut = 0;
  segmentsIn = 0;
  dataSegmentsOut = 0;
  dataSegmentsIn = 0;
  totalRetransmits = 0;
  duplicateSacks = 0;
  reorderings = 0;

  constructor(fields: {
    readonly netns: Netns;
    readonly table: ConnectionTable;
    readonly family: SocketFamily;
    readonly ends: Ends;
    readonly way: Way;
    readonly settings: SocketSettings;
    readonly congestion: CongestionControl;
  }) {
    this.netns = fields.netns;
    this.kernel = fields.netns.kernel;
    this.table = fields.table;
    this.counters = tcpCounters(fields.netns);
    this.family = fields.family;
    this.ends = fields.ends;
    this.way = fields.way;
    this.settings = fields.settings;
    this.congestion = fields.congestion;
    this.inode = this.kernel.nextSocketInode();
  }

  /** tcp_current_ssthresh(): what has been learned of the network, in any phase. */
  get thresholdNow(): number {
    if (this.phase === "reduced" || this.phase === "recovery") return this.slowStartThreshold;
    return Math.max(this.slowStartThreshold, (this.congestionWindow >> 1) + (this.congestionWindow >> 2));
  }

  get inSlowStart(): boolean {
    return this.congestionWindow < this.slowStartThreshold;
  }

  /** The clock behind TSval, ms. */
  get milliseconds(): number {
    return Math.floor(this.kernel.clock.now / 1e6);
  }

  /** µs */
  get microseconds(): number {
    return this.kernel.clock.now / 1e3;
  }

  /** Bytes of header that data segments have: timestamps are in all of them. */
  get headerLength(): number {
    return this.timestamps ? 32 : 20;
  }

  /** Memory of what waits to be sent or acknowledged, bytes (sk_wmem_queued). */
  get sendMemory(): number {
    const { sending } = this;
    return sending.bytes + SENT_OVERHEAD * (sending.sent.length + sending.unsent.length);
  }

  get mayWrite(): boolean {
    return this.sendMemory < this.sendBuffer;
  }

  /** A program that waits to write is woken once there is room. */
  wakeIfWritable(): void {
    if (this.writerWaits && this.mayWrite) {
      this.writerWaits = false;
      this.wake();
    }
  }

  /** Whoever waits for the socket looks at it when the segment has been dealt with. */
  wake(): void {
    if (this.busy) this.woken = true;
    else this.wakers.wake();
  }
}
