// ethtool on a veth, a dummy device and lo: output, messages and exit codes of ethtool 6.1 on Linux 6.1 (recorded).

import { describe, expect, test } from "vitest";
import { boot } from "../../kernel/boot.ts";
import { Vfs } from "../../kernel/files/vfs.ts";
import { NetlinkEndpoint } from "../../kernel/netlink/endpoint.ts";
import { dispatchRtnetlink } from "../../kernel/netlink/rtnetlink.ts";
import { profileOf } from "../../kernel/profile.ts";
import { linkKinds } from "../../links/devices.ts";
import { encodeMessage, NLM_F } from "../../netlink/message.ts";
import { encodeLink } from "../../netlink/rtnl/link.ts";
import { RTM } from "../../netlink/rtnl/types.ts";
import { runTool } from "../testing/run-tool.ts";
import type { ToolResult } from "../testing/run-tool.ts";
import { ethtool } from "./ethtool.ts";

/** Runs ethtool on a host with dummy1, and v1 that is up while its peer is not. */
function host(): (line: string) => Promise<ToolResult> {
  const kernel = boot({ profile: profileOf("linux-6.1"), seed: 1, bootTime: 0 }, linkKinds, []);
  const endpoint = new NetlinkEndpoint(
    kernel.init,
    0,
    1,
    (to, message) => dispatchRtnetlink(kernel, to, message),
    () => {},
  );
  for (const [ifname, kind] of [
    ["dummy1", "dummy"],
    ["v1", "veth"],
  ] as const) {
    const body = encodeLink({ flags: 1, change: 1, ifname, linkinfo: { kind } });
    const flags = NLM_F.REQUEST | NLM_F.CREATE | NLM_F.EXCL;
    endpoint.send(encodeMessage({ type: RTM.NEWLINK, flags, seq: 1, portid: 0, body }));
  }
  const vfs = new Vfs(kernel, { hostName: "vethhost", processes: () => [] });
  return (line) => runTool(ethtool, ["ethtool", ...line.split(" ").filter((word) => word !== "")], vfs);
}

const BAD = "ethtool: bad command line argument(s)\nFor more information run ethtool -h\n";
const NO_DEVICE = "netlink error: no device matches name (offset 24)\nnetlink error: No such device\n";
const UNSUPPORTED = "netlink error: Operation not supported\n";

test.each<[string, Partial<ToolResult>]>([
  ["lo", { stdout: "Settings for lo:\n\tLink detected: no\n", stderr: "", code: 0 }],
  ["dummy1", { stdout: "No data available\n", stderr: "", code: 75 }],
  ["nope", { stdout: "No data available\n", stderr: NO_DEVICE.repeat(5), code: 75 }],
  ["-i lo", { stderr: "Cannot get driver information: Operation not supported\n", code: 71 }],
  ["-i nope", { stderr: "Cannot get driver information: No such device\n", code: 71 }],
  ["-S lo", { stderr: "no stats available\n", code: 94 }],
  ["-S nope", { stderr: "Cannot get stats strings information: No such device\n", code: 96 }],
  ["-a v1", { stderr: UNSUPPORTED, code: 1 }],
  ["--json -a v1", { stdout: "[ ]\n", stderr: UNSUPPORTED, code: 1 }],
  ["-g nope", { stderr: NO_DEVICE, code: 1 }],
  ["-P v1", { stdout: "Permanent address: not set\n", code: 0 }],
  ["-P nope", { stderr: "netlink error: No such device\n", code: 1 }],
  [
    "-n v1",
    {
      stderr:
        "Cannot get RX rings: Operation not supported\n" +
        "rxclass: Cannot get RX class rule count: Operation not supported\n" +
        "RX classification rule retrieval failed\n",
      code: 1,
    },
  ],
  ["-x v1", { stderr: "Cannot get RX ring count: Operation not supported\n", code: 1 }],
  ["-d v1", { stderr: "Cannot get register dump: Operation not supported\n", code: 74 }],
  ["-d lo", { stderr: "Cannot get driver information: Operation not supported\n", code: 72 }],
  ["-e v1", { stderr: "Cannot get EEPROM data: Operation not supported\n", code: 74 }],
  ["-m v1", { stderr: UNSUPPORTED, code: 1 }],
  ["-m v1 hex on", { stderr: "Cannot get module EEPROM information: Operation not supported\n", code: 1 }],
  ["-A v1 rx on", { stderr: UNSUPPORTED, code: 76 }],
  ["-A v1 foo on", { stderr: "ethtool (-A): unknown parameter 'foo'\n", code: 1 }],
  ["-A v1 rx", { stderr: "ethtool (-A): no value for parameter 'rx'\n", code: 1 }],
  ["-A v1 rx maybe", { stderr: "ethtool (-A): invalid value 'maybe' for parameter 'rx'\n", code: 1 }],
  ["-L v1 rx 1 rx 1", { stderr: "ethtool (-L): duplicate parameter 'rx'\n", code: 1 }],
  [
    "-L v1 rx 2",
    {
      stderr:
        "netlink error: requested channel count exceeds maximum (offset 32)\nnetlink error: Invalid argument\n",
      code: 1,
    },
  ],
  ["-s v1 speed 100", { stderr: UNSUPPORTED, code: 75 }],
  ["-s v1 wol g", { stderr: UNSUPPORTED, code: 75 }],
  ["-s v1 wol xyz", { stderr: "ethtool (-s): invalid char 'x' in 'xyz' for parameter 'wol'\n", code: 1 }],
  ["-s v1 msglvl drv on", { stderr: UNSUPPORTED, code: 75 }],
  [
    "-s v1 msglvl drv",
    { stderr: "ethtool (-s): flag 'drv' for parameter 'msglvl' is not followed by 'on' or 'off'\n", code: 1 },
  ],
  [
    "-s v1 xcvr internal",
    { stderr: "ethtool (-s): deprecated parameter 'xcvr' not supported by kernel\n", code: 1 },
  ],
  ["-s v1 speed 100 wol g", { stderr: UNSUPPORTED, code: 75 }],
  ["-s v1", { stderr: "", code: 0 }],
  ["-K v1 lro on", { stdout: "Actual changes:\nrx-lro: off [requested on]\n", code: 1 }],
  ["-K v1 gro on", { stdout: "", stderr: "", code: 0 }],
  ["-K v1", { stderr: "Could not change any device features\n", code: 1 }],
  ["-K v1 nosuch on", { stderr: `netlink error: bit name not found (offset 52)\n${UNSUPPORTED}`, code: 92 }],
  [
    "-K v1 tx maybe",
    {
      stderr: "ethtool (-K): flag 'maybe' for parameter '(null)' is not followed by 'on' or 'off'\n",
      code: 1,
    },
  ],
  [
    "-K lo tx off",
    {
      stdout:
        "Actual changes:\ntx-checksum-ip-generic: on [requested off]\ntx-checksum-sctp: on [requested off]\n",
      code: 0,
    },
  ],
  ["-k v1 foo", { stderr: "ethtool: unexpected parameter 'foo'\n", code: 1 }],
  ["-S v1 foo", { stderr: "ethtool (-S): unknown parameter 'foo'\n", code: 1 }],
  [
    "-S v1 --groups foo",
    { stderr: `netlink error: bit name not found (offset 48)\n${UNSUPPORTED}`, code: 1 },
  ],
  ["-S v1 --all-groups", { stdout: "Standard stats for v1:\n", code: 0 }],
  [
    "-i *",
    { stderr: "ethtool netlink support for subcommand missing, wildcard dump not supported\n", code: 1 },
  ],
  ["", { stderr: BAD, code: 1 }],
  ["-z v1", { stderr: BAD, code: 1 }],
  ["-i v1 v2", { stderr: BAD, code: 1 }],
  ["--json -l v1", { stderr: BAD, code: 1 }],
  ["--version", { stdout: "ethtool version 6.1\n", code: 0 }],
  ["-E v1 magic 1", { stderr: "ethtool: '-E' is not implemented\n", code: 1 }],
])("ethtool %s", async (line, expected) => {
  expect(await host()(line)).toMatchObject(expected);
});

describe("features", () => {
  test("what depends on checksums goes and comes with them", async () => {
    const run = host();
    expect((await run("-K v1 tx off")).stdout).toBe(
      "Actual changes:\n" +
        "tx-checksum-ip-generic: off\n" +
        "tx-tcp-segmentation: off [not requested]\n" +
        "tx-tcp-ecn-segmentation: off [not requested]\n" +
        "tx-tcp-mangleid-segmentation: off [not requested]\n" +
        "tx-tcp6-segmentation: off [not requested]\n" +
        "tx-checksum-sctp: off\n",
    );
    expect(await run("-K v1 tx off")).toEqual({ stdout: "", stderr: "", code: 0 });
    expect((await run("-k v1")).stdout).toContain("\ttx-tcp6-segmentation: off [requested on]\n");
    expect((await run("-K v1 tx on")).stdout).toContain("tx-tcp6-segmentation: on [not requested]\n");
  });
  test("one feature of a group stands under it, a group of one has the tool's name", async () => {
    const { stdout } = await host()("-k dummy1");
    expect(stdout).toMatch(
      /^Features for dummy1:\nrx-checksumming: off \[fixed\]\ntx-checksumming: on\n\ttx-checksum-ipv4: off/,
    );
    expect(stdout).toContain("\ngeneric-receive-offload: on\n");
    expect(stdout).toContain("\ntx-lockless: on [fixed]\n");
  });
  test("JSON", async () => {
    const { stdout } = await host()("--json -k v1");
    const [features] = JSON.parse(stdout) as Record<string, unknown>[];
    expect(features).toMatchObject({
      ifname: "v1",
      "tx-checksumming": { active: true, fixed: null, requested: null },
      "rx-gro-list": { active: false, fixed: false, requested: false },
    });
  });
});

test("all devices", async () => {
  const { stdout } = await host()("-l *");
  expect(stdout.match(/^Channel parameters for (.*):$/gm)).toEqual(
    ["Channel parameters for v1:", "Channel parameters for veth0:"].toReversed(),
  );
  expect(stdout.startsWith("\nChannel")).toBe(true);
});
