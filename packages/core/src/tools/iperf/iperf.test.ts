// iperf3 between two embedded hosts. The lines are those of the real one (3.12) between two namespaces, whose numbers are chance.

import { expect, test } from "vitest";
import { runEmbedded } from "../testing/run-embedded.ts";
import { bytesText, rateText } from "./units.ts";

const PAIR =
  "ip netns add a; ip netns add b; ip link add v0 netns a type veth peer name v1 netns b; " +
  "ip -n a addr add 10.0.0.1/24 dev v0; ip -n b addr add 10.0.0.2/24 dev v1; " +
  "ip -n a link set v0 up; ip -n b link set v1 up; ";
const SHAPED = "ip netns exec a tc qdisc add dev v0 root tbf rate 20mbit burst 32kb latency 50ms; ";

/** Digits become N, but for the columns that the real one aligns. */
function form(text: string): string {
  return text
    .replace(/port [3-6]\d{4}\b/g, "port PORT")
    .replace(/(\d+\.\d+|\b\d+)(?= [KMG]?(?:Bytes|bits))/g, "N")
    .replace(/(sec) +N/g, "$1 N")
    .replace(/(Bytes) +N/g, "$1 N")
    .replace(/(bits\/sec) +\d+ /g, "$1 R ")
    .replace(/(R) +N/g, "$1 N")
    .replace(/-\d\.\d\d /g, "-END ")
    .replace(/[KMG](?=Bytes|bits)/g, "");
}

test("a client of TCP", async () => {
  const got = await runEmbedded(
    `${PAIR}${SHAPED}ip netns exec b iperf3 -s >/dev/null & sleep 0.1; ip netns exec a iperf3 -c 10.0.0.2 -t 2; kill %1`,
  );
  expect(form(got)).toBe(
    "Connecting to host 10.0.0.2, port 5201\n" +
      "[  5] local 10.0.0.1 port PORT connected to 10.0.0.2 port 5201\n" +
      "[ ID] Interval           Transfer     Bitrate         Retr  Cwnd\n" +
      "[  5]   0.00-END   sec N Bytes N bits/sec R N Bytes       \n" +
      "[  5]   1.00-END   sec N Bytes N bits/sec R N Bytes       \n" +
      "- - - - - - - - - - - - - - - - - - - - - - - - -\n" +
      "[ ID] Interval           Transfer     Bitrate         Retr\n" +
      "[  5]   0.00-END   sec N Bytes N bits/sec R             sender\n" +
      "[  5]   0.00-END   sec N Bytes N bits/sec                  receiver\n" +
      "\niperf Done.\n",
  );
  const [, rate = "0"] = /([\d.]+) Mbits\/sec +receiver/.exec(got) ?? [];
  // 1448 bytes of 1514 are data.
  expect(Number(rate)).toBeGreaterThan(18);
  expect(Number(rate)).toBeLessThan(20);
});

test("a server of one client", async () => {
  const got = await runEmbedded(
    `${PAIR}${SHAPED}ip netns exec b iperf3 -s -1 >out & sleep 0.1; ip netns exec a iperf3 -c 10.0.0.2 -t 1 >/dev/null; wait; cat out`,
  );
  const rule = "-----------------------------------------------------------\n";
  expect(form(got)).toBe(
    `${rule}Server listening on 5201 (test #1)\n${rule}` +
      "Accepted connection from 10.0.0.1, port PORT\n" +
      "[  5] local 10.0.0.2 port 5201 connected to 10.0.0.1 port PORT\n" +
      "[ ID] Interval           Transfer     Bitrate\n" +
      "[  5]   0.00-END   sec N Bytes N bits/sec                  \n" +
      "[  5]   1.00-END   sec N Bytes N bits/sec                  \n" +
      "- - - - - - - - - - - - - - - - - - - - - - - - -\n" +
      "[ ID] Interval           Transfer     Bitrate\n" +
      "[  5]   0.00-END   sec N Bytes N bits/sec                  receiver\n",
  );
});

test("datagrams at a rate, and how many a lossy link keeps", async () => {
  const script =
    "ip netns exec a tc qdisc add dev v0 root netem loss 20%; ip netns exec b iperf3 -s >/dev/null & sleep 0.1; " +
    "ip netns exec a iperf3 -c 10.0.0.2 -u -b 2M -t 3 -i 0; kill %1";
  const got = await runEmbedded(PAIR + script);
  const [, lost = "0", all = "0"] = /ms {2}(\d+)\/(\d+) \([\d.]+%\) {2}receiver/.exec(got) ?? [];
  expect(Number(all)).toBeGreaterThan(500);
  expect(Number(lost) / Number(all)).toBeGreaterThan(0.12);
  expect(Number(lost) / Number(all)).toBeLessThan(0.28);
  expect(got).toContain("2.00 Mbits/sec  0.000 ms");
});

test("-J is JSON with the same numbers", async () => {
  const script =
    "ip netns exec b iperf3 -s >/dev/null & sleep 0.1; ip netns exec a iperf3 -c 10.0.0.2 -t 1 -P 2 -C reno -J; kill %1";
  const got = await runEmbedded(PAIR + SHAPED + script);
  expect(got.startsWith('{\n\t"start":\t{\n\t\t"connected":\t[{\n\t\t\t\t"socket":\t5,\n')).toBe(true);
  const report = JSON.parse(got) as {
    start: { test_start: { num_streams: number } };
    end: { streams: unknown[]; sum_sent: { bytes: number }; sum_received: { bits_per_second: number } };
  };
  expect(report.start.test_start.num_streams).toBe(2);
  expect(report.end.streams).toHaveLength(2);
  expect(got).toContain('"sndbuf_actual":\t16384,\n\t\t"rcvbuf_actual":\t131072,\n');
  expect(got).toContain('"sender_tcp_congestion":\t"reno",\n\t\t"receiver_tcp_congestion":\t"cubic"\n');
  expect(report.end.sum_received.bits_per_second).toBeLessThan(20e6);
});

test.each([
  [
    "ip netns exec a iperf3 -c 10.0.0.2",
    "iperf3: error - unable to connect to server: Connection refused\n1\n",
  ],
  [
    "ip netns exec a iperf3 -c 10.0.0.9 --connect-timeout 500",
    "iperf3: error - unable to connect to server: Connection timed out\n1\n",
  ],
])("%s", async (script, text) => {
  expect(await runEmbedded(`${PAIR}${script}; echo $?`)).toBe(text);
});

test.each([
  [0, "0.00 Bytes"],
  [27_546, "26.9 KBytes"],
  [1_048_576, "1.00 MBytes"],
  [7_151_288, "6.82 MBytes"],
  [189_440, " 185 KBytes"],
])("%i bytes", (bytes, text) => {
  expect(bytesText(bytes)).toBe(text);
});

test.each([
  [0, "a", "0.00 bits/sec"],
  [7_150_000, "a", "57.2 Mbits/sec"],
  [56_125_000, "a", " 449 Mbits/sec"],
  [7_029_760, "K", "6865 KBytes/sec"],
])("%i bytes a second in %s", (rate, format, text) => {
  expect(rateText(rate, format)).toBe(text);
});
