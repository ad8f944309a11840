// The datapaths of the kernel, by namespace (struct ovs_net): those that switch daemons have made, and those that programs have
// made by netlink. They outlive whoever has made them.

import type { VportHost } from "../../kernel/device-vport.ts";
import type { NetDevice } from "../../kernel/device.ts";
import { Datapath } from "./datapath.ts";

export type Netns = VportHost["netns"];

export class KernelDatapaths {
  readonly #all: Datapath[] = [];
  readonly #hosts = new Map<Netns, VportHost>();
  readonly #hostOf: (netns: Netns) => VportHost;

  /** `initial`: devices of the first namespace; `hostOf` gives those of another. */
  constructor(initial: VportHost, hostOf: (netns: Netns) => VportHost) {
    this.#hosts.set(initial.netns, initial);
    this.#hostOf = hostOf;
    initial.onEvent((device, event) => {
      if (event === "gone") this.#deviceGone(device);
    });
  }

  hostOf(netns: Netns): VportHost {
    let host = this.#hosts.get(netns);
    if (!host) this.#hosts.set(netns, (host = this.#hostOf(netns)));
    return host;
  }

  /** In order of birth. */
  in(netns: Netns): readonly Datapath[] {
    return this.#all.filter(({ host }) => host.netns === netns);
  }

  /** Of all datapaths in all namespaces. */
  get portCount(): number {
    return this.#all.reduce((sum, { ports }) => sum + ports.filter((port) => port !== undefined).length, 0);
  }

  named(netns: Netns, name: string): Datapath | undefined {
    return this.in(netns).find(({ local }) => local.name === name);
  }

  /** By the index of the datapath's own device. */
  indexed(netns: Netns, ifindex: number): Datapath | undefined {
    return this.in(netns).find(({ local }) => local.ifindex === ifindex);
  }

  /** OVS_DP_CMD_NEW. Errors: Refusal. */
  create(name: string, host: VportHost): Datapath {
    host.netns.kernel.modules?.request("net-pf-16-proto-16-family-ovs_datapath");
    const datapath = new Datapath(name, host, "kernel");
    this.#all.push(datapath);
    return datapath;
  }

  /** OVS_DP_CMD_DEL */
  remove(datapath: Datapath): void {
    const at = this.#all.indexOf(datapath);
    if (at >= 0) this.#all.splice(at, 1);
    datapath.close();
  }

  /** dp_device_event(); a datapath whose own device goes is one of a namespace that goes (ovs_exit_net). */
  #deviceGone(device: NetDevice): void {
    for (const datapath of [...this.#all]) {
      const port = datapath.portOf(device);
      if (!port) continue;
      if (port.number === 0) this.remove(datapath);
      else if (port.type !== "internal" || device.unregistering) datapath.removePort(port.number);
    }
  }
}
