// tracepath (iputils 20221126): finds the hops of a path and its MTU with UDP probes and the error queue of their socket.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { Process } from "../../system/process.ts";
import type { InetSocket } from "../../system/sockets.ts";
import { fail, INT_MAX, readNumber, readOptions } from "../iputils/arguments.ts";
import type { ResolvedHost } from "../resolver/hosts.ts";
import { NameFault, resolveHost } from "../resolver/hosts.ts";
import { PathProbe } from "./path-probe.ts";
import { USAGE, VERSION } from "./usage.ts";

const LETTERS = "46nbh?l:m:p:V";
const MAX_HOPS = 30;
const HOP_LIMIT = 255;
const FIRST_PORT = 44_444;
/** Probes of a hop before it counts as silent. */
const TRIES = 3;
/** Bytes of IP and UDP headers. */
const OVERHEAD = { inet: 28, inet6: 48 } as const;
/** Lengths to begin with: what the link takes is found out. */
const FIRST_LENGTH = { inet: 65_535, inet6: 128_000 } as const;

interface Options {
  family: "inet" | "inet6" | undefined;
  numeric: boolean;
  both: boolean;
  length: number | undefined;
  maxHops: number;
  port: number | undefined;
  target: string;
}

function usage(process: Process): never {
  process.flush();
  process.warn(USAGE);
  process.exit(255);
}

function readArguments(process: Process): Options {
  const options: Options = {
    family: undefined,
    numeric: false,
    both: false,
    length: undefined,
    maxHops: MAX_HOPS,
    port: undefined,
    target: "",
  };
  const program = process.argv[0] ?? "";
  if (program.endsWith("4")) options.family = "inet";
  else if (program.endsWith("6")) options.family = "inet6";
  const choose = (family: "inet" | "inet6"): void => {
    if (options.family !== undefined && options.family !== family) {
      fail(process, 2, 0, "Only one -4 or -6 option may be specified");
    }
    options.family = family;
  };
  const handle = (letter: string, value: string): void => {
    switch (letter) {
      case "4":
        choose("inet");
        break;
      case "6":
        choose("inet6");
        break;
      case "n":
        options.numeric = true;
        break;
      case "b":
        options.both = true;
        break;
      case "l":
        options.length = readNumber(process, value, 0n, INT_MAX);
        break;
      case "m":
        options.maxHops = readNumber(process, value, 0n, BigInt(HOP_LIMIT));
        break;
      case "p":
        options.port = readNumber(process, value, 0n, 65_535n);
        break;
      case "V":
        process.print(VERSION);
        process.exit(0);
        break;
      default:
        usage(process);
    }
  };
  const operands = readOptions(process, LETTERS, handle, () => usage(process));
  const [target] = operands;
  if (target === undefined || operands.length !== 1) usage(process);
  const slash = options.port === undefined ? target.indexOf("/") : -1;
  options.target = slash < 0 ? target : target.slice(0, slash);
  if (slash >= 0) options.port = readNumber(process, target.slice(slash + 1), 0n, 65_535n);
  return options;
}

/** The first address of the target that a socket can be made for. */
function openProbe(process: Process, options: Options): { host: ResolvedHost; socket: InetSocket } {
  let hosts: ResolvedHost[];
  try {
    hosts = resolveHost(process, options.target, options.family);
  } catch (fault) {
    if (!(fault instanceof NameFault)) throw fault;
    return fail(process, 1, 0, `${options.target}: ${fault.text}`);
  }
  let errno: number = ERRNO.EAFNOSUPPORT;
  for (const host of hosts) {
    try {
      return { host, socket: process.inet({ family: host.family, type: "datagram", protocol: 17 }) };
    } catch (refusal) {
      if (!(refusal instanceof Refusal)) throw refusal;
      ({ errno } = refusal);
    }
  }
  return fail(process, 1, errno, "socket/bind");
}

function setUp(socket: InetSocket): void {
  if (socket.family === "inet") {
    socket.setOption("IP_MTU_DISCOVER", 2);
    socket.setOption("IP_RECVERR", true);
    socket.setOption("IP_RECVTTL", true);
  } else {
    socket.setOption("IPV6_MTU_DISCOVER", 2);
    socket.setOption("IPV6_RECVERR", true);
    socket.setOption("IPV6_RECVHOPLIMIT", true);
  }
}

export async function tracepath(process: Process): Promise<number> {
  const options = readArguments(process);
  const { host, socket } = openProbe(process, options);
  const overhead = OVERHEAD[host.family];
  const length = options.length ?? FIRST_LENGTH[host.family];
  if (length <= overhead) {
    fail(process, 1, 0, `pktlen must be within: ${overhead} < value <= ${INT_MAX}`);
  }
  setUp(socket);
  const probe = new PathProbe(process, socket, host, {
    overhead,
    length,
    port: options.port ?? FIRST_PORT,
    numeric: options.numeric,
    both: options.both,
  });
  if (!(await walk(probe, options.maxHops, process))) {
    process.print(`     Too many hops: pmtu ${probe.mtu}\n`);
  }
  process.print(`     Resume: pmtu ${probe.mtu} `);
  if (probe.hopsTo >= 0) process.print(`hops ${probe.hopsTo} `);
  if (probe.hopsFrom >= 0) process.print(`back ${probe.hopsFrom} `);
  process.print("\n");
  return 0;
}

/** Probes hop by hop; true if the end was found. */
async function walk(probe: PathProbe, maxHops: number, process: Process): Promise<boolean> {
  for (let ttl = 1; ttl <= maxHops; ttl++) {
    probe.setTtl(ttl);
    let result: "end" | "progress" | "silence" = "silence";
    for (let tries = 0; tries < TRIES; tries++) {
      const before = probe.mtu;
      result = await probe.run(ttl);
      if (probe.mtu !== before) {
        // A shorter packet may get farther: the hop is tried anew.
        tries = -1;
        continue;
      }
      if (result === "end") return true;
      if (result === "progress") break;
    }
    if (result === "silence") process.print(`${String(ttl).padStart(2)}:  no reply\n`);
  }
  return false;
}
