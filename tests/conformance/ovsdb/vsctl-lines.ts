// Random calls of ovs-vsctl: every command with right and wrong words, several commands in one call, and every way to print.

import { openVswitchSchema } from "@patchcord/core/ovsproto/ovsdb/open-vswitch-schema.ts";
import { parseSchema } from "@patchcord/core/ovsproto/ovsdb/schema.ts";
import type { ColumnSchema } from "@patchcord/core/ovsproto/ovsdb/schema.ts";
import type { BaseType } from "@patchcord/core/ovsproto/ovsdb/type.ts";
import { quoted } from "./shell-word.ts";
import { Picks } from "./picks.ts";

const schema = parseSchema(openVswitchSchema);
const TABLES = [...schema.tables.keys()];
const BRIDGES = ["br0", "br1", "br2", "fake1"];
const PORTS = ["p0", "p1", "p2", "p3", "bond0", "br0", "fake1"];
const INTERFACES = ["p0", "p1", "p2", "p3", "br0", "i1", "i2"];
const WORDS = [
  "x",
  "a",
  "",
  "abc",
  "true",
  "hello world",
  '"quoted"',
  '"a',
  "a=b",
  "a:b",
  "a,b",
  "[]",
  "{}",
  "é",
  "-1",
];
const TARGETS = ["tcp:1.2.3.4:6653", "ptcp:", "unix:/x", "bogus:1", "ssl:[::1]:6640", "tcp:1.2.3.4:6653"];

export class VsctlLines extends Picks {
  #ids = 0;

  #some(most: number, make: () => string): string[] {
    return Array.from({ length: this.random(most + 1) }, make);
  }

  // ---- words

  #atom(base: BaseType): string {
    if (this.once(12)) return this.pick(WORDS);
    if (base.enum && !this.once(6)) return String(this.pick(base.enum.keys));
    switch (base.type) {
      case "integer":
        return this.pick([
          "0",
          "1",
          "5",
          "10",
          "-1",
          "100",
          "4095",
          "4096",
          "65536",
          "1-3",
          "9223372036854775807",
          "0x10",
          "1.5",
          "x",
        ]);
      case "real":
        return this.pick(["0", "1.5", "-2", "1e3", "x", ".5"]);
      case "boolean":
        return this.pick(["true", "false", "yes", "no", "on", "off", "1", "0", "maybe"]);
      case "string":
        return this.pick([
          "a",
          "b",
          "abc",
          "tcp:1.2.3.4",
          '"x y"',
          "1.2.3.4",
          "00:11:22:33:44:55",
          "active-backup",
          ...WORDS,
        ]);
      case "uuid":
        return this.pick(["@new", "@other", "f3b2a4a0-1111-4222-8333-444455556666", "x", "p1"]);
    }
  }

  #element({ type }: ColumnSchema): string {
    const key = this.#atom(type.key);
    return type.value ? `${key}=${this.#atom(type.value)}` : key;
  }

  #value(column: ColumnSchema): string {
    const { type } = column;
    if (type.min === 1 && type.max === 1) return this.#element(column);
    const elements = Array.from({ length: this.random(4) }, () => this.#element(column));
    if (elements.length === 1 && this.once(2)) return elements[0] ?? "";
    if (this.once(20)) return this.pick(["", "[", "{", "[1", "]", "[a,,b]", "{a}", "{a=}", "[a]x", "{a=b}x"]);
    if (elements.length === 0) return type.value ? "{}" : "[]";
    const list = elements.join(this.pick([",", ", ", " "]));
    if (this.once(3)) return list;
    return type.value ? `{${list}}` : `[${list}]`;
  }

  #table(): string {
    if (this.once(25))
      return this.pick(["nowhere", "", "in", "q", "mirr", "open_v", "ct", "flow-table", "PORT"]);
    return this.once(2)
      ? this.pick(["Bridge", "Port", "Interface", "Open_vSwitch", "bridge", "iface"])
      : this.pick(TABLES);
  }

  #record(table: string): string {
    if (this.once(12))
      return this.pick(["nobody", "", ".", "f3b2", "@new", "00000000-0000-0000-0000-000000000000"]);
    switch (table.toLowerCase()) {
      case "bridge":
        return this.pick(BRIDGES);
      case "port":
        return this.pick(PORTS);
      case "interface":
        return this.pick(INTERFACES);
      case "mirror":
        return this.pick(["m0", "m1"]);
      case "controller":
        return this.pick([...TARGETS, ...BRIDGES]);
      case "manager":
        return this.pick(TARGETS);
      case "qos":
        return this.pick(PORTS);
      default:
        return this.pick([".", "br0", "p1", "x"]);
    }
  }

  #column(table: string): ColumnSchema {
    const own = schema.tables.get(table) ?? schema.tables.get("Interface");
    return this.pick([...(own?.columns.values() ?? [])]);
  }

  #columnWord(table: string): string {
    if (this.once(25))
      return this.pick(["nothing", "", "s", "other", "external-ids", "_uuid", "_version", "na"]);
    const { name } = this.#column(table);
    return this.once(12) ? name.slice(0, 4) : name;
  }

  #setting(table: string, operators: readonly string[] = ["="]): string {
    if (this.once(40)) return this.pick(["x", "=", "name", "name:", "a=b=c", ":x=y", "name=a:b"]);
    const column = this.#column(table);
    const operator = this.pick(operators);
    if (column.type.value && this.once(2)) {
      const key = this.#atom(column.type.key);
      return `${column.name}:${key}${operator}${this.#atom(column.type.value)}`;
    }
    if (this.once(40)) return `${column.name}:a${operator}b`;
    return `${column.name}${operator}${this.#value(column)}`;
  }

  #condition(table: string): string {
    const set = this.once(4) ? ["{=}", "{!=}", "{<}", "{>}", "{<=}", "{>=}", "{in}", "{not-in}"] : [];
    return this.#setting(table, ["=", "=", "!=", "<", ">", "<=", ">=", ...set]);
  }

  #option(...names: readonly string[]): string[] {
    if (this.once(40))
      return [
        this.pick([
          "--nonsense",
          "--id=@new",
          "--may-exist",
          "--if-exists",
          "--columns=name",
          "--if-exists=x",
        ]),
      ];
    return names.filter(() => this.once(3));
  }

  // ---- commands

  #bridgeCommand(): string[] {
    const bridge = this.once(20) ? "" : this.pick(BRIDGES);
    const vlan = this.pick(["0", "1", "10", "10", "4095", "4096", "-1", "x"]);
    return this.pick<() => string[]>([
      () => [...this.#option("--may-exist"), "add-br", bridge],
      () => [...this.#option("--may-exist"), "add-br", bridge],
      () => [...this.#option("--may-exist"), "add-br", this.pick(["fake1", "fake2"]), bridge, vlan],
      () => [...this.#option("--may-exist"), "add-br", bridge, "br0"],
      () => [...this.#option("--if-exists"), "del-br", bridge],
      () => [...this.#option("--real", "--fake"), "list-br"],
      () => ["br-exists", bridge],
      () => ["br-to-vlan", bridge],
      () => ["br-to-parent", bridge],
      () => [
        "br-set-external-id",
        bridge,
        this.pick(["k", "l", ""]),
        ...this.#some(1, () => this.pick(["v", "w", ""])),
      ],
      () => ["br-get-external-id", bridge, ...this.#some(1, () => this.pick(["k", "l"]))],
      () => ["list-ports", bridge],
      () => ["list-ifaces", bridge],
      () => ["get-controller", bridge],
      () => ["del-controller", bridge],
      () => [
        ...this.#option("--inactivity-probe=30000"),
        "set-controller",
        bridge,
        ...this.#some(3, () => this.pick(TARGETS)),
      ],
      () => ["get-fail-mode", bridge],
      () => ["del-fail-mode", bridge],
      () => ["set-fail-mode", bridge, this.pick(["standalone", "secure", "x"])],
    ])();
  }

  #portCommand(): string[] {
    const bridge = this.pick(BRIDGES);
    const port = this.once(20) ? "" : this.pick(PORTS);
    const settings = () => this.#some(2, () => this.#setting("Port"));
    const member = () => this.pick(INTERFACES);
    return this.pick<() => string[]>([
      () => [...this.#option("--may-exist"), "add-port", bridge, port, ...settings()],
      () => [...this.#option("--may-exist"), "add-port", bridge, port],
      () => [
        ...this.#option("--may-exist"),
        "add-port",
        bridge,
        port,
        `tag=${this.pick(["1", "10", "4096"])}`,
      ],
      () => [
        ...this.#option("--may-exist", "--fake-iface"),
        "add-bond",
        bridge,
        "bond0",
        ...this.#some(3, member),
        ...settings(),
      ],
      () => [...this.#option("--may-exist", "--fake-iface"), "add-bond", bridge, "bond0", member(), member()],
      () => [...this.#option("--may-exist"), "add-bond-iface", "bond0", member()],
      () => [...this.#option("--if-exists"), "del-bond-iface", ...this.#some(1, () => "bond0"), member()],
      () => [
        ...this.#option("--if-exists", "--with-iface"),
        "del-port",
        ...this.#some(1, () => bridge),
        port,
      ],
      () => ["port-to-br", port],
      () => ["iface-to-br", member()],
    ])();
  }

  #otherCommand(): string[] {
    const bridge = this.pick(BRIDGES);
    const number = () => this.pick(["1", "2", "100", "x", "-5", "16777216"]);
    const zone = () => this.pick(["zone=1", "zone=2", "zone=", "1"]);
    const datapath = () => this.pick(["system", "netdev", "x"]);
    return this.pick<() => string[]>([
      () => ["init"],
      () => ["show"],
      () => ["emer-reset"],
      () => ["get-manager"],
      () => ["del-manager"],
      () => [
        ...this.#option("--inactivity-probe=5"),
        "set-manager",
        ...this.#some(3, () => this.pick(TARGETS)),
      ],
      () => ["get-ssl"],
      () => ["del-ssl"],
      () => [...this.#option("--bootstrap"), "set-ssl", "/key", "/cert", ...this.#some(1, () => "/ca")],
      () => ["add-aa-mapping", bridge, number(), number()],
      () => ["del-aa-mapping", bridge, number(), number()],
      () => ["get-aa-mapping", bridge],
      () => [
        ...this.#option("--may-exist"),
        "add-zone-tp",
        datapath(),
        zone(),
        ...this.#some(2, () => this.pick(["tcp_syn_sent=5", "icmp_first=7", "udp_x=1", "icmp_reply"])),
      ],
      () => [...this.#option("--if-exists"), "del-zone-tp", datapath(), zone()],
      () => ["list-zone-tp", datapath()],
      () => ["list-dp-cap", datapath()],
      () => ["comment", ...this.#some(2, () => this.pick(WORDS))],
      () => [this.pick(["nonsense", "", "add", "--"])],
    ])();
  }

  #columnsOption(table: string): string[] {
    if (!this.once(2)) return [];
    const names = this.#some(3, () => this.#columnWord(table));
    return [`--columns=${names.join(this.pick([",", " ", ", "]))}`];
  }

  #databaseCommand(): string[] {
    const table = this.#table();
    const record = this.#record(table);
    const exists = () => this.#option("--if-exists");
    return this.pick<() => string[]>([
      () => [...exists(), "get", table, record, ...this.#some(3, () => this.#getWord(table))],
      () => [
        ...exists(),
        ...this.#columnsOption(table),
        "list",
        table,
        ...this.#some(2, () => this.#record(table)),
      ],
      () => [...this.#columnsOption(table), "find", table, ...this.#some(2, () => this.#condition(table))],
      () => [
        ...exists(),
        "set",
        table,
        record,
        this.#setting(table),
        ...this.#some(2, () => this.#setting(table)),
      ],
      () => [...exists(), "set", table, record, this.#setting(table)],
      () => this.#add(table, record, "add"),
      () => this.#add(table, record, "remove"),
      () => [...exists(), "clear", table, record, ...this.#some(2, () => this.#columnWord(table))],
      () => [`--id=@new`, "create", table, ...this.#some(3, () => this.#setting(table))],
      () => ["create", table, this.#setting(table)],
      () => [
        ...this.#option("--if-exists", "--all"),
        "destroy",
        table,
        ...this.#some(2, () => this.#record(table)),
      ],
      () =>
        this.once(6)
          ? ["wait-until", table, record, ...this.#some(1, () => this.#condition(table))]
          : ["list", table],
    ])();
  }

  #getWord(table: string): string {
    const word = this.#columnWord(table);
    return this.once(3) ? `${word}:${this.pick(["a", "k", "x y", '"a"', ""])}` : word;
  }

  #add(table: string, record: string, command: string): string[] {
    const column = this.#column(table);
    const { key } = column.type;
    const element = () => (command === "remove" && this.once(2) ? this.#atom(key) : this.#element(column));
    return [
      ...this.#option("--if-exists"),
      command,
      table,
      record,
      column.name,
      element(),
      ...this.#some(2, element),
    ];
  }

  /** A mirror, or quality of service: rows that refer to each other. */
  #story(): string[][] {
    const id = `@r${this.#ids++}`;
    return this.pick<() => string[][]>([
      () => [
        ["set", "bridge", "br0", `mirrors=${id}`],
        [
          `--id=${id}`,
          "create",
          "mirror",
          `name=m${this.random(2)}`,
          this.pick(["select-all=true", "select_vlan=1,2", "output_vlan=5"]),
        ],
      ],
      () => [
        ["set", "port", "p1", `qos=${id}`],
        [`--id=${id}`, "create", "qos", "type=linux-htb", "other-config:max-rate=1000000", `queues:0=${id}q`],
        [`--id=${id}q`, "create", "queue", "other-config:min-rate=5"],
      ],
      () => [
        ["--id=@p", "get", "port", this.pick(PORTS)],
        ["add", "bridge", "br1", "ports", "@p"],
      ],
      () => [
        ["set", "bridge", "br0", `netflow=${id}`],
        [`--id=${id}`, "create", "netflow", 'targets="1.2.3.4:5"'],
      ],
      () => [
        ["set", "bridge", "br0", "flow_tables:1=@ft"],
        ["--id=@ft", "create", "flow_table", "flow_limit=7", "overflow_policy=evict"],
      ],
      () => [
        ["set", "open_vswitch", ".", "datapaths:system=@dp"],
        ["--id=@dp", "create", "datapath", "datapath_version=1", "capabilities:a=b"],
      ],
    ])();
  }

  #globalOptions(): string[] {
    if (this.once(60))
      return [
        this.pick([
          "--db=unix:nowhere",
          "--timeout=x",
          "--format=x",
          "-f",
          "--data=x",
          "-Z",
          "--nonsense",
          "--db=tcp:",
          "--db=bogus",
          "--ver",
          "--t=1",
          "-t0",
          "--db=unix:db.sock",
          "--no-heading",
        ]),
      ];
    const options: string[] = [];
    if (this.once(3)) options.push(`--format=${this.pick(["table", "list", "html", "csv", "json"])}`);
    if (this.once(4)) options.push(`--data=${this.pick(["string", "bare", "json"])}`);
    if (this.once(8)) options.push("--no-headings");
    if (this.once(8)) options.push("--pretty");
    if (this.once(10)) options.push("--bare");
    if (this.once(10)) options.push("--oneline");
    if (this.once(12)) options.push("--dry-run");
    if (this.once(20)) options.push("--max-column-width=12");
    return options;
  }

  #command(): string[] {
    switch (this.random(9)) {
      case 0:
      case 1:
      case 2:
        return this.#bridgeCommand();
      case 3:
      case 4:
        return this.#portCommand();
      case 5:
        return this.#otherCommand();
      default:
        return this.#databaseCommand();
    }
  }

  /** A line for a shell. */
  next(): string {
    const commands = this.once(12)
      ? this.#story()
      : Array.from({ length: this.once(4) ? 2 + this.random(3) : 1 }, () => this.#command());
    const words = commands.flatMap((command) => ["--", ...command]);
    const first = this.once(2) ? words : words.slice(1);
    const limit = words.includes("wait-until") ? ["--timeout=1"] : [];
    return ["ovs-vsctl", "--no-wait", ...limit, ...this.#globalOptions(), ...first].map(quoted).join(" ");
  }
}
