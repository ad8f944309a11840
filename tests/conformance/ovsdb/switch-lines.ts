// Random settings of a switch whose daemon follows the database, with dummy ports: most are right, some the daemon refuses. After each,
// the columns that the daemon writes and what it tells of itself. The daemon's clock stands and is moved on.

import { quoted } from "./shell-word.ts";
import { Picks } from "./picks.ts";

const BRIDGES = ["br0", "br1"];
const PORTS = ["p1", "p2", "p3", "p4", "p5", "p6"];

/** What the daemon writes. */
const COLUMNS = {
  interface:
    "name,ofport,error,admin_state,link_state,link_resets,mac_in_use,mtu,ifindex,status,duplex,link_speed,lacp_current," +
    "cfm_fault,cfm_fault_status,cfm_health,cfm_remote_mpids,cfm_remote_opstate,bfd_status",
  port: "name,bond_active_slave,rstp_status,status",
  bridge: "name,datapath_id,datapath_version,rstp_status,status",
  open_vswitch: "cur_cfg,datapath_types,dpdk_initialized,iface_types",
  controller: "target,is_connected,role",
} as const;

/**
 * What is left to chance: addresses of patch ports, which of a bond's members is made first, and whether the original has yet looked
 * again for the peer of a patch port.
 */
const MASK = [
  "/m[123]/s/(:..){5,6}/:MAC/g",
  "/bond0/s/(:..){5,6}/:MAC/g",
  "/^active member mac/d",
  "/^next rebalance/d",
  "s/port [0-9]+: m/port N: m/",
  "s#(m[123] [0-9]+)/[0-9]+#\\1/N#",
  "s/([0-9b-f][0-9a-f]|a[0-9b-f])(:[0-9a-f]{2}){5}/MAC/g",
  's/"""No usable peer[^"]*"""/[]/',
]
  .map((each) => `-e '${each}'`)
  .join(" ");

/** Rows by name: the original lists them in the order of their UUIDs. */
const CHECKS = Object.entries(COLUMNS).map(
  ([table, columns]) =>
    `ovs-vsctl -f csv --no-headings --columns=${columns} list ${table} | sed -E ${MASK} | sort`,
);

const SHOWN = [
  "ovs-appctl dpif/show",
  "ovs-appctl dpctl/show",
  "ovs-appctl bond/list | cut -f 1-3",
  "ovs-appctl bond/show",
  "ovs-appctl lacp/show",
  "ovs-appctl stp/show",
  "ovs-appctl rstp/show",
  "ovs-appctl cfm/show",
  "ovs-appctl bfd/show",
  "ovs-appctl ofproto/list",
  "ovs-appctl ofproto/list-tunnels",
  "ovs-appctl qos/show p1",
  "ovs-appctl fdb/show br0",
  "ovs-appctl mdb/show br0",
  "ovs-appctl tnl/ports/show -v",
  "ovs-ofctl show br0",
  "ovs-ofctl show br1",
  "ovs-ofctl dump-ports br0",
  "ovs-ofctl -O OpenFlow13 queue-get-config br0",
  "ovs-ofctl queue-stats br0",
  "ovs-ofctl get-frags br0",
  "ovs-appctl memory/show | tr ' ' '\\n' | grep -c :",
] as const;

export class SwitchLines extends Picks {
  #number(least: number, most: number): string {
    return String(least + this.random(most - least + 1));
  }

  #port(): string {
    return this.pick(PORTS);
  }

  #flag(): string {
    return this.pick(["true", "false"]);
  }

  /** Options of a tunnel. */
  #tunnel(): string[] {
    const address = this.pick(["1.1.1.1", "1.1.1.2", "flow", "::1", "x", "224.0.0.1"]);
    const options = [
      `options:remote_ip=${address}`,
      `options:key=${this.pick(["flow", "5", "0x10", "x"])}`,
      `options:local_ip=${this.pick(["2.2.2.2", "flow", "y"])}`,
      `options:dst_port=${this.pick(["4789", "5000", "0"])}`,
      `options:tos=${this.pick(["inherit", "4", "300"])}`,
      `options:ttl=${this.pick(["inherit", "64", "0"])}`,
      `options:csum=${this.#flag()}`,
      `options:df_default=${this.#flag()}`,
      `options:exts=${this.pick(["gbp", "gpe", "x"])}`,
      `options:packet_type=${this.pick(["legacy_l2", "legacy_l3", "ptap", "x"])}`,
      "options:nonsense=1",
    ];
    return options.filter((_, at) => (at === 0 ? !this.once(8) : this.once(6)));
  }

  #interface(): string[] {
    switch (this.random(9)) {
      case 0:
        return [
          `type=${this.pick(["gre", "vxlan", "geneve", "ip6gre", "erspan", "gtpu"])}`,
          ...this.#tunnel(),
        ];
      case 1:
        return ["type=patch", `options:peer=${this.pick([...PORTS, "nobody"])}`];
      case 2:
        return [
          `type=${this.pick(["internal", "system", "nonsense", "tap", "dummy-pmd", "dummy-internal"])}`,
        ];
      default:
        return ["type=dummy"];
    }
  }

  #addPort(): string[] {
    const port = this.#port();
    const request = this.once(3)
      ? [`ofport_request=${this.pick(["1", "2", "3", "7", "65279", "65280", "300"])}`]
      : [];
    const settings = this.once(4) ? [`tag=${this.#number(0, 4095)}`] : [];
    return [
      ...["--may-exist", "add-port", this.pick(BRIDGES), port, ...settings],
      ...["--", "set", "interface", port, ...this.#interface(), ...request],
    ];
  }

  #bond(): string[] {
    const [one, other] = this.pick([
      ["m1", "m2"],
      ["m1", "m3"],
      ["m2", "m3"],
    ] as const);
    const requests = [one, other].flatMap((name) => [
      ...[
        "--",
        "set",
        "interface",
        name,
        "type=dummy",
        `ofport_request=${name === "m1" ? 11 : name === "m2" ? 12 : 13}`,
      ],
    ]);
    const mode = `bond_mode=${this.pick(["active-backup", "balance-slb", "balance-tcp"])}`;
    return ["--may-exist", "add-bond", "br0", "bond0", one, other, mode, ...requests];
  }

  #setInterface(): string[] {
    const name = this.pick([...PORTS, "m1", "m2"]);
    const setting = this.pick<() => string[]>([
      () => [`mtu_request=${this.pick(["1400", "9000", "100", "70000"])}`],
      () => [`mac=${this.pick(['"aa:bb:cc:00:00:01"', '"01:00:00:00:00:01"', '"x"'])}`],
      () => [`ofport_request=${this.#number(1, 20)}`],
      () => [`cfm_mpid=${this.#number(1, 9000)}`, `other_config:cfm_interval=${this.#number(10, 2000)}`],
      () => [`bfd:enable=${this.#flag()}`, `bfd:min_rx=${this.#number(50, 1500)}`],
      () => [`ingress_policing_rate=${this.#number(0, 1000)}`],
      () => [`lldp:enable=${this.#flag()}`],
      () => [`options:ifindex=${this.#number(1, 99)}`],
      () => [`type=${this.pick(["dummy", "internal", "nonsense", "patch", "dummy-pmd"])}`],
      () => [`options:peer=${this.#port()}`],
      () => [`options:n_rxq=${this.#number(1, 4)}`],
    ])();
    return ["--if-exists", "set", "interface", name, ...setting];
  }

  #setPort(): string[] {
    const name = this.pick([...PORTS, "bond0", "br0"]);
    const setting = this.pick<() => string[]>([
      () => [
        `tag=${this.#number(0, 4095)}`,
        `vlan_mode=${this.pick(["access", "native-tagged", "dot1q-tunnel"])}`,
      ],
      () => [`trunks=${this.#number(1, 9)},${this.#number(10, 4095)}`],
      () => [`lacp=${this.pick(["active", "passive", "off"])}`],
      () => [`bond_mode=${this.pick(["active-backup", "balance-slb", "balance-tcp"])}`],
      () => [`bond_updelay=${this.#number(0, 900)}`, `bond_downdelay=${this.#number(0, 900)}`],
      () => [`other_config:bond-primary=${this.pick(["m1", "m2", "m3", "x"])}`],
      () => [`other_config:lacp-time=${this.pick(["fast", "slow", "x"])}`],
      () => [`other_config:rstp-port-priority=${this.#number(0, 300)}`],
      () => [`other_config:stp-path-cost=${this.#number(0, 70000)}`],
      () => [`other_config:rstp-enable=${this.#flag()}`],
      () => [`other_config:stp-enable=${this.#flag()}`],
      () => [`protected=${this.#flag()}`],
    ])();
    return ["--if-exists", "set", "port", name, ...setting];
  }

  #setBridge(): string[] {
    const setting = this.pick<() => string[]>([
      () => [`stp_enable=${this.#flag()}`],
      () => [`rstp_enable=${this.#flag()}`],
      () => [`mcast_snooping_enable=${this.#flag()}`],
      () => [`other_config:hwaddr=${this.pick(["aa:66:aa:66:00:01", "aa:66:aa:66:00:02"])}`],
      () => [`other_config:datapath-id=${this.pick(["0000000000000007", "0xb", "x"])}`],
      () => [`other_config:rstp-priority=${this.#number(0, 70000)}`],
      () => [`other_config:stp-priority=${this.#number(0, 70000)}`],
      () => [`other_config:mac-table-size=${this.#number(0, 20)}`],
      () => [`other_config:flow-eviction-threshold=${this.#number(0, 2000)}`],
      () => [`fail_mode=${this.pick(["secure", "standalone"])}`],
      () => [`protocols=${this.pick(["[]", "OpenFlow13", "OpenFlow10,OpenFlow15"])}`],
      () => [`datapath_type=${this.pick(["dummy", "dummy", "nonsense"])}`],
    ])();
    return ["--if-exists", "set", "bridge", this.pick(BRIDGES), ...setting];
  }

  #addBridge(): string[] {
    const name = this.pick(BRIDGES);
    const address = `aa:55:aa:55:00:0${name.slice(2)}`;
    return [
      ...["--may-exist", "add-br", name, "--", "set", "bridge", name, "datapath_type=dummy"],
      ...[`other_config:hwaddr=${address}`, "fail_mode=secure"],
      ...(this.once(3) ? ["protocols=OpenFlow10,OpenFlow13"] : []),
    ];
  }

  #queues(): string[] {
    const type = this.pick(["linux-htb", "linux-hfsc", "nonsense", "linux-noop"]);
    return [
      ...["--if-exists", "set", "port", this.#port(), "qos=@q"],
      ...["--", "--id=@q", "create", "qos", `type=${type}`, "queues:1=@r"],
      ...["--", "--id=@r", "create", "queue", "other_config:min-rate=1000"],
    ];
  }

  #call(): string[] {
    const controller = this.pick(["tcp:127.0.0.1:1", "unix:nobody", "ptcp:x", "bogus"]);
    switch (this.random(20)) {
      case 0:
        return ["--if-exists", "del-br", this.pick(BRIDGES)];
      case 1:
        return this.#addBridge();
      case 2:
      case 3:
        return ["--if-exists", "del-port", this.pick([...PORTS, "bond0"])];
      case 4:
        return this.#bond();
      case 5:
        return this.#queues();
      case 6:
        return this.once(2) ? ["set-controller", "br0", controller] : ["del-controller", "br0"];
      case 7:
      case 8:
      case 9:
        return this.#setInterface();
      case 10:
      case 11:
        return this.#setPort();
      case 12:
      case 13:
        return this.#setBridge();
      case 14:
        return [...["clear", this.pick(["interface p1", "interface p2", "port p1"]), "other_config"]].flatMap(
          (words) => words.split(" "),
        );
      default:
        return this.#addPort();
    }
  }

  #step(): string {
    switch (this.random(9)) {
      case 0:
        return `ovs-appctl netdev-dummy/set-admin-state ${this.pick([...PORTS, "m1", "m2"])} ${this.pick(["up", "down"])}`;
      case 1:
        return `ovs-appctl time/warp ${this.pick(["500", "1500", "5000", "16000"])} 100`;
      case 2:
        return `ovs-ofctl mod-port br0 ${this.#port()} ${this.pick(["up", "down", "no-flood", "no-stp", "flood", "no-receive"])}`;
      default:
        return ["ovs-vsctl", "--timeout=20", ...this.#call()].map(quoted).join(" ");
    }
  }

  /** A line for a shell: a change, then what it has led to. */
  next(): string {
    const shown = [this.pick(SHOWN), this.pick(SHOWN)].map((each) => `${each} | sed -E ${MASK} | sort`);
    return [this.#step(), "ovs-appctl time/warp 200 100 >/dev/null", ...CHECKS, ...shown].join("; ");
  }

  /** What comes before all others. */
  static readonly first: readonly string[] = [
    "ovs-appctl time/stop; ovs-vsctl add-br br0 -- set bridge br0 datapath_type=dummy " +
      "other_config:hwaddr=aa:55:aa:55:00:00 fail_mode=secure",
    // a daemon without bridges sleeps, and time does not move on
    "ovs-vsctl add-br other -- set bridge other datapath_type=dummy other_config:hwaddr=aa:77:aa:77:00:00 fail_mode=secure",
  ];
}
