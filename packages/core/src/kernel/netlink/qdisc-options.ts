// What disciplines tell of their settings (each one's dump in net/sched/).

import { fqCodelOptions, prioOptions } from "../../netlink/rtnl/qdisc.ts";
import { fifoOptions, NO_RATE, tbfOptions } from "../../netlink/rtnl/qdisc-buckets.ts";
import { htbOptions, LINK_LAYER_ETHERNET } from "../../netlink/rtnl/qdisc-htb.ts";
import { encodeNetem } from "../../netlink/rtnl/qdisc-netem.ts";
import { codelOptions, hfscDiscipline, sfqOptions } from "../../netlink/rtnl/qdisc-options.ts";
import type { Queueing } from "../device-queueing.ts";
import type { NetDevice } from "../device.ts";
import { ticksOf } from "../sched/rates.ts";
import { SharedRateDiscipline } from "../sched/shared-rate.ts";

/** HTB_VER */
const HTB_VERSION = 0x3_0011;
const RATE_TO_QUANTUM = 10;
const DEFAULT_CLASS = 1;
const FQ_CODEL_MEMORY = 32 << 20;
/** SFQ_DEFAULT_HASH_DIVISOR, SFQ_MAX_DEPTH and SFQ_DEFAULT_FLOWS */
const SFQ = { divisor: 1024, depth: 127, flows: 128 } as const;
const U32_MAX = 0xffff_ffff;
/** Bands of pfifo_fast by priority (sch_generic.c: sch_default_prio2band). */
const PRIORITY_BANDS = { bands: 3, map: Uint8Array.of(1, 2, 2, 2, 1, 2, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1) };

/** What fq_codel tells of itself when nothing was chosen (net/sched/sch_fq_codel.c). */
const FQ_CODEL = {
  target: 4999,
  limit: 10240,
  interval: 99999,
  ecn: 1,
  quantum: 1514,
  dropBatchSize: 64,
  memoryLimit: FQ_CODEL_MEMORY,
  flows: 1024,
};

/** CoDel counts in units of 1024 nanoseconds. */
function codelTime(microseconds: number): number {
  return Math.floor((Math.floor((microseconds * 1000) / 1024) * 1024) / 1000);
}

/** TCA_OPTIONS; undefined for a discipline without. */
export function disciplineOptions(device: NetDevice): Uint8Array | undefined {
  const { discipline } = device;
  if (!discipline) return device.qdisc === "fq_codel" ? fqCodelOptions.encode(FQ_CODEL) : undefined;
  if (discipline instanceof SharedRateDiscipline && discipline.kind === "htb") {
    const { direct: directPackets } = discipline;
    return htbOptions.encode({
      init: {
        version: HTB_VERSION,
        rateToQuantum: RATE_TO_QUANTUM,
        defaultClass: DEFAULT_CLASS,
        debug: 0,
        directPackets,
      },
      directQueueLength: device.txQueueLength,
    });
  }
  return settingsOf(discipline.queueing);
}

function settingsOf(queueing: Queueing): Uint8Array | undefined {
  switch (queueing.kind) {
    case "htb":
      return undefined;
    case "hfsc":
      return filled(hfscDiscipline, { defaultClass: DEFAULT_CLASS });
    case "sfq": {
      const { quantum, perturb } = queueing;
      const { divisor, depth, flows } = SFQ;
      return filled(sfqOptions, { quantum, perturb, limit: depth, divisor, flows, depth });
    }
    case "codel": {
      const { target, limit, interval } = queueing;
      return codelOptions.encode({
        target: codelTime(target),
        limit,
        interval: codelTime(interval),
        ecn: 0,
      });
    }
    case "fq_codel": {
      const { target, limit, interval, flows, quantum } = queueing;
      const times = { target: codelTime(target), interval: codelTime(interval) };
      return fqCodelOptions.encode({ ...FQ_CODEL, ...times, limit, flows, quantum });
    }
    case "netem":
      return encodeNetem(queueing);
    case "tbf": {
      const { rate, buffer, limit, mtu, cellLog } = queueing;
      const spec = { ...NO_RATE, cellLog, linkLayer: LINK_LAYER_ETHERNET, rate: Math.min(rate, U32_MAX) };
      return tbfOptions.encode({
        parameters: { rate: spec, peakRate: NO_RATE, limit, buffer: ticksOf(buffer), mtu },
        ...(rate > U32_MAX && { rate64: rate }),
      });
    }
    case "pfifo":
    case "bfifo":
      return filled(fifoOptions, queueing);
    case "pfifo_fast":
      return filled(prioOptions, { bands: PRIORITY_BANDS.bands, priomap: PRIORITY_BANDS.map });
  }
}

interface Structure<T> {
  readonly size: number;
  put(buf: Uint8Array, off: number, value: T): void;
}

function filled<T>(structure: Structure<T>, value: T): Uint8Array {
  const bytes = new Uint8Array(structure.size);
  structure.put(bytes, 0, value);
  return bytes;
}
