// RTM_NEWQDISC and RTM_DELQDISC for the root discipline of a device (net/sched/sch_api.c: tc_modify_qdisc, tc_get_qdisc): netem,
// tbf and the plain queues. Disciplines with classes, and what hangs filters on what comes in, are not implemented.

import { ERRNO } from "../../netlink/errno.ts";
import { Refusal } from "../../netlink/refusal.ts";
import { NLM_F } from "../../netlink/message.ts";
import { decodeQdisc, fqCodelOptions, TC_H } from "../../netlink/rtnl/qdisc.ts";
import type { QdiscMessage } from "../../netlink/rtnl/qdisc.ts";
import { fifoOptions, tbfOptions } from "../../netlink/rtnl/qdisc-buckets.ts";
import { decodeNetem, netemSettings } from "../../netlink/rtnl/qdisc-netem.ts";
import { ETHERNET_HEADER_LENGTH } from "../../wire/ethernet.ts";
import { isMalformed } from "../../wire/malformed.ts";
import type { Queueing } from "../device-queueing.ts";
import type { NetDevice } from "../device.ts";
import { durationOf } from "../sched/rates.ts";
import { replaceQueueing } from "../sched/traffic-control.ts";
import type { Request } from "./handlers.ts";

const { EEXIST, EINVAL, ENODEV, ENOENT, EOPNOTSUPP } = ERRNO;
const TICK = 64; // nanoseconds
/** qdisc_alloc_handle(): the first one of those that the kernel gives. */
const FIRST_HANDLE = 0x8001_0000;
const BEFORE_FIRST = FIRST_HANDLE - 0x1_0000;
const LAST = 0xffff_0000;

function readRequest({ message, netns }: Request): { wanted: QdiscMessage; device: NetDevice } {
  const wanted = decodeQdisc(message.body);
  if (isMalformed(wanted)) throw new Refusal(EINVAL);
  const device = netns.devices.get(wanted.ifindex);
  if (!device) throw new Refusal(ENODEV);
  return { wanted, device };
}

/** A discipline's settings from TCA_OPTIONS; `old`: those that it has. Errors: Refusal. */
function settingsOf(device: NetDevice, { kind, options }: QdiscMessage, old?: Queueing): Queueing {
  const bytes = options ?? new Uint8Array(0);
  switch (kind) {
    case "netem": {
      if (options === undefined) throw new Refusal(EINVAL);
      const found = decodeNetem(bytes);
      if (isMalformed(found)) throw new Refusal(EINVAL);
      return { kind, ...netemSettings(found, old?.kind === "netem" ? old : undefined) };
    }
    case "tbf": {
      const found = tbfOptions.decode(bytes);
      if (isMalformed(found) || !found.parameters) throw new Refusal(EINVAL);
      const { rate, limit, buffer, mtu } = found.parameters;
      if (rate.rate === 0) throw new Refusal(EINVAL);
      const perSecond = found.rate64 ?? rate.rate;
      const exact = found.burst === undefined ? buffer * TICK : durationOf(found.burst, perSecond);
      return { kind, rate: perSecond, limit, mtu, buffer: exact, cellLog: rate.cellLog };
    }
    case "pfifo":
    case "bfifo": {
      const standard =
        Math.max(1, device.txQueueLength) * (kind === "bfifo" ? device.mtu + ETHERNET_HEADER_LENGTH : 1);
      return { kind, limit: bytes.length >= fifoOptions.size ? fifoOptions.get(bytes, 0).limit : standard };
    }
    case "pfifo_fast":
      return { kind, limit: Math.max(1, device.txQueueLength) };
    case "fq_codel": {
      const found = fqCodelOptions.decode(bytes);
      if (isMalformed(found)) throw new Refusal(EINVAL);
      const { target = 5000, limit = 10240, interval = 100_000, flows = 1024, quantum } = found;
      return {
        kind,
        target,
        limit,
        interval,
        flows,
        quantum: quantum ?? device.mtu + ETHERNET_HEADER_LENGTH,
      };
    }
    default:
      throw new Refusal(ENOENT, "Specified qdisc kind is unknown");
  }
}

/** Handles that the kernel has given, one after the other, whatever the device. */
const given = new WeakMap<object, number>();

function freeHandle({ kernel, disciplineHandle }: NetDevice): number {
  let handle = given.get(kernel) ?? BEFORE_FIRST;
  do handle = handle + 0x1_0000 > LAST ? FIRST_HANDLE : handle + 0x1_0000;
  while (handle === disciplineHandle);
  given.set(kernel, handle);
  return handle;
}

/** Errors: Refusal. */
export function changeQdisc(request: Request): void {
  const { wanted, device } = readRequest(request);
  const { flags } = request.message;
  const has = (flag: number): boolean => (flags & flag) !== 0;
  if (wanted.parent === TC_H.INGRESS || wanted.kind === "ingress" || wanted.kind === "clsact")
    throw new Refusal(EOPNOTSUPP);
  if (wanted.parent === TC_H.UNSPEC && wanted.handle === 0)
    throw new Refusal(EINVAL, "Handle cannot be zero");
  if (wanted.parent !== TC_H.ROOT && wanted.parent !== TC_H.UNSPEC)
    throw new Refusal(ENOENT, "Failed to find specified qdisc");
  const present = device.discipline;
  const sameHandle = wanted.handle === 0 || wanted.handle === device.disciplineHandle;
  if (present && !sameHandle && !has(NLM_F.REPLACE))
    throw new Refusal(EEXIST, "NLM_F_REPLACE needed to override");
  const otherKind = present !== undefined && wanted.kind !== undefined && wanted.kind !== present.kind;
  const graft =
    present === undefined ||
    !sameHandle ||
    (has(NLM_F.CREATE) && has(NLM_F.REPLACE) && (has(NLM_F.EXCL) || otherKind));
  if (!graft) {
    if (has(NLM_F.EXCL)) throw new Refusal(EEXIST, "Exclusivity flag on, cannot modify");
    if (otherKind) throw new Refusal(EINVAL, "Invalid qdisc name");
    present.configure(settingsOf(device, { ...wanted, kind: present.kind }, present.queueing));
    return;
  }
  if (!has(NLM_F.CREATE)) throw new Refusal(ENOENT, "Qdisc not found. To create specify NLM_F_CREATE flag");
  const settings = settingsOf(device, wanted);
  replaceQueueing(device, settings, wanted.handle !== 0 ? wanted.handle : freeHandle(device));
}

/** Errors: Refusal. */
export function deleteQdisc(request: Request): void {
  const { wanted, device } = readRequest(request);
  if (wanted.parent === TC_H.INGRESS)
    throw new Refusal(ENOENT, "Cannot find specified qdisc on specified device");
  if (wanted.parent !== TC_H.ROOT && wanted.handle !== device.disciplineHandle)
    throw new Refusal(ENOENT, "Failed to find qdisc with specified handle");
  if (wanted.handle !== 0 && wanted.handle !== device.disciplineHandle)
    throw new Refusal(EINVAL, "Invalid handle");
  if (wanted.kind !== undefined && wanted.kind !== device.qdisc)
    throw new Refusal(EINVAL, "Invalid qdisc name");
  if (device.discipline === undefined) throw new Refusal(ENOENT, "Cannot delete qdisc with handle of zero");
  replaceQueueing(device, undefined, 0);
}
