import { expect, test } from "vitest";
import { dropCounters } from "./drop-counters.ts";

// As Linux 6.18 prints them, with some columns and lines left out.
const FILES: Readonly<Record<string, string>> = {
  dev: `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:       0       0    0    0    0     0          0         0        0       0    0    0    0     0       0          0
  eth0:    1234      12    0    7    0     0          0         0     4321      43    0    0    0     0       2          0
`,
  snmp: `Ip: Forwarding DefaultTTL InReceives InHdrErrors InAddrErrors
Ip: 1 64 40 0 5
Udp: InDatagrams NoPorts InErrors
Udp: 3 0 0
`,
  netstat: `TcpExt: SyncookiesSent IPReversePathFilter
TcpExt: 0 9
`,
  snmp6: `Ip6InReceives                   \t11
Ip6InNoRoutes                   \t4
`,
};

test("counters of losses are told by namespace and device, and those that stand at zero are not", () => {
  const found = dropCounters([{ name: "r", procNet: (path) => FILES[path] }]);
  expect(found.map(({ namespace, device, name, count }) => [namespace, device, name, count])).toEqual([
    ["r", "eth0", "rx_dropped", 7],
    ["r", "eth0", "tx_carrier", 2],
    ["r", undefined, "Ip.InAddrErrors", 5],
    ["r", undefined, "TcpExt.IPReversePathFilter", 9],
    ["r", undefined, "Ip6.InNoRoutes", 4],
  ]);
});

test("without those files there is nothing to tell", () => {
  expect(dropCounters([{ name: "r", procNet: () => undefined }])).toEqual([]);
});
