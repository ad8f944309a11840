// The root queueing discipline by name. Packets of the embedded devices are never queued here; only what
// user space sees of it is kept (net/sched/sch_generic.c: dev_activate, dev_deactivate).

import type { NetDevice } from "./device.ts";

/** dev_activate(): the first time a device is up, `noop` gives way to its real discipline, which runs with carrier. */
export function activateQdisc(device: NetDevice): void {
  if (device.qdisc === "noop") device.qdisc = device.noQueue ? "noqueue" : device.kernel.defaultQdisc;
  if (device.carrier) device.qdiscActive = true;
}

/** dev_deactivate(): the root stays attached, but nothing is sent through it. */
export function deactivateQdisc(device: NetDevice): void {
  device.qdiscActive = false;
}

/** dev_shutdown() and dev_init_scheduler(): a device that is moved or made starts with noop. */
export function resetQdisc(device: NetDevice): void {
  device.qdisc = "noop";
  device.qdiscActive = false;
}
