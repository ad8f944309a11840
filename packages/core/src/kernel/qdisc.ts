// The root queueing discipline by name (net/sched/sch_generic.c: dev_activate, dev_deactivate). Those that devices get by themselves
// queue nothing here; one that somebody gave a device is in sched/.

import type { NetDevice } from "./device.ts";

/** dev_activate(): the first time a device is up, `noop` gives way to its real discipline, which runs with carrier. */
export function activateQdisc(device: NetDevice): void {
  if (device.qdisc === "noop") device.qdisc = device.noQueue ? "noqueue" : device.kernel.defaultQdisc;
  if (device.carrier) device.qdiscActive = true;
}

/** dev_deactivate(): the root stays attached, but nothing is sent through it. */
export function deactivateQdisc(device: NetDevice): void {
  device.qdiscActive = false;
  device.discipline?.reset();
}

/** dev_shutdown() and dev_init_scheduler(): a device that is moved or made starts with noop. */
export function resetQdisc(device: NetDevice): void {
  takeDiscipline(device);
  device.policer = undefined;
}

/** What a device was given goes, with what waits in it. */
export function takeDiscipline(device: NetDevice): void {
  device.discipline?.reset();
  device.discipline = undefined;
  device.qdisc = "noop";
  device.qdiscActive = false;
}
