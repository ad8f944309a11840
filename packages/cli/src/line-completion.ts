// What Tab offers at the prompt: commands, words of the tools' grammars, and names of devices and namespaces.

import type { System } from "@patchcord/core/system/system.ts";
import { programs } from "@patchcord/core/programs.ts";

const IP_OBJECTS = [
  "address",
  "link",
  "maddress",
  "monitor",
  "neighbour",
  "netns",
  "netconf",
  "route",
  "rule",
  "stats",
];
const IP_VERBS = ["add", "change", "del", "flush", "get", "replace", "set", "show"];

/** Words that may follow a command or an object, where names alone would not help. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  ip: [...IP_OBJECTS, "-brief", "-details", "-json", "-n", "-statistics"],
  link: [...IP_VERBS, "dev", "type", "up", "down", "master", "nomaster", "name", "netns", "mtu", "address"],
  address: [...IP_VERBS, "dev"],
  addr: [...IP_VERBS, "dev"],
  route: [...IP_VERBS, "default", "via", "dev", "table"],
  neighbour: [...IP_VERBS, "dev", "lladdr"],
  neigh: [...IP_VERBS, "dev", "lladdr"],
  netns: ["add", "delete", "exec", "identify", "list", "list-id", "pids", "set"],
  type: ["bridge", "dummy", "veth", "vlan"],
  bridge: ["fdb", "link", "mdb", "monitor", "vlan"],
  brctl: ["addbr", "addif", "delbr", "delif", "show", "showmacs", "showstp", "stp"],
  fdb: ["add", "append", "del", "replace", "show"],
  vlan: ["add", "del", "show"],
  trace: ["--arp", "--frame", "--from", "--icmp", "--json", "--size", "--udp"],
  why: ["--json", "--list", "--size", "--udp"],
  doctor: ["--drops", "--json"],
};

/** A completer for node:readline. */
export function completer(system: System): (line: string) => [string[], string] {
  return (line) => {
    const command = line.slice(
      Math.max(line.lastIndexOf(";"), line.lastIndexOf("|"), line.lastIndexOf("&")) + 1,
    );
    const words = command.trimStart().split(/\s+/);
    const last = words.at(-1) ?? "";
    const before = words.at(-2);
    const offered =
      words.length <= 1 || before === "exec" ? [...programs.keys()] : offers(system, words.slice(0, -1));
    const fitting = [...new Set(offered)].filter((word) => word.startsWith(last)).sort();
    return [fitting.map((word) => `${word} `), last];
  };
}

function offers(system: System, before: readonly string[]): string[] {
  const previous = before.at(-1) ?? "";
  const namespaces = namesOfNamespaces(system);
  if (["-n", "-netns", "netns", "exec", "pids"].includes(previous) && before.length > 1) {
    return previous === "netns" ? [...(WORDS["netns"] ?? []), ...namespaces] : namespaces;
  }
  const [command = ""] = before;
  if (command === "trace" || command === "why") return [...(WORDS[command] ?? []), "host", ...namespaces];
  const devices = namesOfDevices(system, namespaces);
  const words = [...before]
    .reverse()
    .map((word) => WORDS[word])
    .find((list) => list !== undefined);
  return [...(WORDS[previous] ?? words ?? []), ...devices, ...(before.includes("netns") ? namespaces : [])];
}

function namesOfNamespaces(system: System): string[] {
  const files = system.files({ pid: 0, cwd: "/", netns: system.initialNetns });
  try {
    return files.readDirectory("/run/netns");
  } catch {
    return []; // no namespace was named yet
  }
}

/** Devices of the first namespace and of those with a name. A pid that no process has owns what is opened for the look. */
function namesOfDevices(system: System, namespaces: readonly string[]): string[] {
  const here = { pid: 0, cwd: "/", netns: system.initialNetns };
  const names = (caller: typeof here): string[] => {
    try {
      return system.files(caller).readDirectory("/sys/class/net");
    } catch {
      return []; // the namespace has gone, or may not be looked at
    }
  };
  const elsewhere = namespaces.flatMap((name) => {
    try {
      return names({ ...here, netns: system.openNetns(`/run/netns/${name}`, here) });
    } catch {
      return [];
    }
  });
  return [...names(here), ...elsewhere];
}
