// Random sequences about Open vSwitch: bridges on the userspace datapath, cables from namespaces, patch ports, bonds, mirrors,
// VLANs, flows and groups, changes of the devices below, and pings through all of it.

import { Words } from "../ovs/words.ts";
import type { Sequence } from "./generate.ts";
import { actions, HOSTS, match, VLANS } from "./switch-flows.ts";

interface Bridge {
  readonly name: string;
  /** Names of all ports but the bridge's own. */
  readonly ports: string[];
}

interface Cable {
  /** In the first namespace. */
  near: string;
  readonly host: string;
  readonly address: string;
}

/** Carrier events are handled at the latest a second after they happened. */
const LINK_EVENTS = "sleep 1.1";
/** Statistics of a datapath's flows are counted in rounds of half a second; carriers and ports are quiet. */
const SETTLE = "sleep 2.3";
/** No IPv6, whose background frames come at random times. */
const WITHOUT_IPV6 = "sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1";
/** Neighbours are asked for once, and are not asked again after a random time. */
const NEIGHBOURS = [
  "delay_first_probe_time=7200",
  "base_reachable_time_ms=7200000",
  "mcast_solicit=1",
  "retrans_time_ms=300",
]
  .map((setting) => `net.ipv4.neigh.eth0.${setting}`)
  .join(" ");
const VERSIONS = "protocols=OpenFlow10,OpenFlow11,OpenFlow12,OpenFlow13,OpenFlow14,OpenFlow15";

class SwitchGenerator {
  readonly #words: Words;
  readonly commands: string[] = [];
  readonly #bridges: Bridge[] = [];
  readonly #cables: Cable[] = [];
  #next = 1;

  constructor(seed: number) {
    this.#words = new Words(seed);
  }

  /** Hosts with one cable each, a bridge, and the cables on it. */
  setUp(): void {
    this.commands.push(WITHOUT_IPV6);
    this.#addBridge();
    for (let host = 1; host <= HOSTS; host++) {
      const cable = { near: `p${host}`, host: `n${host}`, address: `10.0.0.${host}` };
      this.commands.push(`ip netns add ${cable.host}`, `ip netns exec ${cable.host} ${WITHOUT_IPV6}`);
      this.#lay(cable);
      this.#cables.push(cable);
      if (this.#words.chance(75)) this.#addPort();
    }
    this.commands.push(LINK_EVENTS);
  }

  #lay({ near, host, address }: Cable): void {
    this.commands.push(
      `ip link add ${near} address ${this.#mac()} type veth peer name eth0 address ${this.#mac()} netns ${host}`,
      `ip netns exec ${host} sysctl -qw ${NEIGHBOURS}`,
      `ip -n ${host} addr add ${address}/24 dev eth0`,
      `ip -n ${host} link set eth0 up`,
    );
    this.#changed(`ip link set ${near} up`);
  }

  #mac(): string {
    return `02:00:00:00:00:${(this.#next++).toString(16).padStart(2, "0")}`;
  }

  #bridge(): Bridge {
    return this.#words.pick(this.#bridges);
  }

  /** A port, mostly one that is there. */
  readonly #port = (): string => {
    const ports = this.#bridges.flatMap((each) => each.ports);
    return ports.length === 0 || this.#words.chance(4) ? "nope" : this.#words.pick(ports);
  };

  #vlan(): number {
    return this.#words.pick(VLANS);
  }

  step(): void {
    const steps: readonly (readonly [number, () => void])[] = [
      [4, () => this.#addBridge()],
      [1, () => this.#deleteBridge()],
      [10, () => this.#addPort()],
      [3, () => this.#deletePort()],
      [4, () => this.#addInternalPort()],
      [4, () => this.#addPatch()],
      [2, () => this.#addBond()],
      [12, () => this.#portColumns()],
      [8, () => this.#bridgeColumns()],
      [3, () => this.#mirror()],
      [16, () => this.#flow()],
      [4, () => this.#changeFlows()],
      [4, () => this.#group()],
      [3, () => this.#modifyPort()],
      [2, () => this.#meter()],
      [2, () => this.#learnedAddresses()],
      [6, () => this.#device()],
      [3, () => this.#read()],
      [3, () => this.#mistake()],
      [14, () => this.#ping()],
    ];
    let left = this.#words.below(steps.reduce((sum, [weight]) => sum + weight, 0));
    for (const [weight, run] of steps) {
      left -= weight;
      if (left < 0) {
        run();
        return;
      }
    }
  }

  #changed(command: string): void {
    this.commands.push(command, LINK_EVENTS);
  }

  #addBridge(): void {
    if (this.#bridges.length === 3) return;
    const name = `br${this.#next++}`;
    const mac = `aa:55:aa:55:00:${this.#words.hex(2)}`;
    this.#changed(
      `ovs-vsctl add-br ${name} -- set bridge ${name} datapath_type=netdev ${VERSIONS} other-config:hwaddr=${mac}`,
    );
    this.#bridges.push({ name, ports: [] });
  }

  #deleteBridge(): void {
    if (this.#bridges.length < 2) return;
    const bridge = this.#bridge();
    this.#changed(`ovs-vsctl del-br ${bridge.name}`);
    this.#bridges.splice(this.#bridges.indexOf(bridge), 1);
  }

  #free(): Cable[] {
    const used = new Set(this.#bridges.flatMap(({ ports }) => ports));
    return this.#cables.filter(({ near }) => !used.has(near));
  }

  #addPort(): void {
    const [cable] = this.#free();
    const bridge = this.#bridge();
    const name = cable?.near ?? this.#port();
    const option = this.#words.pick(["", "", "", "--may-exist "]);
    const settings = this.#words.pick(["", "", ` tag=${this.#vlan()}`, " trunks=10,20", " vlan_mode=trunk"]);
    const request = this.#words.chance(20)
      ? ` -- set interface ${name} ofport_request=${10 + this.#next++}`
      : "";
    this.#changed(`ovs-vsctl ${option}add-port ${bridge.name} ${name}${settings}${request}`);
    if (cable) bridge.ports.push(name);
  }

  #deletePort(): void {
    const bridge = this.#bridge();
    const name = bridge.ports.length > 0 ? this.#words.pick(bridge.ports) : "nope";
    const option = this.#words.pick(["", "--if-exists ", "--with-iface "]);
    this.#changed(`ovs-vsctl ${option}del-port ${this.#words.pick(["", `${bridge.name} `])}${name}`);
    for (const each of this.#bridges)
      if (each.ports.includes(name)) each.ports.splice(each.ports.indexOf(name), 1);
  }

  #addInternalPort(): void {
    const bridge = this.#bridge();
    const id = this.#next++;
    const name = `i${id}`;
    const tag = this.#words.pick(["", "", ` tag=${this.#vlan()}`]);
    this.#changed(
      `ovs-vsctl add-port ${bridge.name} ${name}${tag} -- set interface ${name} type=internal mac='"${this.#mac()}"'`,
    );
    if (this.#words.chance(60)) this.commands.push(`ip addr add 10.0.0.${100 + id}/24 dev ${name}`);
    if (this.#words.chance(80)) this.#changed(`ip link set ${name} up`);
    bridge.ports.push(name);
  }

  /** Between two bridges, or to nowhere. */
  #addPatch(): void {
    const one = this.#bridge();
    const other = this.#bridges.find((each) => each !== one);
    const id = this.#next++;
    const [here, there] = [`pa${id}`, `pb${id}`];
    const add = (bridge: Bridge, name: string, peer: string): string => {
      bridge.ports.push(name);
      return `ovs-vsctl add-port ${bridge.name} ${name} -- set interface ${name} type=patch options:peer=${peer}`;
    };
    this.#changed(add(one, here, there));
    const linked = this.#bridges.some(({ ports }) => ports.some((port) => port.startsWith("pb")));
    if (other && !linked) this.#changed(add(other, there, here));
  }

  /** Which member carries what in other modes depends on the order of UUIDs. */
  #addBond(): void {
    const [one, two] = this.#free();
    if (!one || !two) return;
    const bridge = this.#bridge();
    const name = `bond${this.#next++}`;
    const requests = [one, two]
      .map(({ near }) => ` -- set interface ${near} ofport_request=${1000 + this.#next++}`)
      .join("");
    this.#changed(
      `ovs-vsctl add-bond ${bridge.name} ${name} ${one.near} ${two.near} bond_mode=active-backup other_config:bond-primary=${one.near}${requests}`,
    );
    bridge.ports.push(name);
  }

  #portColumns(): void {
    const port = this.#port();
    const words = this.#words;
    const change = words.pick([
      `set port ${port} tag=${this.#vlan()}`,
      `set port ${port} tag=[]`,
      `clear port ${port} tag trunks`,
      `set port ${port} trunks=${this.#vlan()},${this.#vlan() + 1}`,
      `add port ${port} trunks ${this.#vlan()}`,
      `remove port ${port} trunks ${this.#vlan()}`,
      `set port ${port} vlan_mode=${words.pick(["access", "trunk", "native-tagged", "native-untagged", "dot1q-tunnel", "odd"])}`,
      `clear port ${port} vlan_mode`,
      `set port ${port} other_config:priority-tags=${words.pick(["never", "always", "if-nonzero"])}`,
      `set port ${port} protected=${words.pick(["true", "false"])}`,
      `set interface ${port} ofport_request=${30 + words.below(4)}`,
      `set interface ${port} mtu_request=${words.pick([1300, 1500, 70000])}`,
      `set interface ${port} external_ids:iface-id=${port}-x`,
      `set interface ${port} type=${words.pick(["system", "internal", "nothing", '""'])}`,
      `set interface ${port} options:peer=${this.#port()}`,
    ]);
    this.#changed(`ovs-vsctl ${change}`);
  }

  #bridgeColumns(): void {
    const { name } = this.#bridge();
    const words = this.#words;
    const change = words.pick([
      `set bridge ${name} fail_mode=${words.pick(["secure", "standalone"])}`,
      `set-fail-mode ${name} ${words.pick(["secure", "standalone", "odd"])}`,
      `del-fail-mode ${name}`,
      `set bridge ${name} flood_vlans=${this.#vlan()}`,
      `clear bridge ${name} flood_vlans`,
      `set bridge ${name} other_config:forward-bpdu=${words.pick(["true", "false"])}`,
      `set bridge ${name} other_config:mac-table-size=${10 + words.below(3)}`,
      `set bridge ${name} other_config:mac-aging-time=${15 + words.below(300)}`,
      `set bridge ${name} other_config:disable-in-band=${words.pick(["true", "false"])}`,
      `set bridge ${name} mcast_snooping_enable=${words.pick(["true", "false"])}`,
      `set bridge ${name} other_config:dp-desc=${words.pick(["lab", "rack"])}`,
      `remove bridge ${name} other_config mac-table-size`,
      `br-set-external-id ${name} where ${words.pick(["lab", "rack"])}`,
    ]);
    this.#changed(`ovs-vsctl ${change}`);
  }

  #mirror(): void {
    const bridge = this.#bridge();
    const words = this.#words;
    const [one, two] = [this.#port(), this.#port()];
    const selection = words.pick([
      "select-all=true",
      "select-src-port=@a",
      "select-dst-port=@a",
      `select-vlan=${this.#vlan()} select-all=true`,
    ]);
    const output = words.pick(["output-port=@b", "output-port=@b", `output-vlan=${this.#vlan()}`]);
    const bind = [
      selection.includes("@a") ? `-- --id=@a get port ${one} ` : "",
      output.includes("@b") ? `-- --id=@b get port ${two} ` : "",
    ].join("");
    this.#changed(
      words.chance(25)
        ? `ovs-vsctl clear bridge ${bridge.name} mirrors`
        : `ovs-vsctl ${bind}-- --id=@m create mirror name=m${this.#next++} ${selection} ${output} -- set bridge ${bridge.name} mirrors=@m`,
    );
  }

  #flow(): void {
    const table = this.#words.pick([0, 0, 0, 1, 2]);
    const priority = this.#words.pick([0, 10, 100]);
    const cookie = this.#words.pick(["", "", `cookie=0x${this.#words.below(4)},`]);
    this.commands.push(
      `ovs-ofctl add-flow ${this.#bridge().name} '${cookie}table=${table},priority=${priority}${match(this.#words, this.#port)},actions=${actions(this.#words, this.#port)}'`,
    );
  }

  #changeFlows(): void {
    const words = this.#words;
    const { name } = this.#bridge();
    const strict = words.pick(["", "--strict "]);
    const which = match(words, this.#port).slice(1);
    this.commands.push(
      words.chance(50)
        ? `ovs-ofctl ${strict}del-flows ${name} '${words.pick(["", "table=1,", "cookie=0x1/-1,"])}${which}'`
        : `ovs-ofctl ${strict}mod-flows ${name} '${which}${which === "" ? "" : ","}actions=${actions(this.#words, this.#port)}'`,
    );
  }

  #group(): void {
    const words = this.#words;
    const { name } = this.#bridge();
    const id = 1 + words.below(3);
    const type = words.pick(["all", "indirect", "select", "ff"]);
    const buckets = Array.from({ length: type === "indirect" ? 1 : 1 + words.below(2) }, () => {
      const port = 1 + words.below(4);
      return `,bucket=${type === "ff" ? `watch_port:${port},` : ""}output:${port}`;
    });
    const verb = words.pick(["add-group", "add-group", "mod-group", "del-groups"]);
    this.commands.push(
      verb === "del-groups"
        ? `ovs-ofctl -O OpenFlow13 del-groups ${name} group_id=${id}`
        : `ovs-ofctl -O OpenFlow13 ${verb} ${name} 'group_id=${id},type=${type}${buckets.join("")}'`,
    );
  }

  #modifyPort(): void {
    const words = this.#words;
    const change = words.pick([
      "up",
      "down",
      "no-flood",
      "flood",
      "no-receive",
      "receive",
      "no-forward",
      "forward",
    ]);
    const bridge = this.#bridge();
    const port = words.pick([bridge.name, ...bridge.ports]);
    this.#changed(`ovs-ofctl mod-port ${bridge.name} ${port} ${change}`);
  }

  #meter(): void {
    const { name } = this.#bridge();
    const verb = this.#words.pick(["add-meter", "mod-meter", "del-meter"]);
    const body = verb === "del-meter" ? "" : `,kbps,band=type=drop,rate=${1000 * (1 + this.#words.below(5))}`;
    this.commands.push(`ovs-ofctl -O OpenFlow13 ${verb} ${name} 'meter=${1 + this.#words.below(2)}${body}'`);
  }

  #learnedAddresses(): void {
    const { name } = this.#bridge();
    const words = this.#words;
    const mac = `02:00:00:00:00:0${words.below(9)}`;
    this.commands.push(
      words.pick([
        `ovs-appctl fdb/flush ${name}`,
        `ovs-appctl fdb/add ${name} ${this.#port()} ${words.pick([0, 10])} ${mac}`,
        `ovs-appctl fdb/del ${name} ${words.pick([0, 10])} ${mac}`,
        `ovs-appctl mdb/flush ${name}`,
      ]),
    );
  }

  /** A device below a port changes without Open vSwitch being told. */
  #device(): void {
    const words = this.#words;
    const cable = words.pick(this.#cables);
    const change = words.pick([
      `ip link set ${cable.near} down`,
      `ip link set ${cable.near} up`,
      `ip -n ${cable.host} link set eth0 down`,
      `ip -n ${cable.host} link set eth0 up`,
      `ip link set ${cable.near} mtu ${words.pick([1400, 1500])}`,
      `ip link del ${cable.near}`,
      `ip link set ${this.#bridge().name} up`,
      `ip addr add 10.0.0.${200 + this.#next++}/24 dev ${this.#bridge().name}`,
    ]);
    this.#changed(change);
    if (change.includes("link del")) this.#lay(cable);
  }

  #read(): void {
    const words = this.#words;
    const { name } = this.#bridge();
    this.commands.push(
      words.pick([
        "ovs-vsctl list-br",
        `ovs-vsctl list-ports ${name}`,
        `ovs-vsctl list-ifaces ${name}`,
        `ovs-vsctl port-to-br ${this.#port()}`,
        `ovs-vsctl get interface ${this.#port()} ofport link_state admin_state mtu error`,
        `ovs-vsctl get port ${this.#port()} tag trunks vlan_mode`,
        `ovs-vsctl --columns=name,type,error find interface ofport=-1`,
        `ovs-ofctl dump-ports-desc ${name}`,
        `ovs-ofctl get-frags ${name}`,
        `ovs-ofctl -O OpenFlow13 dump-groups ${name}`,
      ]),
    );
  }

  #mistake(): void {
    const { name } = this.#bridge();
    this.commands.push(
      this.#words.pick([
        `ovs-vsctl add-br ${name}`,
        `ovs-vsctl add-port nobr ${this.#port()}`,
        `ovs-vsctl del-br nobr`,
        `ovs-vsctl add-port ${name} ghost -- set interface ghost type=nothing`,
        `ovs-vsctl del-port ghost`,
        `ovs-vsctl set port ${this.#port()} tag=5000`,
        `ovs-vsctl set bridge ${name} nocolumn=1`,
        `ovs-vsctl frobnicate`,
        `ovs-ofctl add-flow ${name} 'in_port=,actions=drop'`,
        `ovs-ofctl add-flow ${name} 'tcp_dst=80,actions=drop'`,
        `ovs-ofctl add-flow ${name} 'ip,actions=group:99'`,
        `ovs-ofctl dump-flows nobr`,
        `ovs-appctl fdb/show nobr`,
        `ovs-appctl bond/show nobond`,
      ]),
    );
  }

  #ping(): void {
    const one = this.#words.pick(this.#cables);
    const other = this.#words.pick(this.#cables);
    this.commands.push(`ip netns exec ${one.host} ping -c 1 -W 1 ${other.address}`);
  }

  looks(): string[] {
    const pings = this.#cables.flatMap((one) =>
      this.#cables
        .filter((other) => other !== one)
        .map((other) => `ip netns exec ${one.host} ping -c 1 -W 1 ${other.address}`),
    );
    return [
      SETTLE,
      "ovs-vsctl show",
      "ovs-vsctl --columns=name,type,ofport,ofport_request,admin_state,link_state,mtu,mtu_request,mac_in_use,error,external_ids list interface",
      "ovs-vsctl --columns=name,tag,trunks,vlan_mode,bond_mode,bond_active_slave,statistics,status list port",
      "ovs-vsctl --columns=name,fail_mode,datapath_id,datapath_type,flood_vlans,other_config,status list bridge",
      ...this.#bridges.map(({ name }) => `ovs-ofctl show ${name}`),
      ...pings,
      SETTLE,
      ...this.#bridges.flatMap(({ name }) => [
        `ovs-ofctl dump-flows ${name}`,
        `ovs-ofctl -O OpenFlow13 dump-groups ${name}`,
        `ovs-ofctl -O OpenFlow13 dump-meters ${name}`,
        `ovs-ofctl -O OpenFlow13 dump-group-stats ${name}`,
        `ovs-ofctl dump-ports ${name}`,
        `ovs-appctl fdb/show ${name}`,
        `ovs-appctl mdb/show ${name}`,
        `ovs-ofctl dump-aggregate ${name}`,
      ]),
      "ovs-appctl bond/list",
      "ovs-appctl dpif/show",
      "ip link",
      ...this.#cables.map(({ host }) => `ip -n ${host} neigh | sort`),
    ];
  }
}

/** The sequence of a seed: always the same one. */
export function generateSwitchSequence(seed: number, length = 30): Sequence {
  const generator = new SwitchGenerator(seed);
  generator.setUp();
  for (let count = 0; count < length; count++) generator.step();
  return { seed, commands: generator.commands, looks: generator.looks(), switch: true };
}
