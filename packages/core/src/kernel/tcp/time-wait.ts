// What is left of a connection that this side closed first: its ends and sequence numbers, for two minutes as RFC 9293, 3.6.1 has it
// and one minute as Linux has it. A connection that the program has closed and the peer has not is kept so too, in FIN-WAIT-2.
// Kernel counterpart: net/ipv4/tcp_minisocks.c.

import { TcpFlag } from "../../wire/tcp.ts";
import type { TcpSendOptions } from "../../wire/tcp-write.ts";
import { writeTcpSegment } from "../../wire/tcp-write.ts";
import type { Timer } from "../../system/system.ts";
import type { Packet } from "../packet.ts";
import type { SocketFamily } from "../sockets/ip-address.ts";
import type { ConnectionTable } from "./connection-table.ts";
import type { TcpCounters } from "./counters.ts";
import type { ArrivedSegment } from "./segment.ts";
import { advance, after, before, distance } from "./sequence.ts";
import { tcpSetting } from "./settings.ts";
import type { Tcb } from "./tcb.ts";
import { offeredWindow } from "./receive-window.ts";
import { stopAckTimer, stopLifeTimer, stopSendTimer } from "./timers.ts";
import type { Ends, Way } from "./way.ts";
import { pseudoSum } from "./way.ts";

/** TCP_TIMEWAIT_LEN, ms. */
export const TIME_WAIT_LENGTH = 60_000;

const NO_DATA = new Uint8Array(0);

/** What is to be done about a segment. */
export type TimeWaitVerdict = "done" | "acknowledge" | "reset" | "new-connection";

export class TimeWait {
  readonly kind = "time-wait";
  readonly ends: Ends;
  readonly way: Way;
  readonly family: SocketFamily;
  readonly table: ConnectionTable;
  readonly counters: TcpCounters;
  state: "FIN-WAIT-2" | "TIME-WAIT";
  sndNxt: number;
  rcvNxt: number;
  /** Field of the header. */
  readonly window: number;
  readonly receiveWindow: number;
  readonly timestamps: boolean;
  tsRecent: number;
  readonly tsOffset: number;
  /** ns of the clock. */
  endsAt = 0;
  #timer: Timer | undefined = undefined;

  constructor(tcb: Tcb, state: "FIN-WAIT-2" | "TIME-WAIT") {
    this.ends = tcb.ends;
    this.way = tcb.way;
    this.family = tcb.family;
    this.table = tcb.table;
    this.counters = tcb.counters;
    this.state = state;
    this.sndNxt = tcb.sndNxt;
    this.rcvNxt = tcb.rcvNxt;
    this.receiveWindow = offeredWindow(tcb);
    this.window = Math.min(Math.floor(tcb.rcvWnd / 2 ** tcb.rcvShift), 0xffff);
    this.timestamps = tcb.timestamps;
    this.tsRecent = tcb.tsRecent;
    this.tsOffset = tcb.tsOffset;
  }

  /** ms from now. */
  schedule(delay: number): void {
    this.#timer?.cancel();
    const { clock } = this.way.netns.kernel;
    this.endsAt = clock.now + delay * 1e6;
    this.#timer = clock.after(delay * 1e6, () => {
      this.counters.count("TW");
      this.end();
    });
  }

  end(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.table.remove(this);
  }

  /** tcp_timewait_state_process() */
  judge(segment: ArrivedSegment): TimeWaitVerdict {
    const stamp = segment.timestamp;
    const old = this.timestamps && stamp !== undefined && before(stamp.value, this.tsRecent);
    if (this.state === "FIN-WAIT-2") return this.#judgeInFinWait(segment, old);
    const empty = segment.sequence === segment.end;
    if (!old && segment.sequence === this.rcvNxt && (empty || segment.rst)) {
      if (segment.rst) {
        // RFC 1337 warns of it.
        if (tcpSetting(this.way.netns, "tcp_rfc1337") === 0) this.end();
      } else {
        if (stamp !== undefined) this.tsRecent = stamp.value;
        this.schedule(TIME_WAIT_LENGTH);
      }
      return "done";
    }
    const newer =
      after(segment.sequence, this.rcvNxt) || (stamp !== undefined && before(this.tsRecent, stamp.value));
    if (segment.syn && !segment.rst && !segment.ack && !old && newer) return "new-connection";
    if (segment.rst) return "done";
    if (old) this.counters.count("PAWSEstab");
    if (old || segment.ack) this.schedule(TIME_WAIT_LENGTH);
    return "acknowledge";
  }

  #judgeInFinWait(segment: ArrivedSegment, old: boolean): TimeWaitVerdict {
    const outside =
      before(segment.end, this.rcvNxt) || distance(this.rcvNxt, segment.sequence) > this.receiveWindow;
    if (old || outside) return "acknowledge";
    if (segment.rst) {
      this.end();
      return "done";
    }
    if (segment.syn && !before(segment.sequence, this.rcvNxt)) return "reset";
    if (!segment.ack || !after(segment.end, this.rcvNxt) || segment.end === segment.sequence) return "done";
    // Data for a program that has closed.
    if (!segment.fin || segment.end !== advance(this.rcvNxt, 1)) {
      this.end();
      return "reset";
    }
    this.state = "TIME-WAIT";
    this.rcvNxt = segment.end;
    if (segment.timestamp !== undefined) this.tsRecent = segment.timestamp.value;
    this.schedule(TIME_WAIT_LENGTH);
    return "acknowledge";
  }

  /** Repeats the last acknowledgement. */
  acknowledge(cause: Packet): void {
    const { ends } = this;
    const now = Math.floor(this.way.netns.kernel.clock.now / 1e6);
    const options: TcpSendOptions = {
      timestamp: this.timestamps ? { value: (now + this.tsOffset) >>> 0, echo: this.tsRecent } : undefined,
    };
    const segment = writeTcpSegment(
      {
        sourcePort: ends.localPort,
        destinationPort: ends.remotePort,
        sequence: this.sndNxt,
        acknowledgement: this.rcvNxt,
        flags: TcpFlag.ACK,
        window: this.window,
      },
      options,
      NO_DATA,
      (length) => pseudoSum(ends.local, ends.remote, length),
    );
    this.counters.outSegs++;
    this.way.send(segment, { cause, by: "kernel", id: 0 });
  }

  /** ISS of a connection that takes the place of this one (RFC 6191). */
  get nextIss(): number {
    return advance(this.sndNxt, 65_535 + 2) || 1;
  }
}

/** tcp_time_wait(): the connection ends, its ends stay taken for `delay` ms. */
export function waitInPlaceOf(tcb: Tcb, state: "FIN-WAIT-2" | "TIME-WAIT", delay: number): void {
  const { table } = tcb;
  stopSendTimer(tcb);
  stopAckTimer(tcb);
  stopLifeTimer(tcb);
  const most = tcpSetting(tcb.netns, "tcp_max_tw_buckets", 8192);
  table.remove(tcb);
  if (table.timeWaits < most) {
    const left = new TimeWait(tcb, state);
    table.add(left);
    left.schedule(delay);
  }
}
