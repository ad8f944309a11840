import { expect, test } from "vitest";
import { exchange } from "./testing/exchanges.ts";
import {
  decodeDriverInformation,
  encodeStats,
  encodeStrings,
  encodeStringSetCounts,
  ETHTOOL,
  readEthtoolCommand,
  readStats,
  readStrings,
  readStringSetCounts,
  readStringSetMask,
  readStringsSet,
  writeDriverInformation,
  writeStats,
  writeStrings,
  writeStringSetCounts,
} from "./ethtool-ioctl.ts";

const answers = (command: string) =>
  exchange("linux-6.1", "ethtool-ioctl", command).other.filter(([mark]) => mark === "e<");

test("ethtool -i veth3", () => {
  const [, bytes] = answers("ethtool -i veth3")[0]!;
  expect(readEthtoolCommand(bytes)).toBe(ETHTOOL.GDRVINFO);
  expect(decodeDriverInformation(bytes)).toMatchObject({
    driver: "veth",
    version: "1.0",
    fwVersion: "",
    busInfo: "",
    nStats: 10,
    eedumpLen: 0,
  });
});

test("ethtool -S veth3 asks for the size of the set, the names, the counters", () => {
  const [size, names, values] = answers("ethtool -S veth3").map(([, bytes]) => bytes);
  expect([...readStringSetCounts(size!)]).toEqual([[1, 10]]);
  expect(readStrings(names!).slice(0, 2)).toEqual(["peer_ifindex", "rx_queue_0_xdp_packets"]);
  expect(readStats(values!)).toEqual([2, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
});

test("a request is sized by the asker and filled by the kernel", () => {
  const sizes = encodeStringSetCounts([1, 4]);
  expect(readStringSetMask(sizes)).toEqual([1, 4]);
  writeStringSetCounts(sizes, new Map([[4, 64]]));
  expect([...readStringSetCounts(sizes)]).toEqual([[4, 64]]);

  const names = encodeStrings(1, 2).fill(0xa5, 12);
  expect(readStringsSet(names)).toBe(1);
  writeStrings(names, ["one", "a name of more than thirty-two letters"]);
  expect(readStrings(names)).toEqual(["one", "a name of more than thirty-two "]);

  const stats = encodeStats(2);
  writeStats(stats, [7, 2 ** 40]);
  expect(readStats(stats)).toEqual([7, 2 ** 40]);
});

test("driver information starts from a dirty buffer", () => {
  const buf = new Uint8Array(196).fill(0xa5);
  const value = {
    ...{ cmd: 3, driver: "bridge", version: "2.3", fwVersion: "N/A", busInfo: "N/A", eromVersion: "" },
    ...{ nPrivFlags: 0, nStats: 0, testinfoLen: 0, eedumpLen: 0, regdumpLen: 0 },
  };
  writeDriverInformation(buf, value);
  expect(decodeDriverInformation(buf)).toEqual(value);
});
