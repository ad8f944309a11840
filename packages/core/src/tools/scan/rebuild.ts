// A scan as the commands that make the same network: what `why --from-scan` builds in the embedded system, so that a machine's
// network is explained without touching the machine. A scan does not tell everything; what it leaves out is left at the
// kernel's default here, and `unknown` says so.

import type { DeviceReference, Scan, ScannedDevice, ScannedNetns } from "./model.ts";

export interface Rebuilt {
  /** For a shell, in this order. */
  readonly commands: readonly string[];
  /** What the scan does not tell, or what cannot be made here. */
  readonly unknown: readonly string[];
}

/** Kinds that `ip link add` makes here as the scan tells them. */
const PLAIN: ReadonlySet<string> = new Set(["bridge", "dummy"]);

class Builder {
  readonly commands: string[] = [];
  readonly unknown: string[] = [];
  readonly #scan: Scan;
  readonly #names = new Map<number, string>();
  readonly #made = new Set<string>();

  constructor(scan: Scan) {
    this.#scan = scan;
  }

  build(): Rebuilt {
    for (const netns of this.#scan.namespaces) this.#name(netns);
    for (const netns of this.#scan.namespaces) {
      if (netns.unreadable !== undefined)
        this.unknown.push(`${this.#label(netns)} could not be read: ${netns.unreadable}`);
      for (const device of netns.devices) this.#makeDevice(netns, device);
    }
    // Devices above others, once those below are there.
    for (const netns of this.#scan.namespaces) {
      for (const device of netns.devices) this.#makeUpper(netns, device);
    }
    for (const netns of this.#scan.namespaces) this.#configure(netns);
    for (const netns of this.#scan.namespaces) this.#route(netns);
    if ((this.#scan.ovs ?? []).length > 0)
      this.unknown.push("bridges of Open vSwitch: their ports are made, but not their flows");
    return { commands: this.commands, unknown: this.unknown };
  }

  #label(netns: ScannedNetns): string {
    return netns.own ? "the machine's own namespace" : (this.#names.get(netns.inode) ?? String(netns.inode));
  }

  #name(netns: ScannedNetns): void {
    if (netns.own) return;
    const [process] = netns.processes;
    const name = netns.names[0] ?? (process ? `pid-${process.pid}` : `netns-${netns.inode}`);
    this.#names.set(netns.inode, name);
    this.commands.push(`ip netns add ${name}`);
  }

  #ip(netns: ScannedNetns, rest: string): string {
    return netns.own ? `ip ${rest}` : `ip -n ${this.#names.get(netns.inode) ?? ""} ${rest}`;
  }

  #in(netns: ScannedNetns): string {
    return netns.own ? "" : ` netns ${this.#names.get(netns.inode) ?? ""}`;
  }

  #key(netns: number, name: string): string {
    return `${netns}/${name}`;
  }

  #makeDevice(netns: ScannedNetns, device: ScannedDevice): void {
    const { name, kind } = device;
    if (kind === "loopback" || this.#made.has(this.#key(netns.inode, name)) || device.lower !== undefined)
      return;
    this.#made.add(this.#key(netns.inode, name));
    if (PLAIN.has(kind)) {
      const options =
        device.bridge === undefined
          ? ""
          : ` vlan_filtering ${device.bridge.vlanFiltering ? 1 : 0} stp_state ${device.bridge.stp ? 1 : 0} mcast_snooping 0`;
      this.commands.push(this.#ip(netns, `link add ${name} type ${kind}${options}`));
      return;
    }
    const far = kind === "veth" ? this.#end(device.peer) : undefined;
    if (far !== undefined) {
      this.#made.add(this.#key(far.netns.inode, far.name));
      // The end that stays in the machine's own namespace comes first: only the other one is sent away.
      const [near, away] = far.netns.own ? [far, { netns, name }] : [{ netns, name }, far];
      this.commands.push(
        `ip link add ${near.name}${this.#in(near.netns)} type veth peer name ${away.name}${this.#in(away.netns)}`,
      );
      return;
    }
    this.commands.push(this.#ip(netns, `link add ${name} type dummy`));
    const what = kind === "veth" ? "a cable to where the scan did not look" : `a device of kind ${kind}`;
    this.unknown.push(`${name} in ${this.#label(netns)} is ${what}; what is behind it is not known`);
  }

  #end(
    peer: DeviceReference | undefined,
  ): { readonly netns: ScannedNetns; readonly name: string } | undefined {
    if (peer?.netns === undefined || peer.name === undefined) return undefined;
    const netns = this.#scan.namespaces.find(({ inode }) => inode === peer.netns);
    return netns === undefined ? undefined : { netns, name: peer.name };
  }

  #makeUpper(netns: ScannedNetns, device: ScannedDevice): void {
    const { name, kind, lower } = device;
    if (lower === undefined) return;
    const id = device.vlanId;
    if (kind === "vlan" && id !== undefined && lower.netns === netns.inode && lower.name !== undefined) {
      this.commands.push(this.#ip(netns, `link add link ${lower.name} name ${name} type vlan id ${id}`));
      return;
    }
    this.commands.push(this.#ip(netns, `link add ${name} type dummy`));
    this.unknown.push(
      `${name} in ${this.#label(netns)} is a ${kind} device, which a scan does not tell enough about`,
    );
  }

  #configure(netns: ScannedNetns): void {
    for (const [name, value] of Object.entries(netns.settings ?? {})) {
      const place = netns.own ? "" : `ip netns exec ${this.#names.get(netns.inode) ?? ""} `;
      this.commands.push(`${place}sysctl -qw ${name}=${value}`);
    }
    if (netns.settings === undefined && netns.unreadable === undefined)
      this.unknown.push(
        `settings of ${this.#label(netns)} (forwarding, filters): the kernel's defaults are taken`,
      );
    for (const device of netns.devices) {
      const { name, kind } = device;
      if (kind !== "loopback") {
        const mac = device.mac === undefined ? "" : ` address ${device.mac}`;
        this.commands.push(this.#ip(netns, `link set ${name} mtu ${device.mtu}${mac}`));
      }
      if (device.master !== undefined && !this.#isDatapath(netns, device.master))
        this.commands.push(this.#ip(netns, `link set ${name} master ${device.master}`));
      if (device.state !== "DOWN") this.commands.push(this.#ip(netns, `link set ${name} up`));
    }
    for (const device of netns.devices) this.#membership(netns, device);
    for (const device of netns.devices) {
      for (const address of device.addresses) {
        if (/^(127\.0\.0\.1\/8|::1\/128|fe80:.*)$/.test(address)) continue;
        const dad = address.includes(":") ? " nodad" : "";
        this.commands.push(this.#ip(netns, `address add ${address} dev ${device.name}${dad}`));
      }
    }
  }

  #isDatapath(netns: ScannedNetns, master: string): boolean {
    return netns.devices.find(({ name }) => name === master)?.kind !== "bridge";
  }

  #membership(netns: ScannedNetns, { name, vlans, master, kind }: ScannedDevice): void {
    if (vlans === undefined) return;
    const bridge = netns.own ? "bridge" : `bridge -n ${this.#names.get(netns.inode) ?? ""}`;
    const own = kind === "bridge" && master === undefined ? " self" : "";
    this.commands.push(`${bridge} vlan del vid 1 dev ${name}${own} 2>/dev/null`);
    for (const { vid, last, pvid, untagged } of vlans) {
      const range = last === undefined ? String(vid) : `${vid}-${last}`;
      this.commands.push(
        `${bridge} vlan add vid ${range} dev ${name}${pvid ? " pvid" : ""}${untagged ? " untagged" : ""}${own}`,
      );
    }
  }

  /** Routes of the prefixes of addresses are there already. */
  #route(netns: ScannedNetns): void {
    for (const route of netns.routes) {
      if (/^(fe80|ff00)/.test(route)) continue;
      const [, length = "", device = ""] = /^\S+(\/\d+) dev (\S+)$/.exec(route) ?? [];
      const own = netns.devices.find(({ name }) => name === device)?.addresses ?? [];
      if (length !== "" && own.some((address) => address.endsWith(length))) continue;
      const family = route.includes(":") ? "-6 " : "";
      const command = this.#ip(netns, `${family}route replace ${route}`).replace(
        /^ip (-n \S+ )?-6 /,
        "ip $1-6 ",
      );
      this.commands.push(`${command} 2>/dev/null`);
    }
  }
}

export function rebuildScan(scan: Scan): Rebuilt {
  return new Builder(scan).build();
}
