// Keeps the architecture: who may import whom, no cycles, no barrels, a core free of Node, DOM and hidden inputs, and
// files of a readable length. The tables come first; change them with a reason, in the commit that needs it.

import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import {
  barrelFiles,
  forbiddenUses,
  importCycles,
  layerBreaches,
  lengthBreaches,
  nameBreaches,
  unreachedFiles,
  type Layer,
} from "./rules.ts";
import { parseSource, readSources } from "./source-files.ts";

const core = (pattern: string) => new RegExp(`^packages/core/src/${pattern}`);

/**
 * First match wins, so a file-specific row stands before its folder's. Three rules are in this table:
 * - tools, shell and lab know a system, never which: they import neither kernel, vswitch nor packages/linux;
 * - kernel never imports links: a link kind is a folder under links/ plus one line in links/{attributes,devices,
 *   syntax,schema}.ts, the plain lists; embedded.ts hands the devices to the kernel;
 * - only packages/linux and packages/cli import Node.
 */
const layers: readonly Layer[] = [
  { name: "wire", files: core("wire/"), may: [] },
  { name: "trace", files: core("trace/"), may: ["wire"] },
  { name: "netlink", files: core("netlink/"), may: ["wire"] },
  // The language of the kernel's datapaths, as text and as netlink attributes, for the switch and for tools.
  { name: "ovsproto/datapath", files: core("ovsproto/datapath/"), may: ["ovsproto", "netlink", "wire"] },
  { name: "ovsproto", files: core("ovsproto/"), may: ["wire"] },
  // Commands about datapaths, which the switch daemon has and a tool.
  { name: "dpctl", files: core("dpctl/"), may: ["ovsproto/datapath", "ovsproto", "netlink"] },
  // The database engine without a server, for the switch's server and for ovsdb-tool.
  { name: "ovsdb", files: core("ovsdb/"), may: ["ovsproto"] },
  // What a system tells of packets' ways is plain data of trace/, which tools print.
  { name: "system", files: core("system/"), may: ["netlink", "ovsproto", "trace"] },
  // SSL as programs of Open vSwitch configure it, for its daemons and its tools.
  { name: "stream-ssl", files: core("stream-ssl/"), may: ["system", "netlink"] },

  // The language of packet filters, for tools and for the capture of a whole system.
  { name: "pcap-filter", files: core("pcap-filter/"), may: ["wire"] },
  { name: "capture", files: core("capture/"), may: ["pcap-filter", "system", "trace", "wire"] },

  // Names of kernel versions, which whoever starts a system may offer for choice.
  { name: "profile", files: core("kernel/profile\\.ts$"), may: [] },
  // The device interface is apart from the rest of the kernel, because the vswitch plugs into it and into nothing else.
  {
    name: "kernel/device",
    files: core("kernel/device[/.-]"),
    may: ["kernel", "profile", "wire", "trace", "netlink", "system"],
  },
  {
    name: "kernel",
    files: core("kernel/"),
    may: ["kernel/device", "profile", "wire", "trace", "netlink", "system"],
  },
  // The one part of it that is a part of the kernel: netlink families of the kernel's datapaths.
  {
    name: "vswitch/netlink",
    files: core("vswitch/netlink/"),
    may: ["vswitch", "kernel", "kernel/device", "wire", "ovsproto", "ovsproto/datapath", "netlink"],
  },
  // The log that all programs of Open vSwitch have, its daemons and its tools.
  { name: "vlog", files: core("vswitch/daemon/log/"), may: [] },
  {
    name: "vswitch",
    files: core("vswitch/"),
    may: [
      "vlog",
      "kernel/device",
      "wire",
      "trace",
      "ovsdb",
      "ovsproto",
      "ovsproto/datapath",
      "dpctl",
      "stream-ssl",
      "system",
      "netlink",
    ],
  },

  // Inside links/, the file's name says which side it belongs to: links/veth/netlink.ts, links/veth/syntax.ts, ...
  { name: "links: attributes", files: core("links/(.+/netlink|attributes)\\.ts$"), may: ["netlink", "wire"] },
  {
    name: "links: syntax",
    files: core("links/(.+/)?syntax\\.ts$"),
    may: ["tools/ip", "links: attributes", "netlink", "wire", "system"],
  },
  {
    name: "links: schema",
    files: core("links/(.+/)?schema\\.ts$"),
    may: ["lab", "links: attributes", "netlink", "wire", "system"],
  },
  {
    name: "links: devices",
    files: core("links/"),
    may: ["links: attributes", "kernel", "kernel/device", "profile", "wire", "trace", "netlink", "system"],
  },

  // Tools read what a link kind adds to messages and to the command line, so they see those two sides of links/.
  {
    name: "tools/ip",
    files: core("tools/ip/"),
    may: ["tools", "links: syntax", "links: attributes", "system", "netlink", "ovsproto", "wire"],
  },
  {
    name: "tools",
    files: core("tools/"),
    may: [
      "tools/ip",
      "links: syntax",
      "links: attributes",
      "pcap-filter",
      "system",
      "netlink",
      "ovsdb",
      "ovsproto",
      "ovsproto/datapath",
      "dpctl",
      "stream-ssl",
      "vlog",
      "trace",
      "wire",
    ],
  },
  { name: "shell", files: core("shell/"), may: ["system", "netlink"], packages: ["unbash"] },
  {
    name: "lab",
    files: core("lab/"),
    may: ["links: schema", "links: attributes", "system", "netlink", "ovsproto"],
  },
  {
    name: "embedded",
    files: core("embedded\\.ts$"),
    may: [
      "wire",
      "trace",
      "netlink",
      "ovsproto",
      "system",
      "kernel",
      "kernel/device",
      "profile",
      "vswitch",
      "vswitch/netlink",
      "links: attributes",
      "links: devices",
    ],
  },

  // The list of programs, which ties the tools to the link kinds that they are given.
  {
    name: "programs",
    files: core("programs\\.ts$"),
    may: ["tools", "tools/ip", "shell", "links: syntax", "system"],
  },

  {
    name: "linux",
    files: /^packages\/linux\/src\//,
    may: ["system", "netlink", "ovsproto", "wire"],
    packages: ["node:*", "koffi"],
  },
  {
    name: "cli",
    files: /^packages\/cli\/src\//,
    may: [
      "capture",
      "pcap-filter",
      "embedded",
      "profile",
      "programs",
      "linux",
      "system",
      "tools",
      "tools/ip",
      "shell",
      "lab",
      "trace",
      "netlink",
      "ovsproto",
      "wire",
    ],
    packages: ["node:*", "commander", "just-bash"],
  },
];

/** What would make two runs differ, or tie the core to one surrounding. Time and randomness come from the clock. */
const forbiddenInCore: ReadonlyMap<string, string> = new Map([
  ["Date.now", "time comes from the clock"],
  ["Date()", "time comes from the clock"],
  ["new Date()", "time comes from the clock"],
  ["performance.now", "time comes from the clock"],
  ["setTimeout()", "timers come from the clock"],
  ["setInterval()", "timers come from the clock"],
  ["setImmediate()", "work is queued on the clock"],
  ["Math.random", "randomness is seeded"],
  ["crypto.*", "randomness is seeded"],
  ["globalThis.*", "hides what is used"],
  ["Intl.*", "depends on the machine's locale"],
  [".localeCompare", "depends on the machine's locale"],
  [".toLocaleString", "depends on the machine's locale"],
  [".toLocaleTimeString", "depends on the machine's locale"],
  [".toLocaleDateString", "depends on the machine's locale"],
  [".getTimezoneOffset", "depends on the machine's time zone"],
]);

/** A device knows its namespace and a namespace its devices: types may refer to each other, code may not import in a circle. */
const typesMakeCycles = false;

const entryPoints = ["packages/cli/src/main.ts", "packages/cli/src/capture-writer.ts"];

/** Protocol vocabulary is complete for its own sake: a codec may stand before the first program that speaks it. */
const exemptFromReach = [
  core("wire/"),
  core("trace/"),
  core("netlink/"),
  core("ovsproto/"),
  core("links/.+/netlink\\.ts$"),
];

const lineLimit = 500;

/** Longer files, each with the reason why it is still one thing. */
const excusedFromLineLimit: ReadonlyMap<string, string> = new Map([]);

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const files = readSources(root, ["packages", "tests"]);
const inCore = files.filter((file) => file.path.startsWith("packages/core/src/"));

describe("the source files", () => {
  test("import only what their layer may", () => {
    expect(layerBreaches(layers, files)).toEqual([]);
  });
  test("have no import cycle", () => {
    expect(importCycles(files, typesMakeCycles)).toEqual([]);
  });
  test("are no barrels", () => {
    expect(barrelFiles(files)).toEqual([]);
  });
  test("are reached from an entry point", () => {
    expect(unreachedFiles(entryPoints, exemptFromReach, files)).toEqual([]);
  });
  test("of the core take no time, randomness or locale from the machine", () => {
    expect(forbiddenUses(forbiddenInCore, inCore)).toEqual([]);
  });
  test(`have at most ${lineLimit} lines`, () => {
    expect(lengthBreaches(lineLimit, excusedFromLineLimit, files)).toEqual([]);
  });
  test("have names in lower case that say what is inside", () => {
    expect(nameBreaches(files)).toEqual([]);
  });
});

describe("the rules notice", () => {
  const at = (path: string, text: string) => parseSource(`packages/core/src/${path}`, text);

  test.each([
    ["a tool that knows the kernel", "tools/ip/link.ts", 'import { a } from "../../kernel/netns.ts";'],
    ["a tool that knows a device", "tools/ip/link.ts", 'import { a } from "../../links/veth/device.ts";'],
    ["a shell that knows the vswitch", "shell/run.ts", 'const a = await import("../vswitch/bridge.ts");'],
    [
      "a kernel that knows a link kind",
      "kernel/rtnl.ts",
      'import type { A } from "../links/veth/device.ts";',
    ],
    ["a type taken by import()", "wire/arp.ts", 'export type A = import("../kernel/arp.ts").Arp;'],
    ["a re-export from above", "wire/arp.ts", 'export { a } from "../netlink/message.ts";'],
    ["Node in the core", "system/process.ts", 'import { readFileSync } from "node:fs";'],
    ["Node without its prefix", "system/process.ts", 'import fs from "fs";'],
    ["a package that is not listed", "wire/arp.ts", 'import a from "lodash";'],
    ["another package by a relative path", "shell/run.ts", 'import { a } from "../../../cli/src/main.ts";'],
    ["a test's file in the product", "wire/arp.ts", 'import { a } from "./testing/frames.ts";'],
    ["a file outside all layers", "extra/thing.ts", "export const a = 1;"],
  ])("%s", (_, path, text) => {
    expect(layerBreaches(layers, [at(path, text)])).not.toEqual([]);
  });

  test("a cycle of three files, once", () => {
    const cycle = [
      at("wire/a.ts", 'import "./b.ts";'),
      at("wire/b.ts", 'import type { C } from "./c.ts";'),
      at("wire/c.ts", 'export * from "./a.ts"; import "./d.ts";'),
      at("wire/d.ts", "export const d = 1;"),
    ];
    expect(importCycles(cycle, true)).toHaveLength(1);
    expect(importCycles(cycle.slice(1), true)).toEqual([]);
    expect(importCycles(cycle, false)).toEqual([]);
  });
  test("a file that imports itself", () => {
    expect(importCycles([at("wire/a.ts", 'import "./a.ts";')], true)).toHaveLength(1);
  });
  test("a barrel, but not a list", () => {
    expect(
      barrelFiles([at("wire/index.ts", 'export * from "./a.ts"; import { b } from "./b.ts"; export { b };')]),
    ).toHaveLength(1);
    expect(
      barrelFiles([
        at("links/devices.ts", 'import { veth } from "./veth/device.ts"; export const all = [veth];'),
      ]),
    ).toEqual([]);
  });
  test("a file that only a test imports", () => {
    const product = [at("kernel/a.ts", 'import "./b.ts";'), at("kernel/b.ts", ""), at("kernel/c.ts", "")];
    const test = at("kernel/c.test.ts", 'import "./c.ts";');
    const entry = "packages/core/src/kernel/a.ts";
    expect(unreachedFiles([entry], [], [...product, test])).toHaveLength(1);
    expect(unreachedFiles([entry], [/kernel/], [...product, test])).toEqual([]);
  });
  test.each([
    "Date.now()",
    "new Date()",
    "performance.now()",
    "setTimeout(() => 1, 1)",
    "Math.random()",
    "globalThis.x",
    '"a".localeCompare("b")',
  ])("%s", (text) => {
    expect(forbiddenUses(forbiddenInCore, [at("wire/a.ts", `export const a = () => ${text};`)])).toHaveLength(
      1,
    );
  });
  test("a date that is made from a number, and forbidden names in comments and strings, as harmless", () => {
    const text = 'export const a = new Date(0); // Date.now()\nexport const b = "Math.random()";';
    expect(forbiddenUses(forbiddenInCore, [at("wire/a.ts", text)])).toEqual([]);
  });
  test("a long file, and an excuse that is no longer needed", () => {
    const long = at("wire/a.ts", "\n".repeat(lineLimit + 1));
    expect(lengthBreaches(lineLimit, new Map(), [long])).toHaveLength(1);
    expect(lengthBreaches(lineLimit, new Map([[long.path, "a table"]]), [long])).toEqual([]);
    expect(lengthBreaches(lineLimit, new Map([["wire/b.ts", "a table"]]), [])).toHaveLength(1);
  });
  test.each(["wire/Arp.ts", "wire/string-utils.ts", "kernel/helpers/a.ts", "wire/ip_header.ts"])(
    "the name %s",
    (path) => {
      expect(nameBreaches([at(path, "")])).not.toEqual([]);
    },
  );
});
