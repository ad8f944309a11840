// Random but mostly valid sequences of commands: devices made, moved, renamed, enslaved and deleted, addresses, routes,
// pings. A model of what should exist keeps most of them meaningful; now and then one is meant to be refused.

import { Random } from "@patchcord/core/kernel/random.ts";

interface Device {
  name: string;
  kind: "veth" | "bridge" | "macvlan" | "vxlan";
  /** Index into `namespaces`; 0 is the first namespace. */
  at: number;
  readonly id: number;
  /** For a veth: id of the other end. */
  peer?: number;
  /** For a macvlan, and some vxlans: id of the device below. */
  lower?: number;
  master?: number | undefined;
  readonly addresses: string[];
}

/** One sequence: commands with something to see in what they print, then what is looked at in the end. */
export interface Sequence {
  readonly seed: number;
  readonly commands: readonly string[];
  /** Run after time enough for carrier events and address detection to settle. */
  readonly looks: readonly string[];
  /** Daemons of Open vSwitch run. */
  readonly switch?: boolean;
}

/** Carrier events and the detection of addresses, which takes one to two seconds, are over. */
const SETTLE = "sleep 2.3";
/** The kernel handles link events of all namespaces in one queue, at the latest a second after they happened. */
const LINK_EVENTS = "sleep 1.1";
const IPV6_FORWARDING = "net.ipv6.conf.all.forwarding";
const UNICODE_FREE_ALIAS = ["uplink", "to the lab", "x"];

class Generator {
  readonly #random: Random;
  readonly #namespaces: string[] = [""];
  #devices: Device[] = [];
  #nextId = 1;
  readonly commands: string[] = [];

  constructor(seed: number) {
    this.#random = new Random(seed * 2654435761 + 7);
  }

  #pick<T>(list: readonly T[]): T | undefined {
    return list[this.#random.below(list.length)];
  }

  #chance(percent: number): boolean {
    return this.#random.below(100) < percent;
  }

  #mac(): string {
    const id = this.#nextId++;
    return `02:00:00:00:${(id >> 8).toString(16).padStart(2, "0")}:${(id & 0xff).toString(16).padStart(2, "0")}`;
  }

  #in(at: number): string {
    const name = this.#namespaces[at] ?? "";
    return name === "" ? "ip" : `ip -n ${name}`;
  }

  #say(command: string): void {
    this.commands.push(command);
  }

  /** A command after which what the next one sees depends on whether link events were handled. */
  #sayAndWait(command: string): void {
    this.commands.push(command, LINK_EVENTS);
  }

  #newName(prefix: string): string {
    return `${prefix}${this.#nextId}`;
  }

  step(): void {
    const steps: readonly (readonly [number, () => void])[] = [
      [10, () => this.#addVeth()],
      [5, () => this.#addBridge()],
      [5, () => this.#addMacvlan()],
      [5, () => this.#addVxlan()],
      [22, () => this.#upDown()],
      [8, () => this.#move()],
      [5, () => this.#rename()],
      [10, () => this.#enslave()],
      [5, () => this.#release()],
      [5, () => this.#delete()],
      [14, () => this.#addAddress()],
      [5, () => this.#deleteAddress()],
      [6, () => this.#attribute()],
      [6, () => this.#route()],
      [4, () => this.#neighbour()],
      [3, () => this.#tunnelEntry()],
      [3, () => this.#rule()],
      [2, () => this.#forwarding()],
      [2, () => this.#deleteNamespace()],
      [3, () => this.#mistake()],
    ];
    let left = this.#random.below(steps.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, run] of steps) {
      left -= weight;
      if (left < 0) {
        run();
        return;
      }
    }
  }

  addNamespace(): void {
    const name = `n${this.#namespaces.length}`;
    this.#namespaces.push(name);
    this.#say(`ip netns add ${name}`);
    if (this.#chance(60)) this.#say(`ip -n ${name} link set lo up`);
  }

  #alive(): number[] {
    return this.#namespaces.flatMap((name, at) => (name === "-" ? [] : [at]));
  }

  #addVeth(): void {
    const at = this.#pick(this.#alive()) ?? 0;
    const peerAt = this.#chance(60) ? at : (this.#pick(this.#alive()) ?? 0);
    const [one, two] = [this.#newName("v"), this.#newName("w")];
    const target = this.#namespaces[peerAt];
    const place = peerAt === at ? "" : target === "" ? " netns 1" : ` netns ${target}`;
    if (place === " netns 1") return; // the first process of the real machine is elsewhere
    this.#sayAndWait(
      `${this.#in(at)} link add ${one} address ${this.#mac()} type veth peer name ${two} address ${this.#mac()}${place}`,
    );
    const id = this.#nextId++;
    this.#devices.push(
      { name: one, kind: "veth", at, id, peer: id + 1, addresses: [] },
      { name: two, kind: "veth", at: peerAt, id: id + 1, peer: id, addresses: [] },
    );
    this.#nextId++;
  }

  #addBridge(): void {
    const at = this.#pick(this.#alive()) ?? 0;
    const name = this.#newName("br");
    const address = this.#chance(70) ? ` address ${this.#mac()}` : "";
    if (address === "") return; // a random address would differ
    this.#sayAndWait(`${this.#in(at)} link add ${name}${address} type bridge`);
    this.#devices.push({ name, kind: "bridge", at, id: this.#nextId++, addresses: [] });
  }

  /** On a veth or bridge; on a macvlan it comes beside that one. */
  #addMacvlan(): void {
    const lower = this.#pick(this.#devices);
    if (!lower) return;
    const name = this.#newName("m");
    const mode = this.#pick(["bridge", "private"]);
    this.#sayAndWait(
      `${this.#in(lower.at)} link add link ${lower.name} name ${name} address ${this.#mac()} type macvlan mode ${mode}`,
    );
    // A bridge port, which has a bridge above it already, refuses.
    if (lower.master !== undefined) return;
    const id = this.#nextId++;
    this.#devices.push({
      name,
      kind: "macvlan",
      at: lower.at,
      id,
      lower: lower.lower ?? lower.id,
      addresses: [],
    });
  }

  /** A tunnel to a host that need not exist, on a device or wherever routing says. */
  #addVxlan(): void {
    const at = this.#pick(this.#alive()) ?? 0;
    const lower = this.#chance(50) ? this.#pick(this.#devices.filter((each) => each.at === at)) : undefined;
    const name = this.#newName("x");
    const id = this.#nextId++;
    const way = [
      this.#chance(60) ? ` remote 10.${this.#random.below(3)}.${this.#random.below(3)}.251` : "",
      lower === undefined ? "" : ` dev ${lower.name}`,
      this.#chance(30) ? " nolearning" : "",
      this.#chance(20) ? ` ttl ${1 + this.#random.below(255)}` : "",
      this.#chance(20) ? ` ageing ${this.#random.below(1000)}` : "",
    ].join("");
    this.#sayAndWait(
      `${this.#in(at)} link add ${name} address ${this.#mac()} type vxlan id ${id} dstport 4789${way}`,
    );
    this.#devices.push({
      name,
      kind: "vxlan",
      at,
      id,
      ...(lower !== undefined && { lower: lower.id }),
      addresses: [],
    });
  }

  #tunnelEntry(): void {
    const device = this.#pick(this.#devices.filter(({ kind }) => kind === "vxlan"));
    if (!device) return;
    const name = this.#namespaces[device.at] ?? "";
    const verb = this.#pick(["add", "append", "replace", "del"]);
    const mac = this.#pick([
      "00:00:00:00:00:00",
      "02:00:00:00:77:01",
      "02:00:00:00:77:02",
      "01:00:5e:01:01:01",
    ]);
    const to = `10.${this.#random.below(2)}.0.${250 + this.#random.below(3)}`;
    const extra = this.#pick(["", "", " port 8472", " vni 7", " self dynamic"]);
    this.#say(
      `bridge ${name === "" ? "" : `-n ${name} `}fdb ${verb} ${mac} dev ${device.name} dst ${to}${extra}`,
    );
  }

  #neighbour(): void {
    const device = this.#pick(this.#devices);
    if (!device) return;
    const address = this.#chance(70)
      ? `10.${this.#random.below(3)}.${this.#random.below(3)}.${250 + this.#random.below(3)}`
      : `2001:db8:${this.#random.below(3)}::${(0xf0 + this.#random.below(3)).toString(16)}`;
    const verb = this.#pick(["add", "replace", "replace", "change", "del"]);
    const what = verb === "del" ? "" : ` lladdr 02:00:00:00:66:0${this.#random.below(9)} nud permanent`;
    this.#say(`${this.#in(device.at)} neigh ${verb} ${address}${what} dev ${device.name}`);
  }

  #rule(): void {
    const at = this.#pick(this.#alive()) ?? 0;
    const verb = this.#pick(["add", "add", "del"]);
    const selector = this.#pick([
      `from 10.${this.#random.below(3)}.0.0/16`,
      `to 10.${this.#random.below(3)}.0.0/16`,
      `fwmark ${1 + this.#random.below(3)}`,
      "iif lo",
    ]);
    this.#say(
      `${this.#in(at)} rule ${verb} ${selector} table ${100 + this.#random.below(3)} priority ${1000 + this.#random.below(5)}`,
    );
  }

  #forwarding(): void {
    const name = this.#namespaces[this.#pick(this.#alive()) ?? 0] ?? "";
    const key = this.#pick(["net.ipv4.ip_forward", IPV6_FORWARDING]);
    const run = name === "" ? "" : `ip netns exec ${name} `;
    // A router joins a group for each address, at once or when its detection is over.
    if (key === IPV6_FORWARDING) this.commands.push(SETTLE);
    this.#say(`${run}sysctl -w ${key}=${this.#random.below(2)}`);
  }

  /** The devices that go with one: itself, its other end, and what is on top of them. */
  #withDependents(device: Device): Set<number> {
    const gone = new Set([device.id]);
    if (device.peer !== undefined) gone.add(device.peer);
    for (const { id, lower } of this.#devices) if (lower !== undefined && gone.has(lower)) gone.add(id);
    return gone;
  }

  #upDown(): void {
    const device = this.#pick(this.#devices);
    if (device)
      this.#sayAndWait(`${this.#in(device.at)} link set ${device.name} ${this.#chance(75) ? "up" : "down"}`);
  }

  #move(): void {
    const device = this.#pick(this.#devices.filter(({ kind }) => kind !== "bridge"));
    const to = this.#pick(this.#alive().filter((at) => at !== 0));
    if (!device || to === undefined || to === device.at) return;
    this.#sayAndWait(`${this.#in(device.at)} link set ${device.name} netns ${this.#namespaces[to]}`);
    // Tunnels do not follow the device below them.
    this.#devices = this.#devices.filter((each) => each.kind !== "vxlan" || each.lower !== device.id);
    device.at = to;
    device.master = undefined;
    device.addresses.length = 0;
  }

  #rename(): void {
    const device = this.#pick(this.#devices);
    if (!device) return;
    const name = this.#newName("r");
    this.#say(`${this.#in(device.at)} link set ${device.name} name ${name}`);
    device.name = name;
  }

  #enslave(): void {
    const device = this.#pick(this.#devices.filter(({ kind }) => kind !== "bridge"));
    const bridge = this.#pick(
      this.#devices.filter((each) => each.kind === "bridge" && each.at === device?.at),
    );
    if (!device || !bridge) return;
    this.#sayAndWait(`${this.#in(device.at)} link set ${device.name} master ${bridge.name}`);
    device.master = bridge.id;
  }

  #release(): void {
    const device = this.#pick(this.#devices.filter(({ master }) => master !== undefined));
    if (!device) return;
    this.#sayAndWait(`${this.#in(device.at)} link set ${device.name} nomaster`);
    device.master = undefined;
  }

  #delete(): void {
    const device = this.#pick(this.#devices);
    if (!device) return;
    this.#sayAndWait(`${this.#in(device.at)} link del ${device.name}`);
    const gone = this.#withDependents(device);
    this.#devices = this.#devices.filter(({ id }) => !gone.has(id));
    for (const each of this.#devices) if (each.master === device.id) each.master = undefined;
  }

  #prefix(): string {
    return `10.${this.#random.below(3)}.${this.#random.below(3)}.${1 + this.#random.below(250)}/${this.#pick([8, 16, 24, 24, 24, 30, 32])}`;
  }

  #addAddress(): void {
    const device = this.#pick(this.#devices);
    if (!device) return;
    const text = this.#chance(75)
      ? this.#prefix()
      : `2001:db8:${this.#random.below(3)}::${(1 + this.#random.below(99)).toString(16)}/64`;
    const extra = text.includes(":") ? " nodad" : (this.#pick(["", "", "", " brd +", " scope link"]) ?? "");
    this.#say(`${this.#in(device.at)} addr add ${text}${extra} dev ${device.name}`);
    device.addresses.push(text);
  }

  #deleteAddress(): void {
    const device = this.#pick(this.#devices.filter(({ addresses }) => addresses.length > 0));
    const address = device && this.#pick(device.addresses);
    if (!device || address === undefined) return;
    this.#say(`${this.#in(device.at)} addr del ${address} dev ${device.name}`);
    device.addresses.splice(device.addresses.indexOf(address), 1);
  }

  #attribute(): void {
    const device = this.#pick(this.#devices);
    if (!device) return;
    const change = this.#pick([
      `mtu ${this.#pick([576, 1280, 1400, 1500, 9000, 65535])}`,
      `txqueuelen ${this.#random.below(2000)}`,
      `alias '${this.#pick(UNICODE_FREE_ALIAS)}'`,
      `group ${this.#random.below(50)}`,
      `promisc ${this.#pick(["on", "off"])}`,
      `multicast ${this.#pick(["on", "off"])}`,
      `allmulticast ${this.#pick(["on", "off"])}`,
      `arp ${this.#pick(["on", "off"])}`,
      `address ${this.#mac()}`,
      `addrgenmode ${this.#pick(["none", "eui64"])}`,
    ]);
    this.#say(`${this.#in(device.at)} link set ${device.name} ${change}`);
  }

  #route(): void {
    const device = this.#pick(this.#devices);
    if (!device) return;
    const prefix = `10.${10 + this.#random.below(3)}.${this.#random.below(3)}.0/24`;
    const verb = this.#pick(["add", "add", "replace", "append", "del"]);
    const way = this.#chance(50)
      ? `dev ${device.name}`
      : `via 10.${this.#random.below(3)}.${this.#random.below(3)}.254`;
    const metric = this.#chance(30) ? ` metric ${this.#random.below(5) * 10}` : "";
    this.#say(`${this.#in(device.at)} route ${verb} ${prefix} ${way}${metric}`);
  }

  #deleteNamespace(): void {
    const at = this.#pick(this.#alive().filter((each) => each !== 0));
    if (at === undefined || this.#alive().length < 3) return;
    this.#say(`ip netns del ${this.#namespaces[at]}; sleep 1`);
    this.#namespaces[at] = "-";
    const gone = new Set(
      this.#devices
        .filter((device) => device.at === at)
        .flatMap((device) => [...this.#withDependents(device)]),
    );
    this.#devices = this.#devices.filter(({ id }) => !gone.has(id));
  }

  #mistake(): void {
    const device = this.#pick(this.#devices);
    const name = device?.name ?? "lo";
    this.#say(
      this.#pick([
        `ip link add ${name} type veth peer name ${name}`,
        `ip link set ${name}x up`,
        `ip link set ${name} mtu 70000`,
        `ip addr add 10.0.0.300/24 dev ${name}`,
        `ip route add 10.99.0.0/24 via 192.0.2.1`,
        `ip link set ${name} master ${name}`,
        `ip link del lo`,
        `ip netns add n1`,
        `ip -n nope link`,
        `ip link set ${name} address 01:00:5e:00:00:01`,
      ]) ?? "true",
    );
  }

  looks(): string[] {
    const looks = [SETTLE, "ip netns", "ip netns list-id"];
    for (const at of this.#alive()) {
      const name = this.#namespaces[at] ?? "";
      const inside = name === "" ? "" : `-n ${name} `;
      looks.push(
        `ip ${inside}-d link`,
        `ip ${inside}addr`,
        `ip ${inside}route show table all`,
        `ip ${inside}-6 route show table all`,
        `ip ${inside}rule`,
        `ip ${inside}neigh show nud permanent | sort`, // listed by a hash with a secret
        `bridge ${inside}link`,
        `bridge ${inside}fdb show | grep permanent | sort`, // learned ones hang on when background frames come
        `ip ${inside}maddr`,
      );
      for (const device of this.#devices.filter((each) => each.at === at).slice(0, 2)) {
        for (const address of device.addresses.filter((each) => !each.includes(":")).slice(0, 1)) {
          const run = name === "" ? "" : `ip netns exec ${name} `;
          looks.push(`${run}ping -c 1 -W 1 ${address.split("/")[0]}`);
        }
      }
    }
    return looks;
  }
}

/** The sequence of a seed: always the same one. */
export function generateSequence(seed: number, length = 30): Sequence {
  const generator = new Generator(seed);
  generator.addNamespace();
  generator.addNamespace();
  while (
    generator.commands.filter((command) => command !== LINK_EVENTS && command !== SETTLE).length < length
  )
    generator.step();
  return { seed, commands: generator.commands, looks: generator.looks() };
}
