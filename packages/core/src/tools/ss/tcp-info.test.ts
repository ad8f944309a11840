// What the real ss (iproute2 6.1) printed for connections of Linux 6.1.

import { expect, test } from "vitest";
import { encodeTcpInfo } from "../../netlink/sock-diag/tcp-info.ts";
import { tcpInfoText, timerText } from "./tcp-info.ts";

test("a connection that has just been accepted", () => {
  const info = encodeTcpInfo({
    state: 1,
    options: 7,
    windowScales: 0x77,
    limits: 1,
    rto: 204_000,
    rtt: 155,
    rttVariance: 77,
    sendMss: 1448,
    pathMtu: 1500,
    receiveMss: 536,
    advertisedMss: 1448,
    congestionWindow: 10,
    sendThreshold: 0x7fff_ffff,
    segmentsIn: 2,
    lastDataSent: 308,
    lastDataReceived: 308,
    lastAckReceived: 308,
    pacingRate: 266_978_641,
    delivered: 1,
    reordering: 3,
    receiverSpace: 14_480,
    receiveThreshold: 64_088,
    leastRtt: 155,
    sendWindow: 64_512,
  });
  const text =
    " cubic wscale:7,7 rto:204 rtt:0.155/0.077 mss:1448 pmtu:1500 rcvmss:536 advmss:1448 cwnd:10 segs_in:2 " +
    "send 747354838bps lastsnd:308 lastrcv:308 lastack:308 pacing_rate 2135829128bps delivered:1 app_limited " +
    "rcv_space:14480 rcv_ssthresh:64088 minrtt:0.155 snd_wnd:64512";
  expect(tcpInfoText(info, "cubic", false)).toBe(text);
  expect(tcpInfoText(info, "cubic", true)).toBe(` ts sack${text}`);
});

test.each([
  [0, 0, 0, ""],
  [1, 204, 0, " timer:(on,204ms,0)"],
  [3, 59_000, 0, " timer:(timewait,59sec,0)"],
  [3, 9_040, 0, " timer:(timewait,9.040ms,0)"],
  [2, 7_140_000, 0, " timer:(keepalive,119min,0)"],
  [2, 62_500, 3, " timer:(keepalive,1min2sec,3)"],
])("timer %i, %i ms", (timer, expires, retransmits, text) => {
  expect(timerText(timer, expires, retransmits)).toBe(text);
});
