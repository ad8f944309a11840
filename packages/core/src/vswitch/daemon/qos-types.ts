// Types of QoS that devices of the kernel may have (ovs-vswitchd.conf.db(5), table QoS; struct tc_ops of lib/netdev-linux.c): how
// settings of rows become those of a queueing discipline, and which of them are in force.

import { plainEmulation } from "../../kernel/device-queueing.ts";
import type { ClassRates, Queueing, SharedRate } from "../../kernel/device-queueing.ts";
import type { NetDevice } from "../../kernel/device.ts";
import { detailsOf } from "../ofproto/port-qos.ts";
import type { Details } from "../ofproto/port-qos.ts";

/** NETDEV_DEFAULT_BPS, bits a second: of a device whose link has no speed. */
const DEFAULT_RATE = 10e9;
const MEGABIT = 1e6;
const BITS = 8;
/** Bytes beyond the MTU that a burst has room for. */
const HEADERS = 64;
/** HTB_N_QUEUES, HFSC_N_QUEUES */
const QUEUES = 0xf000;

/** Columns other_config. */
export type Config = (key: string) => string | undefined;

interface Settings {
  readonly details: Details;
  readonly queueing: Queueing;
}

interface QosType {
  readonly name: string;
  /** Queues are below this. */
  readonly queues: number;
  read(config: Config, device: NetDevice): Settings;
  /** Of a queue. */
  readQueue?(
    config: Config,
    device: NetDevice,
    queueing: SharedRate,
  ): { readonly details: Details; readonly rates: ClassRates };
}

/** smap_get_ullong(), smap_get_uint() */
function number(config: Config, key: string, otherwise: number): number {
  const text = config(key);
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : otherwise;
}

/** Bytes a second. */
function maxRate(config: Config, device: NetDevice): number {
  const given = Math.floor(number(config, "max-rate", 0) / BITS);
  if (given > 0) return given;
  const speed = device.ethtool?.linkSettings?.(device)?.speed ?? 0;
  return (speed > 0 ? speed * MEGABIT : DEFAULT_RATE) / BITS;
}

function sharedRate(kind: SharedRate["kind"]): QosType["read"] {
  return (config, device) => {
    const rate = maxRate(config, device);
    return {
      details: detailsOf([["max-rate", rate * BITS]]),
      queueing: { kind, maxRate: rate, classes: new Map() },
    };
  };
}

/** Rates of a queue within that of the port. @param least bytes a second */
function queueRates(config: Config, { maxRate: all }: SharedRate, least: number): [number, number] {
  const rate = Math.min(Math.max(Math.floor(number(config, "min-rate", 0) / BITS), least), all);
  const given = number(config, "max-rate", 0);
  const wanted = given > 0 ? Math.floor(given / BITS) : all;
  return [rate, Math.min(Math.max(wanted, rate), all)];
}

const HTB: QosType = {
  name: "linux-htb",
  queues: QUEUES,
  read: sharedRate("htb"),
  readQueue(config, device, queueing) {
    // a class of less than a packet a second would send nothing
    const [rate, ceil] = queueRates(config, queueing, device.mtu);
    const burst = Math.max(Math.floor(number(config, "burst", 0) / BITS), device.mtu + HEADERS);
    const priority = number(config, "priority", 0);
    const details = detailsOf([
      ["min-rate", rate * BITS],
      ...(rate === ceil ? [] : [["max-rate", ceil * BITS] as const]),
      ["burst", burst * BITS],
      ...(priority === 0 ? [] : [["priority", priority] as const]),
    ]);
    return { details, rates: { rate, ceil, burst, priority } };
  },
};

const HFSC: QosType = {
  name: "linux-hfsc",
  queues: QUEUES,
  read: sharedRate("hfsc"),
  readQueue(config, device, queueing) {
    const [rate, ceil] = queueRates(config, queueing, 1);
    const details = detailsOf([
      ["min-rate", rate * BITS],
      ...(rate === ceil ? [] : [["max-rate", ceil * BITS] as const]),
    ]);
    return { details, rates: { rate, ceil, burst: device.mtu + HEADERS, priority: 0 } };
  },
};

/** Without queues: names with what they are if nothing, or zero, is said. */
function classless(
  name: string,
  queueing: (values: Readonly<Record<string, number>>) => Queueing,
  standards: (device: NetDevice) => readonly (readonly [string, number])[],
): QosType {
  return {
    name,
    queues: 0,
    read(config, device) {
      const values = standards(device).map(
        ([key, standard]) => [key, number(config, key, 0) || standard] as const,
      );
      return { details: detailsOf(values), queueing: queueing(Object.fromEntries(values)) };
    },
  };
}

const TYPES: readonly QosType[] = [
  HTB,
  HFSC,
  classless(
    "linux-sfq",
    ({ quantum = 0, perturb = 0 }) => ({ kind: "sfq", quantum, perturb }),
    ({ mtu }) => [
      ["quantum", mtu],
      ["perturb", 10],
    ],
  ),
  classless(
    "linux-codel",
    ({ target = 0, limit = 0, interval = 0 }) => ({ kind: "codel", target, limit, interval }),
    () => [
      ["target", 5000],
      ["limit", 10240],
      ["interval", 100_000],
    ],
  ),
  classless(
    "linux-fq_codel",
    ({ target = 0, limit = 0, interval = 0, flows = 0, quantum = 0 }) => ({
      kind: "fq_codel",
      target,
      limit,
      interval,
      flows,
      quantum,
    }),
    () => [
      ["target", 5000],
      ["limit", 10240],
      ["interval", 1_000_000],
      ["flows", 1024],
      ["quantum", 1514],
    ],
  ),
  classless(
    "linux-netem",
    ({ latency = 0, limit = 0, loss = 0 }) => plainEmulation(latency, limit, loss),
    () => [
      ["latency", 0],
      ["limit", 1000],
      ["loss", 0],
    ],
  ),
];

/** Leaves a device's queueing to others. */
export const NO_OPERATION = "linux-noop";

export function qosType(name: string): QosType | undefined {
  return TYPES.find((type) => type.name === name);
}

/** netdev_get_qos_types(), in the order of the set that it fills, which follows hashes of the names. */
export const QOS_TYPES: readonly string[] = [
  "linux-netem",
  "linux-fq_codel",
  "linux-codel",
  "linux-hfsc",
  NO_OPERATION,
  "linux-sfq",
  "linux-htb",
];
