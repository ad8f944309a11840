// /sys/class/net/DEV/queues: one directory a queue, with its packet steering (Documentation/networking/scaling.rst) and
// byte queue limits. The embedded host steers nothing: masks are kept and shown.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import type { NetDevice } from "../device.ts";
import { generatedDirectory, sysfsFile } from "./generated.ts";
import type { Entries } from "./generated.ts";
import type { Node } from "./node.ts";
import { parseUnsigned } from "./parse-unsigned.ts";

/** Values that were written, by "rx-0/rps_cpus". */
const written = new WeakMap<NetDevice, Map<string, string>>();

/** Largest number of flows of a receive queue (rps_flow_cnt). */
const FLOW_LIMIT = 2 ** 32 - 1;

/** The directories rx-N and tx-N. */
export function queueDirectories(device: NetDevice, path: string): Map<string, () => Node> {
  const directories = new Map<string, () => Node>();
  const add = (name: string, entries: (base: string) => Entries): void => {
    const base = `${path}/${name}`;
    directories.set(name, () => generatedDirectory("sysfs", base, () => entries(base)));
  };
  // queues in use, not those that there is room for (real_num_rx_queues)
  const { rx, tx } = device.ethtool?.channels?.(device) ?? { rx: device.rxQueues, tx: device.txQueues };
  for (let queue = 0; queue < rx; queue++) add(`rx-${queue}`, (base) => receiveQueue(device, base));
  for (let queue = 0; queue < tx; queue++) add(`tx-${queue}`, (base) => transmitQueue(device, base));
  return directories;
}

type Parse = (text: string) => string;

/** A mask of CPUs in hexadecimal words. Errors: EINVAL for anything else, EOVERFLOW for CPUs that cannot exist. */
function cpuMask(device: NetDevice): Parse {
  return (text) => {
    const digits = text.trim().replaceAll(",", "");
    if (!/^[0-9a-fA-F]+$/.test(digits)) throw new Refusal(ERRNO.EINVAL);
    const mask = BigInt(`0x${digits}`);
    if (mask >> BigInt(device.kernel.profile.cpus)) throw new Refusal(ERRNO.EOVERFLOW);
    return mask.toString(16);
  };
}

function flowCount(text: string): string {
  const count = parseUnsigned(text);
  if (count > FLOW_LIMIT) throw new Refusal(ERRNO.EINVAL);
  return String(count === 0 ? 0 : 2 ** Math.ceil(Math.log2(count)));
}

function kept(device: NetDevice, base: string, name: string, initial: string, parse: Parse): () => Node {
  const key = `${base.slice(base.lastIndexOf("/") + 1)}/${name}`;
  return () =>
    sysfsFile(`${base}/${name}`, 0o644, {
      read: () => `${written.get(device)?.get(key) ?? initial}\n`,
      write(text) {
        const value = parse(text);
        const values = written.get(device) ?? new Map<string, string>();
        written.set(device, values.set(key, value));
      },
    });
}

function receiveQueue(device: NetDevice, base: string): Entries {
  return new Map([
    ["rps_cpus", kept(device, base, "rps_cpus", "0", cpuMask(device))],
    ["rps_flow_cnt", kept(device, base, "rps_flow_cnt", "0", flowCount)],
  ]);
}

function transmitQueue(device: NetDevice, base: string): Entries {
  const refusedFile =
    (name: string, errno: number, mode = 0o444) =>
    (): Node => {
      const refuse = (): never => {
        throw new Refusal(errno);
      };
      return sysfsFile(`${base}/${name}`, mode, { read: refuse, write: mode & 0o200 ? refuse : undefined });
    };
  const entries = new Map<string, () => Node>();
  if (device.kernel.profile.queueLimits) {
    entries.set("byte_queue_limits", () => {
      const inside = `${base}/byte_queue_limits`;
      return generatedDirectory("sysfs", inside, () => queueLimits(device, inside));
    });
  }
  entries.set("traffic_class", refusedFile("traffic_class", ERRNO.ENOENT));
  if (device.txQueues > 1)
    entries.set("traffic_class", () => sysfsFile(`${base}/traffic_class`, 0o444, { read: () => "0\n" }));
  entries.set("tx_maxrate", () =>
    sysfsFile(`${base}/tx_maxrate`, 0o644, {
      read: () => "0\n",
      write() {
        throw new Refusal(ERRNO.EOPNOTSUPP);
      },
    }),
  );
  entries.set("tx_timeout", () => sysfsFile(`${base}/tx_timeout`, 0o444, { read: () => "0\n" }));
  // xps_queue_show(): a device with one queue has no map of CPUs
  if (device.txQueues > 1) entries.set("xps_cpus", kept(device, base, "xps_cpus", "0", cpuMask(device)));
  else entries.set("xps_cpus", refusedFile("xps_cpus", ERRNO.ENOENT, 0o644));
  entries.set("xps_rxqs", kept(device, base, "xps_rxqs", "0", cpuMask(device)));
  return entries;
}

/** DQL_MAX_LIMIT of lib/dynamic_queue_limits.c, bytes. */
const LIMIT_MAX = 1879048192;

function queueLimits(device: NetDevice, base: string): Entries {
  const number: Parse = (text) => (text.trim() === "max" ? String(LIMIT_MAX) : String(parseUnsigned(text)));
  return new Map([
    ["hold_time", kept(device, base, "hold_time", "1000", number)],
    ["inflight", () => sysfsFile(`${base}/inflight`, 0o444, { read: () => "0\n" })],
    ["limit", kept(device, base, "limit", "0", number)],
    ["limit_max", kept(device, base, "limit_max", String(LIMIT_MAX), number)],
    ["limit_min", kept(device, base, "limit_min", "0", number)],
  ]);
}
